"""The life of sessions as an application sees it: admitted, refused, renewed, expired."""

import json
import time

from weir_e2e import case
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.waiting import wait_for

# Six calls in a row take less than the silence that ends a session.
PHASE_SECONDS = 2.0
IDLE_PHASES = 3
SILENCE_SECONDS = PHASE_SECONDS * (IDLE_PHASES + 1)


def details_of(failure: CallFailed) -> dict[str, dict]:
    """The error details by the last part of their type's name, as reflection let grpcurl read them."""
    details = json.loads(failure.text).get("details", [])
    return {detail["@type"].rsplit(".", 1)[1]: detail for detail in details}


class ControlSessionsTest(case.EndToEndCase):
    control_options = (
        f"--session-phase={PHASE_SECONDS * 1000:.0f}ms",
        f"--session-idle-phases={IDLE_PHASES}",
        "--session-recovery-hold=0",
        *case.LEAST_LEASE,
    )

    def setUp(self):
        super().setUp()
        self.control = self.start_control()

    def admit(self, stream: str, user: str = "alice", kind: str = "SESSION_KIND_PLAY") -> dict:
        return call(
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id=user,
            stream_id=stream,
            kind=kind,
        )["session"]

    def touch(self, session: dict) -> dict:
        return call(
            self.control.grpc_address,
            "SessionService/TouchSession",
            session_id=session["session_id"],
            user_id=session["user_id"],
            stream_id=session["stream_id"],
        )["session"]

    def refused(self, function, *arguments, **named) -> CallFailed:
        with self.assertRaises(CallFailed) as caught:
            function(*arguments, **named)
        return caught.exception

    def test_three_are_admitted_and_the_fourth_waits_for_an_expiry(self):
        held = [self.touch(self.admit(f"live/{number}")) for number in (1, 2, 3)]

        refusal = self.refused(self.admit, "live/4")
        self.assertEqual(refusal.code, "RESOURCE_EXHAUSTED")
        details = details_of(refusal)
        self.assertEqual(details["ErrorInfo"]["reason"], "SESSION_LIMIT_REACHED")
        self.assertEqual(details["ErrorInfo"]["domain"], "weir")
        self.assertEqual(details["ErrorInfo"]["metadata"]["limit"], "3")
        self.assertEqual(details["QuotaFailure"]["violations"][0]["subject"], "user:alice")
        retry = float(details["RetryInfo"]["retry_delay"].rstrip("s"))
        self.assertGreater(retry, 0)
        self.assertLessEqual(retry, SILENCE_SECONDS)
        self.assertEqual(
            [session["session_id"] for session in details["SessionConflict"]["sessions"]],
            [session["session_id"] for session in held],
        )

        last_touch = time.monotonic()
        self.assertEqual(self.touch(held[0])["state"], "SESSION_STATE_ACTIVE")

        def admitted():
            try:
                return self.admit("live/4")
            except CallFailed as failure:
                self.assertEqual(details_of(failure)["ErrorInfo"]["reason"], "SESSION_LIMIT_REACHED")
                return None

        # Its own first three are silent; the last renewed one ends the last.
        self.assertEqual(wait_for("a slot is free", admitted)["stream_id"], "live/4")

        def expired():
            failure = self.refused_or_none(held[0])
            return failure and (failure, time.monotonic())

        failure, at = wait_for("the renewed session expires", expired)
        print(f"ended {at - last_touch:.2f} s after its last touch, of {SILENCE_SECONDS} s at least")
        info = details_of(failure)["ErrorInfo"]
        self.assertEqual(info["reason"], "SESSION_ENDED")
        self.assertEqual(info["metadata"]["end_reason"], "END_REASON_EXPIRED")
        self.assert_metrics_moved()

    def refused_or_none(self, session: dict) -> CallFailed | None:
        """Looks at a session without renewing it: a touch of another stream is refused first."""
        found = call(
            self.control.grpc_address,
            "SessionService/GetSession",
            session_id=session["session_id"],
        )["session"]
        if found["state"] != "SESSION_STATE_ENDED":
            return None
        return self.refused(self.touch, session)

    def assert_metrics_moved(self):
        control = self.control
        admissions = "weir_session_admissions_total"
        self.assertEqual(control.metric(admissions, kind="play", result="admitted"), 4)
        self.assertGreaterEqual(
            control.metric(admissions, result="refused", reason="SESSION_LIMIT_REACHED"), 1
        )
        wait_for(
            "the expiries are counted",
            lambda: control.metric("weir_session_ends_total", reason="expired") >= 3,
        )
        self.assertGreaterEqual(control.metric("weir_session_touches_total", result="renewed"), 4)
        self.assertGreaterEqual(
            control.metric(
                "grpc_server_handled_total", grpc_method="AdmitSession", grpc_code="OK"
            ),
            4,
        )

    def test_every_bad_field_is_named(self):
        failure = self.refused(
            call,
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id="x" * 129,
            stream_id="no-slash",
        )
        self.assertEqual(failure.code, "INVALID_ARGUMENT")
        details = details_of(failure)
        self.assertEqual(details["ErrorInfo"]["reason"], "INVALID_FIELD")
        fields = [each["field"] for each in details["BadRequest"]["field_violations"]]
        self.assertEqual(fields, ["user_id", "stream_id", "kind"])

    def test_a_kick_is_in_the_log_and_keeps_the_user_out(self):
        session = self.admit("live/1")
        call(
            self.control.grpc_address,
            "SessionService/KickSession",
            session_id=session["session_id"],
            message="house rules",
        )
        details = details_of(self.refused(self.admit, "live/1"))
        self.assertEqual(details["ErrorInfo"]["reason"], "USER_BLOCKED")
        self.assertIn("RetryInfo", details)
        kicked = wait_for("the event is logged", lambda: self.control.events("weir.session.kicked"))
        self.assertEqual(kicked[0]["session_id"], session["session_id"])
        audit = wait_for("the audit line", lambda: self.control.events("audit.kick"))
        self.assertEqual(audit[0]["result"], "OK")
        self.assertIn("127.0.0.1", audit[0]["caller"])


if __name__ == "__main__":
    case.main()
