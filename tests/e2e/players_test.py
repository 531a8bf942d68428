"""Players other than ffmpeg and GStreamer, each beside ffmpeg as the encoder."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, make_source, mpv_play, rtmpdump_play
from weir_e2e.frames import assert_all, frames_of


class PlayersTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()

    def play(self, player: str, arguments: list[str], played) -> None:
        """The player waits for the stream, keeps what it is sent, and ends with the stream."""
        source = make_source(self.folder / "source.flv", seconds=3)
        playing = self.run_process(player, arguments)
        self.wait_for_sessions(1, user_id="bob")
        publisher = self.run_process(
            "publisher", ffmpeg_publish(source, self.media.url("it", "alice"))
        )
        self.assertEqual(publisher.wait(), 0)
        playing.wait()
        assert_all(self, frames_of(source), frames_of(played))

    def test_mpv(self):
        played = self.folder / "played.flv"
        self.play("mpv", mpv_play(self.media.url("it", "bob"), played), played)

    def test_rtmpdump(self):
        played = self.folder / "played.flv"
        self.play("rtmpdump", rtmpdump_play(self.media.url("it", "bob"), played), played)


if __name__ == "__main__":
    main()
