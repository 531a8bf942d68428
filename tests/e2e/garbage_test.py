"""What is not RTMP is closed and counted; the streams beside it go on."""

import os
import socket

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.rtmp_wire import RtmpClient, amf_nested, chunk, handshake
from weir_e2e.waiting import wait_for

_TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(32)


class GarbageTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        host, port = self.media.rtmp_address.rsplit(":", 1)
        self.address = (host, int(port))

    def assert_closed_after(self, what: str, *pieces: bytes, after_handshake=False) -> None:
        """Sends the pieces; the server closes the connection and counts it."""
        before = self.media.metric("weir_protocol_errors_total")
        with socket.create_connection(self.address, timeout=20) as connection:
            if after_handshake:
                handshake(connection)
            try:
                for piece in pieces:
                    connection.sendall(piece)
                while connection.recv(65536):
                    pass
            except ConnectionError:
                pass
        wait_for(
            f"{what} is counted",
            lambda: self.media.metric("weir_protocol_errors_total") > before,
        )

    def test_bad_bytes_close_their_own_connection_only(self):
        source = make_source(self.folder / "source.flv", seconds=6)
        listing = self.folder / "played.framemd5"
        publisher, player = self.start_watched_stream("on", source, listing)
        self.wait_for_stream()

        self.assert_closed_after("an HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assert_closed_after("a TLS hello", _TLS_HELLO)
        set_chunk_size_0 = chunk(2, 1, 0, (0).to_bytes(4, "big"))
        self.assert_closed_after("chunk size 0", set_chunk_size_0, after_handshake=True)
        high_bit = chunk(2, 1, 0, (1 << 31).to_bytes(4, "big"))
        self.assert_closed_after("the high bit", high_bit, after_handshake=True)
        nested = chunk(3, 20, 0, amf_nested(depth=100_000))
        self.assert_closed_after("nested AMF", nested, after_handshake=True)

        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(source), parse(listing.read_text()))

    def test_noise_in_bulk_harms_nobody(self):
        for seed in range(50):
            with socket.create_connection(self.address, timeout=20) as connection:
                if seed % 2:
                    handshake(connection)
                try:
                    connection.sendall(os.urandom(20_000))
                except ConnectionError:
                    pass
        wait_for(
            "all are gone", lambda: self.media.metric("weir_rtmp_connections") == 0
        )
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "fine?user=alice")
            self.assertEqual(status["code"], "NetStream.Publish.Start")


if __name__ == "__main__":
    main()
