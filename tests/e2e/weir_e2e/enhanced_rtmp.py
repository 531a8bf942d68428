"""What real encoders of new codecs made, as tags of Enhanced RTMP v2, and back to pictures.

Debian's ffmpeg, GStreamer and OBS encode HEVC, AV1 and Opus but do not write them into FLV.
"""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .clients import FFMPEG
from .flv import AUDIO, VIDEO, Tag

# VideoPacketType and AudioPacketType; the last two are video's only.
SEQUENCE_START, CODED_FRAMES, CODED_FRAMES_X, MULTITRACK, MOD_EX = 0, 1, 3, 6, 7
MANY_TRACKS = 1
_EX_VIDEO, _EX_AUDIO = 0x80, 0x90
_KEYFRAME, _INTER_FRAME = 0x10, 0x20
_TIMESTAMP_OFFSET_NANO = 0

ENCODERS = {
    b"hvc1": ["libx265", "-preset", "ultrafast"]
    + ["-x265-params", "log-level=error:keyint=15:min-keyint=15:scenecut=0:bframes=2:pools=1"],
    b"av01": ["libsvtav1", "-preset", "12", "-g", "15", "-svtav1-params", "lp=1"],
    b"Opus": ["libopus"],
    b"mp4a": ["aac"],
}


@dataclass(frozen=True)
class Packet:
    """One picture or piece of sound as a container would hold it; times in milliseconds."""

    dts: int
    pts: int
    keyframe: bool
    coded: bytes


@dataclass(frozen=True)
class Track:
    four_cc: bytes
    configuration: bytes
    packets: list[Packet]


def encode(path: Path, four_cc: bytes, size: str = "320x180", seconds: int = 2) -> Track:
    """A test picture or tone, made by a real encoder."""
    sound = four_cc in (b"Opus", b"mp4a")
    source = "sine=frequency=440:sample_rate=48000" if sound else f"testsrc2=size={size}:rate=25"
    command = FFMPEG + ["-f", "lavfi", "-i", source, "-t", str(seconds)]
    command += ["-c:a" if sound else "-c:v", *ENCODERS[four_cc]]
    command += [] if sound else ["-pix_fmt", "yuv420p"]
    subprocess.run(command + [str(path)], check=True, capture_output=True, timeout=60)
    return _read_track(path, four_cc)


