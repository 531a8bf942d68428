"""ffmpeg publishes, ffmpeg plays: every frame and every timestamp arrives as it was sent."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.frames import assert_all, assert_window, frames_of, of_stream, parse
from weir_e2e.waiting import wait_for

KIND_PUBLISH = "SESSION_KIND_PUBLISH"
KIND_PLAY = "SESSION_KIND_PLAY"


class PublishPlayTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        # So long that who comes when it has begun is there before its end.
        self.source = make_source(self.folder / "source.flv", seconds=8)
        self.listing = self.folder / "played.framemd5"

    def played(self):
        return parse(self.listing.read_text()) if self.listing.exists() else []

    def test_who_waits_for_the_stream_sees_all_of_it(self):
        publisher, player = self.start_watched_stream("whole", self.source, self.listing)
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(self.source), self.played())

    def test_a_late_joiner_starts_at_a_keyframe(self):
        publisher = self.run_process(
            "publisher", ffmpeg_publish(self.source, self.media.url("late", "alice"))
        )
        wait_for(
            "a second GOP is published",
            lambda: self.media.metric("weir_frames_total", kind="video") > 40,
        )
        player = self.run_process(
            "player", ffmpeg_play(self.media.url("late", "bob"), self.listing)
        )
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        published, played = frames_of(self.source), self.played()
        assert_window(self, published, played)
        first_video = next(frame for frame in played if frame.stream == 0)
        video = of_stream(published, 0)
        self.assertEqual(video.index(first_video) % 15, 0, "a GOP has 15 frames")
        for stream in (0, 1):
            self.assertEqual(of_stream(played, stream)[-1], of_stream(published, stream)[-1])

    def test_sessions_end_with_their_connections(self):
        publisher = self.run_process(
            "publisher", ffmpeg_publish_for_ever(self.source, self.media.url("ends", "alice"))
        )
        [session] = self.wait_for_sessions(1, user_id="alice")
        self.assertEqual(session["kind"], KIND_PUBLISH)
        self.assertEqual(session["stream_id"], "live/ends")
        player = self.run_process(
            "player", ffmpeg_play(self.media.url("ends", "bob"), self.listing)
        )
        [session] = self.wait_for_sessions(1, user_id="bob")
        self.assertEqual(session["kind"], KIND_PLAY)
        wait_for("frames are played", self.played)

        player.kill()
        self.wait_for_sessions(0, user_id="bob")
        self.wait_for_sessions(1, user_id="alice")
        publisher.terminate()
        self.wait_for_sessions(0, user_id="alice")
        self.wait_for_stream(0)


if __name__ == "__main__":
    main()
