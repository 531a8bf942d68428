"""One stream to many players, and many streams to a few each: CPU a gigabyte, and delay."""

from egress_sampler import EgressSampler
from processes import bare, nginx, run_load, weir
from rounds import interleaved
from table import Table, number, ratio

ONE_A_WRITE = "bare loop, 1 a write"
AT_ONCE = "weir, told to send at once"
MERGING = "weir, told to merge 100 ms"
CHOOSING = "weir, by its own choice"
# weir-load's stream: 30 video frames and 47 audio messages a second.
MESSAGES_A_SECOND = 77


def bare_loop(batch):
    return f"bare loop, {batch} a write"


def contenders():
    """Name → how it is started."""
    return {**{bare_loop(batch): lambda batch=batch: bare("bare-send", "--batch", str(batch))
               for batch in (1, 8, 26)},
            "nginx-rtmp": nginx,
            AT_ONCE: lambda: weir(options=("--egress-merge-max", "0")),
            MERGING: lambda: weir(options=("--egress-merge-min", "100ms")),
            CHOOSING: weir}


def measure(server, publishers, players, seconds):
    with EgressSampler(server) as egress:
        # bare-send is its own publisher.
        load = run_load(server, "--publishers", 0 if server.name == "bare-send" else publishers,
                        "--players", players, "--duration", f"{seconds}s", "--connect-rate", 300)
    step = load["steps"][0]
    gigabytes = (step["bytes_received"] + step["bytes_sent"]) / 1e9
    writes_a_second = egress.writes_a_second_at(step["bytes_received"] / step["duration_s"])
    return {"server": step["watched"][0]["cpu_s"] / gigabytes,
            "both": (step["watched"][0]["cpu_s"] + step["load_cpu_s"]) / gigabytes,
            "load_share": step["load_cpu_share"],
            "rate": gigabytes / step["duration_s"],
            "batch": publishers * players * MESSAGES_A_SECOND / writes_a_second
                     if writes_a_second else None,
            "p50": step["delay"]["p50_ms"] if step["delay"]["count"] else None,
            "p99": step["delay"]["p99_ms"] if step["delay"]["count"] else None,
            "lost": step["lost"] + load["unanswered"]}


def bare_at(found, batch):
    """What the bare loop costs at any batch: so much a byte, and so much a write."""
    small, large = found[bare_loop(8)]["server"], found[bare_loop(26)]["server"]
    a_write = (small - large) / (1 / 8 - 1 / 26)
    return small + a_write * (1 / batch - 1 / 8)


# The numbers of players that the design sets goals for.
JUDGED = (300, 1_000)


def compare(title, starts, publishers, players, seconds, repeats):
    found = interleaved(starts, lambda server: measure(server, publishers, players, seconds), repeats)
    table = Table(title, ["", "server CPU s/GB", "server + load", "of bare, 1 a write (both)",
                          "of nginx (server)", "of nginx (both)", "messages a write",
                          "delay p50 / p99 ms", "MB/s", "load's core"])
    lone = found.get(ONE_A_WRITE, {})
    peer = found.get("nginx-rtmp", {})
    for name, row in found.items():
        table.add(name, number(row["server"], 3), number(row["both"], 3),
                  ratio(row["both"], lone.get("both")), ratio(row["server"], peer.get("server")),
                  ratio(row["both"], peer.get("both")), number(row["batch"], 1),
                  f"{number(row['p50'])} / {number(row['p99'])}", number(row["rate"] * 1000, 0),
                  f"{100 * row['load_share']:.0f}%")
        table.load_share(name, row["load_share"])
        if row["lost"]:
            table.notes.append(f"{name}: {row['lost']:.0f} connections lost.")
    if lone and players in JUDGED:
        add_goals(table, found)
    return table


def add_goals(table, found):
    at_once, merging = found[AT_ONCE], found[MERGING]
    table.goal("sending at once, of the bare loop (both)", at_once["both"] / found[ONE_A_WRITE]["both"],
               1.1, " ×")
    table.goal("merging, the server", merging["server"], 0.36, " s/GB")
    if merging["batch"]:
        table.goal("merging, of the bare loop at the same batch (server)",
                   merging["server"] / bare_at(found, merging["batch"]), 1.15, " ×")


def fanout(players):
    def figure(settings):
        return [compare(f"Fan-out of one 2.65 Mbit/s stream to {players} players", contenders(), 1,
                        players, settings.seconds, settings.repeats)]
    return figure


def many_streams(settings):
    starts = {name: start for name, start in contenders().items() if "bare" not in name}
    starts = {ONE_A_WRITE: lambda: bare("bare-relay", "--streams", "100"), **starts}
    return [compare("100 streams of 2.65 Mbit/s to 3 players each", starts, 100, 3,
                    settings.seconds, settings.repeats)]


FIGURES = {f"fanout-{players}": fanout(players) for players in (100, 300, 600, 1000)}
FIGURES["many-streams"] = many_streams
