#!/usr/bin/env python3
"""What the Helm chart takes from elsewhere, so that nothing is written twice.

    chart_reference.py schema   values.schema.json with the programs' options, on stdout
    chart_reference.py readme   the chart's README.md from its values, on stdout

The options are those of docs/configuration.md, which the programs print themselves.
"""

import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "helm" / "weir"
# Options that are done instead of serving.
NOT_SERVING = {"store-backup", "store-restore"}

COUNTED = re.compile(r"(\S+) to (\S+)")
DURATION = r"^(0|[0-9]+(ms|s|m|h|d))$"
SIZE = r"^(0|[0-9]+(B|KiB|MiB|GiB))$"


def option_table(program):
    """Flag, variable, type, bounds and help of each option, by its flag."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {program}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.match("--[a-z]", cells[0]):
            flag, variable, _, kind, _, bounds, meaning = cells
            yield flag.removeprefix("--"), variable, kind.replace("\\|", "|"), bounds, meaning


def set_by_templates():
    """Variables that the chart works out itself."""
    text = "".join(path.read_text(encoding="utf-8") for path in CHART.glob("templates/**/*.yaml"))
    return set(re.findall(r"\bWEIR_[A-Z_]+\b", text))


def value_schema(kind, bounds):
    if kind == "true | false":
        return {"type": "boolean"}
    if "|" in kind and "host:port" not in kind:
        return {"enum": [word.strip() for word in kind.split("|")]}
    if kind in ("integer", "number"):
        least, most = map(float if kind == "number" else int, COUNTED.fullmatch(bounds).groups())
        return {"type": kind, "minimum": least, "maximum": most}
    if kind == "duration":
        return {"type": "string", "pattern": DURATION}
    if kind == "size":
        return {"type": "string", "pattern": SIZE}
    return {"type": "string"}


def options_schema(program):
    taken = set_by_templates()
    properties = {}
    for flag, variable, kind, bounds, meaning in option_table(program):
        if flag in NOT_SERVING or variable in taken:
            continue
        described = f"{meaning} ({bounds})" if bounds else meaning
        properties[flag] = {"description": described, **value_schema(kind, bounds)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def print_schema():
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    schema["definitions"]["controlOptions"] = options_schema("weir-control")
    schema["definitions"]["mediaOptions"] = options_schema("weir-media")
    print(json.dumps(schema, indent=2))


def described_values(node, comments, prefix=""):
    """Each leaf of the values: its path, its default and the comment above it."""
    for key, value in node.value:
        path = f"{prefix}{key.value}"
        comment = comment_above(comments, key.start_mark.line)
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            if comment:
                yield path, None, comment
            yield from described_values(value, comments, f"{path}.")
        else:
            yield path, yaml.safe_load(yaml.serialize(value)), comment


def comment_above(lines, at):
    found = []
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
        found.insert(0, lines[at].strip().lstrip("# "))
    return " ".join(found)


def print_readme():
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    root = yaml.compose(text)
    print(README)
    for path, default, comment in described_values(root, text.splitlines()):
        shown = "" if default is None else f"`{json.dumps(default)}`"
        print(f"| `{path}` | {shown} | {comment.replace('|', chr(92) + '|')} |")


README = """# The weir chart

One weir-control with its store on a volume, and a fleet of weir-media pods that roll out, scale in
and leave nodes by draining. Kubernetes 1.29 or later. This page is written by `./weir docs`.

```sh
./weir image                                  # weir/control and weir/media
helm install weir helm/weir --set insecure=true
helm test weir
```

`insecure=true` says that you know this: there is no TLS between the services yet, and callers are
not authenticated. Sizes, the drain budget, upgrades, backups: [docs/operating.md](../../docs/operating.md).

## Values

Unknown keys and wrong types are refused.

| value | default | |
|---|---|---|"""


if __name__ == "__main__":
    {"schema": print_schema, "readme": print_readme}[sys.argv[1]]()
