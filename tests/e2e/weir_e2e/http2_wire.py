"""Just enough HTTP/2 (RFC 9113) to be a gRPC client that behaves as no library would."""

import selectors
import socket
import struct
import threading

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# Frame types and flags (section 6).
_DATA, _HEADERS, _SETTINGS, _PING = 0, 1, 4, 6
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_FRAME_HEADER = 9


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _header(name: str, value: str) -> bytes:
    """A literal that is not indexed (HPACK, RFC 7541, section 6.2.2)."""
    return bytes((0, len(name))) + name.encode() + bytes((len(value),)) + value.encode()


class Http2Client:
    """One connection. Nothing of what the server sends is read unless `answer_frames` is called."""

    def __init__(self, address: str):
        host, port = address.rsplit(":", 1)
        self._address = address
        self._next_stream = 1
        self._received = b""
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.socket.sendall(_PREFACE + _frame(_SETTINGS, 0, 0))

    def close(self) -> None:
        self.socket.close()

    def call(self, method: str, message: bytes) -> None:
        """Sends a whole call, `call("SessionService/ListSessions", …)`; its answer is still to come."""
        headers = b"".join(
            _header(name, value)
            for name, value in (
                (":method", "POST"),
                (":scheme", "http"),
                (":path", f"/weir.v1.{method}"),
                (":authority", self._address),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
            )
        )
        body = b"\0" + struct.pack(">I", len(message)) + message
        self.socket.sendall(
            _frame(_HEADERS, _END_HEADERS, self._next_stream, headers)
            + _frame(_DATA, _END_STREAM, self._next_stream, body)
        )
        self._next_stream += 2

    def answer_frames(self) -> bool:
        """Reads what is there and acknowledges pings and settings; False once it is closed."""
        data = self.socket.recv(65536)
        self._received += data
        while len(self._received) >= _FRAME_HEADER:
            size = int.from_bytes(self._received[:3], "big")
            kind, flags = self._received[3:5]
            payload = self._received[_FRAME_HEADER : _FRAME_HEADER + size]
            if len(payload) < size:
                break
            self._received = self._received[_FRAME_HEADER + size :]
            if kind in (_PING, _SETTINGS) and not flags & _ACK:
                self.socket.sendall(_frame(kind, _ACK, 0, payload if kind == _PING else b""))
        return bool(data)


class IdleCrowd:
    """Connections that call nothing and stay: a thread answers the server's pings. `with` ends them."""

    def __init__(self, address: str, count: int):
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()
        self.closed = 0
        self._clients = [Http2Client(address) for _ in range(count)]
        for client in self._clients:
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        self._thread = threading.Thread(target=self._answer)

    def __enter__(self) -> "IdleCrowd":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopping.set()
        self._thread.join()
        for client in self._clients:
            client.close()

    def _answer(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(timeout=0.1):
                try:
                    open_still = key.data.answer_frames()
                except OSError:
                    open_still = False
                if not open_still:
                    self._selector.unregister(key.fileobj)
                    self.closed += 1
