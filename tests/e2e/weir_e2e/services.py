"""weir-control and weir-media as child processes, on ports that the system chose."""

import json
import os
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path

from .process import Process
from .waiting import wait_for

BIN_DIR = Path(os.environ["WEIR_BIN_DIR"])

# Under sanitizers: leaks and races fail the exit code, and freed memory is soon given back.
_SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:quarantine_size_mb=4:exitcode=99",
    "TSAN_OPTIONS": "ignore_noninstrumented_modules=1:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def under_sanitizer() -> bool:
    """Memory and speed of such a build say nothing about the product."""
    program = (BIN_DIR / "weir-control").read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


class Service(Process):
    """A service that logs JSON and has an admin port. Listens on port 0 unless it is restarted.

    It may be asked by any thread: a balancer's asks whether it is ready.
    """

    _parsing = threading.Lock()

    def __init__(self, binary: str, options: list[str], cwd: Path):
        super().__init__(
            binary,
            [str(BIN_DIR / binary), "--log-format=json", *options],
            cwd,
            _SANITIZER_ENVIRONMENT,
        )
        self._parsed: list[dict] = []

    def events(self, name: str | None = None) -> list[dict]:
        """The log so far, all of it or the events of one name."""
        with self._parsing:
            for line in self.stdout_lines[len(self._parsed) :]:
                self._parsed.append(json.loads(line))
            return [event for event in self._parsed if name in (None, event["event"])]

    def listener(self, name: str) -> str:
        """The address of a listener, once it is open."""

        def opened():
            for event in self.events("listener.opened"):
                if event["listener"] == name:
                    return event["address"]
            if not self.running:
                raise AssertionError(f"{self.name} ended at its start\n{self.report()}")
            return None

        return wait_for(f"{self.name} opens its {name} listener", opened)

    def get(self, path: str) -> tuple[int, str]:
        """A page of the admin port: status and body."""
        url = f"http://{self.listener('metrics')}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_ready(self) -> None:
        wait_for(f"{self.name} is ready", lambda: self.get("/readyz")[0] == 200)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's series that have these labels; 0 if there is none."""
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if not match or match[1] != name:
                continue
            found = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
            if labels.items() <= found.items():
                total += float(match[3])
        return total

    def resident_bytes(self) -> int:
        return int(self.metric("process_resident_memory_bytes"))


class Control(Service):
    """Restarted on the same addresses by `start_again`, as an orchestrator does."""

    def __init__(self, cwd: Path, *options: str, grpc="127.0.0.1:0", metrics="127.0.0.1:0"):
        self._cwd, self._options = cwd, options
        super().__init__(
            "weir-control",
            [f"--grpc-listen={grpc}", f"--metrics-listen={metrics}", *options],
            cwd,
        )

    @property
    def grpc_address(self) -> str:
        return self.listener("grpc")

    def start_again(self) -> "Control":
        return Control(
            self._cwd, *self._options, grpc=self.grpc_address, metrics=self.listener("metrics")
        )


class Media(Service):
    # Unless the test sets it: a disk of control's that stalls for seconds is no fault of theirs.
    _ADMISSION_TIMEOUT = "--admission-timeout=20s"

    def __init__(self, cwd: Path, control_address: str, *options: str):
        if not any(each.startswith("--admission-timeout") for each in options):
            options = (*options, self._ADMISSION_TIMEOUT)
        super().__init__(
            "weir-media",
            [
                f"--control={control_address}",
                "--rtmp-listen=127.0.0.1:0",
                "--metrics-listen=127.0.0.1:0",
                *options,
            ],
            cwd,
        )

    @property
    def rtmp_address(self) -> str:
        return self.listener("rtmp")

    @property
    def rtmp_port(self) -> int:
        return int(self.rtmp_address.rsplit(":", 1)[1])

    def url(self, name: str, user: str, app: str = "live") -> str:
        return f"rtmp://{self.rtmp_address}/{app}/{name}?user={user}"


def request_shutdown(cwd: Path, media: Media) -> Process:
    """What an orchestrator's preStop runs beside the instance."""
    return Process(
        "request-shutdown",
        [
            str(BIN_DIR / "weir-media"),
            "--request-shutdown",
            f"--metrics-listen={media.listener('metrics')}",
        ],
        cwd,
        _SANITIZER_ENVIRONMENT,
    )
