"""How Weir behaves as the load comes and goes, and what a second worker costs."""

from egress_sampler import EgressSampler
from fanout import MESSAGES_A_SECOND
from processes import BOTH_CORES, run_load, weir
from rounds import interleaved
from table import Table, number, ratio

STEPS = (10, 100, 300, 1000, 300, 10)


def merging(settings):
    steps = ",".join(f"{players}:{settings.seconds}s" for players in STEPS)
    with weir() as server, EgressSampler(server) as egress:
        load = run_load(server, "--steps", steps, "--connect-rate", 300)
    table = Table("One stream of 2.65 Mbit/s, from 10 to 1,000 players and back",
                  ["players", "server's core", "server CPU s/GB", "messages a write",
                   "delay p50 / p99 ms", "load's core"])
    for step in load["steps"]:
        watched = step["watched"][0]
        writes = egress.writes_a_second_at(step["bytes_received"] / step["duration_s"])
        table.add(step["players"], f"{100 * watched['cpu_s'] / step['duration_s']:.0f}%",
                  number(watched["cpu_s_per_gb"], 3),
                  number(step["players"] * MESSAGES_A_SECOND / writes if writes else None, 1),
                  f"{number(step['delay']['p50_ms'])} / {number(step['delay']['p99_ms'])}",
                  f"{100 * step['load_cpu_share']:.0f}%")
        table.load_share(f"{step['players']} players", step["load_cpu_share"])
    return [table]


def measure_workers(server, seconds):
    load = run_load(server, "--players", 300, "--duration", f"{seconds}s", "--connect-rate", 300)
    step = load["steps"][0]
    return {"server": step["watched"][0]["cpu_s_per_gb"], "p50": step["delay"]["p50_ms"],
            "p99": step["delay"]["p99_ms"]}


def workers(settings):
    starts = {"one worker": lambda: weir(cores=BOTH_CORES),
              "two workers": lambda: weir(cores=BOTH_CORES, workers=2)}
    found = interleaved(starts, lambda server: measure_workers(server, settings.seconds),
                        settings.repeats)
    table = Table("One stream of 2.65 Mbit/s to 300 players, by workers (on both cores, beside the "
                  "load)", ["", "server CPU s/GB", "of one worker", "delay p50 / p99 ms"])
    for name, row in found.items():
        table.add(name, number(row["server"], 3), ratio(row["server"], found["one worker"]["server"]),
                  f"{number(row['p50'])} / {number(row['p99'])}")
    return [table]


FIGURES = {"merging": merging, "workers": workers}
