"""Many publishers and no players: what it costs to take what they send."""

from processes import bare, nginx, run_load, weir
from rounds import interleaved
from table import Table, number, ratio

PUBLISHERS = 300
KILOBITS = 500
ONE_READ = "bare loop, one read a message"


def measure(server, seconds):
    load = run_load(server, "--publishers", PUBLISHERS, "--bitrate", KILOBITS, "--duration",
                    f"{seconds}s", "--connect-rate", 300)
    step = load["steps"][0]
    gigabytes = step["bytes_sent"] / 1e9
    return {"server": step["watched"][0]["cpu_s"] / gigabytes,
            "both": (step["watched"][0]["cpu_s"] + step["load_cpu_s"]) / gigabytes,
            "load_share": step["load_cpu_share"]}


def ingest(settings):
    starts = {ONE_READ: lambda: bare("bare-receive"),
              "bare loop, a read for 16 KiB": lambda: bare("bare-receive", "--low-water", "16384"),
              "nginx-rtmp": nginx,
              "weir": weir}
    found = interleaved(starts, lambda server: measure(server, settings.seconds), settings.repeats)
    lone, peer = found[ONE_READ], found["nginx-rtmp"]
    table = Table(f"Ingest of {PUBLISHERS} publishers of {KILOBITS / 1000} Mbit/s",
                  ["", "server CPU s/GB", "server + load", "of bare, one read (server)",
                   "of bare, one read (both)", "of nginx (server)", "load's core"])
    for name, row in found.items():
        table.add(name, number(row["server"]), number(row["both"]),
                  ratio(row["server"], lone["server"]), ratio(row["both"], lone["both"]),
                  ratio(row["server"], peer["server"]), f"{100 * row['load_share']:.0f}%")
        table.load_share(name, row["load_share"])
    table.goal("of the bare loop (server)", found["weir"]["server"] / lone["server"], 0.8, " ×")
    return [table]


FIGURES = {"ingest": ingest}
