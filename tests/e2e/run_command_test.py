"""./weir run as a newcomer uses it: what it prints works, Ctrl-C ends both, a taken port is told."""

import os
import signal
import socket
from pathlib import Path

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish, make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.grpc_calls import sessions
from weir_e2e.process import Process, free_port
from weir_e2e.waiting import wait_for

_CHECKOUT = Path(__file__).parents[2]
_PORTS = ("rtmp-port", "grpc-port", "control-metrics-port", "media-metrics-port")


def child_of(parent: Process, name: str) -> int:
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    [found] = [pid for pid in children if Path(f"/proc/{pid}/comm").read_text() == f"{name}\n"]
    return int(found)


class RunCommandTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.ports = {name: free_port() for name in _PORTS}

    def weir_run(self) -> Process:
        options = [word for name, port in self.ports.items() for word in (f"--{name}", str(port))]
        return self.keep(
            Process(
                "weir run",
                ["./weir", "run", *options],
                _CHECKOUT,
                {"WEIR_STORE_PATH": str(self.folder / "control.db")},
            )
        )

    def started(self) -> Process:
        run = self.weir_run()

        def says_so():
            self.assertTrue(run.running, run.report())
            return "Ctrl-C ends both." in run.stdout_lines

        wait_for("both services run", says_so)
        return run

    def test_what_it_starts_serves_until_ctrl_c(self):
        run = self.started()
        rtmp = f"rtmp://127.0.0.1:{self.ports['rtmp-port']}/live"
        said = "\n".join(run.stdout_lines)
        for expected in (rtmp, "ffmpeg -re", "ffplay", "grpcurl -plaintext"):
            self.assertIn(expected, said)
        source, listing = make_source(self.folder / "source.flv", seconds=1), self.folder / "played"
        control = f"127.0.0.1:{self.ports['grpc-port']}"
        player = self.run_process("player", ffmpeg_play(f"{rtmp}/show?user=bob", listing))
        wait_for("bob waits", lambda: sessions(control, user_id="bob"))
        publisher = self.run_process(
            "publisher", ffmpeg_publish(source, f"{rtmp}/show?user=alice")
        )
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(source), parse(listing.read_text()))

        run.signal(signal.SIGINT)
        self.assertEqual(run.wait(), 130)
        self.assertEqual(run.stdout_lines[-2:], ["weir-media ended", "weir-control ended"])
        for port in self.ports.values():
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5)

    def test_a_service_that_is_killed_is_told(self):
        run = self.started()
        os.kill(child_of(run, "weir-media"), signal.SIGKILL)
        self.assertEqual(run.wait(), 1)
        self.assertIn("weir-media was killed by signal 9 (SIGKILL)", "\n".join(run.stderr_lines))

    def test_a_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.ports["grpc-port"] = taken.getsockname()[1]
            run = self.weir_run()
            self.assertNotEqual(run.wait(), 0)
        told = "\n".join(run.stderr_lines)
        self.assertIn(f"port {self.ports['grpc-port']} is taken", told)
        self.assertIn("--grpc-port", told)


if __name__ == "__main__":
    main()
