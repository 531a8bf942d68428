"""Clients that ask for too much: memory, names, streams, answers, connections."""

from weir_e2e.abuse import MIB, AbuseCase
from weir_e2e.case import main
from weir_e2e.rtmp_wire import (
    ACKNOWLEDGEMENT,
    COMMAND,
    USER_CONTROL,
    VIDEO,
    RtmpClient,
    amf,
    amf_nested,
    chunk,
    message_header,
)
from weir_e2e.waiting import wait_for

_LONGEST_MESSAGE = 0xFFFFFF
# User control event types (RTMP 1.0, section 7.1.7).
_PING_REQUEST = 6


class FloodTest(AbuseCase):
    # An interrupted publisher's session is held for its reconnect: shortly here.
    control_options = ("--session-publish-reconnect-grace=1s",)

    def send_all(self, client: RtmpClient, data: bytes) -> None:
        """The server may close at any point."""
        try:
            client.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            pass

    def assert_closed_by_limit(self, client: RtmpClient, limit: str) -> None:
        self.assertTrue(client.closed_by_server())
        wait_for(
            f"{limit} is counted",
            lambda: self.media.metric("weir_limits_hit_total", limit=limit) >= 1,
        )

    def test_declared_lengths_allocate_nothing(self):
        """1,000 chunk streams, each with the first chunk of a message of 16 MB."""
        with self.client() as client:
            for stream in range(64, 64 + 1000):
                client.socket.sendall(
                    message_header(stream, VIDEO, 1, _LONGEST_MESSAGE) + bytes(128)
                )
            client.create_stream()
            self.assert_bounded(8 * MIB)
        self.assert_recovered()

    def test_partial_messages_are_bounded(self):
        """The same, and going on with each: closed at the limit of a connection."""
        with self.client() as client:
            client.set_chunk_size(65536)
            for stream in range(64, 64 + 1000):
                self.send_all(
                    client, message_header(stream, VIDEO, 1, _LONGEST_MESSAGE) + bytes(65536)
                )
            self.assert_closed_by_limit(client, "partial_bytes")
        self.assert_bounded(96 * MIB)
        self.assert_recovered()

    def test_chunk_streams_are_bounded(self):
        with self.client() as client:
            for stream in range(64, 64 + 10_000):
                self.send_all(client, message_header(stream, VIDEO, 1, 1000) + bytes(128))
            self.assert_closed_by_limit(client, "chunk_streams")
        self.assert_recovered()

    def test_one_byte_chunks(self):
        """Each byte of media with a header of its own: a few are taken, a flood is not."""
        client, stream = self.publisher("tiny", "carol")
        client.set_chunk_size(1)
        client.send_keyframe(stream, 0, 1_000)
        for number in range(100):
            try:
                client.send_keyframe(stream, number, 20_000)
            except ConnectionError:
                break
        self.assert_closed_by_limit(client, "tiny_chunks")
        client.socket.close()
        self.assert_recovered()

    def test_nested_amf_before_connect(self):
        with RtmpClient(self.media.rtmp_address) as client:
            self.send_all(client, chunk(3, COMMAND, 0, amf_nested(depth=10_000)))
            self.assert_closed_by_limit(client, "amf_depth")
        self.assert_recovered()

    def test_nested_amf_after_connect(self):
        with self.client() as client:
            self.send_all(client, chunk(3, COMMAND, 0, amf_nested(depth=10_000)))
            self.assert_closed_by_limit(client, "amf_depth")
        self.assert_recovered()

    def test_create_stream_flood(self):
        with self.client() as client:
            self.send_all(client, chunk(3, COMMAND, 0, amf("createStream", 2.0, None)) * 20_000)
            self.assert_bounded(16 * MIB)
        self.assert_recovered()

    def test_publish_flood_on_one_connection(self):
        with self.client() as client:
            stream = client.create_stream()
            for number in range(2_000):
                publish = amf("publish", 0.0, None, f"n{number}?user=carol", "live")
                self.send_all(client, chunk(3, COMMAND, stream, publish))
            self.assert_bounded(16 * MIB)
            self.assert_closed_by_limit(client, "message_rate")
        self.wait_for_sessions(0, user_id="carol")
        self.assert_recovered()

    def test_names_leave_nothing_behind(self):
        for number in range(300):
            client, _ = self.publisher(f"name-{number}", f"user-{number}")
            client.socket.close()
        self.assert_recovered()

    def test_pings_that_nobody_reads_the_answers_of(self):
        ping = chunk(2, USER_CONTROL, 0, _PING_REQUEST.to_bytes(2, "big") + bytes(4))
        with self.client() as client:
            self.send_all(client, ping * 100_000)
            self.assert_bounded(8 * MIB)
            self.assert_closed_by_limit(client, "message_rate")
        self.assert_recovered()

    def test_acknowledgement_flood(self):
        with self.client() as client:
            self.send_all(client, chunk(2, ACKNOWLEDGEMENT, 0, bytes(4)) * 100_000)
            self.assert_closed_by_limit(client, "message_rate")
        self.assert_recovered()

    def test_thousands_of_connections(self):
        count = 3_000
        clients = [RtmpClient(self.media.rtmp_address) for _ in range(count)]
        wait_for(
            "all are counted",
            lambda: self.media.metric("weir_rtmp_connections") >= count,
        )
        self.assert_bounded(count * 16 * 1024 + 8 * MIB)
        self.serve_a_stream("among-thousands")
        for client in clients:
            client.socket.close()
        self.assert_recovered()


if __name__ == "__main__":
    main()
