"""The fourth stream of a user is refused, in words that encoder and API caller understand."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for

LIMIT = 3


class RefusalTest(EndToEndCase):
    control_options = ("--session-phase=1s", "--session-idle-phases=2")

    def setUp(self):
        super().setUp()
        self.start_services()

    def admit(self, user: str, stream: str, kind="SESSION_KIND_PUBLISH") -> dict:
        return call(
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id=user,
            stream_id=stream,
            kind=kind,
        )

    def touch(self, session: dict) -> dict:
        return call(
            self.control.grpc_address,
            "SessionService/TouchSession",
            session_id=session["session_id"],
            user_id=session["user_id"],
            stream_id=session["stream_id"],
        )

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

    def test_admission_by_hand(self):
        """Three are admitted, the fourth hears all details, and expiry makes room."""
        admitted = [self.admit("dave", f"live/{n}")["session"] for n in range(LIMIT)]
        with self.assertRaises(CallFailed) as refused:
            self.admit("dave", "live/more")
        self.assertEqual(refused.exception.code, "RESOURCE_EXHAUSTED")
        for detail in (
            "SESSION_LIMIT_REACHED",
            "google.rpc.ErrorInfo",
            "google.rpc.QuotaFailure",
            "google.rpc.RetryInfo",
            "weir.v1.SessionConflict",
            *(session["session_id"] for session in admitted),
        ):
            self.assertIn(detail, refused.exception.text)

        self.assertEqual(self.touch(admitted[0])["session"]["state"], "SESSION_STATE_ACTIVE")
        wait_for("a slot is free", lambda: self.admits("dave", "live/more"))
        ended = call(
            self.control.grpc_address,
            "SessionService/GetSession",
            session_id=admitted[0]["session_id"],
        )["session"]
        self.assertEqual(ended["state"], "SESSION_STATE_ENDED")
        self.assertIn(ended["end_reason"], ("END_REASON_EXPIRED", "END_REASON_START_TIMEOUT"))

    def admits(self, user: str, stream: str) -> bool:
        try:
            self.admit(user, stream)
            return True
        except CallFailed as refused:
            self.assertEqual(refused.code, "RESOURCE_EXHAUSTED")
            return False


if __name__ == "__main__":
    main()
