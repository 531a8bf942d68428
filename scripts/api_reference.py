#!/usr/bin/env python3
"""docs/api.md from the comments of proto/weir/v1, on stdout."""

import re
from pathlib import Path

PROTOS = Path(__file__).resolve().parents[1] / "proto" / "weir" / "v1"
# Sessions first: what most readers come for.
ORDER = ("session_service", "instance_service", "stream_service", "event_service")

BLOCK = re.compile(r"(service|message|enum|oneof) (\w+) \{(\})?")
RPC = re.compile(r"rpc (\w+)\((stream )?(\w+)\) returns \((stream )?(\w+)\);")
FIELD = re.compile(r"(repeated |optional )?([\w.]+(?:<[^>]+>)?) (\w+) = (\d+)[^;]*;")
VALUE = re.compile(r"([A-Z_0-9]+) = (\d+);")

INTRODUCTION = """# The gRPC API

What weir-control serves, from the comments of `proto/weir/v1`. The server describes itself
(`grpcurl -plaintext HOST:7070 list`) unless `--grpc-reflection=false`. What the refusals mean and
what to do: [troubleshooting](troubleshooting.md). This page is written by `./weir docs`."""


def comment_text(lines):
    """Prose as a paragraph; lines that were set in columns stay lines."""
    if any("  " in line.strip() for line in lines):
        head = [line for line in lines if not line.startswith("  ")]
        table = [line[2:] for line in lines if line.startswith("  ")]
        parts = [" ".join(head)] if head else []
        return "\n\n".join([*parts, "```\n" + "\n".join(table) + "\n```"])
    return " ".join(line.strip() for line in lines)


def in_a_cell(lines):
    return " ".join(line.strip() for line in lines).replace("|", "\\|")


def rpc_lines(match, comment):
    name, streamed, request, streaming, response = match.groups()
    yield f"### {name}"
    yield f"`{streamed or ''}{request}` → `{streaming or ''}{response}`"
    if comment:
        yield comment_text(comment)


def field_row(match, choice, comment):
    label, kind, name, _ = match.groups()
    of = f" (one of `{choice}`)" if choice else ""
    return f"| `{name}` | {label or ''}{kind.removeprefix('google.protobuf.')} | {in_a_cell(comment)}{of} |"


class Page:
    """One file's lines on their way into Markdown; a comment belongs to what follows it."""

    def __init__(self):
        self.paragraphs, self.comment, self.blocks, self.rows = [], [], [], []

    def read(self, line):
        text = line.strip()
        if text.startswith("//"):
            self.comment.append(text[2:].removeprefix(" "))
            return
        if match := BLOCK.fullmatch(text):
            self.open(match[1], match[2])
            if match[3]:
                self.close()
        elif text == "}":
            self.close()
        elif self.blocks:
            self.member(text)
        self.comment = []

    def open(self, kind, name):
        self.blocks.append((kind, name))
        if kind == "oneof":
            return
        self.rows = []
        self.paragraphs.append(f"## {name}" if kind == "service" else f"### {name}")
        if self.comment:
            self.paragraphs.append(comment_text(self.comment))

    def member(self, text):
        kind, name = self.blocks[-1]
        if match := RPC.fullmatch(text):
            self.paragraphs.extend(rpc_lines(match, self.comment))
        elif kind == "enum" and (match := VALUE.fullmatch(text)):
            self.rows.append(f"| `{match[1]}` | {match[2]} | {in_a_cell(self.comment)} |")
        elif match := FIELD.fullmatch(text):
            self.rows.append(field_row(match, name if kind == "oneof" else None, self.comment))

    def close(self):
        kind, _ = self.blocks.pop()
        if kind == "oneof" or not self.rows:
            return
        head = "| value | number | |" if kind == "enum" else "| field | type | |"
        self.paragraphs.append("\n".join([head, "|---|---|---|", *self.rows]))
        self.rows = []


def main():
    found = {path.stem for path in PROTOS.glob("*.proto")}
    if found != set(ORDER):
        raise SystemExit(f"ORDER of {Path(__file__).name} is not what {PROTOS} has: {sorted(found ^ set(ORDER))}")
    print(INTRODUCTION)
    for name in ORDER:
        page = Page()
        for line in (PROTOS / f"{name}.proto").read_text(encoding="utf-8").splitlines():
            page.read(line)
        print("\n" + "\n\n".join(page.paragraphs))


if __name__ == "__main__":
    main()
