"""Memory of a connection, a player and a publisher, and what names leave behind."""

import time

from processes import nginx, resident_kb, run_load, weir
from rounds import interleaved
from table import Table, number

CONNECTIONS = 1000
PUBLISHERS = 300
NAMES = 10_000
NAMES_A_SECOND = 500
# So little that what a server keeps of a stream hardly counts.
THIN_STREAM = ("--bitrate", 16, "--audio-bitrate", 0, "--fps", 2)


# Kind → how the load makes COUNT of them, and how many.
KINDS = {
    "idle connection": (("--publishers", 0, "--idle", "COUNT"), CONNECTIONS),
    "player": ((*THIN_STREAM, "--players", "COUNT"), CONNECTIONS),
    "publisher": ((*THIN_STREAM, "--publishers", "COUNT"), PUBLISHERS),
}

# KB each; a publisher's without its ring.
GOALS = {"idle connection": 6, "player": 10, "publisher": 37}


def kilobytes_each(server, kind):
    """The growth from a few to all of them: what a process has from its start is left out."""
    load, count = KINDS[kind]

    def resident(number):
        summary = run_load(server, *(number if part == "COUNT" else part for part in load),
                           "--duration", "1s")
        return summary["steps"][0]["watched"][0]["resident_bytes"] / 1024

    few = count // 5
    before = resident(few)
    # Control hears of the ends before the names are used again.
    time.sleep(1)
    return (resident(count) - before) / (count - few)


def each(settings):
    starts = {"nginx-rtmp": nginx, "weir": weir}
    found = {kind: interleaved(starts, lambda server, kind=kind: {
        "KB": kilobytes_each(server, kind)}, settings.repeats) for kind in KINDS}
    table = Table("Resident memory, KB each", ["", *KINDS])
    for name in starts:
        table.add(name, *(number(found[kind][name]["KB"], 1) for kind in KINDS))
    for kind, limit in GOALS.items():
        table.goal(kind, found[kind]["weir"]["KB"], limit, " KB")
    table.notes.append(f"{CONNECTIONS} idle connections, {CONNECTIONS} players, {PUBLISHERS} "
                       "publishers of 16 kbit/s. What the kernel keeps for sockets is not in it.")
    return [table]


def measure_names(server):
    run_load(server, "--publishers", 0, "--churn", NAMES_A_SECOND, "--duration", "1s")
    before = resident_kb(server.pid)
    load = run_load(server, "--publishers", 0, "--churn", NAMES_A_SECOND, "--warm-up", "0",
                    "--duration", f"{NAMES // NAMES_A_SECOND}s")
    return {"before": before / 1024, "after": resident_kb(server.pid) / 1024,
            "names": load["publish_start"]["count"]}


def names(settings):
    found = interleaved({"nginx-rtmp": nginx, "weir": weir}, measure_names, 1)
    table = Table("Resident memory after many names were published once",
                  ["", "names", "MB before", "MB after"])
    for name, row in found.items():
        table.add(name, number(row["names"], 0), number(row["before"], 1),
                  number(row["after"], 1))
    grown = found["weir"]
    table.goal("growth", grown["after"] - grown["before"], 1, " MB")
    return [table]


FIGURES = {"memory-each": each, "memory-names": names}
