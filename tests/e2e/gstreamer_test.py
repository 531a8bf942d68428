"""GStreamer's two RTMP plugins as encoder and player."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, gst_play, gst_publish, make_source, rtmpdump_play
from weir_e2e.frames import assert_all, assert_window, frames_of, parse


class GStreamerTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        self.source = make_source(self.folder / "source.flv", seconds=3)
        self.published = self.folder / "published.flv"
        self.played = self.folder / "played.flv"

    def publish(self, sink: str, name: str) -> None:
        url = self.media.url(name, "alice")
        publisher = self.run_process(
            sink, gst_publish(self.source, sink, url, self.published)
        )
        self.assertEqual(publisher.wait(), 0)

    def publish_and_play(self, sink: str, player: str, arguments: list[str]) -> None:
        """The player waits for the stream, sees it all, and ends with it."""
        playing = self.run_process(player, arguments)
        self.wait_for_sessions(1, user_id="bob")
        self.publish(sink, "gst")
        playing.wait()

    def test_rtmp2sink_to_rtmp2src(self):
        url = self.media.url("gst", "bob")
        self.publish_and_play("rtmp2sink", "rtmp2src", gst_play("rtmp2src", url, self.played))
        # rtmp2src drops what it has not handed on yet when it hears of the stream's end.
        assert_all(self, frames_of(self.published), frames_of(self.played), may_miss_last=1)

    def test_rtmpsink_to_rtmpsrc(self):
        url = self.media.url("gst", "bob")
        self.publish_and_play("rtmpsink", "rtmpsrc", gst_play("rtmpsrc", url, self.played))
        assert_all(self, frames_of(self.published), frames_of(self.played))

    def test_rtmp2sink_to_ffmpeg(self):
        listing = self.folder / "played.framemd5"
        url = self.media.url("gst", "bob")
        self.publish_and_play("rtmp2sink", "ffmpeg", ffmpeg_play(url, listing))
        assert_all(self, frames_of(self.published), parse(listing.read_text()))

    def test_rtmpsink_to_rtmpdump(self):
        url = self.media.url("gst", "bob")
        self.publish_and_play("rtmpsink", "rtmpdump", rtmpdump_play(url, self.played))
        assert_window(self, frames_of(self.published), frames_of(self.played))


if __name__ == "__main__":
    main()
