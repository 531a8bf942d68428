"""The ways a media instance comes to its end, and what it says at the end."""

import signal
import time

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish_for_ever, make_source
from weir_e2e.services import request_shutdown
from weir_e2e.waiting import wait_for


class ShutdownCase(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.termination_log = self.folder / "termination-log"
        self.termination_log.touch()
        self.media_options = (*self.media_options, f"--termination-log={self.termination_log}")
        self.start_services()

    def start_stream(self) -> None:
        """A publisher and two players, who all stay."""
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.media.url("show", "alice")
        self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        self.wait_for_stream()
        for number in range(2):
            self.run_process(
                f"player {number}", ffmpeg_play(url, self.folder / f"frames-{number}")
            )
        wait_for("two players", lambda: self.media.metric("weir_players") == 2)
        wait_for("frames flow", lambda: self.media.metric("weir_egress_bytes_total") > 100_000)

    def wait_for_state(self, state: str) -> None:
        wait_for(
            f"the shutdown is {state}",
            lambda: self.media.metric("weir_shutdown_state", state=state) == 1,
        )

    def assert_ended(self, reason: str) -> None:
        self.assertEqual(self.media.wait(), 0)
        [stopped] = self.media.events("process.stopped")
        self.assertEqual(stopped["reason"], reason)
        self.assertEqual(self.termination_log.read_text(), reason)


class BusyTest(ShutdownCase):
    media_options = ("--drain-deadline=12s",)

    def setUp(self):
        super().setUp()
        self.start_stream()

    def test_streams_go_on_until_shortly_before_the_deadline(self):
        asked = time.monotonic()
        self.media.signal(signal.SIGTERM)
        wait_for("readiness is off", lambda: self.media.get("/readyz")[0] == 503)
        print(f"SIGTERM to readiness off: {1000 * (time.monotonic() - asked):.0f} ms")
        self.assertEqual(self.media.get("/livez")[0], 200)
        self.wait_for_state("draining")
        self.assertEqual(self.media.metric("weir_streams"), 1)
        late = self.run_process(
            "late player", ffmpeg_play(self.media.url("show", "carol"), self.folder / "late")
        )
        self.assertNotEqual(late.wait(), 0)
        # The publisher is closed before a keyframe. Its players stay until the deadline, to be fed
        # from wherever it comes back; here that is nowhere.
        self.assert_ended("the drain's deadline was over")
        print(f"SIGTERM to exit with a deadline of 12 s: {time.monotonic() - asked:.1f} s")
        self.assertEqual(self.media.events("process.reports_lost"), [])
        self.assertEqual(len(self.media.events("publish.interrupted")), 1)

    def test_a_second_sigterm_closes_at_once(self):
        self.media.signal(signal.SIGTERM)
        wait_for("readiness is off", lambda: self.media.get("/readyz")[0] == 503)
        self.media.signal(signal.SIGTERM)
        self.assert_ended("a second signal closed at once")
        self.assertEqual(self.media.events("process.reports_lost"), [])

    def test_the_last_stream_ends_it(self):
        self.media.signal(signal.SIGTERM)
        self.wait_for_state("draining")
        for client in self.clients():
            client.kill()
        self.assert_ended("all streams had ended or moved")

    def test_control_may_be_gone_by_then(self):
        self.control.kill()
        self.media.signal(signal.SIGTERM)
        self.wait_for_state("grace")
        self.media.signal(signal.SIGINT)
        self.assert_ended("interrupted")

    def test_a_prestop_waits_for_the_end(self):
        prestop = self.keep(request_shutdown(self.folder, self.media))
        self.wait_for_state("draining")
        self.assertTrue(prestop.running)
        for client in self.clients():
            client.kill()
        self.assert_ended("all streams had ended or moved")
        self.assertEqual(prestop.wait(), 0)

    def clients(self):
        return [each for each in self._processes if each.name.startswith(("publisher", "player"))]


class IdleTest(ShutdownCase):
    def test_an_idle_instance_goes_at_once(self):
        asked = time.monotonic()
        self.media.signal(signal.SIGTERM)
        self.assert_ended("all streams had ended or moved")
        print(f"SIGTERM to exit when idle: {1000 * (time.monotonic() - asked):.0f} ms")
        self.assertEqual(self.media.events("process.reports_lost"), [])

    def test_without_an_instance_a_prestop_says_so(self):
        self.media.signal(signal.SIGINT)
        self.assert_ended("interrupted")
        prestop = self.keep(request_shutdown(self.folder, self.media))
        self.assertEqual(prestop.wait(), 1)
        said = "\n".join(prestop.stderr_lines)
        self.assertRegex(said, r"no instance takes the request at \S+: Connection refused$")


class LifetimeTest(ShutdownCase):
    media_options = ("--instance-lifetime=1s",)

    def test_without_control_it_stays(self):
        self.control.kill()
        wait_for("it asks", lambda: self.media.events("shutdown.unanswered"))
        self.assertEqual(self.media.metric("weir_shutdown_state", state="asking"), 1)
        self.assertTrue(self.media.running)
        self.media.signal(signal.SIGINT)
        self.assert_ended("interrupted")


if __name__ == "__main__":
    main()
