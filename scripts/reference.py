#!/usr/bin/env python3
"""What the documentation takes from the sources' declarations.

    reference.py metrics   docs/metrics.md, on stdout
    reference.py lines     docs/log-lines.md, on stdout
    reference.py check     complains of pages written by hand that lack a name, or know one too many
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
# A line that is written with its level in sight, up to its fields.
LINE = re.compile(r"log::(debug|info|warn|error)\(([^{;]*)")
# One call that writes a line; its arguments follow. One whose level was chosen before is write_line.
CALL = re.compile(r'\b(?:log::(debug|info|warn|error)\(|write_line\((?="))')
CHOSEN_LEVEL = re.compile(r"write_line = [^;]*log::(\w+) : log::(\w+);")
KEY = re.compile(r'\{"([a-z_]+)",')
# Lines of many events, by their first field: the event is what changed, or what was called.
FAMILIES = {"session_id": "weir.session.", "instance_id": "weir.instance.", "caller": "audit."}
# How status_map and the streams name a refusal.
REASON = re.compile(
    r'(?:Row\{RefusalReason::\w+, (?=\w+,)|StatusBuilder\(grpc::StatusCode::)(\w+),\s*"([A-Z_]+)"')
# A line of the contract's comments that lists refusals: gRPC's code, then one or more reasons.
REFUSED = re.compile(r"^ *//   ([A-Z][A-Z_]+ .*)$", re.MULTILINE)
# What the contract says that a later release may answer.
LATER = {"CREDENTIAL_REJECTED": {"PERMISSION_DENIED"}}
ALERT = re.compile(r"^ *- alert: (\w+)$", re.MULTILINE)
# A status that is an error, the text that goes with one, and the words for why a connection ends.
STATUS = re.compile(r':\s+return \{"(Net[\w.]+)", true\}')
REFUSAL = re.compile(
    r'(?:denied\(kind\(\),|\.description =|close_reason_ =|kUnreachable\) return|string_view k\w+ =)'
    r'\s*"([^"]* [^"]*\w\.?)"')
WORD = re.compile(r'return "(\w+)";')
CODES = ("ABORTED", "ALREADY_EXISTS", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "NOT_FOUND", "OK",
         "OUT_OF_RANGE", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE")
# Literals of the same form that name request fields and options.
NOT_EVENTS = ("client.", "limits.", "route.", "store.backend", "media.")


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


def events():
    names = {name for folder in SERVICES for text in sources(folder) for name in EVENT.findall(text)}
    return {name for name in names if not name.startswith(NOT_EVENTS)}


def levels():
    """The levels of each event whose line says it in place."""
    found = {}
    for folder in SERVICES:
        for text in sources(folder):
            for level, said in LINE.findall(text):
                for name in EVENT.findall(said):
                    found.setdefault(name, set()).add(level)
    return found


def arguments(text, start):
    """The arguments of the call whose parenthesis opens before `start`, at their commas."""
    depth, parts, begin = 0, [], start
    # Text that stands in quotes is passed over whole.
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[(){},]', text[start:]):
        at = start + token.start()
        if token[0] == "," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
        elif token[0] in "({":
            depth += 1
        elif token[0] in ")}":
            if depth == 0:
                return [*parts, text[begin:at]]
            depth -= 1
    return parts


def lines_of(folder):
    """Event, level and fields of each line that the folder's sources write."""
    for text in sources(folder):
        for call in CALL.finditer(text):
            said, fields, *_ = arguments(text, call.end())
            keys = tuple(KEY.findall(fields))
            chosen = re.search(rf"\b{re.escape(said.strip())} = ([^;]*);", text)
            level = call[1] or ", ".join(CHOSEN_LEVEL.search(text).groups())
            names = EVENT.findall(said) or EVENT.findall(chosen[1] if chosen else "")
            if not names:
                names = sorted(each for each in events() if each.startswith(FAMILIES[keys[0]]))
            for name in names:
                yield name, level, keys


def print_lines():
    print("# Log lines\n\nThe fields of each event, after those that every line has ([logs](logs.md) says those, and when an\n"
          "event is written). Some events are written in several places with other fields. The log's\nown complaint, `log.lines_lost` (warn), has `lines_lost`. This page is written by `./weir docs`.")
    for folder, service in SERVICES.items():
        print(f"\n## {service}\n\n| event | level | fields |\n|---|---|---|")
        for name, level, keys in sorted(set(lines_of(folder))):
            print(f"| `{name}` | {level} | {', '.join(f'`{key}`' for key in keys)} |")


