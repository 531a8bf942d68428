#!/usr/bin/env python3
"""The Grafana dashboard of both services, on stdout: `./weir docs` writes it into the chart."""

import json
from dataclasses import dataclass

# Panels a line; Grafana's grid is 24 wide.
WIDTH, HEIGHT, STAT_HEIGHT = 8, 7, 4
STAT_WIDTH = 4
FLEET = 'namespace=~"$namespace"'


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str
    # Query and legend.
    queries: tuple[tuple[str, str], ...]
    stat: bool = False
    meaning: str = ""


def stat(title, unit, query, meaning=""):
    return Panel(title, unit, ((query, ""),), stat=True, meaning=meaning)


def graph(title, unit, *queries, meaning=""):
    return Panel(title, unit, queries, meaning=meaning)


def rate(metric, by="", labels=""):
    """Per second, summed by some labels."""
    chosen = ", ".join(part for part in (FLEET, labels) if part)
    return f"sum{by and f' by ({by})'} (rate({metric}{{{chosen}}}[$__rate_interval]))"


def quantiles(metric, by="le", labels=""):
    return tuple(
        (f"histogram_quantile({share}, {rate(metric + '_bucket', by, labels)})", name)
        for share, name in ((0.5, "p50"), (0.99, "p99")))


def total(metric, by="", labels=""):
    chosen = ", ".join(part for part in (FLEET, labels) if part)
    return f"sum{by and f' by ({by})'} ({metric}{{{chosen}}})"


ADMIT = 'grpc_method="AdmitSession"'
OURS = f"weir_build_info{{{FLEET}}}"

ROWS = {
    "Now": (
        stat("Publishers", "short", total("weir_streams")),
        stat("Players", "short", total("weir_players")),
        stat("Sessions", "short", total("weir_sessions")),
        stat("Instances that take streams", "short", total("weir_instances", labels='state="active"')),
        stat("Sent to players", "Bps", rate("weir_egress_bytes_total")),
        stat("Store", "bool_on_off", f"min(weir_store_up{{{FLEET}}})"),
    ),
    "Sessions": (
        graph("Live sessions", "short", (total("weir_sessions", "kind, state"), "{{kind}} {{state}}")),
        graph("Admissions", "reqps",
              (rate("weir_session_admissions_total", "result, reason"), "{{result}} {{reason}}")),
        graph("Admission, as control answers it", "s",
              *quantiles("grpc_server_handling_seconds", labels=ADMIT)),
        graph("Ends", "cps", (rate("weir_session_ends_total", "kind, reason"), "{{kind}} {{reason}}")),
        graph("Renewals", "cps", (rate("weir_session_touches_total", "result"), "{{result}}")),
        graph("How late idle sessions end", "s", *quantiles("weir_session_expiry_lag_seconds")),
    ),
    "Media": (
        graph("Streams an instance", "short", (total("weir_streams", "instance"), "{{instance}}")),
        graph("Players an instance", "short",
              (total("weir_players", "instance, protocol"), "{{instance}} {{protocol}}")),
        graph("Connections", "short", (total("weir_rtmp_connections", "role"), "{{role}}")),
        graph("Received and sent", "Bps", (rate("weir_ingress_bytes_total"), "received"),
              (rate("weir_egress_bytes_total", "protocol"), "sent, {{protocol}}")),
        graph("Frames", "cps", (rate("weir_frames_total", "kind"), "{{kind}}"),
              (rate("weir_frames_skipped_total", "protocol"), "skipped, {{protocol}}")),
        graph("How far players are behind", "s", *quantiles("weir_player_lag_seconds")),
        graph("From a player's request to its first frame", "s",
              *quantiles("weir_time_to_first_frame_seconds")),
        graph("Admission, as encoders and players feel it", "s",
              *quantiles("weir_admission_seconds")),
        graph("Streams from other instances", "short",
              (total("weir_relay_streams", "instance"), "{{instance}}")),
        graph("Relays that began, failed or were lost", "cps",
              (rate("weir_relay_events_total", "event"), "{{event}}")),
        graph("Refused and failed connections", "cps",
              (rate("weir_limits_hit_total", "limit"), "limit {{limit}}"),
              (rate("weir_protocol_errors_total", "kind"), "{{kind}}"),
              (rate("weir_rtmp_handshakes_total", "result", 'result=~"failed|timeout"'), "handshake {{result}}")),
    ),
    "Fleet": (
        graph("Instances", "short", (total("weir_instances", "state"), "{{state}}")),
        graph("Load, of the capacity that is known", "percentunit",
              (f"weir:media_load:ratio{{{FLEET}}}", "fleet {{namespace}}")),
        graph("Since control heard an instance", "s",
              (f"max by (instance) (weir_instance_report_age_seconds{{{FLEET}}})", "{{instance}}")),
        graph("Calls to control", "reqps",
              (rate("weir_control_requests_total", "method, code"), "{{method}} {{code}}")),
        graph("Instances that reach control", "short",
              (total("weir_control_connected"), "connected")),
        graph("Takeovers and stale writes", "cps",
              (rate("weir_stream_takeovers_total", "result"), "takeover {{result}}"),
              (rate("weir_stale_writes_rejected_total", "kind"), "stale {{kind}}")),
    ),
    "Shutdown": (
        graph("Asked for, and how it was answered", "cps",
              (rate("weir_shutdown_requests_total", "cause, decision, reason"),
               "{{cause}} {{decision}} {{reason}}")),
        graph("How long drains last", "s", *quantiles("weir_drain_duration_seconds")),
        graph("Publishers of draining instances", "cps",
              (rate("weir_drain_streams_total", "outcome"), "{{outcome}}")),
    ),
    "Store": (
        graph("A commit", "s", *quantiles("weir_store_operation_seconds", labels='op="commit"')),
        graph("Changes in a commit", "short", *quantiles("weir_store_commit_batch_size")),
        graph("Events", "cps", (rate("weir_events_published_total", "type"), "{{type}}")),
    ),
    "Processes": (
        graph("CPU", "short", (f"sum by (instance) (rate(process_cpu_seconds_total[$__rate_interval])"
                               f" and on (job, instance) {OURS})", "{{instance}}")),
        graph("Memory", "bytes",
              (f"process_resident_memory_bytes and on (job, instance) {OURS}", "{{instance}}")),
        graph("File descriptors", "percentunit",
              (f"process_open_fds / process_max_fds and on (job, instance) {OURS}", "{{instance}}")),
    ),
}


