"""What any gRPC client finds on control's port besides its services."""

import json
import shutil
import subprocess

from weir_e2e import case
from weir_e2e.grpc_calls import call
from weir_e2e.waiting import wait_for

SERVICES = ["SessionService", "InstanceService", "StreamService", "EventService"]
DETAILS = ["ErrorInfo", "BadRequest", "QuotaFailure", "RetryInfo"]


class ControlApiTest(case.EndToEndCase):
    def grpcurl(self, control, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [shutil.which("grpcurl"), "-plaintext", control.grpc_address, *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def test_health_is_serving_once_ready(self):
        control = self.start_control()
        checked = self.grpcurl(control, "grpc.health.v1.Health/Check")
        self.assertIn('"status": "SERVING"', checked.stdout, checked.stderr)

    def test_reflection_describes_services_and_error_details(self):
        control = self.start_control()
        listed = self.grpcurl(control, "list").stdout.split()
        for service in SERVICES:
            self.assertIn(f"weir.v1.{service}", listed)
        for detail in DETAILS:
            described = self.grpcurl(control, "describe", f"google.rpc.{detail}")
            self.assertIn(f"message {detail}", described.stdout, described.stderr)
        for detail in ("weir.v1.SessionConflict", "weir.v1.Route"):
            self.assertEqual(self.grpcurl(control, "describe", detail).returncode, 0, detail)

    def test_reflection_can_be_switched_off_alone(self):
        control = self.start_control("--grpc-reflection=false")
        self.assertIn("does not support the reflection API", self.grpcurl(control, "list").stderr)

    def test_a_taken_port_is_a_clear_error(self):
        control = self.start_control()
        second = self.keep(
            type(control)(self.folder, "--store=memory", grpc=control.grpc_address)
        )
        self.assertEqual(second.wait(), 1)
        failure = second.events("control.failed")[0]
        self.assertIn(control.grpc_address, failure["msg"])
        self.assertEqual(control.get("/readyz")[0], 200)

    def test_a_store_in_use_is_a_clear_error(self):
        self.start_control()
        second = self.keep(type(self.start_control("--store=memory"))(self.folder))
        self.assertEqual(second.wait(), 1)
        self.assertIn("in use", second.events("control.failed")[0]["msg"])

    def test_a_watch_sees_what_happens_after_its_headers(self):
        control = self.start_control()
        watch = self.run_process(
            "watch",
            [shutil.which("grpcurl"), "-plaintext", "-v"]
            + ["-d", json.dumps({"types": ["weir.session."], "user_id": "alice"})]
            + [control.grpc_address, "weir.v1.EventService/WatchEvents"],
        )
        wait_for("headers", lambda: "Response headers received:" in watch.stdout_lines)
        for user in ("bob", "alice"):
            call(
                control.grpc_address,
                "SessionService/AdmitSession",
                user_id=user,
                stream_id="live/1",
                kind="SESSION_KIND_PLAY",
            )
        wait_for(
            "the event", lambda: any("weir.session.admitted" in line for line in watch.stdout_lines)
        )
        self.assertFalse(any('"bob"' in line for line in watch.stdout_lines))

    def test_sigterm_ends_it_in_order(self):
        control = self.start_control()
        self.assertEqual(control.terminate(), 0)
        names = [event["event"] for event in control.events()]
        self.assertLess(names.index("control.ready"), names.index("control.stopping"))
        self.assertEqual(names[-1], "control.stopped")


if __name__ == "__main__":
    case.main()
