"""AdmitSession of weir-control beside an empty gRPC method: calls a second, CPU a call, delay."""

import contextlib
import json
import subprocess
import tempfile
from pathlib import Path

from processes import (LOAD_CORE, SERVER_CORE, Server, free_port, pinned, program, running,
                       thread_cpu, wait_for, weir_control)
from table import Table, median, number, ratio

IN_FLIGHT = 64


@contextlib.contextmanager
def empty_method():
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "out"
        port = free_port()
        with running([program("empty-server"), f"127.0.0.1:{port}"], SERVER_CORE, log) as process:
            wait_for(process, log, lambda: "ready" in log.read_text())
            yield Server("empty method", process.pid, port, f"127.0.0.1:{port}", log=log)


def call(server, seconds, *arguments):
    """One run of admit-load, with the server's CPU time during it."""
    before = sum(thread_cpu(server.pid).values())
    done = subprocess.run(
        pinned(LOAD_CORE, [program("admit-load"), server.url, "--seconds", str(seconds),
                           "--in-flight", str(IN_FLIGHT), *arguments]),
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"admit-load on {server.name}: {done.stdout}{done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    found["cpu_us"] = (sum(thread_cpu(server.pid).values()) - before) / found["answered"] * 1e6
    return found


def measure(start, settings, empty):
    with start() as server:
        fast = call(server, settings.seconds, *(["--empty"] if empty else []))
        half = call(server, settings.seconds, "--rate", str(fast["calls_per_second"] / 2))
    return {"rate": fast["calls_per_second"], "cpu_us": fast["cpu_us"],
            "p50": half["p50_ms"], "p99": half["p99_ms"]}


def admission(settings):
    """Each contender once, then all again; the medians."""
    contenders = {
        "empty method": (empty_method, True),
        "AdmitSession, memory": (lambda: weir_control("memory"), False),
        "AdmitSession, embedded": (lambda: weir_control("embedded"), False),
    }
    runs = {name: [] for name in contenders}
    for _ in range(settings.repeats):
        for name, (start, empty) in contenders.items():
            runs[name].append(measure(start, settings, empty))
            print(f"    {name}: {runs[name][-1]}", flush=True)
    found = {name: {key: median([run[key] for run in results]) for key in results[0]}
             for name, results in runs.items()}
    yardstick = found["empty method"]
    table = Table("AdmitSession, each call another user", [
        "", "calls/s", "of empty", "server CPU µs a call", "of empty", "at half of it: p50 / p99 ms"])
    for name, row in found.items():
        table.add(name, number(row["rate"], 0), ratio(row["rate"], yardstick["rate"]),
                  number(row["cpu_us"], 1), ratio(row["cpu_us"], yardstick["cpu_us"]),
                  f"{number(row['p50'])} / {number(row['p99'])}")
    table.notes.append(f"{IN_FLIGHT} calls at a time over 4 connections; the caller fills a core "
                       "of its own, so that CPU a call says more than calls a second.")
    return [table]


FIGURES = {"admission": admission}
