"""A fleet of simulated media instances on one weir-control, and what it costs to hear them."""

import contextlib

from control import empty_server, load
from processes import weir_control
from rounds import interleaved
from table import Table, number, ratio

INSTANCES = 1_000
SESSIONS_EACH = 20
BARE, CONTROL = "bare stream", "weir-control, embedded"
# The fleet is silent while its sessions are admitted, and they wait for all of them.
OPTIONS = ("--session-start-timeout", "10m", "--session-phase", "5m", "--instance-lease", "10m")
KINDS = ("reports", "touches", "events")


def say(server, kind, seconds):
    bare = ("--bare",) if server.name.startswith(BARE) else ()
    outcome, _ = load("attach-load", server, "--say", kind, "--instances", INSTANCES, "--sessions",
                      SESSIONS_EACH, "--seconds", seconds, "--watch", server.pid, *bare)
    return outcome


def on_servers(kinds):
    """Contender → how it is started: each kind of message has a server of its own."""
    def start(name, server, kind):
        @contextlib.contextmanager
        def named():
            with server() as started:
                started.name = f"{name}, {kind}"
                yield started
        return named

    starts = {}
    for kind in kinds:
        # A server that takes no events does not say when it has them.
        if kind != "events":
            starts[f"{BARE}, {kind}"] = start(BARE, empty_server, kind)
        starts[f"{CONTROL}, {kind}"] = start(
            CONTROL, lambda: weir_control("embedded", options=OPTIONS), kind)
    return starts


def at_pace(settings):
    def measure(server):
        outcome = say(server, "all", settings.seconds)
        return {"attach": outcome["attach_seconds"],
                "share": outcome["server_cpu_s"] / outcome["seconds"],
                **{kind: outcome[f"{kind}_per_second"] for kind in KINDS}}

    found = interleaved(on_servers(["all"]), measure, settings.repeats)
    table = Table(f"{INSTANCES:,} instances of {SESSIONS_EACH} sessions each, at control's own pace",
                  ["", "all attached after s", *(f"{kind}/s" for kind in KINDS), "of a core"])
    for name, row in found.items():
        table.add(name.removesuffix(", all"), number(row["attach"], 1),
                  *(number(row[kind], 0) for kind in KINDS), f"{100 * row['share']:.1f}%")
    table.notes = ["Each instance reports as often as control tells it, renews each session every "
                   "5 s, and tells one event with each report."]
    return table


def at_once(settings):
    def measure(server):
        kind = server.name.rsplit(" ", 1)[1]
        outcome = say(server, kind, settings.seconds)
        heard = outcome[f"{kind}_per_second"]
        return {"rate": heard, "cpu": 1e6 * outcome["server_cpu_s"] / outcome["seconds"] / heard}

    found = interleaved(on_servers(KINDS), measure, settings.repeats)
    table = Table(f"{INSTANCES:,} instances, one kind of message as fast as it is heard",
                  ["", "a second", "server CPU µs each", "of the bare stream"])
    for name, row in found.items():
        bare = found.get(name.replace(CONTROL, BARE), {})
        table.add(name, number(row["rate"], 0), number(row["cpu"]), ratio(row["cpu"], bare.get("cpu")))
    table.notes = [f"{SESSIONS_EACH} touches a message. Each session has two events, begun and over; "
                   "both are on the disk when they count."]
    return table


def attach(settings):
    return [at_pace(settings), at_once(settings)]


FIGURES = {"attach": attach}
