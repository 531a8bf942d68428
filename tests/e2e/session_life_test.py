"""What control decides about a running session reaches its connection, and the other way round."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.grpc_calls import call
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.services import Media
from weir_e2e.waiting import wait_for

_ACTIVE = ["SESSION_STATE_ACTIVE"]


class SessionLifeCase(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        self.source = make_source(self.folder / "source.flv", seconds=3)
        self.url = self.media.url("life", "alice")

    def get(self, session: dict) -> dict:
        return call(
            self.control.grpc_address, "SessionService/GetSession", session_id=session["session_id"]
        )["session"]

    def wait_for_end(self, session: dict, reason: str) -> None:
        wait_for(f"the session ends: {reason}", lambda: self.get(session).get("end_reason") == reason)


class SessionLifeTest(SessionLifeCase):
    def test_a_lost_publisher_takes_up_its_session_again(self):
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(self.source, self.url))
        [before] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        publisher.kill()
        again = self.run_process("publisher again", ffmpeg_publish(self.source, self.url))
        wait_for(
            "the claim's epoch rises", lambda: int(self.get(before)["epoch"]) > int(before["epoch"])
        )
        self.assertEqual(again.wait(), 0)
        self.wait_for_end(before, "END_REASON_COMPLETED")

    def test_a_kick_ends_the_connection(self):
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(self.source, self.url))
        [session] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        call(
            self.control.grpc_address,
            "SessionService/KickSession",
            session_id=session["session_id"],
            message="off the air",
        )
        self.assertNotEqual(publisher.wait(), 0)
        self.wait_for_stream(0)
        self.assertEqual(self.get(session)["end_reason"], "END_REASON_KICKED")
        [ended] = wait_for("it is in the log", lambda: self.media.events("publish.ended"))
        self.assertEqual(ended["session_id"], session["session_id"])
        self.assertEqual(ended["reason"], "session kicked: off the air")
        again = self.run_process("publisher again", ffmpeg_publish(self.source, self.url))
        self.assertNotEqual(again.wait(), 0, "the user is kept out for a while")


class SilentPublisherTest(SessionLifeCase):
    media_options = ("--limit-silence-interrupt=1s",)

    def publish(self, media: Media) -> tuple[RtmpClient, int]:
        """alice, connected and on the air with one keyframe."""
        client = RtmpClient(media.rtmp_address)
        self.addCleanup(client.socket.close)
        client.connect("live")
        stream = client.create_stream()
        status = client.publish(stream, "life?user=alice")
        self.assertEqual(status["code"], "NetStream.Publish.Start", status)
        client.send_keyframe(stream, 0, 1_000)
        return client, stream

    @staticmethod
    def ends(media: Media, session: dict) -> list[str]:
        """How this instance reported that the session went, but for its starts."""
        return [
            event["event"]
            for event in media.events()
            if event.get("session_id") == session["session_id"]
            and event["event"] in ("publish.interrupted", "publish.completed")
        ]

    def wait_for_ends(self, media: Media, session: dict, *ends: str) -> None:
        """Control may hear of an end before its line is in the log."""
        wait_for(f"{ends} in its log", lambda: self.ends(media, session) == list(ends))

    def test_a_silent_publisher_goes_on_at_the_same_instance(self):
        silent, _ = self.publish(self.media)
        [before] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        wait_for("it is interrupted", lambda: self.ends(self.media, before))
        again, stream = self.publish(self.media)
        self.assertTrue(silent.closed_by_server())
        again.command("deleteStream", None, stream)
        self.wait_for_end(before, "END_REASON_COMPLETED")
        self.assertGreater(int(self.get(before)["epoch"]), int(before["epoch"]))
        self.wait_for_ends(self.media, before, "publish.interrupted", "publish.completed")

    def test_a_silent_publisher_goes_on_at_another_instance(self):
        other = self.start_media(self.control.grpc_address, "--instance-id=other")
        wait_for("control places streams on both", lambda: len(self.active_instances()) == 2)
        silent, _ = self.publish(self.media)
        [before] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        wait_for("it is interrupted", lambda: self.ends(self.media, before))
        again, stream = self.publish(other)
        self.assertTrue(silent.closed_by_server(), "the old connection is told to end")
        self.assertEqual(self.get(before)["instance_id"], "other")
        again.command("deleteStream", None, stream)
        self.wait_for_end(before, "END_REASON_COMPLETED")
        self.wait_for_ends(other, before, "publish.completed")
        self.wait_for_ends(self.media, before, "publish.interrupted")

    def active_instances(self) -> list[dict]:
        instances = call(self.control.grpc_address, "InstanceService/ListInstances")
        return [
            each
            for each in instances.get("instances", [])
            if each["state"] == "INSTANCE_STATE_ACTIVE"
        ]


if __name__ == "__main__":
    main()
