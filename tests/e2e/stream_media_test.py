"""What a live stream's media is, as control tells it: with real encoders."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, gst_encode_two_sizes, make_source
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.waiting import wait_for


class StreamMediaTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        self.url = self.media.url("show", "alice")

    def stream(self) -> dict:
        found = call(self.control.grpc_address, "StreamService/GetStream", stream_id="live/show")
        return found["stream"]

    def wait_for_media(self, **expected) -> dict:
        """The stream, once its media is so described."""

        def described():
            try:
                stream = self.stream()
            except CallFailed:
                return None
            return stream if expected.items() <= stream.get("media", {}).items() else None

        return wait_for(f"the stream is {expected}", described)

    def test_of_ffmpeg_until_it_ends(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(source, self.url))
        format_of_source = {
            "video_codec": "h264", "audio_codec": "aac", "width": 320, "height": 180, "frame_rate": 30
        }  # fmt: skip
        stream = self.wait_for_media(**format_of_source)
        self.assertGreater(int(stream["media"]["bytes"]), 0)
        [listed] = call(self.control.grpc_address, "StreamService/ListStreams")["streams"]
        self.assertEqual(listed["media"], stream["media"])

        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        self.wait_for_media(**format_of_source)

        publisher.terminate()
        wait_for("its session ends", lambda: not self.sessions(user_id="alice"))
        with self.assertRaises(CallFailed) as gone:
            self.stream()
        self.assertEqual(gone.exception.code, "NOT_FOUND")

    def test_of_the_encoder_that_takes_the_stream_up_again(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(source, self.url))
        before = self.wait_for_media(width=320, height=180, frame_rate=30)
        described_at = self.media.metric("weir_ingress_bytes_total")
        wait_for(
            "more has come than control has heard of",
            lambda: self.media.metric("weir_ingress_bytes_total") > 2 * described_at,
        )
        publisher.kill()
        wait_for(
            "its bytes are told at its end",
            lambda: int(self.stream()["media"]["bytes"]) > int(before["media"]["bytes"]),
        )

        larger = make_source(self.folder / "larger.flv", seconds=2, size="640x360", rate=25)
        self.run_process("publisher again", ffmpeg_publish_for_ever(larger, self.url))
        after = self.wait_for_media(width=640, height=360, frame_rate=25)
        self.assertEqual(after["publish_session_id"], before["publish_session_id"])
        self.assertGreater(int(after["epoch"]), int(before["epoch"]))

    def test_of_an_encoder_that_changes_its_format(self):
        self.run_process("encoder", gst_encode_two_sizes("rtmp2sink", self.url))
        before = self.wait_for_media(video_codec="h264", width=160, height=90)
        after = self.wait_for_media(width=320, height=180)
        self.assertEqual(after["epoch"], before["epoch"])
        self.assertEqual(len(self.media.events("publish.started")), 1)
        wait_for("its log says so", lambda: self.widths_described().count(320) == 1)

    def widths_described(self) -> list[int]:
        """After the start, which may have been told before there was a picture."""
        return [event["width"] for event in self.media.events("publish.described")]


if __name__ == "__main__":
    main()
