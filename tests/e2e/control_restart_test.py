"""Control ends and comes back while a stream runs: the stream goes on."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for


class ControlRestartTest(EndToEndCase):
    media_options = ("--admission-timeout=1s",)

    def setUp(self):
        super().setUp()
        self.start_services()

    def restart_control(self) -> None:
        self.control.kill()
        wait_for(
            "media notices", lambda: self.media.metric("weir_control_connected") == 0
        )
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        wait_for(
            "media is connected again", lambda: self.media.metric("weir_control_connected") == 1
        )

    def test_a_running_stream_does_not_notice(self):
        source = make_source(self.folder / "source.flv", seconds=8)
        listing = self.folder / "played.framemd5"
        publisher, player = self.start_watched_stream("on", source, listing)
        self.wait_for_stream()
        self.restart_control()
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(source), parse(listing.read_text()))

    def test_without_control_nobody_new_is_let_in(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        self.run_process(
            "publisher", ffmpeg_publish_for_ever(source, self.media.url("on", "alice"))
        )
        self.wait_for_stream()
        self.control.kill()
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "new?user=carol")
        self.assertEqual(status["code"], "NetStream.Publish.Denied")
        self.assertEqual(self.media.metric("weir_streams"), 1)

        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        wait_for("carol is let in", self.carol_publishes)

    def carol_publishes(self) -> bool:
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "new?user=carol")
        return status["code"] == "NetStream.Publish.Start"


if __name__ == "__main__":
    main()