def reasons():
    """What a refusal can say, and the codes that go with it."""
    found = {}
    for text in sources("control_svc/rpc"):
        for code, name in REASON.findall(text):
            found.setdefault(name, set()).add(code)
    return found


def listed(contract):
    """The codes and reasons that the comments of a part of the contract list."""
    for line in REFUSED.findall(contract):
        code = None
        for word in re.findall(r"\b[A-Z][A-Z_]+\b", line.split("  (")[0]):
            if code is None or "," in line and word in CODES:
                code = word
            else:
                yield code, word


def wrong_refusals(contracts):
    known = reasons()
    found = {pair for contract in contracts for pair in listed(contract)}
    for code, name in sorted(found):
        if code not in known.get(name, LATER.get(name, set())):
            yield f"proto/weir/v1 lists {code} {name}, which no call answers"
    for name in sorted(known.keys() - {name for _, name in found}):
        yield f"proto/weir/v1 does not list {name}, which calls answer"


def alerts():
    return set(ALERT.findall((ROOT / "helm/weir/rules/weir.yaml").read_text(encoding="utf-8")))


def refusals():
    """What a client is told, and what the log says of a connection that was closed."""
    rtmp = ROOT / "media_svc" / "rtmp"
    found = set(STATUS.findall((rtmp / "status.cc").read_text(encoding="utf-8")))
    for file in (rtmp / "error.cc", ROOT / "media_svc" / "net" / "close_reason.cc"):
        found |= set(WORD.findall(file.read_text(encoding="utf-8"))) - {"unknown"}
    texts = [*sources("media_svc/net"), (rtmp / "server_commands.cc").read_text(encoding="utf-8")]
    return found | {said for text in texts for said in REFUSAL.findall(text)}


def first_cells(text):
    """What the tables of a text are about, without their heads."""
    lines = text.splitlines()
    for before, line in zip(lines, lines[1:]):
        if line.startswith("| ") and before.startswith("|"):
            yield line.split(" | ")[0].removeprefix("| ")


def section(page, heading):
    """Of a page, what stands under a heading; all of it without one."""
    if not heading:
        return page
    return page.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def lacking(text, names):
    """Those of the names that stand neither `so`, nor in *a text that is so*, nor alone in a cell."""
    def stands(name):
        word = re.escape(name)
        return re.search(rf"`{word}`|\*[^*\n]*{word}[^*\n]*\*|\| {word} \|", text)

    return [name for name in sorted(names) if not stands(name)]


def beyond(text, names, form):
    """What has the form of a name in a table's first column, and is none."""
    mentioned = {word for cell in first_cells(text) for word in re.findall(form, cell)}
    return sorted(mentioned - set(names))


def wrong_levels(page, known):
    """Events whose row of the page has another level; a row of several has one for all, or one each."""
    for line in page.splitlines():
        cells = line.split(" | ")
        names = EVENT.findall(cells[0].replace("`", '"'))
        if not names or len(cells) != 3:
            continue
        said = cells[1].split(", ")
        each = [{level} for level in said] if len(said) == len(names) else [set(said)] * len(names)
        for name, given in zip(names, each):
            if known.get(name, given) != given:
                yield name


# Page, heading, what has to be there, and the form of what may be there only if it is one. By hand but
# for the log's lines, where a call of another form could be missed.
LISTS = (
    ("docs/logs.md", None, events, r"`([a-z_]+(?:\.[a-z_]+)+)`"),
    ("docs/log-lines.md", None, events, r"`([a-z_]+(?:\.[a-z_]+)+)`"),
    ("docs/troubleshooting.md", "Reasons of the API", reasons, r"`([A-Z_]+)`"),
    ("docs/troubleshooting.md", "Refusals of RTMP", refusals, r"`(Net[\w.]+)`"),
    ("docs/troubleshooting.md", "Alerts", alerts, r"^(\w+)$"),
)

CONTRACT = [f"proto/weir/v1/{part}_service.proto" for part in ("session", "instance", "stream", "event")]


def complaints(read):
    for path, heading, names_of, form in LISTS:
        names, text = names_of(), section(read(path), heading)
        for name in lacking(text, names):
            yield f"{path} does not name {name}, of the {names_of.__name__}"
        for name in beyond(text, names, form):
            yield f"{path} names {name}, which is none of the {names_of.__name__}"
    for name in wrong_levels(read("docs/logs.md"), levels()):
        yield f"docs/logs.md has another level for {name}"
    yield from wrong_refusals(read(path) for path in CONTRACT)


def check():
    found = list(complaints(lambda path: (ROOT / path).read_text(encoding="utf-8")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    {"metrics": print_metrics, "lines": print_lines, "check": check}[sys.argv[1]]()
