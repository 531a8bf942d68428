"""Control under callers that are many, idle or deaf: its memory is bounded, the others are served."""

import resource
import subprocess

from weir_e2e.case import EndToEndCase, main
from weir_e2e.grpc_calls import call
from weir_e2e.http2_wire import Http2Client, IdleCrowd
from weir_e2e.services import BIN_DIR, under_sanitizer
from weir_e2e.waiting import wait_for

MIB = 1 << 20
IDLE_CONNECTIONS = 10_000
# Of gRPC's buffers for all connections together, and what the allocator keeps.
DEAF_GROWTH = 256 * MIB
LIMIT = 3
# Fields of the requests below: page_size = 1000 (6), resume_token = "0" (5).
ALL_SESSIONS = b"\x30\xe8\x07"
ALL_EVENTS = b"\x2a\x010"


class ControlCrowdTest(EndToEndCase):
    control_options = ("--session-start-timeout=10m",)

    def setUp(self):
        super().setUp()
        # For the clients here and, inherited, for control.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.control = self.start_control()
        self.assert_serves("warm-up")
        self.before = self.control.resident_bytes()

    def assert_serves(self, user: str) -> None:
        """Somebody else is admitted and seen, meanwhile."""
        call(
            self.control.grpc_address,
            "SessionService/AdmitSession",
            user_id=user,
            stream_id="live/one",
            kind="SESSION_KIND_PLAY",
        )
        self.assertEqual(len(self.sessions(user_id=user)), 1)

    def storm(self, *arguments: str) -> list[str]:
        done = subprocess.run(
            [BIN_DIR / "admit-storm", self.control.grpc_address, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout.split()

    def assert_bounded(self, what: str, growth: int) -> None:
        grown = self.control.resident_bytes() - self.before
        print(f"{what}: {grown / MIB:.0f} MiB more")
        if not under_sanitizer():
            self.assertLess(grown, growth)

    def test_idle_connections(self):
        with IdleCrowd(self.control.grpc_address, IDLE_CONNECTIONS) as crowd:
            descriptors = lambda: self.control.metric("process_open_fds")  # noqa: E731
            wait_for("all are taken", lambda: descriptors() >= IDLE_CONNECTIONS)
            self.assert_serves("bystander")
            grown = self.control.resident_bytes() - self.before
            print(f"{grown / IDLE_CONNECTIONS / 1024:.1f} KiB an idle connection")
            self.assert_bounded(f"{IDLE_CONNECTIONS} idle connections", IDLE_CONNECTIONS * 64 * 1024)
            self.assertEqual(crowd.closed, 0)
        wait_for("all are gone", lambda: descriptors() < 1_000)
        self.assert_serves("afterwards")

    def test_a_caller_that_never_reads_its_answers(self):
        self.storm("users", "1000")
        deaf = Http2Client(self.control.grpc_address)
        asked = 5_000
        deaf.socket.settimeout(5)
        try:
            for _ in range(asked):
                deaf.call("SessionService/ListSessions", ALL_SESSIONS)
        except OSError:
            # It stopped taking what it can't answer.
            pass
        self.assert_serves("bystander")
        self.assert_bounded("answers that nobody reads", DEAF_GROWTH)
        deaf.close()
        self.assert_serves("afterwards")

    def test_bytes_that_are_no_request_are_told_in_the_log(self):
        caller = Http2Client(self.control.grpc_address)
        # Field 1, session_id: a byte that begins no character.
        caller.call("SessionService/GetSession", b"\x0a\x01\xff")
        wait_for("it is told", lambda: self.control.events("grpc.complaint"))
        self.assertEqual(self.control.stderr_lines, [])
        caller.close()

    def test_watchers_that_never_read(self):
        deaf = [Http2Client(self.control.grpc_address) for _ in range(100)]
        for client in deaf:
            client.call("EventService/WatchEvents", ALL_EVENTS)
        self.storm("users", "20000")
        self.assert_serves("bystander")
        self.assert_bounded("100 watchers that never read", 256 * MIB)
        self.assertGreater(self.control.metric("weir_event_backlog"), 20_000)
        for client in deaf:
            client.close()
        self.assert_serves("afterwards")


if __name__ == "__main__":
    main()
