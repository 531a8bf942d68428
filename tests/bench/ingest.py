"""Many publishers and no players: what it costs to take what they send."""

from processes import bare, nginx, run_load, weir
from rounds import interleaved
from table import Table, number, ratio

PUBLISHERS = 300
KILOBITS = 500


def measure(server, seconds):
    load = run_load(server, "--publishers", PUBLISHERS, "--bitrate", KILOBITS, "--duration",
                    f"{seconds}s", "--connect-rate", 300)
    step = load["steps"][0]
    gigabytes = step["bytes_sent"] / 1e9
    return {"server": step["watched"][0]["cpu_s"] / gigabytes,
            "both": (step["watched"][0]["cpu_s"] + step["load_cpu_s"]) / gigabytes,
            "load_share": step["load_cpu_share"]}


def ingest(settings):
    starts = {"bare loop, one read a message": lambda: bare("bare-receive"),
              "nginx-rtmp": nginx,
              "weir": weir}
    found = interleaved(starts, lambda server: measure(server, settings.seconds), settings.repeats)
    table = Table(f"Ingest of {PUBLISHERS} publishers of {KILOBITS / 1000} Mbit/s",
                  ["", "server CPU s/GB", "server + load", "of bare (server)",
                   "of nginx (server)", "load's core"])
    for name, row in found.items():
        table.add(name, number(row["server"]), number(row["both"]),
                  ratio(row["server"], found["bare loop, one read a message"]["server"]),
                  ratio(row["server"], found["nginx-rtmp"]["server"]),
                  f"{100 * row['load_share']:.0f}%")
    return [table]


FIGURES = {"ingest": ingest}
