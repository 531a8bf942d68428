"""Control ends and comes back while a stream runs: the stream goes on."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish_for_ever, make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for


class ControlAwayCase(EndToEndCase):
    media_options = ("--admission-timeout=1s",)

    def setUp(self):
        super().setUp()
        self.start_services()

    def kill_control(self) -> None:
        self.control.kill()
        wait_for(
            "media notices", lambda: self.media.metric("weir_control_connected") == 0
        )

    def restart_control(self) -> None:
        self.kill_control()
        self.bring_control_back()

    def bring_control_back(self) -> None:
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        wait_for(
            "media is connected again", lambda: self.media.metric("weir_control_connected") == 1
        )


class ControlRestartTest(ControlAwayCase):
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

    def test_a_publisher_of_before_takes_up_its_session(self):
        """Without control a publisher that this instance knew goes on, and control learns of it."""
        source = make_source(self.folder / "source.flv", seconds=2)
        publish = ffmpeg_publish_for_ever(source, self.media.url("on", "alice"))
        publisher = self.run_process("publisher", publish)
        self.wait_for_stream()
        [before] = self.wait_for_sessions(1, user_id="alice", states=["SESSION_STATE_ACTIVE"])
        self.kill_control()
        publisher.kill()
        self.wait_for_stream(0)
        # Else a balancer would send it to nobody, and might cut what runs.
        self.assertEqual(self.media.get("/readyz")[0], 200)
        again = self.run_process("publisher again", publish)
        self.wait_for_stream()

        self.bring_control_back()
        [after] = self.wait_for_sessions(1, user_id="alice", states=["SESSION_STATE_ACTIVE"])
        self.assertEqual(after["session_id"], before["session_id"])
        again.kill()
        wait_for("control hears of its end", lambda: self.ends_of(before) == ["interrupted"] * 2)

    def ends_of(self, session: dict) -> list[str]:
        """What media logged of the session, but for its starts."""
        return [
            event["event"].removeprefix("publish.")
            for event in self.media.events()
            if event.get("session_id") == session["session_id"]
            and event["event"] in ("publish.interrupted", "publish.completed")
        ]

    def carol_publishes(self) -> bool:
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            status = client.publish(client.create_stream(), "new?user=carol")
        return status["code"] == "NetStream.Publish.Start"


class PlayWhenUnreachableTest(ControlAwayCase):
    media_options = ("--admission-timeout=1s", "--play-when-unreachable=allow")

    def test_a_player_is_let_in_and_admitted_afterwards(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.media.url("on", "alice")
        self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        self.wait_for_stream()
        self.kill_control()
        listing = self.folder / "played.framemd5"
        player = self.run_process("player", ffmpeg_play(self.media.url("on", "bob"), listing))
        wait_for("the player is served", lambda: self.media.metric("weir_players") == 1)
        self.bring_control_back()
        self.wait_for_sessions(1, user_id="bob", states=["SESSION_STATE_ACTIVE"])
        self.assertTrue(player.running)


if __name__ == "__main__":
    main()
