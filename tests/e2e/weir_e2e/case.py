"""The test case that all end-to-end tests are: a folder, processes, and their logs on failure."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from .clients import ffmpeg_play, ffmpeg_publish
from .grpc_calls import call, sessions
from .process import Process
from .services import Control, Media
from .waiting import wait_for


# Sessions that end soon, and a lease below that which a busy machine keeps.
SHORT_LIVES = (
    "--instance-report-interval=1s",
    "--instance-lease=7s",
    "--session-start-timeout=7s",
    "--session-phase=1s",
    "--session-idle-phases=7",
)
# For instances that are silent for long.
LONG_LEASE = ("--instance-lease=2m", "--session-start-timeout=2m", "--session-idle-phases=12")
# For sessions that end at once, where no instance attaches.
LEAST_LEASE = ("--instance-report-interval=100ms", "--instance-lease=700ms")


class EndToEndCase(unittest.TestCase):
    # What each test's services are started with.
    control_options: tuple[str, ...] = ()
    media_options: tuple[str, ...] = ()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-e2e-"))
        self._processes: list[Process] = []
        # A cleanup, as tearDown is not called after a setUp of a class below that failed.
        self.addCleanup(self._end_processes)

    def _end_processes(self):
        """Ends what still runs, clients first; a service must end cleanly by itself."""
        unclean = []
        for process in reversed(self._processes):
            if not process.running:
                continue
            if isinstance(process, (Control, Media)):
                try:
                    code = process.terminate()
                    if code != 0:
                        unclean.append(f"{process.name} ended with exit code {code}")
                except AssertionError as error:
                    unclean.append(str(error))
            else:
                process.kill()
        if unclean or self._failed():
            for process in self._processes:
                print(process.report(), file=sys.stderr)
        shutil.rmtree(self.folder)
        self.assertEqual(unclean, [])

    def _failed(self) -> bool:
        result = self._outcome.result
        return any(test is self for test, _ in [*result.errors, *result.failures])

    def keep(self, process):
        """Makes this test end the process and show its output on failure."""
        self._processes.append(process)
        return process

    def run_process(self, name: str, arguments: list[str]) -> Process:
        return self.keep(Process(name, arguments, self.folder))

    def start_services(self) -> None:
        """Both services, ready, with the class's options."""
        self.control = self.start_control()
        self.media = self.start_media(self.control.grpc_address)

    def start_control(self, *options: str) -> Control:
        control = self.keep(Control(self.folder, *self.control_options, *options))
        control.wait_ready()
        return control

    def start_media(self, control_address: str, *options: str) -> Media:
        media = self.keep(Media(self.folder, control_address, *self.media_options, *options))
        media.wait_ready()
        wait_for("control places streams on it", lambda: self._is_active(control_address))
        return media

    @staticmethod
    def _is_active(control_address: str) -> bool:
        instances = call(control_address, "InstanceService/ListInstances").get("instances", [])
        return any(each["state"] == "INSTANCE_STATE_ACTIVE" for each in instances)

    def start_watched_stream(self, name: str, source: Path, listing: Path):
        """alice publishes a file to bob, who waited for it; returns publisher and player."""
        player = self.run_process("player", ffmpeg_play(self.media.url(name, "bob"), listing))
        self.wait_for_sessions(1, user_id="bob", stream_id=f"live/{name}")
        publisher = self.run_process(
            "publisher", ffmpeg_publish(source, self.media.url(name, "alice"))
        )
        return publisher, player

    def sessions(self, **filters) -> list[dict]:
        return sessions(self.control.grpc_address, **filters)

    def wait_for_sessions(self, count: int, **filters) -> list[dict]:
        def found():
            live = self.sessions(**filters)
            return (live,) if len(live) == count else None

        return wait_for(f"{count} sessions of {filters}", found)[0]

    def wait_for_stream(self, count: int = 1) -> None:
        wait_for(f"{count} streams live", lambda: self.media.metric("weir_streams") == count)


def main() -> None:
    unittest.main(verbosity=2, failfast=False)