def drawn(panel, number, x, y):
    defaults = {"unit": panel.unit, "min": 0}
    return {
        "id": number,
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.meaning,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"x": x, "y": y, "w": STAT_WIDTH if panel.stat else WIDTH,
                    "h": STAT_HEIGHT if panel.stat else HEIGHT},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [{"refId": chr(ord("A") + at), "expr": query, "legendFormat": legend}
                    for at, (query, legend) in enumerate(panel.queries)],
    }


def panels():
    number, y = 0, 0
    for title, row in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
               "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}}
        x, y = 0, y + 1
        for panel in row:
            number += 1
            shape = drawn(panel, number, x, y)
            yield shape
            x += shape["gridPos"]["w"]
            if x >= 24:
                x, y = 0, y + shape["gridPos"]["h"]
        if x > 0:
            y += HEIGHT


def variable(name, label, **more):
    return {"name": name, "label": label, "hide": 0, **more}


DASHBOARD = {
    "uid": "weir",
    "title": "Weir",
    "tags": ["weir"],
    "schemaVersion": 39,
    "editable": True,
    "refresh": "30s",
    "time": {"from": "now-1h", "to": "now"},
    "annotations": {"list": []},
    "templating": {"list": [
        variable("datasource", "Data source", type="datasource", query="prometheus"),
        variable("namespace", "Namespace", type="query", includeAll=True, allValue=".*", multi=True,
                 datasource={"type": "prometheus", "uid": "${datasource}"}, refresh=2,
                 query={"query": "label_values(weir_build_info, namespace)", "refId": "A"},
                 current={"text": "All", "value": "$__all"}),
    ]},
    "panels": list(panels()),
}

if __name__ == "__main__":
    print(json.dumps(DASHBOARD, indent=1))
