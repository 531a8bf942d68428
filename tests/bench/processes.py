"""Servers under test: each is started on free ports, pinned to a core, and ended with its block."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / "release" / "bin"
NGINX_RTMP = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

SERVER_CORE = "0"
LOAD_CORE = "1"
BOTH_CORES = "0,1"
START_SECONDS = 20


class Missing(Exception):
    """A program that a figure needs is not there."""


@dataclass
class Server:
    """One that is running. `pid` is the process whose CPU time counts."""

    name: str
    pid: int
    port: int
    url: str = ""
    raw: bool = False
    metrics: str = ""
    log: Path = field(default_factory=Path)
    process: subprocess.Popen = None

    def metric(self, name):
        """The sum of all series of that name."""
        return sum(value for _, value in self._series(name))

    def buckets(self, name, label):
        """A histogram's counts by their upper bounds; of the one series that has this label."""
        series = [(re.search(r'le="([^"]+)"', line)[1], value)
                  for line, value in self._series(f"{name}_bucket") if label in line]
        return {float(bound): value for bound, value in series}

    def _series(self, name):
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return [(line, float(line.rsplit(" ", 1)[1])) for line in lines
                if re.match(rf"{name}({{|\s)", line)]


def program(name):
    path = BIN / name
    if not path.exists():
        raise Missing(f"{path.relative_to(ROOT)} is not built")
    return str(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(cores, command):
    return ["taskset", "-c", cores, *command]


@contextlib.contextmanager
def running(command, cores, log):
    with open(log, "wb") as out:
        process = subprocess.Popen(pinned(cores, command), stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process, log, found):
    """Until `found()` is true; a process that ends before tells its last words."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        answer = found()
        if answer:
            return answer
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[3]} did not start:\n{log.read_text()[-2000:]}")


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


@contextlib.contextmanager
def nginx(cores=SERVER_CORE, workers=1, options=""):
    """nginx with its rtmp module, as Debian ships both, with the module's defaults."""
    if not NGINX_RTMP.exists():
        raise Missing("nginx with its rtmp module is not installed (./weir deps)")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(f"""
load_module {NGINX_RTMP};
daemon off;
worker_processes {workers};
worker_rlimit_nofile 65536;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 16384; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    application live {{ live on; {options} }}
  }}
}}
""")
        log = Path(folder) / "out"
        command = ["nginx", "-p", folder, "-e", f"{folder}/error.log", "-c", str(config)]
        with running(command, cores, log) as master:
            wait_for(master, log, lambda: accepts(port))
            born = Path(f"/proc/{master.pid}/task/{master.pid}/children")
            children = wait_for(master, log, lambda: born.read_text().split())
            yield Server("nginx-rtmp", int(children[0]), port,
                         f"rtmp://127.0.0.1:{port}/live/cam{{stream}}", log=log)


def opened(log, listener):
    """The address that a Weir program said it listens on."""
    for line in log.read_text().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("event") == "listener.opened" and entry.get("listener") == listener:
            return entry["address"]
    return None


def is_ready(address):
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def weir_control(store="memory", cores=SERVER_CORE, options=()):
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "control.log"
        command = [program("weir-control"), "--grpc-listen", "127.0.0.1:0", "--metrics-listen",
                   "127.0.0.1:0", "--store", store, "--log-format", "json", *options]
        if store == "embedded":
            command += ["--store-path", f"{folder}/control.db"]
        with running(command, cores, log) as process:
            grpc = wait_for(process, log, lambda: opened(log, "grpc"))
            metrics = wait_for(process, log, lambda: opened(log, "metrics"))
            yield Server(f"weir-control, {store}", process.pid, int(grpc.rsplit(":", 1)[1]), grpc,
                         metrics=metrics, log=log)


@contextlib.contextmanager
def weir_media(control, cores=SERVER_CORE, workers=1, name="weir", options=()):
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "media.log"
        command = [program("weir-media"), "--rtmp-listen", "127.0.0.1:0", "--metrics-listen",
                   "127.0.0.1:0", "--control", control.url, "--workers", str(workers),
                   "--log-format", "json", *options]
        with running(command, cores, log) as process:
            rtmp = wait_for(process, log, lambda: opened(log, "rtmp"))
            metrics = wait_for(process, log, lambda: opened(log, "metrics"))
            wait_for(process, log, lambda: is_ready(metrics))
            # Each client is a user of its own, so that no limit of a user's sessions is in the way.
            yield Server(name, process.pid, int(rtmp.rsplit(":", 1)[1]),
                         f"rtmp://{rtmp}/live/cam{{stream}}?user=load-{{client}}", metrics=metrics,
                         log=log, process=process)


@contextlib.contextmanager
def weir(cores=SERVER_CORE, workers=1, name="weir", options=()):
    """weir-media under test, with a weir-control that keeps to the load's core."""
    with (weir_control(cores=LOAD_CORE) as control,
          weir_media(control, cores, workers, name, options) as media):
        yield media


@contextlib.contextmanager
def publishing(server, streams, *arguments):
    """weir-load publishes while the block lasts, from the time that all streams are live."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "load.log"
        command = [program("weir-load"), server.url.replace("load-", "publisher-"),
                   f"--publishers={streams}", "--players=0", "--duration=10m", *arguments]
        with running(command, LOAD_CORE, log) as load:
            wait_for(load, log, lambda: server.metric("weir_streams") == streams)
            yield load


@contextlib.contextmanager
def bare(name, *arguments, label=None, cores=SERVER_CORE, raw=True):
    """One of the bare programs; `raw`: it speaks no RTMP."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "out"
        with running([program(name), *arguments], cores, log) as process:
            line = wait_for(process, log, lambda: re.search(r"listening on .*:(\d+)\n",
                                                            log.read_text()))
            port = int(line[1])
            yield Server(label or name, process.pid, port, f"rtmp://127.0.0.1:{port}/live/bare",
                         raw=raw, log=log)


def run_load(server, *arguments):
    """weir-load against it; the summary as a dictionary."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        raw = ["--raw"] if server.raw else []
        command = pinned(LOAD_CORE, [program("weir-load"), server.url, "--json", str(summary),
                                     "--watch", str(server.pid), *raw,
                                     *(str(argument) for argument in arguments)])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not summary.exists():
            raise RuntimeError(f"weir-load failed:\n{done.stderr[-2000:]}")
        result = json.loads(summary.read_text())
        if done.returncode != 0:
            print(f"    note: {server.name}: refused {result['refusals']}, lost "
                  f"{result['losses']}, unanswered {result['unanswered']}", flush=True)
        return result


def resident_kb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no VmRSS")


def thread_cpu(pid):
    """Seconds of CPU, by the name of the thread."""
    seconds = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            spent = int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            continue  # It ended meanwhile.
        seconds[name] = seconds.get(name, 0) + spent
    return seconds


def cores_available():
    return len(os.sched_getaffinity(0))
