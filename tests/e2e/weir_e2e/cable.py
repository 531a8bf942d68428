"""What joins two processes, and can be cut and mended; it loses nobody's bytes."""

import threading

from .forwarder import Forwarder


class Cable:
    """Carries bytes from its construction until `close`.

    Cut, it is as silent as a broken network: nothing passes, nobody is told, new connections hear
    nothing. Mended, all goes on as TCP does. Severed, what was open is closed at both ends.
    """

    def __init__(self, target: str | None = None):
        """Whoever connects before the target is known waits for it."""
        self._whole = threading.Event()
        self._forwarder = Forwarder(lambda: self._target, gate=self._whole.wait)
        self.address = self._forwarder.address
        if target:
            self.lead_to(target)

    def lead_to(self, target: str) -> None:
        self._target = target
        self.mend()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def sever(self) -> None:
        self._forwarder.sever()

    def close(self) -> None:
        self._forwarder.close()
        self.mend()
