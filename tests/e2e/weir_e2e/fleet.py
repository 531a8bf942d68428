"""One control and four media instances behind a balancer, with real encoders and a viewer each."""

import json
import signal
import threading
from pathlib import Path

from .balancer import Balancer
from .case import EndToEndCase
from .clients import ffmpeg_publish_through_fifo, gst_encode_for_ever, make_source
from .grpc_calls import call
from .process import Process
from .services import BIN_DIR, Control, Media
from .viewer import Viewer
from .waiting import wait_for

_NAMES = ("media-1", "media-2", "media-3", "media-4")
LIVE_STATES = ["SESSION_STATE_PENDING", "SESSION_STATE_ACTIVE", "SESSION_STATE_IDLE"]
_ENDS = ("released", "completed", "failed", "expired", "kicked", "replaced")
_RESTART_PAUSE_SECONDS = 0.5


class Supervised:
    """A client that is started anew whenever it ends, as under systemd, until `stop`."""

    def __init__(self, start):
        self._start = start
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._process: Process = start()
        self._thread.start()

    def stop(self) -> None:
        """Lets the client end in order."""
        self._stopping.set()
        self._thread.join()
        self._process.signal(signal.SIGINT)
        self._process.wait()

    def _run(self) -> None:
        while not self._stopping.wait(_RESTART_PAUSE_SECONDS):
            if not self._process.running:
                self._process = self._start()


class Member(Media):
    def __init__(self, cwd: Path, control_address: str, name: str, *options: str):
        super().__init__(cwd, control_address, f"--instance-id={name}", *options)
        self.instance_id = name


