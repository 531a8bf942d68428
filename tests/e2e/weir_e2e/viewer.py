"""A player that stays with a stream wherever it goes, and measures what it misses."""

import threading
import time

from .grpc_calls import CallFailed, call
from .rtmp_wire import COMMAND, VIDEO, RtmpClient

# Without a message for so long it looks for the stream anew.
_PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.1


class Viewer:
    """Asks control where the stream is, plays it there, and asks again when that ends.

    As an application's player does. Watches from its construction until `stop`.
    """

    def __init__(self, control_address: str, stream_id: str, user: str):
        self._control_address = control_address
        self._stream_id, self._user = stream_id, user
        self.frames = 0
        self.longest_gap = 0.0
        self._last_frame: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                if place := self._place():
                    self._play(place)
                    continue
            except (CallFailed, OSError):
                pass
            self._stopping.wait(_PAUSE_SECONDS)

    def _place(self) -> str:
        """Empty where control knows no instance that has the stream."""
        stream = call(self._control_address, "StreamService/GetStream", stream_id=self._stream_id)
        url = stream["stream"].get("route", {}).get("rtmp_url", "")
        return url.removeprefix("rtmp://").split("/")[0]

    def _play(self, address: str) -> None:
        app, name = self._stream_id.split("/")
        with RtmpClient(address, _PATIENCE_SECONDS) as client:
            client.connect(app)
            client.play(client.create_stream(), f"{name}?user={self._user}")
            while not self._stopping.is_set():
                kind, payload = client.next_message()
                if kind == COMMAND and b"NetStream.Play.UnpublishNotify" in payload:
                    return
                # What is not a sequence header: FLV, section E.4.3.1.
                if kind == VIDEO and payload[1:2] == b"\x01":
                    self._note_frame()

    def _note_frame(self) -> None:
        now = time.monotonic()
        if self._last_frame is not None:
            self.longest_gap = max(self.longest_gap, now - self._last_frame)
        self._last_frame = now
        self.frames += 1
