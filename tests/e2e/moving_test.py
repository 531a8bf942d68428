"""Streams go on at another instance when theirs has to go: real encoders, one session throughout."""

import signal

from weir_e2e.balancer import Balancer
from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_through_fifo, gst_encode_for_ever, make_source
from weir_e2e.grpc_calls import call
from weir_e2e.waiting import wait_for

_ACTIVE = ["SESSION_STATE_ACTIVE"]


class MovingCase(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self.here = self.start_media(self.control.grpc_address, "--instance-id=here")
        self.there = self.start_media(self.control.grpc_address, "--instance-id=there")
        wait_for("both are there", lambda: len(self.active_instances()) == 2)

    def active_instances(self) -> list[dict]:
        found = call(self.control.grpc_address, "InstanceService/ListInstances")
        return [
            each for each in found.get("instances", []) if each["state"] == "INSTANCE_STATE_ACTIVE"
        ]


class EncoderTest(MovingCase):
    media_options = ("--drain-deadline=16s",)

    def test_ffmpeg_through_its_fifo_goes_on_elsewhere(self):
        balancer = Balancer([self.here, self.there])
        self.addCleanup(balancer.close)
        source = make_source(self.folder / "source.flv", seconds=2)
        self.run_process(
            "publisher", ffmpeg_publish_through_fifo(source, balancer.url("show", "alice"))
        )
        [before] = self.wait_for_sessions(1, user_id="alice", states=_ACTIVE)
        wait_for("it is here", lambda: self.here.metric("weir_streams") == 1)

        self.here.signal(signal.SIGTERM)
        wait_for("it is there", lambda: self.there.metric("weir_streams") == 1)
        self.assertEqual(self.here.wait(), 0)
        self.assertEqual(self.here.events("process.reports_lost"), [])

        def adopted():
            [after] = self.sessions(user_id="alice")
            return int(after["epoch"]) > int(before["epoch"]) and after

        after = wait_for("the same session, at a higher epoch", adopted)
        self.assertEqual(after["session_id"], before["session_id"])
        self.assertEqual(len(self.here.events("publish.interrupted")), 1)
        self.assertEqual(self.here.events("publish.completed"), [])

    def test_gstreamer_is_served_to_the_end_and_goes_on_once_started_again(self):
        """Its sinks do not reconnect: the pipeline ends, and what supervises it starts it anew."""
        balancer = Balancer([self.here, self.there])
        self.addCleanup(balancer.close)
        sinks = {"alice": "rtmp2sink", "bob": "rtmpsink"}

        def start(user: str):
            url = balancer.url(user, user)
            return self.run_process(sinks[user], gst_encode_for_ever(sinks[user], url))

        pipelines = [start(user) for user in sinks]
        wait_for("both are here", lambda: self.here.metric("weir_streams") == 2)
        before = {
            user: self.wait_for_sessions(1, user_id=user, states=_ACTIVE)[0] for user in sinks
        }

        self.here.signal(signal.SIGTERM)
        for pipeline in pipelines:
            self.assertNotEqual(pipeline.wait(), 0)
        # They are started once, and give up where nobody answers.
        self.assertEqual(self.here.wait(), 0)
        for user in sinks:
            start(user)
        wait_for("both are there", lambda: self.there.metric("weir_streams") == 2)
        for user, session in before.items():
            [after] = self.wait_for_sessions(1, user_id=user, states=_ACTIVE)
            self.assertEqual(after["session_id"], session["session_id"])
            self.assertGreater(int(after["epoch"]), int(session["epoch"]))

        steps = [event.get("to", event["event"]) for event in self.here.events()]
        self.assertLess(steps.index("draining"), steps.index("publish.interrupted"))
        self.assertEqual(steps.count("publish.interrupted"), 2)
        self.assertEqual(steps.count("process.reports_lost"), 0)


if __name__ == "__main__":
    main()