class FleetCase(EndToEndCase):
    """`here` is the instance that the balancer prefers: all streams begin there."""

    control_options = (
        "--shutdown-grace=1s",
        "--shutdown-migrate-after=2s",
        "--shutdown-deadline=12s",
        "--shutdown-retry-after=1s",
    )
    # Of every instance's first process, and of the one that is to go.
    here_options: tuple[str, ...] = ()
    there_options: tuple[str, ...] = ()

    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self.controls: list[Control] = [self.control]
        # The balancer's list, too: the first that is ready gets the next connection.
        self.fleet: list[Member] = []
        self.gone: list[Member] = []
        self._incarnations: dict[str, str] = {}
        self._supervised: list[Supervised] = []
        self._viewers: list[Viewer] = []
        self._publish_sessions: dict[str, dict] = {}
        self.ffmpeg: Process | None = None
        self.load: Process | None = None
        self.before_start()
        for name in _NAMES:
            options = self.here_options if name == _NAMES[0] else self.there_options
            self.fleet.append(self._start_instance(name, *options))
        self.balancer = Balancer(self.fleet)
        self.addCleanup(self.balancer.close)

    def tearDown(self):
        for viewer in self._viewers:
            viewer.stop()
        for client in self._supervised:
            client.stop()
        super().tearDown()

    def before_start(self) -> None:
        """What is asked of control before there is any instance."""

    @property
    def here(self) -> Member:
        return self.fleet[0]

    def _start_instance(self, name: str, *options: str) -> Member:
        before = self._incarnations.get(name)
        member = self.keep(Member(self.folder, self.control.grpc_address, name, *options))
        member.wait_ready()

        def active():
            found = self.instances().get(name, {})
            new = found.get("incarnation_digest") != before
            return new and found.get("state") == "INSTANCE_STATE_ACTIVE" and found

        self._incarnations[name] = wait_for(f"{name} is active", active)["incarnation_digest"]
        return member

    # What control says.

    def ask(self, method: str, **request) -> dict:
        return call(self.control.grpc_address, method, **request)

    def instances(self) -> dict[str, dict]:
        """By name."""
        found = self.ask("InstanceService/ListInstances").get("instances", [])
        return {each["instance_id"]: each for each in found}

    def wait_for_state(self, member: Member, state: str) -> None:
        wait_for(
            f"{member.instance_id} is {state}",
            lambda: self.instances()[member.instance_id]["state"] == f"INSTANCE_STATE_{state}",
        )

    def control_events(self, name: str) -> list[dict]:
        """Of all its processes."""
        return [event for control in self.controls for event in control.events(name)]

    def publish_sessions(self) -> dict[str, dict]:
        """The live ones, by stream."""
        found = self.sessions(kind="SESSION_KIND_PUBLISH", states=LIVE_STATES)
        by_stream = {each["stream_id"]: each for each in found}
        self.assertEqual(len(by_stream), len(found), "a stream is counted twice")
        return by_stream

    # The clients.

    def publish_from_ffmpeg(self) -> None:
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.balancer.url("ffmpeg", "ffmpeg")
        self.ffmpeg = self.run_process("ffmpeg", ffmpeg_publish_through_fifo(source, url))

    def publish_from_gstreamer(self) -> None:
        command = gst_encode_for_ever("rtmp2sink", self.balancer.url("gstreamer", "gstreamer"))
        self._supervised.append(Supervised(lambda: self.run_process("gstreamer", command)))

    def publish_from_weir_load(self, streams: int) -> None:
        """Publishers that understand ReconnectRequest."""
        self._load_summary = self.folder / "summary.json"
        self.load = self.run_process(
            "weir-load",
            [
                str(BIN_DIR / "weir-load"),
                self.balancer.url("load-{stream}", "load-{client}"),
                f"--publishers={streams}",
                "--players=0",
                "--duration=10m",
                "--bitrate=200",
                "--keyframe-interval=1s",
                f"--json={self._load_summary}",
            ],
        )

    def watch_all(self, streams: int) -> None:
        """Once all are live here, each gets a viewer."""

        def all_live():
            found = self.publish_sessions()
            live = [s for s in found.values() if s["state"] == "SESSION_STATE_ACTIVE"]
            return found if len(live) == streams else None

        self._publish_sessions = wait_for(f"{streams} streams are live", all_live)
        self.assertEqual(self.here.metric("weir_streams"), streams)
        self._viewers = [
            Viewer(self.control.grpc_address, stream, f"viewer-of-{stream.split('/')[1]}")
            for stream in self._publish_sessions
        ]
        wait_for("each is watched", lambda: all(each.frames > 0 for each in self._viewers))

    # What a drain leads to.

    def come_back(self, member: Member, *options: str) -> None:
        """Its orchestrator starts the instance anew, in the place where the balancer knows it."""
        again = self._start_instance(member.instance_id, *options)
        self.fleet[self.fleet.index(member)] = again
        self.gone.append(member)

    def assert_left(self, member: Member) -> None:
        """In order, with all its streams at others; its last player may have stayed to the end."""
        self.assertEqual(member.wait(), 0)
        [stopped] = member.events("process.stopped")
        self.assertIn(
            stopped["reason"], ("all streams had ended or moved", "the drain's deadline was over")
        )
        self.assertEqual(member.events("process.reports_lost"), [])
        self.assertEqual(member.events("publish.completed"), [])

    def wait_for_move(self, away_from: Member) -> None:
        """Every stream is live elsewhere, in the session that it had, and is seen there."""

        def moved():
            now = self.publish_sessions()
            return all(
                now[stream]["state"] == "SESSION_STATE_ACTIVE"
                and int(now[stream]["epoch"]) > int(before["epoch"])
                for stream, before in self._publish_sessions.items()
                if before["instance_id"] == away_from.instance_id and stream in now
            )

        wait_for(f"all streams have left {away_from.instance_id}", moved)
        self.assert_same_sessions()
        self._publish_sessions = self.publish_sessions()
        self.wait_until_all_are_seen()

    def wait_until_all_are_seen(self) -> None:
        """From now on: what a viewer had before does not count."""
        seen = [each.frames for each in self._viewers]
        wait_for(
            "each is seen again",
            lambda: all(
                viewer.frames > frames for viewer, frames in zip(self._viewers, seen, strict=True)
            ),
        )

    def assert_same_sessions(self) -> None:
        self.assertEqual(
            {stream: each["session_id"] for stream, each in self.publish_sessions().items()},
            {stream: each["session_id"] for stream, each in self._publish_sessions.items()},
        )
        admitted = {
            event["session_id"]
            for event in self.control_events("weir.session.admitted")
            if event["kind"] == "publish"
        }
        self.assertEqual(len(admitted), len(self._publish_sessions))

    def end_streams(self) -> None:
        """All publishers end in order; each stream is recorded once."""
        for viewer in self._viewers:
            viewer.stop()
        for client in self._supervised:
            client.stop()
        if self.ffmpeg:
            self.ffmpeg.terminate()
        if self.load:
            self.assertEqual(self.load.terminate(), 0)
        wait_for("all sessions have ended", lambda: not self.publish_sessions())
        ended = sorted(each["session_id"] for each in self._publish_sessions.values())
        wait_for("all ends are logged", lambda: len(self._ends()) >= len(ended))
        self.assertEqual(sorted(self._ends()), ended)
        self._print_gaps()

    def _ends(self) -> list[str]:
        """The publish sessions whose end is recorded, each as often as it is."""
        return [
            event["session_id"]
            for end in _ENDS
            for event in self.control_events(f"weir.session.{end}")
            if event["kind"] == "publish"
        ]

    def _print_gaps(self) -> None:
        gaps = sorted(each.longest_gap for each in self._viewers)
        print(f"longest gap of a viewer, of {len(gaps)}: median {gaps[len(gaps) // 2]:.2f} s, "
              f"most {gaps[-1]:.2f} s")  # fmt: skip
        if self.load:
            gap = json.loads(self._load_summary.read_text())["move_gap"]
            print(f"gap of {gap['count']} moved by ReconnectRequest: p50 {gap['p50_ms']:.0f} ms, "
                  f"most {gap['max_ms']:.0f} ms")  # fmt: skip
