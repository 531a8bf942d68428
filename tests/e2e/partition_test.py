"""Control and media cannot reach each other, as with a cut cable: nobody streaming notices."""

import signal

from weir_e2e.cable import Cable
from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import (
    ffmpeg_play,
    ffmpeg_publish_for_ever,
    ffmpeg_publish_through_fifo,
    make_source,
)
from weir_e2e.grpc_calls import call
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.services import Media
from weir_e2e.waiting import wait_for

_ACTIVE = ["SESSION_STATE_ACTIVE"]
_ENDED = ["SESSION_STATE_ENDED"]
_ENDS = ("completed", "failed", "expired")


class PartitionCase(EndToEndCase):
    # What a partition can outlast is short.
    control_options = (
        "--instance-report-interval=1s",
        "--instance-lease=7s",
        "--session-publish-reconnect-grace=1s",
    )
    media_options = ("--admission-timeout=1s", "--instance-id=beyond")

    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self.cable = Cable(self.control.grpc_address)
        self.addCleanup(self.cable.close)
        self.media = self.keep(Media(self.folder, self.cable.address, *self.media_options))
        self.wait_for_instance("ACTIVE")
        self.source = make_source(self.folder / "source.flv", seconds=2)

    def tearDown(self):
        self.cable.mend()
        super().tearDown()

    def start_stream(self, command=ffmpeg_publish_for_ever) -> dict:
        """alice publishes, bob watches; returns alice's session."""
        url = self.media.url("show", "alice")
        self.publisher = self.run_process("publisher", command(self.source, url))
        [session] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        self.player = self.run_process(
            "player", ffmpeg_play(self.media.url("show", "bob"), self.folder / "played")
        )
        self.wait_for_sessions(1, user_id="bob", states=_ACTIVE)
        return session

    def wait_for_instance(self, state: str) -> None:
        def instances():
            return call(self.control.grpc_address, "InstanceService/ListInstances").get(
                "instances", []
            )

        wait_for(
            f"the instance is {state}",
            lambda: [each["state"] for each in instances()] == [f"INSTANCE_STATE_{state}"],
        )

    def wait_for_frames(self) -> None:
        """New ones."""
        before = self.media.metric("weir_egress_bytes_total")
        wait_for(
            "frames flow", lambda: self.media.metric("weir_egress_bytes_total") > before + 20_000
        )

    def ends_of(self, session: dict) -> list[str]:
        return [
            end
            for end in _ENDS
            for event in self.control.events(f"weir.session.{end}")
            if event["session_id"] == session["session_id"]
        ]

    def publish_status(self, user: str) -> dict:
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            return client.publish(client.create_stream(), f"new?user={user}")


class LongPartitionTest(PartitionCase):
    def test_longer_than_every_deadline(self):
        before = self.start_stream()
        self.cable.cut()
        self.wait_for_instance("LOST")
        wait_for(
            "it was unreachable first", lambda: self.control.events("weir.instance.unreachable")
        )
        self.wait_for_sessions(1, user_id="alice", states=_ENDED)
        self.wait_for_frames()

        self.cable.mend()
        self.wait_for_instance("ACTIVE")
        [after] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        self.assertEqual(after["session_id"], before["session_id"])
        self.assertEqual(after["epoch"], before["epoch"])
        self.wait_for_sessions(1, user_id="bob", states=_ACTIVE)
        self.wait_for_frames()
        self.assertTrue(self.publisher.running)
        self.assertTrue(self.player.running)
        self.assertEqual(self.media.events("publish.interrupted"), [])

        self.publisher.terminate()
        wait_for("its end is told", lambda: self.ends_of(before)[:1] == ["completed"])


class ShortPartitionCase(PartitionCase):
    control_options = (
        "--instance-report-interval=1s",
        "--instance-lease=30s",
        "--session-start-timeout=30s",
    )


