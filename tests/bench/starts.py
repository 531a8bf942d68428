"""How long streams take to open, what opening them costs, and the delay when nothing else happens."""

from notified import notified_nginx
from processes import bare, nginx, run_load, thread_cpu, weir
from rounds import interleaved
from table import Table, number, ratio

RATE = 50
CHURN_RATE = 200
NOTIFYING = "nginx-rtmp, asking over HTTP"
BARE = "bare dialogue"
# Both ends, because how the work is shared depends on who runs TCP. The bare dialogue knows its
# answers by heart; a server that reads what is said, waits for an admission before it answers,
# counts and logs may take half as much again and a little.
PUBLISH_OF_BARE = 1.6
# The threads of weir-media that serve connections; the others talk to control and write logs.
WORKER_THREADS = "worker-"


def admission_ms(server, run):
    """Calls `run` and returns its answer with the mean time of an admission meanwhile."""
    def counters():
        if not server.metrics:
            return 0, 0
        return (server.metric("weir_admission_seconds_sum"),
                server.metric("weir_admission_seconds_count"))
    seconds, count = counters()
    answer = run()
    seconds_after, count_after = counters()
    calls = count_after - count
    return answer, 1000 * (seconds_after - seconds) / calls if calls else 0


def measure_open(server, seconds):
    publish, publish_admission = admission_ms(server, lambda: run_load(
        server, "--publishers", 0, "--churn", RATE, "--duration", f"{seconds}s"))
    play, play_admission = admission_ms(server, lambda: run_load(
        server, "--publishers", 1, "--churn", RATE, "--churn-role", "play", "--duration",
        f"{seconds}s"))
    return {"publish p50": publish["publish_start"]["p50_ms"],
            "publish p99": publish["publish_start"]["p99_ms"],
            "publish admission": publish_admission,
            "frame p50": play["first_frame"]["p50_ms"],
            "frame p99": play["first_frame"]["p99_ms"],
            "play admission": play_admission}


def opening(settings):
    found = interleaved({"nginx-rtmp": nginx, "weir": weir},
                        lambda server: measure_open(server, settings.seconds), settings.repeats)
    table = Table(f"Opening a stream, {RATE} connections a second",
                  ["", "connect → Publish.Start p50 / p99 ms", "of it the admission (mean)",
                   "p50 beyond it", "connect → first frame p50 / p99 ms",
                   "of it the admission (mean)", "p50 beyond it"])
    for name, row in found.items():
        table.add(name, f"{number(row['publish p50'])} / {number(row['publish p99'])}",
                  number(row["publish admission"]),
                  number(row["publish p50"] - row["publish admission"]),
                  f"{number(row['frame p50'])} / {number(row['frame p99'])}",
                  number(row["play admission"]), number(row["frame p50"] - row["play admission"]))
    ours = found["weir"]
    table.goal("connect → Publish.Start beyond the admission",
               ours["publish p50"] - ours["publish admission"], 1, " ms")
    table.goal("connect → first frame beyond the admission",
               ours["frame p50"] - ours["play admission"], 1, " ms")
    table.notes.append("Weir starts a player at a keyframe that it holds; nginx-rtmp lets it wait "
                       "for the next.")
    return [table]


def measure_churn(server, seconds):
    before = thread_cpu(server.pid)
    load = run_load(server, "--publishers", 0, "--churn", CHURN_RATE, "--warm-up", "0",
                    "--duration", f"{seconds}s")
    after = thread_cpu(server.pid)
    spent = {name: after[name] - before.get(name, 0) for name in after}
    of_workers = [cpu for name, cpu in spent.items() if name.startswith(WORKER_THREADS)]
    # The threads' times are of the whole run.
    publishes = max(1, load["publish_start"]["count"])
    total = sum(spent.values())
    return {"all": 1000 * total / publishes,
            "load": 1000 * load["steps"][0]["load_cpu_s"] / publishes,
            "workers": 1000 * (sum(of_workers) if of_workers else total) / publishes}


def churn(settings):
    starts = {BARE: lambda: bare("bare-dialogue", raw=False), "nginx-rtmp": nginx,
              NOTIFYING: notified_nginx, "weir": weir}
    found = interleaved(starts, lambda server: measure_churn(server, settings.seconds),
                        settings.repeats)
    least, peer, notifying = found[BARE], found["nginx-rtmp"], found[NOTIFYING]
    table = Table(f"CPU of a publish from connect to close, {CHURN_RATE} a second",
                  ["", "ms, all of the process", "of the nginx that asks",
                   "ms beyond admission and events", "of bare", "of nginx", "with the load's",
                   "of bare", "of nginx"])

    def both(row):
        return row["workers"] + row["load"]

    for name, row in found.items():
        asks_apart = name != NOTIFYING
        table.add(name, number(row["all"], 3), ratio(row["all"], notifying["all"]),
                  *((number(row["workers"], 3), ratio(row["workers"], least["workers"]),
                     ratio(row["workers"], peer["workers"])) if asks_apart else "–––"),
                  number(both(row), 3), ratio(both(row), both(least)),
                  ratio(both(row), both(peer)))
    table.notes.append("The bare dialogue has the same bytes in the same order: accept, a read for "
                       "what the client says, a write of what it was taught to answer, close.")
    table.notes.append("All of weir-media is its workers, its admission over gRPC, its events to "
                       "control and its log. The nginx that asks calls an HTTP server on the load's "
                       "core when a publish begins and ends (on_publish, on_publish_done).")
    table.goal("beyond admission and events, with the load's, of the bare dialogue",
               both(found["weir"]) / both(least), PUBLISH_OF_BARE, " ×")
    return [table]


def measure_delay(server, seconds):
    load = run_load(server, "--publishers", 1, "--players", 1, "--duration", f"{seconds}s")
    delay = load["steps"][0]["delay"]
    return {"p50": delay["p50_ms"], "p99": delay["p99_ms"], "max": delay["max_ms"]}


def idle_delay(settings):
    found = interleaved({"nginx-rtmp": nginx, "weir": weir},
                        lambda server: measure_delay(server, settings.seconds), settings.repeats)
    table = Table("Delay in → out, one stream of 2.65 Mbit/s and one player",
                  ["", "p50 ms", "p99 ms", "max ms"])
    for name, row in found.items():
        table.add(name, number(row["p50"]), number(row["p99"]), number(row["max"]))
    table.goal("p50", found["weir"]["p50"], 0.3, " ms")
    table.goal("p99", found["weir"]["p99"], 1, " ms")
    return [table]


FIGURES = {"delay-idle": idle_delay, "opening": opening, "churn": churn}
