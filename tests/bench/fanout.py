"""One stream to many players, and many streams to a few each: CPU a gigabyte, and delay."""

from processes import bare, nginx, run_load, weir
from rounds import interleaved
from table import Table, number, ratio

BARE_BATCHES = (1, 8, 26)


def contenders():
    """Name → how it is started."""
    return {**{f"bare loop, {batch} a write":
               (lambda batch=batch: bare("bare-send", "--batch", str(batch)))
               for batch in BARE_BATCHES},
            "nginx-rtmp": nginx,
            "weir, told to send at once": lambda: weir(options=("--egress-merge-max", "0")),
            "weir": weir}


def measure(server, publishers, players, seconds):
    # A bare program is its own publisher.
    load = run_load(server, "--publishers", 0 if server.raw else publishers, "--players", players,
                    "--duration", f"{seconds}s", "--connect-rate", 300)
    step = load["steps"][0]
    gigabytes = (step["bytes_received"] + step["bytes_sent"]) / 1e9
    return {"server": step["watched"][0]["cpu_s"] / gigabytes,
            "both": (step["watched"][0]["cpu_s"] + step["load_cpu_s"]) / gigabytes,
            "load_share": step["load_cpu_share"],
            "rate": gigabytes / step["duration_s"],
            "p50": step["delay"]["p50_ms"] if step["delay"]["count"] else None,
            "p99": step["delay"]["p99_ms"] if step["delay"]["count"] else None,
            "lost": step["lost"] + load["unanswered"]}


def compare(title, starts, publishers, players, seconds, repeats):
    found = interleaved(starts, lambda server: measure(server, publishers, players, seconds), repeats)
    table = Table(title, ["", "server CPU s/GB", "server + load", "of bare, 1 a write",
                          "of nginx (server)", "of nginx (both)", "delay p50 / p99 ms", "MB/s",
                          "load's core"])
    lone = found.get("bare loop, 1 a write", {})
    peer = found.get("nginx-rtmp", {})
    for name, row in found.items():
        table.add(name, number(row["server"], 3), number(row["both"], 3),
                  ratio(row["both"], lone.get("both")), ratio(row["server"], peer.get("server")),
                  ratio(row["both"], peer.get("both")),
                  f"{number(row['p50'])} / {number(row['p99'])}", number(row["rate"] * 1000, 0),
                  f"{100 * row['load_share']:.0f}%")
        if row["lost"]:
            table.notes.append(f"{name}: {row['lost']:.0f} connections lost.")
    return table


def fanout(players):
    def figure(settings):
        return [compare(f"Fan-out of one 2.65 Mbit/s stream to {players} players", contenders(), 1,
                        players, settings.seconds, settings.repeats)]
    return figure


def many_streams(settings):
    starts = {name: start for name, start in contenders().items() if "bare" not in name}
    return [compare("100 streams of 2.65 Mbit/s to 3 players each", starts, 100, 3,
                    settings.seconds, settings.repeats)]


FIGURES = {f"fanout-{players}": fanout(players) for players in (100, 300, 600, 1000)}
FIGURES["many-streams"] = many_streams
