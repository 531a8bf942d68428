"""What control answered outlives it: killed, copied, damaged, started twice."""

import os
import resource
import subprocess

from weir_e2e.case import LEAST_LEASE, EndToEndCase, main
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.process import Process
from weir_e2e.services import BIN_DIR, Control
from weir_e2e.waiting import wait_for

LIMIT = 3
KILLS = int(os.environ.get("WEIR_STORE_KILLS", "5"))
ANSWERS_BEFORE_A_KILL = 200


class StoreTest(EndToEndCase):
    control_options = ("--session-start-timeout=2m",)

    def store(self) -> str:
        return str(self.folder / "weir-control.db")

    def admit(self, user: str, stream: str = "live/one") -> str:
        return call(
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id=user,
            stream_id=stream,
            kind="SESSION_KIND_PLAY",
        )["session"]["session_id"]

    def live_ids(self) -> list[str]:
        return sorted(session["session_id"] for session in self.sessions())

    def control_command(self, *options: str) -> Process:
        """A weir-control that does one thing and ends."""
        command = self.run_process("weir-control", [str(BIN_DIR / "weir-control"), *options])
        command.wait()
        return command

    def check(self, ids: list[str]) -> None:
        checked = subprocess.run(
            [BIN_DIR / "admit-storm", self.control.grpc_address, "check", str(LIMIT)],
            input="\n".join(ids),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(checked.returncode, 0, checked.stderr[-2000:])

    def test_killed_under_load_it_forgets_no_answer(self):
        self.control = self.start_control()
        answered: list[str] = []
        for kill in range(KILLS):
            storm = self.run_process(
                f"storm {kill}",
                [str(BIN_DIR / "admit-storm"), self.control.grpc_address, "storm"],
            )
            wait_for(
                "answers come",
                lambda: len(storm.stdout_lines) >= ANSWERS_BEFORE_A_KILL or not storm.running,
            )
            self.control.kill()
            self.assertEqual(storm.wait(), 0)
            answered += storm.stdout_lines
            self.control = self.keep(self.control.start_again())
            self.control.wait_ready()
            self.check(answered)

    def test_callers_at_once_never_get_more_than_the_limit(self):
        for store in ("memory", "embedded"):
            with self.subTest(store):
                self.control = self.start_control(f"--store={store}")
                admitted = subprocess.run(
                    [BIN_DIR / "admit-storm", self.control.grpc_address, "at-once", "400"],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=True,
                ).stdout.split()
                self.assertEqual(len(admitted), LIMIT)
                self.assertEqual(self.live_ids(), sorted(admitted))

    def test_slots_are_free_again_after_a_kill(self):
        self.control = self.start_control(
            # Longer than a restart and the calls around it take.
            "--session-start-timeout=6s",
            "--session-recovery-hold=8s",
            "--session-phase=1s",
            *LEAST_LEASE,
        )
        for number in range(LIMIT):
            self.admit("alice", f"live/{number}")
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        self.assertEqual(len(self.sessions(user_id="alice")), LIMIT)
        self.wait_for_sessions(0, user_id="alice")
        self.admit("alice")

    def test_a_second_process_is_refused_the_file(self):
        self.control = self.start_control()
        kept = self.admit("alice")
        second = self.control_command(
            f"--store-path={self.store()}", "--grpc-listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0"
        )
        self.assertEqual(second.wait(), 1)
        self.assertIn("is in use by another process", second.report())
        self.assertEqual(self.live_ids(), [kept])

    def test_a_backup_taken_while_it_runs_is_restored(self):
        self.control = self.start_control()
        kept = self.admit("alice")
        copy = str(self.folder / "copy.db")
        backup = self.control_command(f"--store-path={self.store()}", f"--store-backup={copy}")
        self.assertEqual(backup.wait(), 0, backup.report())
        self.admit("alice")

        restore = (f"--store-path={self.store()}", f"--store-restore={copy}")
        in_use = self.control_command(*restore)
        self.assertEqual(in_use.wait(), 1)
        self.assertIn("is in use by another process", in_use.report())

        self.assertEqual(self.control.terminate(), 0)
        restored = self.control_command(*restore)
        self.assertEqual(restored.wait(), 0, restored.report())
        self.control = self.start_control()
        self.assertEqual(self.live_ids(), [kept])

    def test_a_full_disk_refuses_changes_and_recovers(self):
        self.control = self.start_control()
        kept = self.admit("alice")
        unlimited = resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        for user in ("alice", "bob"):
            with self.assertRaises(CallFailed) as refused:
                self.admit(user)
            self.assertEqual(refused.exception.code, "UNAVAILABLE")
            self.assertIn("STORE_UNAVAILABLE", refused.exception.text)
        self.assertEqual(self.control.metric("weir_store_up"), 0)
        self.assertIn(kept, self.live_ids())

        resource.prlimit(self.control.pid, resource.RLIMIT_FSIZE, unlimited)
        wait_for("the store takes changes", lambda: self.control.events("store.available"))
        later = self.admit("carol")
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        self.check([kept, later])

    def test_a_read_only_file_is_named_and_not_used(self):
        self.control = self.start_control()
        self.admit("alice")
        self.assertEqual(self.control.terminate(), 0)
        os.chmod(self.store(), 0o444)
        # Root too, without the right to pass over a file's mode.
        without_override = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
        control = self.run_process(
            "weir-control",
            [
                *without_override,
                str(BIN_DIR / "weir-control"),
                f"--store-path={self.store()}",
                "--grpc-listen=127.0.0.1:0",
                "--metrics-listen=127.0.0.1:0",
            ],
        )
        self.assertEqual(control.wait(), 1)
        self.assertIn(f"{self.store()}: may not be written", control.report())

    def test_a_damaged_file_is_named_and_not_used(self):
        damaged = self.folder / "damaged.db"
        damaged.write_bytes(b"x" * 8192)
        control = self.keep(Control(self.folder, f"--store-path={damaged}"))
        self.assertEqual(control.wait(), 1)
        self.assertIn(str(damaged), control.report())
        self.assertEqual(damaged.read_bytes(), b"x" * 8192)


if __name__ == "__main__":
    main()
