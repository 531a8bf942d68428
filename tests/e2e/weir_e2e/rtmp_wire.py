"""RTMP by hand, as badly or as well as a test wants it. Commands are AMF0."""

import os
import socket
import struct

_HANDSHAKE_SIZE = 1536
# Before SetChunkSize (section 5.4.1).
DEFAULT_CHUNK_SIZE = 128

# Message types (RTMP 1.0, sections 5.4 and 7.1).
SET_CHUNK_SIZE, ACKNOWLEDGEMENT, USER_CONTROL = 1, 3, 4
AUDIO, VIDEO, DATA, COMMAND, AGGREGATE = 8, 9, 18, 20, 22
# In a header's 3 bytes: the timestamp is in 4 behind it (section 5.3.1.3).
_EXTENDED = 0xFFFFFF


def handshake(connection: socket.socket) -> None:
    """The simple handshake (section 5.2)."""
    connection.sendall(b"\x03" + bytes(8) + os.urandom(_HANDSHAKE_SIZE - 8))
    answer = _read(connection, 1 + 2 * _HANDSHAKE_SIZE)
    connection.sendall(answer[1 : 1 + _HANDSHAKE_SIZE])


def chunk(
    stream: int,
    kind: int,
    message_stream: int,
    payload: bytes,
    timestamp: int = 0,
    size: int = DEFAULT_CHUNK_SIZE,
) -> bytes:
    """One message in chunks of one size: a full header, then continuations."""
    extended = timestamp.to_bytes(4, "big") if timestamp >= _EXTENDED else b""
    wire = [message_header(stream, kind, message_stream, len(payload), timestamp) + extended]
    for start in range(0, max(len(payload), 1), size):
        if start:
            wire.append(basic_header(3, stream) + extended)
        wire.append(payload[start : start + size])
    return b"".join(wire)


def basic_header(form: int, stream: int) -> bytes:
    """Section 5.3.1.1: 1 byte below 64, else 2 or 3."""
    if stream < 64:
        return bytes([form << 6 | stream])
    if stream < 320:
        return bytes([form << 6, stream - 64])
    return bytes([form << 6 | 1]) + (stream - 64).to_bytes(2, "little")


def message_header(stream: int, kind: int, message_stream: int, length: int, timestamp=0) -> bytes:
    """A full header (fmt 0); the length is what it says, not what follows."""
    return (
        basic_header(0, stream)
        + min(timestamp, _EXTENDED).to_bytes(3, "big")
        + length.to_bytes(3, "big")
        + bytes([kind])
        + message_stream.to_bytes(4, "little")
    )


def amf(*values) -> bytes:
    """AMF0 of numbers, booleans, strings, None and dicts."""
    return b"".join(_amf_value(value) for value in values)


def amf_nested(depth: int) -> bytes:
    """A command with an object in an object, `depth` times."""
    return amf("connect", 1.0) + b"\x03\x00\x01a" * depth


