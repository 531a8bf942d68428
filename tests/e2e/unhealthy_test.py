"""A worker of an instance stands still: it asks to go, and its streams go on elsewhere."""

from weir_e2e.case import main
from weir_e2e.fleet import FleetCase
from weir_e2e.stopped_thread import StoppedThread
from weir_e2e.waiting import wait_for

# The thread that does not accept connections.
_WORKER = "worker-1"


class StalledWorkerTest(FleetCase):
    # Who publishes to a worker that stands still is not heard of before its process has ended.
    control_options = (*FleetCase.control_options, "--session-idle-phases=12")
    here_options = ("--workers=2",)

    def setUp(self):
        super().setUp()
        # One a worker: the second of them is on the one that will stand still, and comes back by
        # itself once its connection is gone.
        self.publish_from_weir_load(1)
        wait_for("the first is live", lambda: self.here.metric("weir_streams") == 1)
        self.publish_from_ffmpeg()
        self.watch_all(2)

    def stop_worker(self) -> StoppedThread:
        stopped = StoppedThread(self.here, _WORKER)
        wait_for("it asks to go", lambda: self.here.events("shutdown.asked"))
        self.assertEqual(self.here.events("shutdown.asked")[0]["cause"], "unhealthy")
        self.assertEqual(self.here.events("worker.stalled")[0]["workers"], 1)
        wait_for("it is not ready", lambda: self.here.get("/readyz")[0] == 503)
        self.assertEqual(self.here.metric("weir_workers_stalled"), 1)
        self.assertEqual(self.here.get("/readyz"), (503, "not ready: a worker stands still\n"))
        self.assertEqual(self.here.get("/livez")[0], 200)
        return stopped

    def test_an_instance_with_a_stalled_worker_asks_and_goes(self):
        leaving = self.here
        stopped = self.stop_worker()
        self.wait_for_move(leaving)
        stopped.wait_for_death()
        self.assert_left(leaving)
        self.assertEqual(len(leaving.events("worker.left")), 1)
        [granted] = leaving.events("shutdown.granted")
        self.assertEqual(granted["cause"], "unhealthy")
        self.come_back(leaving)
        self.end_streams()

    def test_a_worker_that_turns_again_ends_the_asking(self):
        self.ask("InstanceService/SetDrainFreeze", frozen=True)
        before = self.publish_sessions()
        stopped = self.stop_worker()
        wait_for("it is denied", lambda: self.here.events("shutdown.denied"))
        stopped.resume()
        self.here.wait_ready()
        wait_for(
            "it serves", lambda: self.here.metric("weir_shutdown_state", state="serving") == 1
        )
        self.assertEqual(self.here.metric("weir_workers_stalled"), 0)
        wait_for("it says so", lambda: self.here.events("worker.recovered"))
        self.ask("InstanceService/SetDrainFreeze", frozen=False)
        self.wait_until_all_are_seen()
        self.assertEqual(
            {stream: (each["session_id"], each["epoch"]) for stream, each in before.items()},
            {
                stream: (each["session_id"], each["epoch"])
                for stream, each in self.publish_sessions().items()
            },
        )
        self.end_streams()


if __name__ == "__main__":
    main()
