#!/usr/bin/env python3
"""What the Helm chart takes from elsewhere, so that nothing is written twice.

    chart_reference.py schema      values.schema.json with the programs' options, on stdout
    chart_reference.py quantities  quantities.yaml, the bounds that no schema compares with, on stdout
    chart_reference.py readme      the chart's README.md from its values, on stdout

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
# As common/config/units.cc reads them.
UNITS = {
    "duration": {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000},
    "size": {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30},
}


def option_table(program):
    """Flag, variable, type, default, bounds and help of each option."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {program}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.match("--[a-z]", cells[0]):
            flag, variable, _, kind, default, bounds, meaning = cells
            yield flag.removeprefix("--"), variable, kind.replace("\\|", "|"), default, bounds, meaning


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
    if kind in UNITS:
        # What is no number at all; the templates say in a sentence what else is wrong.
        return {"type": "string", "pattern": r"^-?[0-9]"}
    return {"type": "string"}


def chart_options(program):
    """Those that are left to the chart's users."""
    taken = set_by_templates()
    for option in option_table(program):
        flag, variable, *_ = option
        if flag not in NOT_SERVING and variable not in taken:
            yield option


def options_schema(program):
    properties = {}
    for flag, _, kind, _, bounds, meaning in chart_options(program):
        described = f"{meaning} ({bounds})" if bounds else meaning
        properties[flag] = {"description": described, **value_schema(kind, bounds)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def print_schema():
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    schema["definitions"]["controlOptions"] = options_schema("weir-control")
    schema["definitions"]["mediaOptions"] = options_schema("weir-media")
    print(json.dumps(schema, indent=2))


def in_least_unit(kind, text):
    number, unit = re.fullmatch(r"([0-9]+)([A-Za-z]*)", text).groups()
    return int(number) * UNITS[kind].get(unit, 1)


def quantity(kind, default, bounds):
    least, most = (in_least_unit(kind, bound) for bound in COUNTED.fullmatch(bounds).groups())
    said = {"kind": kind, "bounds": bounds}
    return said | {"least": least, "most": most, "default": in_least_unit(kind, default)}


def print_quantities():
    services = {
        service: {
            flag: quantity(kind, default, bounds)
            for flag, _, kind, default, bounds, _ in chart_options(f"weir-{service}")
            if kind in UNITS
        }
        for service in ("control", "media")
    }
    print("# The options that have a unit, for templates/_quantities.tpl: bounds and default in milliseconds or")
    print("# bytes. This file is written by `./weir docs`.")
    print(yaml.safe_dump({"units": UNITS, **services}, sort_keys=False), end="")


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

Unknown keys, wrong types, and durations and sizes beyond their bounds are refused.

| value | default | |
|---|---|---|"""


if __name__ == "__main__":
    {"schema": print_schema, "quantities": print_quantities, "readme": print_readme}[sys.argv[1]]()
