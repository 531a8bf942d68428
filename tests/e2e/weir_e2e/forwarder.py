"""A TCP proxy: what balancers and cables are made of."""

import socket
import threading
from collections.abc import Callable


class Forwarder:
    """Joins each connection to its `address` with one to the target; from its construction until `close`.

    `target` says where a new connection goes, as HOST:PORT, or None: it is closed at once. `gate` is
    called before anything is passed on, and may wait; what has been read is never lost. `answered`
    is shown what targets say.
    """

    def __init__(
        self,
        target: Callable[[], str | None],
        gate: Callable[[], object] = lambda: None,
        answered: Callable[[bytes], object] = lambda _: None,
    ):
        self._target = target
        self._gate = gate
        self._answered = answered
        self._joined: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def sever(self) -> None:
        """Closes what is open now, at both ends."""
        for end in list(self._joined):
            _shut(end)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._gate()
        with near:
            target = self._target()
            if target is None:
                return
            host, port = target.rsplit(":", 1)
            try:
                far = socket.create_connection((host, int(port)))
            except OSError:
                return
            with far:
                self._joined |= {near, far}
                back = threading.Thread(target=self._carry, args=(far, near, self._answered), daemon=True)
                back.start()
                self._carry(near, far, lambda _: None)
                back.join()
                self._joined -= {near, far}

    def _carry(self, source: socket.socket, sink: socket.socket, shown: Callable) -> None:
        try:
            while piece := source.recv(65536):
                shown(piece)
                self._gate()
                sink.sendall(piece)
            self._gate()
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # Whoever is left must not wait for the other.
            _shut(source)
            _shut(sink)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
