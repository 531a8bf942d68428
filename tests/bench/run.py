#!/usr/bin/env python3
"""Measures Weir beside bare programs and nginx-rtmp, as ratios in one run.

Figures whose name contains one of the given words, or all of them. Needs the release build
(`./weir bench` makes it) and a machine that does nothing else.
"""

import argparse
import datetime
import platform
import sys
from pathlib import Path

import attachment
import control
import fanout
import ingest
import memory
import moves
import regimes
import relaying
import sigterm
import starts
from processes import ROOT, Missing, cores_available

FIGURES = {**starts.FIGURES, **fanout.FIGURES, **ingest.FIGURES, **memory.FIGURES,
           **regimes.FIGURES, **control.FIGURES, **attachment.FIGURES, **moves.FIGURES,
           **relaying.FIGURES, **sigterm.FIGURES}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="words that a figure's name contains")
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=3, help="rounds, of which medians are taken")
    parser.add_argument("--list", action="store_true", help="only name the figures")
    return parser.parse_args()


def heading():
    model = next((line.split(":", 1)[1].strip()
                  for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return (f"{datetime.date.today()}, {cores_available()} cores, {model}, "
            f"Linux {platform.release()}")


def is_wanted(name, words):
    """A whole name means that figure alone: fanout-100 is not fanout-1000."""
    return not words or any(word == name or (word not in FIGURES and word in name)
                            for word in words)


def main():
    settings = parse_arguments()
    chosen = [name for name in FIGURES if is_wanted(name, settings.names)]
    if settings.list or not chosen:
        print("\n".join(FIGURES))
        return 0 if settings.list else 2
    if cores_available() < 2:
        print("bench: needs two cores, one for the server and one for the load", file=sys.stderr)
        return 1
    output = ROOT / "build" / "bench.md"
    output.parent.mkdir(exist_ok=True)
    failed = 0
    with open(output, "w", encoding="utf-8") as file:
        print(heading() + "\n", file=file)
        for name in chosen:
            print(f"== {name}", flush=True)
            try:
                for table in FIGURES[name](settings):
                    print("\n" + table.markdown(), flush=True)
                    print(table.markdown(), file=file, flush=True)
            except (Missing, RuntimeError) as error:
                print(f"    {name}: {error}", file=sys.stderr, flush=True)
                failed += 1
    print(f"{heading()}\nwritten to {output.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
