"""What control decides about a running session reaches its connection, and the other way round."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.grpc_calls import call
from weir_e2e.waiting import wait_for

_ACTIVE = ["SESSION_STATE_ACTIVE"]


class SessionLifeTest(EndToEndCase):
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
        again = self.run_process("publisher again", ffmpeg_publish(self.source, self.url))
        self.assertNotEqual(again.wait(), 0, "the user is kept out for a while")


if __name__ == "__main__":
    main()
