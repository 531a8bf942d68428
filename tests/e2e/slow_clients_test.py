"""Clients that are silent, slow, or read less than they are sent."""

import socket
import time

from weir_e2e.abuse import MIB, AbuseCase
from weir_e2e.case import main
from weir_e2e.rtmp_wire import RtmpClient, amf, chunk, COMMAND
from weir_e2e.waiting import wait_for

_HANDSHAKE_SECONDS = 1
_CONNECT_SECONDS = 2


class SlowClientsTest(AbuseCase):
    media_options = (
        f"--limit-handshake={_HANDSHAKE_SECONDS}s",
        f"--limit-connect-to-stream={_CONNECT_SECONDS}s",
        "--egress-lag-max=2s",
    )

    def open_socket(self) -> socket.socket:
        host, port = self.media.rtmp_address.rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=20)

    def drip(self, connection: socket.socket, data: bytes) -> float:
        """Sends a byte at a time until the server closes; how long that took."""
        start = time.monotonic()
        connection.settimeout(0.05)
        for at in range(len(data)):
            try:
                connection.sendall(data[at : at + 1])
                if connection.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        return time.monotonic() - start

    def test_half_open_connections_are_closed(self):
        hits = self.media.metric("weir_limits_hit_total", limit="handshake")
        silent = [self.open_socket() for _ in range(200)]
        for connection in silent:
            self.assertEqual(connection.recv(1), b"")
            connection.close()
        self.assertEqual(
            self.media.metric("weir_limits_hit_total", limit="handshake") - hits, len(silent)
        )
        self.assert_recovered()

    def test_a_dripped_handshake_ends_at_its_limit(self):
        with self.open_socket() as connection:
            took = self.drip(connection, b"\x03" + bytes(1536))
        self.assertLess(took, 20 * _HANDSHAKE_SECONDS)
        self.assert_recovered()

    def test_a_dripped_command_ends_at_its_limit(self):
        connect = chunk(3, COMMAND, 0, amf("connect", 1.0, {"app": "live", "pad": "x" * 4000}))
        with RtmpClient(self.media.rtmp_address) as client:
            took = self.drip(client.socket, connect)
        self.assertLess(took, 20 * _CONNECT_SECONDS)
        self.assert_recovered()

    def test_a_player_that_never_reads_costs_nobody_memory(self):
        publisher, stream = self.publisher("flood", "carol")
        publisher.set_chunk_size(65536)
        deaf = self.client()
        self.assertTrue(deaf.play(deaf.create_stream(), "flood?user=dave"))
        for number in range(400):
            publisher.send_keyframe(stream, number * 40, 1 * MIB)
        self.assert_bounded(128 * MIB)
        wait_for(
            "the deaf player is skipped over or closed",
            lambda: self.media.metric("weir_frames_skipped_total") > 0
            or self.media.metric("weir_limits_hit_total", limit="egress_lag") > 0,
        )
        publisher.socket.close()
        deaf.socket.close()
        self.assert_recovered()

    def test_a_publisher_faster_than_its_players(self):
        publisher, stream = self.publisher("fast", "carol")
        publisher.set_chunk_size(65536)
        slow = self.client()
        slow.play(slow.create_stream(), "fast?user=dave")
        sent = 200
        for number in range(sent):
            publisher.send_keyframe(stream, number * 40, 1 * MIB)
            if number % 10 == 0:
                slow.next_message()
        self.assert_bounded(128 * MIB)
        publisher.socket.close()
        slow.socket.close()
        self.assert_recovered()


if __name__ == "__main__":
    main()
