"""A stream that another instance holds: what its relay adds to the delay, and what it costs."""

import concurrent.futures
import contextlib

from processes import LOAD_CORE, SERVER_CORE, publishing, run_load, weir_control, weir_media
from rounds import interleaved
from table import Table, median, number, ratio

PLAYERS = 100
DIRECT, RELAYED = "on the instance that holds it", "through the relay of another"


def instance(control, name, cores):
    return weir_media(control, cores, name=name, options=("--instance-id", name))


@contextlib.contextmanager
def direct():
    with (weir_control(cores=LOAD_CORE) as control,
          instance(control, "holder", SERVER_CORE) as holder, publishing(holder, 1)):
        yield holder


@contextlib.contextmanager
def relayed():
    """The relaying instance has a core of its own; the holder shares that of the load."""
    with (weir_control(cores=LOAD_CORE) as control,
          instance(control, "holder", LOAD_CORE) as holder,
          instance(control, "edge", SERVER_CORE) as edge, publishing(holder, 1)):
        yield edge


def play(server, players, seconds):
    return run_load(server, "--publishers", 0, "--streams", 1, "--players", players, "--duration",
                    f"{seconds}s")["steps"][0]


def delays(seconds):
    """Of two players of one stream at the same time: there, and here."""
    with (weir_control(cores=LOAD_CORE) as control,
          instance(control, "holder", SERVER_CORE) as holder,
          instance(control, "edge", SERVER_CORE) as edge, publishing(holder, 1),
          concurrent.futures.ThreadPoolExecutor() as pool):
        steps = list(pool.map(lambda server: play(server, 1, seconds), (holder, edge)))
    return [step["delay"] for step in steps]


def relay_delay(settings):
    rounds = [delays(settings.seconds) for _ in range(settings.repeats)]
    table = Table("Delay in → out of one stream of 2.65 Mbit/s, both players at the same time",
                  ["player", "p50 ms", "p99 ms", "max ms"])
    keys = ("p50_ms", "p99_ms", "max_ms")
    found = [[median([one[which][key] for one in rounds]) for key in keys] for which in (0, 1)]
    for name, row in zip((DIRECT, RELAYED), found, strict=True):
        table.add(name, *(number(value) for value in row))
    table.add("added", *(number(here - there) for there, here in zip(*found, strict=True)))
    table.notes.append("Both instances share one core, publisher and players the other.")
    return [table]


def measure(server, seconds):
    step = play(server, PLAYERS, seconds)
    return {"cpu": step["watched"][0]["cpu_s"] / (step["bytes_received"] / 1e9),
            "p50": step["delay"]["p50_ms"], "p99": step["delay"]["p99_ms"],
            "rate": step["bytes_received"] / 1e6 / step["duration_s"], "lost": step["lost"]}


def relay_fanout(settings):
    found = interleaved({DIRECT: direct, RELAYED: relayed},
                        lambda server: measure(server, settings.seconds), settings.repeats)
    table = Table(f"One stream of 2.65 Mbit/s to {PLAYERS} players",
                  ["players", "CPU s/GB of their instance", "of direct", "delay p50 / p99 ms",
                   "MB/s"])
    for name, row in found.items():
        table.add(name, number(row["cpu"], 3), ratio(row["cpu"], found[DIRECT]["cpu"]),
                  f"{number(row['p50'])} / {number(row['p99'])}", number(row["rate"], 0))
        if row["lost"]:
            table.notes.append(f"{name}: {row['lost']:.0f} connections lost.")
    return [table]


FIGURES = {"relay-delay": relay_delay, "relay-fanout": relay_fanout}
