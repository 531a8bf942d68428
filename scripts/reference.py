#!/usr/bin/env python3
"""What the documentation takes from the sources' declarations.

    reference.py metrics   docs/metrics.md, on stdout
    reference.py events    the names of all log events, one a line
    reference.py reasons   the ErrorInfo reasons that control gives, likewise
    reference.py alerts    the alerts of the chart, likewise
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMON = "Both"
SERVICES = {"common": COMMON, "control_svc": "weir-control", "media_svc": "weir-media"}

# A declaration as common/metrics/registry.h takes it: name, help, then labels in braces or, for
# worker_counters, a single one.
DECLARATION = re.compile(
    r"\b(?P<kind>(?:worker_)?counters?|gauges?|histograms?|gauges_on_scrape|counters_on_scrape)\(\s*"
    r'"(?P<name>[a-z_]+)",\s*(?P<help>(?:"(?:[^"\\]|\\.)*"\s*)+)'
    r'(?:,\s*(?P<labels>\{[^}]*\}|"[a-z_]+"))?')
EVENT = re.compile(r'"([a-z_]+(?:\.[a-z_]+)+)"')
# How status_map and the streams name a refusal.
REASON = re.compile(
    r'(?:Row\{RefusalReason::\w+, \w+,|StatusBuilder\(grpc::StatusCode::\w+,)\s*"([A-Z_]+)"')
ALERT = re.compile(r"^ *- alert: (\w+)$", re.MULTILINE)
# Literals of the same form that name request fields and options.
NOT_EVENTS = ("client.", "limits.", "route.", "store.", "media.")


def sources(folder):
    """The text of each file without its comments, which show examples."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in (".cc", ".h"):
            yield re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def strings(text):
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text or "")


def metrics_of(folder):
    found = {}
    for text in sources(folder):
        for match in DECLARATION.finditer(text):
            kind = re.match(r"(?:worker_)?(counter|gauge|histogram)", match["kind"])[1]
            labels = ", ".join(strings(match["labels"]))
            found[match["name"]] = (kind, labels, "".join(strings(match["help"])))
    return found


def print_metrics():
    print("# Metrics\n\nServed as `/metrics` on `--metrics-listen`, in Prometheus' text format. Most series with\n"
          "labels appear with their first value. This page is written by `./weir docs`.")
    for folder, service in SERVICES.items():
        print(f"\n## {service}\n\n| metric | type | labels | |\n|---|---|---|---|")
        for name, (kind, labels, meaning) in sorted(metrics_of(folder).items()):
            print(f"| `{name}` | {kind} | {labels} | {meaning} |")


def print_events():
    names = {name for folder in SERVICES for text in sources(folder) for name in EVENT.findall(text)}
    print("\n".join(sorted(name for name in names if not name.startswith(NOT_EVENTS))))


def print_reasons():
    names = {name for text in sources("control_svc/rpc") for name in REASON.findall(text)}
    print("\n".join(sorted(names)))


def print_alerts():
    rules = (ROOT / "helm" / "weir" / "rules" / "weir.yaml").read_text(encoding="utf-8")
    print("\n".join(ALERT.findall(rules)))


if __name__ == "__main__":
    {"metrics": print_metrics, "events": print_events,
     "reasons": print_reasons, "alerts": print_alerts}[sys.argv[1]]()
