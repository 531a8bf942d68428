"""The calls that the README shows, as somebody would paste them into a shell."""

import re
import subprocess
from pathlib import Path

from weir_e2e.case import LONG_LEASE, EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.waiting import wait_for

_README = Path(__file__).parents[2] / "README.md"
_CONTROL = "127.0.0.1:7070"


def shown_calls() -> str:
    """The shell blocks of the section about control's API, in their order."""
    section = _README.read_text().split("\n## Ask control\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


class ReadmeTest(EndToEndCase):
    control_options = LONG_LEASE

    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self.media = self.start_media(self.control.grpc_address, "--instance-id=media-0")
        self.start_media(self.control.grpc_address, "--instance-id=media-1")
        self.wait_for_instances(2)
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.media.url("show", "bob")
        self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        self.wait_for_sessions(1, user_id="bob", states=["SESSION_STATE_ACTIVE"])

    def wait_for_instances(self, count: int) -> None:
        def active():
            listed = self.grpcurl("weir.v1.InstanceService/ListInstances")
            return listed.count("INSTANCE_STATE_ACTIVE") == count

        wait_for(f"{count} instances take streams", active)

    def grpcurl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["grpcurl", "-plaintext", self.control.grpc_address, *arguments],
            check=True, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        return done.stdout

    def test_every_call_is_answered(self):
        script = shown_calls()
        self.assertIn(_CONTROL, script)
        done = subprocess.run(
            ["bash", "-eu", "-c", script.replace(_CONTROL, self.control.grpc_address)],
            check=False, capture_output=True, text=True, timeout=120, cwd=self.folder,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('"welcome"', done.stdout)

    def test_every_method_of_instances_is_shown(self):
        script = shown_calls()
        for service in ("InstanceService", "StreamService"):
            for method in self.grpcurl("list", f"weir.v1.{service}").split():
                with self.subTest(method):
                    shown = method.removeprefix("weir.v1.").replace(f"{service}.", f"{service}/")
                    self.assertIn(f"call {shown} ", script)


if __name__ == "__main__":
    main()
