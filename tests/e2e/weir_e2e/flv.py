"""FLV files tag by tag: what a player that keeps a stream as it came has written."""

import struct
from dataclasses import dataclass
from pathlib import Path

# Tag types (FLV 10.1, section E.4.1).
AUDIO, VIDEO, SCRIPT = 8, 9, 18
_FILE_HEADER = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)
_TAG_HEADER_BYTES = 11
_BACK_POINTER_BYTES = 4


@dataclass(frozen=True)
class Tag:
    kind: int
    timestamp: int
    body: bytes

    def encoded(self) -> bytes:
        """With the length of all of it behind, as in a file."""
        low, high = self.timestamp & 0xFFFFFF, self.timestamp >> 24
        header = struct.pack(">B", self.kind) + len(self.body).to_bytes(3, "big")
        header += low.to_bytes(3, "big") + bytes([high]) + bytes(3)
        return header + self.body + struct.pack(">I", len(header) + len(self.body))


def read_tags(path: Path) -> list[Tag]:
    """All whole tags of a file, which may end in the middle of one."""
    content = path.read_bytes()
    tags, at = [], len(_FILE_HEADER)
    while at + _TAG_HEADER_BYTES <= len(content):
        size = int.from_bytes(content[at + 1 : at + 4], "big")
        time = int.from_bytes(content[at + 7 : at + 8] + content[at + 4 : at + 7], "big")
        start = at + _TAG_HEADER_BYTES
        body = content[start : start + size]
        if len(body) == size:
            tags.append(Tag(content[at], time, body))
        at = start + size + _BACK_POINTER_BYTES
    return tags


def media_of(tags: list[Tag]) -> list[Tag]:
    return [tag for tag in tags if tag.kind in (AUDIO, VIDEO)]
