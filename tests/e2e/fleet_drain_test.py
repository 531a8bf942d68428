"""What befalls a fleet: all want to go at once, one is killed, control is killed in mid-drain."""

from weir_e2e.case import main
from weir_e2e.fleet import FleetCase
from weir_e2e.waiting import wait_for


class AllAtOnceTest(FleetCase):
    here_options = there_options = ("--instance-lifetime=1s",)

    def before_start(self) -> None:
        self.ask("InstanceService/SetDrainFreeze", frozen=True)

    def test_one_goes_after_the_other(self):
        self.publish_from_weir_load(4)
        self.watch_all(4)
        staying = list(self.fleet)
        wait_for("all ask", lambda: all(each.events("shutdown.denied") for each in staying))
        self.ask("InstanceService/SetDrainFreeze", frozen=False)
        while staying:
            leaving = wait_for(
                "one has gone", lambda: next((each for each in staying if not each.running), None)
            )
            staying.remove(leaving)
            self.assert_left(leaving)
            self.come_back(leaving)
        self.wait_until_all_are_seen()
        self.assert_same_sessions()
        self._assert_in_turn()
        self.end_streams()

    def _assert_in_turn(self) -> None:
        """By control's record: each drain began after the one before it was over."""
        steps = [
            event["event"].removeprefix("weir.instance.")
            for event in self.control.events()
            if event["event"] in ("weir.instance.grace", "weir.instance.stopped")
        ]
        self.assertEqual(steps, ["grace", "stopped"] * 4)
        denials = [denial for each in self.gone for denial in each.events("shutdown.denied")]
        self.assertIn("too_many_draining", {denial["reason"] for denial in denials})
        self.assertEqual({denial["retry_after_ms"] for denial in denials}, {1000})
        self.assertEqual(
            [event["cause"] for each in self.gone for event in each.events("shutdown.granted")],
            ["lifetime"] * 4,
        )


class KillTest(FleetCase):
    def test_a_killed_instance_costs_a_reconnect(self):
        self.publish_from_ffmpeg()
        self.publish_from_gstreamer()
        self.watch_all(2)
        killed = self.here
        killed.kill()
        self.come_back(killed)
        self.wait_for_move(killed)
        self.end_streams()


class ControlKilledTest(FleetCase):
    def test_a_drain_goes_on_after_a_kill_of_control(self):
        self.publish_from_ffmpeg()
        self.publish_from_weir_load(3)
        self.watch_all(4)
        leaving = self.here
        self.ask(
            "InstanceService/DrainInstance",
            instance_id=leaving.instance_id,
            migrate_after="3s",
            deadline="30s",
        )
        self.wait_for_state(leaving, "DRAINING")
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.controls.append(self.control)
        self.control.wait_ready()
        self.wait_for_move(leaving)
        self.assert_left(leaving)
        self.wait_for_state(leaving, "STOPPED")
        self.end_streams()


if __name__ == "__main__":
    main()