def _amf_value(value) -> bytes:
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return bytes([1, value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\x02" + _amf_text(value)
    members = b"".join(_amf_text(key) + _amf_value(inner) for key, inner in value.items())
    return b"\x03" + members + b"\x00\x00\x09"


def _amf_text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


class _AmfReader:
    def __init__(self, data: bytes):
        self._data, self._at = data, 0

    def values(self) -> list:
        found = []
        while self._at < len(self._data):
            found.append(self._value())
        return found

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        self._at += count
        return piece

    def _text(self) -> str:
        return self._take(struct.unpack(">H", self._take(2))[0]).decode()

    def _members(self) -> dict:
        members = {}
        while True:
            key = self._text()
            if not key and self._data[self._at] == 9:
                self._at += 1
                return members
            members[key] = self._value()

    def _value(self):
        kind = self._take(1)[0]
        if kind == 0:
            return struct.unpack(">d", self._take(8))[0]
        if kind == 1:
            return bool(self._take(1)[0])
        if kind == 2:
            return self._text()
        if kind == 3:
            return self._members()
        if kind in (5, 6):
            return None
        if kind == 8:
            self._take(4)
            return self._members()
        if kind == 10:
            return [self._value() for _ in range(struct.unpack(">I", self._take(4))[0])]
        raise ValueError(f"AMF0 type {kind}")


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("closed by the server")
        data += piece
    return data


class RtmpClient:
    """A connection after its handshake."""

    def __init__(self, address: str, timeout: float = 20):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._sent_chunk_size = DEFAULT_CHUNK_SIZE
        self._transaction = 0.0
        # Of the last message.
        self.timestamp = 0
        # By chunk stream: the last header, its time and step, and the payload so far.
        self._headers: dict[int, tuple[int, int, bool]] = {}
        self._times: dict[int, tuple[int, int]] = {}
        self._partial: dict[int, bytes] = {}
        handshake(self.socket)

    def __enter__(self) -> "RtmpClient":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, kind: int, message_stream: int, payload: bytes, timestamp: int = 0) -> None:
        self.socket.sendall(
            chunk(3, kind, message_stream, payload, timestamp, self._sent_chunk_size)
        )

    def set_chunk_size(self, size: int) -> None:
        self.socket.sendall(chunk(2, SET_CHUNK_SIZE, 0, size.to_bytes(4, "big")))
        self._sent_chunk_size = size

    def send_keyframe(self, message_stream: int, timestamp: int, size: int) -> None:
        """As an H.264 tag (FLV, section E.4.3.1) of `size` bytes in all."""
        payload = b"\x17\x01\x00\x00\x00" + bytes(size - 5)
        self.send(VIDEO, message_stream, payload, timestamp)

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def shut(self) -> None:
        """Ends it for a thread that reads."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def closed_by_server(self) -> bool:
        """Reads what comes until the server closes; False when it is silent for the timeout."""
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def command(self, name: str, *arguments, message_stream: int = 0) -> float:
        self._transaction += 1
        self.send(COMMAND, message_stream, amf(name, self._transaction, *arguments))
        return self._transaction

    def connect(self, app: str, tc_url: str | None = None, wait: bool = True) -> None:
        transaction = self.command(
            "connect", {"app": app, "tcUrl": tc_url or f"rtmp://localhost/{app}"}
        )
        if wait:
            self.result(transaction)

    def create_stream(self) -> int:
        return int(self.result(self.command("createStream", None))[1])

    def publish(self, message_stream: int, name: str) -> dict:
        """The first onStatus after the command."""
        self.command("publish", None, name, "live", message_stream=message_stream)
        return self.status()

    def play(self, message_stream: int, name: str) -> dict:
        self.command("play", None, name, -2.0, message_stream=message_stream)
        return self.status()

    def result(self, transaction: float) -> list:
        """The values after the transaction id of its answer."""
        while True:
            name, answered, *values = self.next_command()
            if name in ("_result", "_error") and answered == transaction:
                return values

    def status(self) -> dict:
        while True:
            name, _, *values = self.next_command()
            if name == "onStatus":
                return values[1]

    def next_command(self) -> list:
        while True:
            kind, payload = self.next_message()
            if kind == COMMAND:
                return _AmfReader(payload).values()

    def next_message(self) -> tuple[int, bytes]:
        while True:
            complete = self._next_chunk()
            if complete is None:
                continue
            kind, payload = complete
            if kind == SET_CHUNK_SIZE:
                self._chunk_size = int.from_bytes(payload, "big")
            return kind, payload

    def _next_chunk(self) -> tuple[int, bytes] | None:
        """Reads one chunk (section 5.3.1); its message, if that is complete."""
        first = _read(self.socket, 1)[0]
        form, stream = first >> 6, first & 0x3F
        if stream == 0:
            stream = 64 + _read(self.socket, 1)[0]
        elif stream == 1:
            stream = 64 + int.from_bytes(_read(self.socket, 2), "little")
        header = _read(self.socket, (11, 7, 3, 0)[form])
        length, kind, extended = self._headers.get(stream, (0, 0, False))
        if form < 3:
            extended = header[:3] == b"\xff\xff\xff"
        if form < 2:
            length, kind = int.from_bytes(header[3:6], "big"), header[6]
        self._headers[stream] = (length, kind, extended)
        field = _read(self.socket, 4) if extended else header[:3]
        if stream not in self._partial:
            self._note_time(stream, form, int.from_bytes(field, "big"))
        payload = self._partial.pop(stream, b"")
        payload += _read(self.socket, min(self._chunk_size, length - len(payload)))
        if len(payload) == length:
            self.timestamp = self._times[stream][0]
            return kind, payload
        self._partial[stream] = payload
        return None

    def _note_time(self, stream: int, form: int, field: int) -> None:
        """Where a message begins: its time in a full header, else the step from the one before."""
        time, step = self._times.get(stream, (0, 0))
        if form == 0:
            self._times[stream] = (field, field)
        else:
            step = field if form < 3 else step
            self._times[stream] = (time + step, step)
