"""Contenders in turns, so that whatever else the machine does falls on all of them alike."""

from table import median


def interleaved(starts, measure, repeats):
    """`starts`: name → context manager of a server. `measure(server)` → figures by name.

    Each contender once, then all again; returns name → the medians of its figures.
    """
    runs = {name: [] for name in starts}
    for _ in range(repeats):
        for name, start in starts.items():
            with start() as server:
                runs[name].append(measure(server))
            shown = ", ".join(f"{key} {value:.3f}" for key, value in runs[name][-1].items()
                              if value is not None)
            print(f"    {name}: {shown}", flush=True)
    return {name: {key: median([run[key] for run in results]) for key in results[0]}
            for name, results in runs.items()}
