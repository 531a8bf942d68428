"""A thousand live streams that leave an instance which has to go, for three others."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from processes import (LOAD_CORE, SERVER_CORE, Missing, program, running, thread_cpu, wait_for,
                       weir_control, weir_media)
from table import Table, number

STREAMS = 1000
INSTANCES = 4
DEADLINE_SECONDS = 25
# In which all instances have told how many streams they have.
REPORT_SECONDS = 3
# Small ones: 16 kbit/s.
THIN_STREAM = ("--bitrate=16", "--audio-bitrate=0", "--fps=5", "--keyframe-interval=1s")
# One GOP and a second.
GAP_MS = 2_000


def call(control, method, **request):
    done = subprocess.run(["grpcurl", "-plaintext", "-d", json.dumps(request), control.url,
                           f"weir.v1.{method}"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def streams_of(control, instance):
    found = call(control, "InstanceService/GetInstance", instance_id=instance)
    return found["instance"].get("load", {}).get("publishers", 0)


def cpu(server):
    return sum(thread_cpu(server.pid).values())


def moves(_settings):
    if not shutil.which("grpcurl"):
        raise Missing("grpcurl is not on PATH (./weir deps)")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        control = stack.enter_context(weir_control(store="embedded", cores=LOAD_CORE))

        def instance(number, cores):
            return stack.enter_context(weir_media(control, cores, options=(
                "--instance-id", f"media-{number}")))

        leaving = instance(1, SERVER_CORE)
        for each in range(2, INSTANCES + 1):
            instance(each, LOAD_CORE)
        summary = folder / "summary.json"
        load = stack.enter_context(running(
            [program("weir-load"), leaving.url, f"--publishers={STREAMS}", "--connect-rate=200",
             "--duration=10m", f"--json={summary}", *THIN_STREAM], LOAD_CORE, folder / "load.log"))
        wait_for(load, folder / "load.log", lambda: streams_of(control, "media-1") == STREAMS)

        before, began = cpu(leaving), time.monotonic()
        call(control, "InstanceService/DrainInstance", instance_id="media-1", grace_period="0s",
             migrate_after="0s", deadline=f"{DEADLINE_SECONDS}s")
        spent = before
        while leaving.process.poll() is None:
            with contextlib.suppress(OSError):
                spent = max(spent, cpu(leaving))
            time.sleep(0.1)
        took = time.monotonic() - began
        time.sleep(REPORT_SECONDS)
        sessions = sum(streams_of(control, f"media-{each}") for each in range(2, INSTANCES + 1))
        load.terminate()
        load.wait()
        found = json.loads(summary.read_text())
        gap = found["move_gap"]
    table = Table(f"{STREAMS} streams moved off an instance, to {INSTANCES - 1} others",
                  ["moved", "live elsewhere", "gap p50 / p99 / max ms", "drain to exit s",
                   "CPU of the leaving instance, ms a stream"])
    table.add(gap["count"], sessions,
              f"{gap['p50_ms']:.0f} / {gap['p99_ms']:.0f} / {gap['max_ms']:.0f}", number(took, 1),
              number(1000 * (spent - before) / STREAMS, 2))
    table.goal("streams lost", STREAMS - sessions, 0)
    table.goal("gap, p99", gap["p99_ms"], GAP_MS, " ms")
    if found["losses"] or found["refusals"]:
        table.notes.append(f"Lost {found['losses']}, refused {found['refusals']}.")
    table.notes.append(f"Streams of 16 kbit/s with a keyframe a second; a deadline of "
                       f"{DEADLINE_SECONDS} s sets the pace.")
    return [table]


FIGURES = {"moves": moves}
