"""The fourth stream of a user is refused, in words that its encoder understands."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.rtmp_wire import RtmpClient

LIMIT = 3


class RefusalTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()

    def test_the_fourth_publish_is_refused_and_the_encoder_hears_why(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        for number in range(LIMIT):
            self.run_process(
                f"publisher {number}",
                ffmpeg_publish_for_ever(source, self.media.url(f"one-{number}", "alice")),
            )
        self.wait_for_stream(LIMIT)

        fourth = self.run_process(
            "fourth", ffmpeg_publish(source, self.media.url("four", "alice"))
        )
        self.assertNotEqual(fourth.wait(), 0)
        self.assertIn("holds 3 of 3 publish sessions", "\n".join(fourth.stderr_lines))

        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "four?user=alice")
        self.assertEqual(status["code"], "NetStream.Publish.Denied")
        self.assertEqual(status["level"], "error")
        self.assertIn("holds 3 of 3 publish sessions; retry in", status["description"])
        self.assertEqual(len(self.sessions(user_id="alice")), LIMIT)
        self.assertEqual(self.media.metric("weir_streams"), LIMIT)

        other = self.run_process("other", ffmpeg_publish(source, self.media.url("five", "carol")))
        self.assertEqual(other.wait(), 0)

    def test_a_stream_has_one_publisher(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        self.run_process("first", ffmpeg_publish_for_ever(source, self.media.url("it", "alice")))
        self.wait_for_stream()
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "it?user=mallory")
        self.assertEqual(status["code"], "NetStream.Publish.BadName")
        self.wait_for_stream()
        self.wait_for_sessions(1, stream_id="live/it")


if __name__ == "__main__":
    main()
