"""Operators' calls about instances and streams, and control killed in the middle of a drain."""

from weir_e2e import case
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.waiting import wait_for


class DrainApiTest(case.EndToEndCase):
    def start_fleet(self, *options: str):
        control = self.start_control(*options)
        for name in ("media-a", "media-b"):
            self.start_media(control.grpc_address, f"--instance-id={name}")
        wait_for("both take streams", lambda: self.states(control) == ["ACTIVE", "ACTIVE"])
        return control

    def states(self, control) -> list[str]:
        listed = call(control.grpc_address, "InstanceService/ListInstances").get("instances", [])
        return [instance["state"].removeprefix("INSTANCE_STATE_") for instance in listed]

    def ask(self, control, method: str, **request) -> dict:
        return call(control.grpc_address, method, **request)

    def test_cordon_keeps_new_streams_away(self):
        control = self.start_fleet()
        self.ask(control, "InstanceService/CordonInstance", instance_id="media-a")
        picked = self.ask(control, "StreamService/PickInstance")
        self.assertEqual(picked["route"]["instance_id"], "media-b")
        back = self.ask(control, "InstanceService/UncordonInstance", instance_id="media-a")
        self.assertNotIn("cordoned", back["instance"])
        wait_for("the audit line", lambda: len(control.events("audit.cordon")) == 1)

    def test_a_second_drain_is_denied_and_a_freeze_holds(self):
        control = self.start_fleet("--shutdown-retry-after=5s")
        frozen = self.ask(control, "InstanceService/SetDrainFreeze", frozen=True, message="final")
        self.assertTrue(frozen["freeze"]["frozen"])
        denied = self.ask(control, "InstanceService/DrainInstance", instance_id="media-a")
        self.assertEqual(denied["denial"]["reason"], "DENIAL_REASON_FROZEN")
        self.assertEqual(denied["denial"]["retry_after"], "5s")
        self.ask(control, "InstanceService/SetDrainFreeze", frozen=False)
        granted = self.ask(control, "InstanceService/DrainInstance", instance_id="media-a")
        self.assertEqual(granted["grant"]["cause"], "SHUTDOWN_CAUSE_OPERATOR")
        denied = self.ask(control, "InstanceService/DrainInstance", instance_id="media-b")
        self.assertEqual(denied["denial"]["reason"], "DENIAL_REASON_TOO_MANY_DRAINING")
        self.assertEqual(denied["denial"]["queue_position"], 1)
        self.assertEqual(
            control.metric("weir_shutdown_requests_total", cause="operator", decision="granted"), 1
        )

    def test_a_drain_survives_the_kill_of_control(self):
        control = self.start_fleet()
        granted = self.ask(
            control,
            "InstanceService/DrainInstance",
            instance_id="media-a",
            grace_period="600s",
            deadline="900s",
        )
        control.kill()
        again = self.keep(control.start_again())
        again.wait_ready()
        drained = self.ask(again, "InstanceService/GetInstance", instance_id="media-a")["instance"]
        self.assertEqual(
            drained["drain"]["drain_generation"], granted["grant"]["drain_generation"]
        )
        self.assertEqual(drained["drain"]["cause"], "SHUTDOWN_CAUSE_OPERATOR")
        denied = self.ask(again, "InstanceService/DrainInstance", instance_id="media-b")
        self.assertIn("denial", denied)
        back = self.ask(again, "InstanceService/CancelDrain", instance_id="media-a")
        self.assertNotIn("drain", back["instance"])

    def test_what_is_refused_says_why(self):
        control = self.start_fleet()
        for method, request, reason in (
            ("InstanceService/DrainInstance", {"instance_id": "x"}, "INSTANCE_NOT_FOUND"),
            ("InstanceService/CancelDrain", {"instance_id": "media-a"}, "INVALID_STATE"),
            ("StreamService/MoveStream", {"stream_id": "live/none"}, "STREAM_NOT_FOUND"),
            (
                "InstanceService/RequestShutdown",
                {
                    "instance_id": "media-a",
                    "incarnation": "older",
                    "cause": "SHUTDOWN_CAUSE_SIGTERM",
                },
                "STALE_INCARNATION",
            ),
        ):
            with self.assertRaises(CallFailed) as failed:
                self.ask(control, method, **request)
            self.assertIn(reason, failed.exception.text)


if __name__ == "__main__":
    case.main()
