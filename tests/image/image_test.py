"""The images, run by runc as Kubernetes' restricted standard wants it: uid 10001, a read-only root,
no capability, no new privileges. What is in them, and that they serve, are healthy and end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.process import Process, free_port
from weir_e2e.services import Service
from weir_e2e.waiting import wait_for

IMAGES = Path(os.environ["WEIR_IMAGES"])
RUNC = ["runc"] if os.geteuid() == 0 else ["sudo", "--non-interactive", "runc"]
USER = 10001
# Of each image, unpacked.
MOST_BYTES = 64 << 20
# Debian's packages that no service needs.
UNWANTED = ("bash", "dash", "busybox", "coreutils", "gcc", "clang", "binutils", "apt", "dpkg", "perl")


def configuration(name: str) -> dict:
    return json.loads((IMAGES / name / "config.json").read_text())


def bundle(name: str, environment: dict[str, str], writable: dict[str, Path]) -> dict:
    """The runtime's description of a container: the image's own words, and every restriction."""
    image = configuration(name)
    merged = dict(pair.split("=", 1) for pair in image["Env"]) | environment
    uid, gid = (int(part) for part in image["User"].split(":"))
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    ]
    for inside, outside in writable.items():
        options = ["rbind", "rw", "nosuid", "nodev"]
        mounts.append({"destination": inside, "type": "bind", "source": str(outside), "options": options})
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": uid, "gid": gid},
            "args": image["Entrypoint"],
            "env": [f"{key}={value}" for key, value in merged.items()],
            "cwd": "/",
            "capabilities": {"bounding": [], "effective": [], "permitted": []},
            "noNewPrivileges": True,
        },
        "root": {"path": str(IMAGES / name / "root"), "readonly": True},
        "hostname": name,
        "mounts": mounts,
        # The host's network, so that clients reach it on loopback.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
    }


class Container(Service):
    """A service in its image; runc passes signals on and takes over the exit code."""

    def __init__(self, cwd: Path, image: str, writable: dict[str, Path], **environment: str):
        self.image = image
        self._state = cwd / "runc"
        self._id = f"weir-{os.getpid()}-{image}"
        folder = cwd / image
        folder.mkdir()
        environment["WEIR_METRICS_LISTEN"] = f"127.0.0.1:{free_port()}"
        (folder / "config.json").write_text(json.dumps(bundle(image, environment, writable)))
        Process.__init__(
            self,
            f"weir-{image}",
            [*RUNC, "--root", str(self._state), "run", "--bundle", str(folder), self._id],
            cwd,
        )
        self._parsed = []

    def kill(self) -> None:
        """runc alone would leave behind what it runs."""
        subprocess.run(
            [*RUNC, "--root", str(self._state), "delete", "--force", self._id],
            check=False, timeout=30, capture_output=True,
        )  # fmt: skip
        super().kill()

    def healthcheck(self) -> int:
        """Runs what the image says, beside the service."""
        kind, *command = configuration(self.image)["Healthcheck"]["Test"]
        assert kind == "CMD", "a shell would be needed"
        return self.run_beside(*command)

    def run_beside(self, *command: str) -> int:
        """As `kubectl exec` does; the exit code."""
        done = subprocess.run(
            [*RUNC, "--root", str(self._state), "exec", self._id, *command],
            check=False, timeout=30, capture_output=True,
        )  # fmt: skip
        return done.returncode

    def status(self) -> dict[str, str]:
        """What the kernel says of the process in the container."""
        state = subprocess.run(
            [*RUNC, "--root", str(self._state), "state", self._id],
            check=True, timeout=30, capture_output=True, text=True,
        )  # fmt: skip
        lines = Path(f"/proc/{json.loads(state.stdout)['pid']}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class ImageTest(EndToEndCase):
    def start(self) -> None:
        store = self.folder / "store"
        store.mkdir()
        # As a volume is given to the pod's group.
        store.chmod(0o777)
        self.control = self.keep(
            Container(
                self.folder, "control", {"/var/lib/weir": store}, WEIR_GRPC_LISTEN="127.0.0.1:0"
            )
        )
        self.control.wait_ready()
        self.media = self.keep(
            Container(
                self.folder, "media", {},
                WEIR_CONTROL=self.control.listener("grpc"), WEIR_RTMP_LISTEN="127.0.0.1:0",
                WEIR_DRAIN_DEADLINE="20s",
            )
        )  # fmt: skip
        self.media.wait_ready()

    def test_serves_is_healthy_and_ends(self):
        self.start()
        for container in (self.control, self.media):
            with self.subTest(container.image):
                self.assertEqual(container.healthcheck(), 0)
                status = container.status()
                self.assertEqual(set(status["Uid"].split()), {str(USER)})
                self.assertEqual(int(status["CapEff"], 16) | int(status["CapBnd"], 16), 0)
                self.assertEqual(status["NoNewPrivs"], "1")
                # It is what the runtime signals.
                self.assertEqual(status["NSpid"].split()[-1], "1")
        source = make_source(self.folder / "source.flv", seconds=2)
        url = f"rtmp://{self.media.listener('rtmp')}/live/show?user=alice"
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        wait_for("a stream is live", lambda: self.media.metric("weir_streams") == 1)
        backup = "--store-backup=/var/lib/weir/backup.db"
        self.assertEqual(self.control.run_beside("/usr/bin/weir-control", backup), 0)
        self.assertTrue((self.folder / "store" / "backup.db").exists())
        self.media.signal(signal.SIGTERM)
        wait_for("its end has begun", lambda: self.media.events("process.signal"))
        self.assertTrue(publisher.running)
        publisher.terminate()
        self.assertEqual(self.media.wait(), 0)
        self.assertEqual(len(self.media.events("process.stopped")), 1)
        self.assertEqual(self.control.terminate(), 0)

    def test_a_pre_stop_returns_before_its_container_is_gone(self):
        """The end of the first process kills all others; Kubernetes would call the hook failed."""
        self.start()
        self.assertEqual(self.media.run_beside("/usr/bin/weir-media", "--request-shutdown"), 0)
        self.assertEqual(self.media.wait(), 0)

    def test_nothing_but_the_program(self):
        for name in ("control", "media"):
            with self.subTest(name):
                root = IMAGES / name / "root"
                files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
                programs = {
                    str(path.relative_to(root)) for path in files
                    if path.stat().st_mode & 0o111 and ".so" not in path.name
                }  # fmt: skip
                self.assertEqual(programs, {f"usr/bin/weir-{name}"})
                self.assertEqual([path for path in files if path.stat().st_mode & 0o6000], [])
                size = sum(path.stat().st_size for path in files)
                print(f"weir/{name}: {size / (1 << 20):.1f} MiB unpacked", file=sys.stderr)
                self.assertLess(size, MOST_BYTES)

    def test_everything_in_it_is_listed(self):
        for name in ("control", "media"):
            with self.subTest(name):
                listing = IMAGES / name / "root/usr/share/weir" / f"weir-{name}.spdx.json"
                document = json.loads(listing.read_text())
                self.assertEqual(document["spdxVersion"], "SPDX-2.3")
                packages = {each["name"]: each["versionInfo"] for each in document["packages"]}
                self.assertIn(f"weir-{name}", packages)
                self.assertIn("libc6", packages)
                self.assertTrue(all(packages.values()))
                self.assertEqual(packages.keys() & set(UNWANTED), set())

    def test_what_the_image_says(self):
        for name in ("control", "media"):
            with self.subTest(name):
                image = configuration(name)
                self.assertEqual(image["User"], f"{USER}:{USER}")
                self.assertEqual(image["Entrypoint"], [f"/usr/bin/weir-{name}"])
                self.assertEqual(image["Labels"]["org.opencontainers.image.title"], f"weir-{name}")
                self.assertEqual(image["Labels"]["org.opencontainers.image.licenses"], "Apache-2.0")

    def test_the_store_is_the_users(self):
        folder = (IMAGES / "control" / "root/var/lib/weir").stat()
        self.assertEqual((folder.st_uid, folder.st_gid), (USER, USER))

    def test_times_are_of_the_sources(self):
        for name in ("control", "media"):
            root = IMAGES / name / "root"
            times = {int(path.lstat().st_mtime) for path in (root / "usr").rglob("*") if path.is_file()}
            self.assertEqual(len(times), 1, "files have times of their own")


if __name__ == "__main__":
    main()
