"""Frames as ffmpeg's framemd5 lists them; what a player must have seen of what was published."""

import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Frame:
    stream: int
    dts: int
    pts: int
    size: int
    md5: str


def frames_of(path: Path) -> list[Frame]:
    """All frames of a media file, untouched and with their own timestamps."""
    listing = subprocess.run(
        ["ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-c", "copy", "-f", "framemd5", "-"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return parse(listing.stdout)


def parse(listing: str) -> list[Frame]:
    """The format of ffmpeg's framemd5 muxer: stream, dts, pts, duration, size, hash, side data.

    A line without its end is still being written.
    """
    frames = []
    for line in listing.splitlines(keepends=True):
        if line.startswith("#") or not line.strip() or not line.endswith("\n"):
            continue
        stream, dts, pts, _, size, md5, *_ = (field.strip() for field in line.split(","))
        frames.append(Frame(int(stream), int(dts), int(pts), int(size), md5))
    return frames


def of_stream(frames: list[Frame], stream: int) -> list[Frame]:
    return [frame for frame in frames if frame.stream == stream]


def assert_window(case: unittest.TestCase, published: list[Frame], played: list[Frame]) -> None:
    """What was played is one unbroken piece of what was published, with the same timestamps.

    Streams are compared one by one: how a demuxer interleaves them is its own affair.
    """
    for stream in sorted({frame.stream for frame in published}):
        sent, seen = of_stream(published, stream), of_stream(played, stream)
        case.assertTrue(seen, f"no frame of stream {stream} was played")
        case.assertIn(seen[0], sent, f"the first frame of stream {stream} was never published")
        start = sent.index(seen[0])
        case.assertEqual(seen, sent[start : start + len(seen)], f"stream {stream}")


def assert_all(
    case: unittest.TestCase, published: list[Frame], played: list[Frame], may_miss_last: int = 0
) -> None:
    """Every frame that was published was played, but for some at the end."""
    assert_window(case, published, played)
    for stream in sorted({frame.stream for frame in published}):
        sent, seen = of_stream(published, stream), of_stream(played, stream)
        case.assertEqual(seen[0], sent[0], f"stream {stream}")
        case.assertLessEqual(len(sent) - len(seen), may_miss_last, f"stream {stream}")
