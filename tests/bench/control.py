"""weir-control: admissions and touches beside empty methods of the same server, durable commits,
a million sessions in memory and back from the file, and how late sessions expire."""

import contextlib
import json
import subprocess
import tempfile
from pathlib import Path

from disk import write_and_sync
from processes import (LOAD_CORE, SERVER_CORE, Server, free_port, pinned, program, running,
                       thread_cpu, wait_for, weir_control)
from rounds import interleaved
from table import Table, number, ratio

IN_FLIGHT = 64
TOUCH_BATCH = 1_000
# What the store writes for the some ten admissions that share a commit at half load.
COMMIT_BYTES = 64 << 10
# Enough for a p99, and too few to weigh.
PROBES_A_SECOND = 200
EXPIRIES_A_SECOND = 2_000
START_TIMEOUT_SECONDS = 3

# The goals, as the tables name them.
ADMISSION_RATIO = 0.8
ADMISSION_P99_MS = 10
DURABLE_PER_SECOND = 20_000
ATTACH_RATIO = 0.6
MILLION_MIB = 400
MILLION_LOAD_SECONDS = 5
EXPIRY_MS = 100


@contextlib.contextmanager
def empty_server():
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "out"
        port = free_port()
        with running([program("empty-server"), f"127.0.0.1:{port}"], SERVER_CORE, log) as process:
            wait_for(process, log, lambda: "ready" in log.read_text())
            yield Server("empty method", process.pid, port, f"127.0.0.1:{port}", log=log)


