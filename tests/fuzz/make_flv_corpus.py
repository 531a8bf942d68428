#!/usr/bin/env python3
"""Writes the kept seeds of the FLV fuzzers: one tag of each form, one record of each codec."""
import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
AUDIO, VIDEO, SCRIPT = 0, 1, 2
# Configuration records as ffmpeg 5.1 writes them.
AVC = bytes.fromhex("0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000668"
                    "ebe3cb22c0fdf8f800")
HEVC = bytes.fromhex("0101600000009000000000003ff000fcfdf8f800000f04200001001840010c01ffff0160000003"
                     "009000000300000300"
                     "3f959809210001002a42010101600000030090000003000003003fa00502016965959a4932bc05"
                     "a02000000300200000030321")
AV1 = bytes.fromhex("81010c000a0b0000000cc4ff6700be0010")


def save(fuzzer, name, first, body):
    folder = CORPUS / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bytes([first]) + body)


def on_metadata():
    def text(value):
        return struct.pack(">H", len(value)) + value
    numbers = b"".join(text(name) + b"\0" + struct.pack(">d", value)
                       for name, value in ((b"width", 640), (b"framerate", 25)))
    other = (text(b"encoder") + b"\2" + text(b"Lavf") + text(b"stereo") + b"\1\1" +
             text(b"times") + b"\x0a\0\0\0\1\0" + struct.pack(">d", 1) +
             text(b"inner") + b"\3" + text(b"deep") + b"\5\0\0\x09")
    return b"\2" + text(b"onMetaData") + b"\x08\0\0\0\6" + numbers + other + b"\0\0\x09"


TAGS = {
    "avc_start": (VIDEO, b"\x17\0\0\0\0" + AVC),
    "avc_key": (VIDEO, b"\x17\1\0\0\0coded"),
    "aac_start": (AUDIO, b"\xaf\0\x12\x10"),
    "mp3": (AUDIO, b"\x2fcoded"),
    "metadata": (SCRIPT, on_metadata()),
    "hevc_start": (VIDEO, b"\x90hvc1" + HEVC),
    "av1_key_x": (VIDEO, b"\x93av01coded"),
    "opus": (AUDIO, b"\x91Opuscoded"),
    "one_track": (VIDEO, b"\x96\1av01\0coded"),
    "many_tracks": (VIDEO, b"\x96\x11av01\0\0\0\1a\1\0\0\1b"),
    "many_codecs": (VIDEO, b"\x96\x20hvc1\0\0\0\1aav01\1\0\0\1b"),
    "nanoseconds": (VIDEO, b"\x97\2\0\0\7\3hvc1coded"),
    "modifier_chain": (AUDIO, b"\x97\0\1\x17\2\0\0\7\1Opuscoded"),
    "long_modifier": (VIDEO, b"\x97\xff\0\xff" + bytes(256) + b"\3av01coded"),
}
for tag_name, (kind, tag) in TAGS.items():
    save("flv_tag", tag_name, kind, tag)

save("flv_description", "avc_record", 0, AVC)
save("flv_description", "hevc_record", 1, HEVC)
save("flv_description", "av1_record", 2, AV1)
save("flv_description", "avc_tag", 3, b"\x17\0\0\0\0" + AVC)
save("flv_description", "hevc_tag", 3, b"\x90hvc1" + HEVC)
save("flv_description", "metadata", 4, on_metadata())
