"""Every metric that control declares moves when what it tells of happens."""

import re
import resource

from weir_e2e.case import SHORT_LIVES, EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.waiting import wait_for

# Shown by the tests of shutdown.
ELSEWHERE = ("weir_shutdown_", "weir_drain_")


class ControlMetricsTest(EndToEndCase):
    control_options = SHORT_LIVES
    # So that the instance has a capacity to tell.
    media_options = ("--limit-publishers=10",)

    def admit(self, user: str, kind: str, **more) -> dict:
        return call(
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id=user,
            stream_id="live/m",
            kind=f"SESSION_KIND_{kind}",
            **more,
        )["session"]

    def refused(self, *arguments, **more) -> None:
        with self.assertRaises(CallFailed):
            self.admit(*arguments, **more)

    def look(self) -> None:
        """Notes which metrics are there, and which are more than zero."""
        for line in self.control.get("/metrics")[1].splitlines():
            declared = re.fullmatch(r"# TYPE (weir_\w+) \w+", line)
            if declared and not declared[1].startswith(ELSEWHERE):
                self.declared.add(declared[1])
            sample = re.fullmatch(r"(weir_\w+?)(?:_sum)?(?:\{.*\})? (\S+)", line)
            if sample and not sample[1].endswith(("_bucket", "_count")) and float(sample[2]) > 0:
                self.moved.add(sample[1])

    def play_and_lapse(self) -> None:
        held = self.admit("alice", "PLAY")
        self.look()
        call(
            self.control.grpc_address,
            "SessionService/TouchSession",
            session_id=held["session_id"],
            user_id="alice",
            stream_id="live/m",
        )
        lapsed = lambda: self.control.metric("weir_session_ends_total", reason="expired")  # noqa: E731
        wait_for("it expires", lambda: lapsed() >= 1)
        self.look()

    def publish_and_refuse(self) -> None:
        source = make_source(self.folder / "source.flv", seconds=2)
        self.run_process(
            "publisher", ffmpeg_publish_for_ever(source, self.media.url("m", "carol"))
        )
        self.wait_for_sessions(1, user_id="carol")
        self.refused("dave", "PUBLISH")
        instance = call(self.control.grpc_address, "InstanceService/ListInstances")["instances"][0]
        self.refused(
            "dave", "PLAY", instance_id=instance["instance_id"], incarnation="of an earlier process"
        )
        wait_for(
            "the instance reports its stream",
            lambda: self.control.metric("weir_instance_streams") >= 1,
        )
        self.look()

    def fill_the_disk(self) -> None:
        unlimited = resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        self.refused("erin", "PLAY")
        self.look()
        resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE, unlimited)
        wait_for("the store is back", lambda: self.control.metric("weir_store_up") == 1)

    def test_each_one_moves(self):
        self.declared: set[str] = set()
        self.moved: set[str] = set()
        self.start_services()
        self.play_and_lapse()
        self.publish_and_refuse()
        self.fill_the_disk()
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        self.look()
        self.assertGreater(len(self.declared), 15)
        self.assertEqual(self.declared - self.moved, set())


if __name__ == "__main__":
    main()