def start_load(name, server, *arguments):
    return subprocess.Popen(
        pinned(LOAD_CORE, [program(name), server.url, *(str(each) for each in arguments)]),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish_load(process, server):
    """What a load program found."""
    out, err = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{process.args[3]} on {server.name}: {out}{err[-2000:]}")
    return json.loads(out)


def load(name, server, *arguments):
    """One run of a load program: what it found, and the server's CPU time during it."""
    before = sum(thread_cpu(server.pid).values())
    found = finish_load(start_load(name, server, *arguments), server)
    return found, sum(thread_cpu(server.pid).values()) - before


def admissions_handled(server):
    """How many admissions the server has answered, by the time within which it did."""
    if not server.metrics:
        return {}
    return server.buckets("grpc_server_handling_seconds", 'grpc_method="AdmitSession"')


def milliseconds_for(share, before, after):
    """Within how many milliseconds that share of calls was handled; None where nobody has counted."""
    handled = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    reached = [bound for bound, count in handled.items() if count >= share * max(handled.values())]
    return min(reached) * 1e3 if reached else None


def probed(server, rate, at_once):
    """The delay at that many calls a second: of a probe's few, and of the load's own."""
    probe = start_load("admit-probe", server, "--rate", PROBES_A_SECOND, *at_once[-2:])
    try:
        own, _ = load("admit-load", server, *at_once, "--rate", rate - PROBES_A_SECOND)
    finally:
        found = finish_load(probe, server)
    return {"p50": found["p50_ms"], "p99": found["p99_ms"], "real-time": found["real_time"],
            "own p50": own["p50_ms"], "own p99": own["p99_ms"]}


def admission(settings):
    """Calls a second, then the delay at half of that rate."""

    def measure(server):
        at_once = ("--in-flight", IN_FLIGHT, "--seconds", settings.seconds)
        fast, cpu = load("admit-load", server, *at_once)
        before = admissions_handled(server)
        delay = probed(server, fast["calls_per_second"] / 2, at_once)
        within = milliseconds_for(0.99, before, admissions_handled(server))
        disk = write_and_sync(settings.seconds, COMMIT_BYTES)
        return {"rate": fast["calls_per_second"], "cpu": cpu / fast["answered"] * 1e6, **delay,
                "p99 in the server": within, "disk p50": disk["p50"], "disk p99": disk["p99"]}

    memory, embedded = "AdmitSession, memory", "AdmitSession, embedded"
    found = interleaved({"empty method": empty_server,
                         memory: lambda: weir_control("memory"),
                         embedded: lambda: weir_control("embedded")}, measure, settings.repeats)
    empty = found["empty method"]
    table = Table("AdmitSession, each call another user", [
        "", "calls/s", "of empty", "server CPU µs a call", "of empty",
        "at half load: a probe's p50 / p99 ms", "the load's own", "p99 in the server: within ms"])
    for name, row in found.items():
        table.add(name, number(row["rate"], 0), ratio(row["rate"], empty["rate"]),
                  number(row["cpu"], 1), ratio(row["cpu"], empty["cpu"]),
                  f"{number(row['p50'])} / {number(row['p99'])}",
                  f"{number(row['own p50'])} / {number(row['own p99'])}",
                  number(row["p99 in the server"], 1))
    table.goal("calls/s in memory, of the empty method", found[memory]["rate"] / empty["rate"],
               ADMISSION_RATIO, " ×", at_least=True)
    table.goal("p99 in memory, of a probe", found[memory]["p99"], ADMISSION_P99_MS, " ms")
    table.goal("p99 embedded, of a probe", found[embedded]["p99"], ADMISSION_P99_MS, " ms")
    table.goal("p99 embedded, in the server", found[embedded]["p99 in the server"], ADMISSION_P99_MS,
               " ms")
    table.notes.append(f"{IN_FLIGHT} calls at a time over 4 connections, the same requests to all; "
                       "the load has a core of its own.")
    table.notes.append(f"{PROBES_A_SECOND} calls a second of half the rate are a probe's: a process of its "
                       "own, on the load's core but before it, so that its delay holds none of the "
                       "load's queues.")
    if not found[embedded]["real-time"]:
        table.notes.append("The probe was not allowed to be real-time: it waited for the load's core.")
    disk = found[embedded]
    table.notes.append(f"A bare write of {COMMIT_BYTES >> 10} KiB with its fdatasync, right after: "
                       f"{number(disk['disk p50'])} / {number(disk['disk p99'])} ms; the probe's p99 "
                       f"is {ratio(disk['p99'], disk['disk p99'])} of it. An embedded admission waits "
                       "for the commit under way, then for its own.")
    return [table]


def touches(settings):
    """Sessions renewed a second, by the way that the touches come."""

    def measure(way, *arguments):
        def run(server):
            outcome, _ = load("touch-load", server, "--way", way, "--batch", TOUCH_BATCH, "--seconds",
                              settings.seconds, "--watch", server.pid, *arguments)
            return {"rate": outcome["touches_per_second"], "cpu": outcome["server_cpu_us"]}
        return run

    ways = {
        "bare stream": (empty_server, measure("attach", "--bare")),
        "Attach": (weir_control, measure("attach")),
        "BatchTouchSessions": (weir_control, measure("batch")),
        "TouchSession": (weir_control, measure("unary")),
    }

    # Each way is a server with its own load.
    def server_of(name):
        @contextlib.contextmanager
        def start():
            with ways[name][0]() as server:
                server.name = name
                yield server
        return start

    found = interleaved({name: server_of(name) for name in ways},
                        lambda server: ways[server.name][1](server), settings.repeats)
    bare = found["bare stream"]
    table = Table("Touches", ["", "touches/s", "of the bare stream", "server CPU µs a touch"])
    for name, row in found.items():
        table.add(name, number(row["rate"], 0), ratio(row["rate"], bare["rate"]),
                  number(row["cpu"], 3))
    table.goal("Attach, of the bare stream", found["Attach"]["rate"] / bare["rate"], ATTACH_RATIO,
               " ×", at_least=True)
    table.notes.append(
        f"Batches of {TOUCH_BATCH:,} without pacing, on one stream or {10_000 // TOUCH_BATCH} "
        f"calls at a time; TouchSession {IN_FLIGHT} calls at a time.")
    return [table]


def store_bench(names):
    """Name → result, of the store's own benchmarks: no transport."""
    done = subprocess.run([program("store-bench"), f"--benchmark_filter={names}",
                           "--benchmark_format=json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"store-bench: {done.stderr[-2000:]}")
    return {each["name"]: each for each in json.loads(done.stdout)["benchmarks"]}


def durable(_):
    """Admissions that reach the disk, by how many callers wait at a time."""
    table = Table("Durable admissions of the embedded store, without a transport",
                  ["callers at a time", "admissions/s", "a commit"])
    best = 0
    for name, row in store_bench("admit_durably").items():
        best = max(best, row["items_per_second"])
        table.add(name.split("/")[1], number(row["items_per_second"], 0), number(row["batch"], 0))
    table.goal("admissions offered in parallel", best, DURABLE_PER_SECOND, " a second",
               at_least=True)
    return [table]


def sessions(_):
    """A million sessions of 400,000 users."""
    found = store_bench("million_sessions|load_a_million")
    held = next(row for name, row in found.items() if name.startswith("million_sessions"))
    loaded = next(row for name, row in found.items() if name.startswith("load_a_million"))
    seconds = loaded["real_time"] / 1000
    table = Table("1,000,000 sessions of 400,000 users",
                  ["bytes a session", "MiB in all", "seconds to load them again",
                   "touches/s among them"])
    table.add(number(held["bytes/session"], 0), number(held["MiB"], 0), number(seconds, 1),
              number(held["items_per_second"], 0))
    table.goal("heap, with the events that are kept,", held["MiB"], MILLION_MIB, " MiB")
    table.goal("loading", seconds, MILLION_LOAD_SECONDS, " s")
    return [table]


def expiry(settings):
    """From a session's deadline until a watcher hears of its end; and a burst."""

    def measure(server):
        late, _ = load("expiry-load", server, "--rate", EXPIRIES_A_SECOND, "--seconds",
                       settings.seconds)
        return {key: late[f"{key}_ms"] for key in ("earliest", "p50", "p99", "max")}

    options = ("--session-start-timeout", f"{START_TIMEOUT_SECONDS}s",
               "--instance-report-interval", "100ms", "--instance-lease", "1s")
    found = interleaved({store: lambda store=store: weir_control(store, options=options)
                         for store in ("memory", "embedded")}, measure, settings.repeats)
    table = Table(f"Expiry at {EXPIRIES_A_SECOND:,} a second, as a watcher hears of it",
                  ["store", "earliest ms", "p50 ms", "p99 ms", "max ms"])
    for store, row in found.items():
        table.add(store, *(number(row[key], 1) for key in ("earliest", "p50", "p99", "max")))
    for store, row in found.items():
        table.goal(f"{store}: the latest", row["max"], EXPIRY_MS, " ms")
        table.goal(f"{store}: the earliest", row["earliest"], 0, " ms", at_least=True)

    burst = Table("100,000 sessions that expire in the same moment, without a transport",
                  ["store", "seconds until the last has ended", "a second"])
    for name, row in store_bench("expire_a_burst").items():
        store = "embedded" if name.split("/")[1] == "1" else "memory"
        burst.add(store, number(row["real_time"] / 1000), number(row["items_per_second"], 0))
    return [table, burst]


FIGURES = {"admission": admission, "touches": touches, "durable": durable, "sessions": sessions,
           "expiry": expiry}
