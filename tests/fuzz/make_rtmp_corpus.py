#!/usr/bin/env python3
"""Writes the kept seeds of the RTMP fuzzers from the captures in tests/golden/rtmp."""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden" / "rtmp"
HANDSHAKE = 1 + 2 * 1536


def save(fuzzer, name, content):
    folder = HERE / "corpus" / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def chunk(fmt, stream, time, length, kind, message_stream=1):
    field = min(time, 0xFFFFFF)
    header = bytes([fmt << 6 | stream])
    if fmt <= 2:
        header += field.to_bytes(3, "big")
    if fmt <= 1:
        header += length.to_bytes(3, "big") + bytes([kind])
    if fmt == 0:
        header += message_stream.to_bytes(4, "little")
    if fmt <= 2 and time >= 0xFFFFFF:
        header += time.to_bytes(4, "big")
    return header


def amf_string(text):
    return b"\x02" + struct.pack(">H", len(text)) + text.encode()


def command(name, transaction, rest, message_stream=0):
    payload = amf_string(name) + b"\0" + struct.pack(">d", transaction) + rest
    assert len(payload) <= 128
    return chunk(0, 3, 0, len(payload), 20, message_stream) + payload


CONNECT = command("connect", 1, b"\x03\0\x03app" + amf_string("live") + b"\0\0\x09")
PUBLISH = command("publish", 5, b"\x05" + amf_string("cam?token=t"), 1)


def main():
    for capture in sorted(GOLDEN.glob("*.client")):
        said = capture.read_bytes()
        save("rtmp_handshake", capture.stem, b"\0" + said[:HANDSHAKE])
        save("rtmp_chunk_reader", capture.stem, said[HANDSHAKE:][:1500])
        save("rtmp_server_session", capture.stem, b"\1" + said[HANDSHAKE:][:2500])
    for capture in sorted(GOLDEN.glob("*.server")):
        said = capture.read_bytes()
        save("rtmp_handshake", capture.stem + "_server", b"\1" + said[:HANDSHAKE])
        save("rtmp_client_session", capture.stem, b"\0" + said[HANDSHAKE:][:1500])
    late = chunk(0, 4, 0x1000000, 200, 8)
    save("rtmp_chunk_reader", "extended_repeated",
         late + bytes(128) + b"\xc4\1\0\0\0" + bytes(72))
    save("rtmp_chunk_reader", "extended_left_out", late + bytes(128) + b"\xc4" + b"\1" * 72)
    save("rtmp_chunk_reader", "abort",
         chunk(0, 4, 0, 200, 8) + bytes(128) + chunk(0, 2, 0, 4, 2, 0) + b"\0\0\0\4" + late)
    save("rtmp_chunk_reader", "chunk_size_one",
         chunk(0, 2, 0, 4, 1, 0) + b"\0\0\0\1" + chunk(0, 4, 0, 3, 8) + b"\1\xc4\2\xc4\3")
    save("rtmp_chunk_reader", "wide_ids", b"\0\xff" + chunk(0, 0, 0, 1, 8)[1:] + b"a"
         + b"\1\xff\xff" + chunk(0, 0, 0, 1, 8)[1:] + b"b")
    save("rtmp_server_session", "publish_refused", b"\0" + CONNECT + PUBLISH)
    save("rtmp_server_session", "aggregate",
         b"\1" + CONNECT + PUBLISH + chunk(0, 6, 9, 32, 22)
         + b"\x08\0\0\1\0\0\5\0\0\0\0a\0\0\0\x0c\x09\0\0\1\0\0\6\0\0\0\0b\0\0\0\x0c")
    # The first byte: what the owner does, see rtmp_server_session_fuzz.cc.
    controls = (CONNECT + command("play", 5, b"\x05" + amf_string("cam"), 1)
                + command("pause", 0, b"\x05\1\1", 1)
                + command("seek", 0, b"\x05\0" + bytes(8), 1)
                + command("receiveAudio", 0, b"\x05\1\0", 1)
                + command("receiveVideo", 0, b"\x05\1\1", 1))
    save("rtmp_server_session", "play_controls",
         b"\1" + controls + command("closeStream", 0, b"\x05", 1))
    save("rtmp_server_session", "play_publisher_lost", b"\5" + controls)
    save("rtmp_server_session", "play_ended", b"\x09" + controls)
    save("rtmp_server_session", "publish_ended",
         b"\x09" + CONNECT + PUBLISH + chunk(0, 4, 0, 3, 8) + b"abc" + chunk(3, 4, 0, 3, 8) + b"def")
    save("rtmp_server_session", "reconnect",
         b"\3" + command("connect", 1, b"\x03\0\x03app" + amf_string("live")
                         + b"\0\x06capsEx\0" + struct.pack(">d", 1) + b"\0\0\x09")
         + PUBLISH + command("closeStream", 0, b"\x05", 1))
    save("rtmp_server_session", "link_control",
         b"\1" + CONNECT + chunk(0, 2, 0, 4, 5, 0) + b"\0\0\0\x08"
         + chunk(0, 2, 0, 6, 4, 0) + b"\0\6\0\0\0\7" + chunk(0, 2, 0, 4, 2, 0) + b"\0\0\0\4"
         + chunk(0, 2, 0, 4, 1, 0) + b"\0\0\x10\0" + command("FCPublish", 3, b"\x05")
         + command("getStreamLength", 4, b"\x05") + chunk(0, 2, 0, 4, 1, 0) + bytes(4))
    save("rtmp_server_session", "publish_again",
         b"\1" + CONNECT + PUBLISH + command("FCUnpublish", 0, b"\x05" + amf_string("cam"))
         + command("deleteStream", 0, b"\x05\0\x3f\xf0" + bytes(6))
         + command("createStream", 4, b"\x05") + PUBLISH)
    save("rtmp_amf", "connect", CONNECT[12:])
    save("rtmp_amf", "every_amf0",
         b"\0" + bytes(8) + b"\1\1\2\0\1a\3\0\1a\5\0\0\x09\5\6\7\0\1\x08\0\0\0\1\0\1a\5\0\0\x09"
         b"\x0a\0\0\0\1\5\x0b" + bytes(10) + b"\x0c\0\0\0\1a\x0d\x0f\0\0\0\1a\x10\0\1T\0\0\x09")
    save("rtmp_amf", "every_amf3",
         b"\0\1\2\3\4\xbf\xff\xff\xff\5" + bytes(8) + b"\6\5ab\x08\1" + bytes(8)
         + b"\x09\5\1\1\3\x0a\x0b\1\3k\6\3v\1\x0a\x13\1\3m\4\x09\x0b\3x\x0c\5\1\2")
    save("rtmp_amf", "amf3_command", b"\0" + amf_string("publish") + b"\0" + bytes(8)
         + b"\5\x11\6\7cam")
    save("rtmp_amf", "set_data_frame", amf_string("@setDataFrame") + amf_string("onMetaData"))
    save("rtmp_amf", "nested", b"\3\0\1a" * 17 + b"\5")


if __name__ == "__main__":
    main()