class ShortPartitionTest(ShortPartitionCase):
    def test_an_end_meanwhile_is_told_once(self):
        session = self.start_stream()
        self.cable.cut()
        self.wait_for_instance("UNREACHABLE")
        self.publisher.terminate()
        self.wait_for_stream(0)
        [live] = self.sessions(user_id="alice")
        self.assertIn(live["state"], ("SESSION_STATE_ACTIVE", "SESSION_STATE_IDLE"))

        self.cable.mend()
        self.wait_for_instance("ACTIVE")
        wait_for("its end is told", lambda: self.ends_of(session))
        self.assertEqual(self.ends_of(session), ["completed"])

    def test_who_is_let_in_meanwhile(self):
        """A publisher that is known here; no other, and no player, by default."""
        before = self.start_stream()
        self.player.kill()
        self.cable.cut()
        self.wait_for_instance("UNREACHABLE")
        self.publisher.kill()
        self.wait_for_stream(0)
        self.run_process(
            "publisher again", ffmpeg_publish_for_ever(self.source, self.media.url("show", "alice"))
        )
        self.wait_for_stream(1)
        status = self.publish_status("carol")
        self.assertEqual(status["code"], "NetStream.Publish.Denied")
        self.assertEqual(status["description"], "admission is unavailable; retry in 5 s")
        late = self.run_process(
            "late player", ffmpeg_play(self.media.url("show", "dave"), self.folder / "late")
        )
        self.assertNotEqual(late.wait(), 0)

        self.cable.mend()
        self.wait_for_instance("ACTIVE")
        [after] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        self.assertEqual(after["session_id"], before["session_id"])
        wait_for("carol is let in", lambda: self.publish_status("carol")["code"].endswith("Start"))


class PlayersLetInTest(ShortPartitionCase):
    media_options = (*PartitionCase.media_options, "--play-when-unreachable=allow")

    def test_a_new_player_is_let_in_and_admitted_afterwards(self):
        self.start_stream()
        self.cable.cut()
        self.wait_for_instance("UNREACHABLE")
        late = self.run_process(
            "late player", ffmpeg_play(self.media.url("show", "dave"), self.folder / "late")
        )
        wait_for("it is served", lambda: self.media.metric("weir_players") == 2)
        self.assertEqual(self.sessions(user_id="dave"), [])

        self.cable.mend()
        self.wait_for_sessions(1, user_id="dave", states=_ACTIVE)
        self.assertTrue(late.running)


class UnknownInstanceTest(PartitionCase):
    def test_it_is_not_ready_before_control_has_answered_once(self):
        self.cable.cut()
        early = self.keep(Media(self.folder, self.cable.address, "--instance-id=early"))
        self.assertEqual(
            early.get("/readyz"), (503, "not ready: control has not answered yet\n")
        )
        self.cable.mend()
        early.wait_ready()


class ShutdownTest(PartitionCase):
    media_options = (*PartitionCase.media_options, "--drain-deadline=8s")

    def test_sigterm_drains_by_local_policy(self):
        before = self.start_stream(ffmpeg_publish_through_fifo)
        self.cable.cut()
        self.media.signal(signal.SIGTERM)
        self.assertEqual(self.media.wait(), 0)
        [unanswered] = [
            event["to"]
            for event in self.media.events("shutdown.state")
            if event["from"] == "asking"
        ]
        self.assertEqual(unanswered, "grace")
        self.assertEqual(self.media.events("shutdown.granted"), [])
        # Control learns what it can: that the instance is silent.
        self.wait_for_instance("LOST")
        wait_for("the stream's end is recorded", lambda: self.ends_of(before))
        self.assertEqual(self.ends_of(before), ["expired"])


class ForgetfulControlTest(PartitionCase):
    control_options = ("--store=memory",)

    def test_what_control_has_forgotten_is_admitted_again(self):
        before = self.start_stream()
        # So that nobody tells the new control anything before it has been looked at.
        self.cable.cut()
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        self.assertEqual(self.sessions(), [])
        self.cable.mend()
        self.wait_for_instance("ACTIVE")
        [after] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        self.assertEqual(after["stream_id"], before["stream_id"])
        self.wait_for_sessions(1, user_id="bob", states=_ACTIVE)
        self.wait_for_frames()
        self.assertEqual(self.media.events("publish.interrupted"), [])


if __name__ == "__main__":
    main()
