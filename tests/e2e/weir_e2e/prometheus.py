"""A real Prometheus that scrapes the services as the chart's monitors make it."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

from .process import Process, free_port
from .waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "helm" / "weir"


class Prometheus(Process):
    def __init__(self, cwd: Path, control: str, media: str, interval: str):
        """Scrapes and evaluates every `interval`; the addresses are those of the admin ports."""
        folder = cwd / "prometheus"
        folder.mkdir()
        configuration = {
            "global": {"scrape_interval": interval, "evaluation_interval": interval},
            "rule_files": [str(CHART / "rules" / "weir.yaml")],
            "scrape_configs": [
                self._target("control", control, "control-0", honor_labels=True),
                self._target("media", media, "media-0"),
            ],
        }
        # JSON is YAML.
        (folder / "prometheus.yml").write_text(json.dumps(configuration))
        # It does not tell which port it got for port 0.
        self.address = f"127.0.0.1:{free_port()}"
        super().__init__(
            "prometheus",
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}",
                f"--web.listen-address={self.address}",
            ],
            cwd,
        )
        wait_for("Prometheus is ready", self._ready)

    @staticmethod
    def _target(job: str, address: str, instance: str, **more) -> dict:
        labels = {"namespace": "video", "instance": instance}
        return {
            "job_name": job,
            "static_configs": [{"targets": [address], "labels": labels}],
            **more,
        }

    def _ready(self) -> bool:
        assert self.running, self.report()
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as page:
                return page.status == 200
        except OSError:
            return False

    def get(self, path: str, **parameters):
        query = urllib.parse.urlencode(parameters)
        url = f"http://{self.address}/api/v1/{path}?{query}"
        with urllib.request.urlopen(url, timeout=30) as page:
            return json.load(page)["data"]

    def query(self, expression: str) -> list[dict]:
        """The series of an expression now; raises on one that is not valid."""
        return self.get("query", query=expression)["result"]

    def value(self, expression: str) -> float | None:
        """Of a single series, if there is one."""
        series = self.query(expression)
        return float(series[0]["value"][1]) if series else None


def dashboard_panels() -> list[dict]:
    return [panel for panel in _everything_shown() if panel["type"] != "row"]


def dashboard_rows() -> list[dict]:
    """The titles between the panels."""
    return [panel for panel in _everything_shown() if panel["type"] == "row"]


def _everything_shown() -> list[dict]:
    return json.loads((CHART / "dashboards" / "weir.json").read_text())["panels"]


def filled_in(expression: str, interval: str) -> str:
    """With what Grafana puts in the place of its variables."""
    return expression.replace("$namespace", "video").replace("$__rate_interval", interval)
