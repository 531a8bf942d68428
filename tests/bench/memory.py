"""Memory of a connection, a player and a publisher, and what names leave behind."""

from processes import nginx, resident_kb, run_load, weir
from rounds import interleaved
from table import Table, number

CONNECTIONS = 1000
PUBLISHERS = 300
NAMES = 10_000
NAMES_A_SECOND = 500
# So little that what a server keeps of a stream hardly counts.
THIN_STREAM = ("--bitrate", 16, "--audio-bitrate", 0, "--fps", 2)


def kilobytes_each(server, count, *load):
    """Of `count` connections of a kind, after a few of them have filled the allocator's caches."""
    run_load(server, *load_of(load, 20), "--duration", "1s")
    before = resident_kb(server.pid)
    result = run_load(server, *load_of(load, count), "--duration", "1s")
    grown = result["steps"][0]["watched"][0]["resident_bytes"] / 1024 - before
    return grown / count, result


def load_of(load, count):
    return [count if part == "COUNT" else part for part in load]


def measure_each(server):
    idle, _ = kilobytes_each(server, CONNECTIONS, "--publishers", 0, "--idle", "COUNT")
    player, _ = kilobytes_each(server, CONNECTIONS, *THIN_STREAM, "--players", "COUNT")
    publisher, result = kilobytes_each(server, PUBLISHERS, *THIN_STREAM, "--publishers", "COUNT")
    sent = result["steps"][0]["bytes_sent"] / 1024 / PUBLISHERS
    return {"idle": idle, "player": player, "publisher": publisher, "sent": sent}


def each(settings):
    found = interleaved({"nginx-rtmp": nginx, "weir": weir}, measure_each, settings.repeats)
    table = Table("Resident memory, KB each", ["", "idle connection", "player", "publisher"])
    for name, row in found.items():
        table.add(name, number(row["idle"], 1), number(row["player"], 1),
                  number(row["publisher"], 1))
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
    return [table]


FIGURES = {"memory-each": each, "memory-names": names}