def _read_track(path: Path, four_cc: bytes) -> Track:
    listing = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-show_data", "-of", "json"]
        + [str(path)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    found = json.loads(listing.stdout)
    packets = found["packets"]
    # Encoders that reorder begin below zero, which a tag's timestamp cannot.
    start = min(float(packet["dts_time"]) for packet in packets)
    return Track(
        four_cc,
        _bytes_of_dump(found["streams"][0]["extradata"]),
        [
            Packet(
                dts=round(1000 * (float(packet["dts_time"]) - start)),
                pts=round(1000 * (float(packet["pts_time"]) - start)),
                keyframe=packet["flags"].startswith("K"),
                coded=_bytes_of_dump(packet["data"]),
            )
            for packet in packets
        ],
    )


def _bytes_of_dump(dump: str) -> bytes:
    """ffprobe's lines of address, 16 bytes in hexadecimal, and the same as text."""
    return b"".join(
        bytes.fromhex(line[10:50]) for line in dump.splitlines() if re.match("[0-9a-f]{8}: ", line)
    )


def video_tags(track: Track, nanoseconds: int | None = None) -> list[Tag]:
    """One track as plain tags; with a ModEx before each packet type if there are nanoseconds."""
    tags = [Tag(VIDEO, 0, _video(SEQUENCE_START, True, track.four_cc + track.configuration))]
    for packet in track.packets:
        kind, body = _coded(track.four_cc, packet)
        modifier = None if nanoseconds is None else _nanosecond_offset(nanoseconds)
        body = _video(kind, packet.keyframe, track.four_cc + body, modifier)
        tags.append(Tag(VIDEO, packet.dts, body))
    return tags


def multitrack_video_tags(tracks: list[Track]) -> list[Tag]:
    """Tracks of one codec and the same times, all of them in each tag."""

    def tag(time: int, packet: int, keyframe: bool, bodies: list[bytes]) -> Tag:
        head = bytes([MANY_TRACKS << 4 | packet]) + tracks[0].four_cc
        parts = [
            bytes([number]) + len(body).to_bytes(3, "big") + body
            for number, body in enumerate(bodies)
        ]
        return Tag(VIDEO, time, _video(MULTITRACK, keyframe, head + b"".join(parts)))

    tags = [tag(0, SEQUENCE_START, True, [track.configuration for track in tracks])]
    for packets in zip(*(track.packets for track in tracks), strict=True):
        bodies = [_composition_time(tracks[0].four_cc, each) + each.coded for each in packets]
        tags.append(tag(packets[0].dts, CODED_FRAMES, packets[0].keyframe, bodies))
    return tags


def audio_tags(track: Track) -> list[Tag]:
    head = bytes([_EX_AUDIO | SEQUENCE_START]) + track.four_cc
    tags = [Tag(AUDIO, 0, head + track.configuration)]
    head = bytes([_EX_AUDIO | CODED_FRAMES]) + track.four_cc
    return tags + [Tag(AUDIO, packet.dts, head + packet.coded) for packet in track.packets]


def interleaved(*streams: list[Tag]) -> list[Tag]:
    """By time, each stream in its order, the configurations first."""
    return sorted((tag for stream in streams for tag in stream), key=lambda tag: tag.timestamp)


def _video(packet: int, keyframe: bool, body: bytes, modifier: bytes | None = None) -> bytes:
    first = _EX_VIDEO | (_KEYFRAME if keyframe else _INTER_FRAME)
    if modifier is None:
        return bytes([first | packet]) + body
    last = bytes([_TIMESTAMP_OFFSET_NANO << 4 | packet])
    return bytes([first | MOD_EX]) + bytes([len(modifier) - 1]) + modifier + last + body


def _nanosecond_offset(nanoseconds: int) -> bytes:
    return nanoseconds.to_bytes(3, "big")


def _coded(four_cc: bytes, packet: Packet) -> tuple[int, bytes]:
    """In the form that leaves out a composition time of 0 where there is one to leave out."""
    if four_cc == b"hvc1" and packet.pts == packet.dts:
        return CODED_FRAMES_X, packet.coded
    return CODED_FRAMES, _composition_time(four_cc, packet) + packet.coded


def _composition_time(four_cc: bytes, packet: Packet) -> bytes:
    return (packet.pts - packet.dts).to_bytes(3, "big") if four_cc == b"hvc1" else b""


def coded_video(tags: list[Tag], track: int = 0) -> list[bytes]:
    """The configuration and then the pictures of one track, out of all the forms above."""
    bodies = []
    for tag in tags:
        if tag.kind != VIDEO:
            continue
        packet, rest = tag.body[0] & 0x0F, tag.body[1:]
        if packet == MOD_EX:
            size = rest[0] + 1
            packet, rest = rest[1 + size] & 0x0F, rest[2 + size :]
        tracks = None
        if packet == MULTITRACK:
            packet, rest, tracks = rest[0] & 0x0F, rest[1:], True
        four_cc, rest = rest[:4], rest[4:]
        body = _track_body(rest, track) if tracks else rest
        if packet == CODED_FRAMES and four_cc == b"hvc1":
            body = body[3:]
        bodies.append(body)
    return bodies


def _track_body(tracks: bytes, wanted: int) -> bytes:
    while tracks:
        size = int.from_bytes(tracks[1:4], "big")
        if tracks[0] == wanted:
            return tracks[4 : 4 + size]
        tracks = tracks[4 + size :]
    raise AssertionError(f"no track {wanted}")


def decoded_pictures(four_cc: bytes, bodies: list[bytes]) -> list[str]:
    """A hash of each picture that ffmpeg decodes, in the order of their showing."""
    demuxer, stream = {b"hvc1": ("hevc", _annex_b), b"av01": ("obu", _temporal_units)}[four_cc]
    listing = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", demuxer, "-i", "-", "-f", "framemd5", "-"],
        input=stream(bodies[0], bodies[1:]),
        check=True,
        capture_output=True,
        timeout=60,
    )
    lines = listing.stdout.decode().splitlines()
    return [line.rsplit(",", 1)[1].strip() for line in lines if not line.startswith("#")]


def _annex_b(record: bytes, pictures: list[bytes]) -> bytes:
    """Start codes for lengths (H.265, annex B), the record's parameter sets in front."""
    units = []
    # HEVCDecoderConfigurationRecord (ISO 14496-15, section 8.3.3.1): arrays of NAL units.
    at = 23
    for _ in range(record[22]):
        count, at = int.from_bytes(record[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            units.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    for picture in pictures:
        at = 0
        while at < len(picture):
            size = int.from_bytes(picture[at : at + 4], "big")
            units.append(picture[at + 4 : at + 4 + size])
            at += 4 + size
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def _temporal_units(_record: bytes, pictures: list[bytes]) -> bytes:
    """The low-overhead format (AV1, section 5): containers leave the delimiters out."""
    return b"".join(b"\x12\x00" + picture for picture in pictures)
