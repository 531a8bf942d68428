"""The alert rules and the dashboard: tested with recorded series, and made of metrics that exist."""

import json
import re
import sys
import unittest

import yaml
from weir_chart import CHART, ROOT, run

RULES = CHART / "rules" / "weir.yaml"
SERIES = ROOT / "tests" / "chart" / "alerts.yaml"
METRIC = re.compile(r"\b(?:weir|process|grpc_server)_[a-z_]+\b")
# What a query selects by, and what it groups or joins by.
MATCHERS = re.compile(r"\b((?:weir|process|grpc_server)_[a-z_]+)\{([^}]*)\}")
GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")
# Of a histogram.
PARTS = ("_bucket", "_count", "_sum")
# What Prometheus and the chart's monitors add to every series.
OF_THE_TARGET = {"job", "instance", "namespace"}


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[dict]:
    return [rule for rule in rules() if "alert" in rule]


def dashboard_queries() -> list[str]:
    dashboard = json.loads((CHART / "dashboards" / "weir.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def declared_metrics() -> dict[str, set[str]]:
    """The labels of each metric of docs/metrics.md, which is written from the sources."""
    text = (ROOT / "docs" / "metrics.md").read_text()
    found = {}
    for name, kind, labels in re.findall(r"^\| `([a-z_]+)` \| (\w+) \| ([^|]*) \|", text, re.MULTILINE):
        known = OF_THE_TARGET | {label.strip() for label in labels.split(",")}
        if kind == "histogram":
            found |= {name + part: known | {"le"} for part in PARTS}
        else:
            found[name] = known
    return found


def label_names(matchers: str) -> set[str]:
    return set(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', matchers))


class Rules(unittest.TestCase):
    def test_check(self):
        done = run("promtool", "check", "rules", str(RULES))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_with_recorded_series(self):
        done = run("promtool", "test", "rules", str(SERIES))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_has_fired_in_a_test_and_stayed_quiet_in_another(self):
        fired, quiet = set(), set()
        for test in yaml.safe_load(SERIES.read_text())["tests"]:
            for check in test.get("alert_rule_test", []):
                (fired if check.get("exp_alerts") else quiet).add(check["alertname"])
        names = {alert["alert"] for alert in alerts()}
        self.assertEqual(names - fired, set(), "never fired")
        # An alert whose test names the one instance of several is quiet for the others.
        self.assertLessEqual(names - quiet, {"WeirPlayersLag", "WeirLimitHit", "WeirFileDescriptorsShort"})

    def test_every_alert_says_what_and_what_it_means(self):
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertIn(alert["labels"]["severity"], ("critical", "warning"))
                self.assertEqual(set(alert["annotations"]), {"summary", "description"})

    def test_metrics_and_their_labels_exist(self):
        declared = declared_metrics()
        self.assertGreater(len(declared), 40)
        queries = [rule["expr"] for rule in rules()] + dashboard_queries()
        for query in queries:
            with self.subTest(query):
                # What a recording rule made is no metric of the programs.
                query = re.sub(r"weir:[a-z0-9_:]+(\{[^}]*\})?", "", query)
                used = set(METRIC.findall(query))
                self.assertLessEqual(used, declared.keys())
                for metric, matchers in MATCHERS.findall(query):
                    self.assertLessEqual(label_names(matchers), declared[metric])
                of_any = OF_THE_TARGET.union(*(declared[metric] for metric in used))
                for labels in GROUPING.findall(query):
                    self.assertLessEqual(set(labels.split(", ")), of_any)


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv)
