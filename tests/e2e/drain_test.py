"""Four instances, real encoders, and one that has to go: its streams go on in the same sessions."""

import signal
import time

from weir_e2e.case import main
from weir_e2e.fleet import FleetCase
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for


class EncodersCase(FleetCase):
    def setUp(self):
        super().setUp()
        self.publish_from_ffmpeg()
        self.publish_from_gstreamer()
        self.publish_from_weir_load(2)
        self.watch_all(4)


class LifetimeTest(EncodersCase):
    here_options = ("--instance-lifetime=1s",)

    def before_start(self) -> None:
        # It stays until its streams run.
        self.ask("InstanceService/SetDrainFreeze", frozen=True)

    def test_an_instance_whose_time_is_over_asks_and_goes(self):
        leaving = self.here
        wait_for("it is denied", lambda: leaving.events("shutdown.denied"))
        self.assertEqual(leaving.events("shutdown.denied")[0]["reason"], "frozen")
        self.ask("InstanceService/SetDrainFreeze", frozen=False)
        self.wait_for_move(leaving)
        self.assert_left(leaving)
        [granted] = leaving.events("shutdown.granted")
        self.assertEqual(granted["cause"], "lifetime")
        self.come_back(leaving)
        self.end_streams()


class SigtermTest(EncodersCase):
    here_options = ("--drain-deadline=20s",)

    def test_sigterm_with_20_seconds(self):
        leaving, asked = self.here, time.monotonic()
        leaving.signal(signal.SIGTERM)
        self.wait_for_move(leaving)
        self.assert_left(leaving)
        print(f"SIGTERM to exit with 20 s: {time.monotonic() - asked:.1f} s")
        self.come_back(leaving)
        self.end_streams()


class OperatorTest(EncodersCase):
    def test_an_operators_drain_moves_streams(self):
        leaving = self.here
        answer = self.ask("InstanceService/DrainInstance", instance_id=leaving.instance_id)
        self.assertIn("grant", answer)
        self.wait_for_move(leaving)
        self.assert_left(leaving)
        self.come_back(leaving)
        self.end_streams()

    def test_a_drain_taken_back_leaves_everything_as_it_was(self):
        self.ask(
            "InstanceService/DrainInstance",
            instance_id=self.here.instance_id,
            grace_period="0s",
            migrate_after="600s",
            deadline="1200s",
        )
        self.wait_for_state(self.here, "DRAINING")
        wait_for(
            "it drains", lambda: self.here.metric("weir_shutdown_state", state="draining") == 1
        )
        self.assertEqual(self.here.get("/readyz")[0], 503)
        with RtmpClient(self.here.rtmp_address) as late:
            late.connect("live")
            status = late.publish(late.create_stream(), "late?user=late")
        self.assertEqual(status["code"], "NetStream.Publish.Denied")
        self.assertRegex(status["description"], "; go to rtmp://127.0.0.1:[0-9]+; retry in 1 s$")
        before = self.publish_sessions()
        self.ask("InstanceService/CancelDrain", instance_id=self.here.instance_id)
        self.here.wait_ready()
        self.wait_for_state(self.here, "ACTIVE")
        after = self.publish_sessions()
        self.assertEqual(
            {stream: each["epoch"] for stream, each in after.items()},
            {stream: each["epoch"] for stream, each in before.items()},
        )
        self.end_streams()


class MoveTest(FleetCase):
    def test_an_operator_moves_a_stream(self):
        self.publish_from_ffmpeg()
        self.publish_from_weir_load(1)
        self.watch_all(2)
        before, target = self.publish_sessions(), self.fleet[2]
        # In this order: when the second has gone, the first has been asked, and stays. To the server
        # it looks like an ffmpeg that would not come back.
        for stream in ("live/ffmpeg", "live/load-0"):
            self.ask(
                "StreamService/MoveStream",
                stream_id=stream,
                target_instance_id=target.instance_id,
            )
        moved = wait_for(
            "it is where it was sent",
            lambda: (now := self.publish_sessions())["live/load-0"]["instance_id"]
            == target.instance_id and now,
        )  # fmt: skip
        self.assert_same_sessions()
        self.assertEqual(moved["live/ffmpeg"]["epoch"], before["live/ffmpeg"]["epoch"])
        self.assertEqual(moved["live/ffmpeg"]["instance_id"], self.here.instance_id)
        self.wait_until_all_are_seen()
        self.end_streams()


if __name__ == "__main__":
    main()
