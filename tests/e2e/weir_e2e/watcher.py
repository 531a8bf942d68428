"""A player that stays on its instance whatever becomes of the stream, and keeps what it sees."""

import hashlib
import threading
import unittest
from dataclasses import dataclass
from itertools import pairwise

from .rtmp_wire import VIDEO, RtmpClient
from .services import Media

# Of 30 a second; what is further apart has something missing in between.
_STEP_MS = 50
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Picture:
    timestamp: int
    keyframe: bool
    digest: str


class Watcher:
    """Plays from its construction until `stop`, or until the instance closes the connection."""

    def __init__(self, media: Media, name: str, user: str):
        self.pictures: list[Picture] = []
        # Of a stream that it was not given.
        self.refusal: dict | None = None
        self._client = RtmpClient(media.rtmp_address, _PATIENCE_SECONDS)
        self._client.connect("live")
        self._name = f"{name}?user={user}"
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def watching(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._client.shut()
        self._thread.join()

    def _watch(self) -> None:
        try:
            with self._client:
                status = self._client.play(self._client.create_stream(), self._name)
                if status["level"] == "error":
                    self.refusal = status
                while self.refusal is None:
                    self._take(*self._client.next_message())
        except OSError:
            pass

    def _take(self, kind: int, payload: bytes) -> None:
        # What is not a sequence header: FLV, section E.4.3.1.
        if kind == VIDEO and payload[1:2] == b"\x01":
            digest = hashlib.sha256(payload).hexdigest()
            self.pictures.append(Picture(self._client.timestamp, payload[0] >> 4 == 1, digest))


def assert_no_gaps(case: unittest.TestCase, watchers: list[Watcher]) -> None:
    for watcher in watchers:
        for before, after in pairwise(list(watcher.pictures)):
            case.assertLessEqual(after.timestamp - before.timestamp, _STEP_MS)


def assert_in_order(case: unittest.TestCase, watchers: list[Watcher]) -> None:
    """No picture came twice or late, none follows a gap but a keyframe, and all saw the same."""
    by_time: dict[int, Picture] = {}
    for watcher in watchers:
        seen = list(watcher.pictures)
        case.assertTrue(seen, "nothing was seen")
        case.assertTrue(seen[0].keyframe, "it does not begin with a keyframe")
        for before, after in pairwise(seen):
            case.assertGreater(after.timestamp, before.timestamp)
            if after.timestamp - before.timestamp > _STEP_MS:
                case.assertTrue(after.keyframe, f"{before} is followed by {after}")
        for picture in seen:
            case.assertEqual(by_time.setdefault(picture.timestamp, picture), picture)
