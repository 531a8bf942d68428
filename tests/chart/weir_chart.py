"""The chart as helm renders it, for the tests beside this file."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "weir"
VALUES = ROOT / "tests" / "chart" / "values"
VALUE_SETS = sorted(VALUES.glob("*.yaml"))
RELEASE, NAMESPACE = "weir", "video"


def run(*command: str, text: str | None = None) -> subprocess.CompletedProcess:
    assert shutil.which(command[0]), f"{command[0]} is not on PATH; run ./weir deps"
    with tempfile.TemporaryDirectory(prefix="weir-helm-") as home:
        # Nothing of the user's: no repositories, no plugins, no cluster.
        environment = {**os.environ, "HOME": home, "KUBECONFIG": os.devnull}
        return subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, timeout=120,
            env=environment,
        )  # fmt: skip


def helm_template(values: Path, *options: str, chart: Path = CHART) -> subprocess.CompletedProcess:
    return run(
        "helm", "template", RELEASE, str(chart), "--namespace", NAMESPACE, "--values", str(values),
        "--kube-version", "1.29.0", *options,
    )  # fmt: skip


@cache
def rendered_text(values: str) -> str:
    done = helm_template(VALUES / f"{values}.yaml")
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(values: str) -> list[dict]:
    """All objects of a value set."""
    return [each for each in yaml.safe_load_all(rendered_text(values)) if each]


def find(objects: list[dict], kind: str, name: str) -> dict:
    found = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} objects {kind} {name}"
    return found[0]


def refusal(**values) -> str:
    """What helm says to these values, which it has to refuse."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"insecure": True, **values}, file)
        file.flush()
        done = helm_template(Path(file.name))
    assert done.returncode != 0, f"{values} was accepted"
    return done.stderr


def pod_templates(objects: list[dict]):
    """The pods of all workloads: the workload, its pod's labels and its pod's spec."""
    for each in objects:
        if each["kind"] in ("Deployment", "StatefulSet"):
            template = each["spec"]["template"]
            yield each, template["metadata"]["labels"], template["spec"]
        elif each["kind"] == "Pod":
            yield each, each["metadata"]["labels"], each["spec"]
