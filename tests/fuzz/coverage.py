#!/usr/bin/env python3
"""How much of what each fuzzer feeds its kept seeds alone reach; writes the table of README.md.

    coverage.py build/coverage/bin
"""

import json
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HEADING = "## Coverage\n"
# What a target feeds, as patterns of source files. What a session shares with the decoders is
# counted at both.
FED = {
    "rtmp_handshake": ["rtmp/handshake*"],
    "rtmp_chunk_reader": ["rtmp/chunk_reader*"],
    "rtmp_amf": ["rtmp/amf*", "rtmp/command*", "rtmp/data_message*", "rtmp/stream_address*"],
    "rtmp_server_session": ["rtmp/server_*", "rtmp/link*", "rtmp/aggregate*", "rtmp/message_*"],
    "rtmp_client_session": ["rtmp/client_session*", "rtmp/link*"],
    "proxy_header": ["net/proxy_header*"],
    "flv_tag": ["flv/tag*", "flv/ex_header*", "flv/codec*"],
    "flv_description": [
        "flv/bit_reader*",
        "flv/decoder_configuration*",
        "flv/script_numbers*",
        "flv/sequence_parameters*",
        "flv/stream_description*",
    ],
}


def reached(programs: Path, target: str) -> dict[str, int]:
    """Percent of lines and branches of what the target feeds, after its seeds."""
    program = programs / f"{target}_fuzz"
    seeds = sorted((HERE / "corpus" / target).iterdir())
    with tempfile.TemporaryDirectory() as folder:
        raw, merged = Path(folder) / "raw", Path(folder) / "merged"
        run = subprocess.run(
            [program, "-runs=1", *seeds],
            env={"LLVM_PROFILE_FILE": str(raw)},
            capture_output=True,
            check=False,
        )
        if run.returncode != 0:
            sys.exit(f"{target} fails on its seeds:\n{run.stderr.decode()}")
        subprocess.run(["llvm-profdata-19", "merge", raw, "-o", merged], check=True)
        report = subprocess.run(
            ["llvm-cov-19", "export", "-summary-only", program, f"-instr-profile={merged}"],
            capture_output=True,
            check=True,
        )
    files = json.loads(report.stdout)["data"][0]["files"]
    fed = [file["summary"] for file in files if is_fed(target, file["filename"])]
    return {kind: percent([each[kind] for each in fed]) for kind in ("lines", "branches")}


def percent(counts: list[dict]) -> int:
    covered = sum(each["covered"] for each in counts)
    return round(100 * covered / sum(each["count"] for each in counts))


def is_fed(target: str, file: str) -> bool:
    return any(fnmatch(file, f"*media_svc/{pattern}") for pattern in FED[target])


def table(programs: Path) -> str:
    lines = ["| target | seeds | lines | branches | of |", "|---|---|---|---|---|"]
    for target, patterns in FED.items():
        share = reached(programs, target)
        seeds = len(list((HERE / "corpus" / target).iterdir()))
        of = ", ".join(f"`{pattern}`" for pattern in patterns)
        lines.append(f"| {target} | {seeds} | {share['lines']} % | {share['branches']} % | {of} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    kept = {folder.name for folder in (HERE / "corpus").iterdir()}
    if kept != set(FED):
        sys.exit(f"without a line here or without a corpus: {sorted(kept ^ set(FED))}")
    readme = HERE / "README.md"
    before, heading, _ = readme.read_text().partition(HEADING)
    if not heading:
        sys.exit(f"{readme} has no {HEADING.strip()!r}")
    written = table(Path(sys.argv[1]))
    introduction = (
        "What the kept seeds alone reach of the sources that a target feeds (below `media_svc`), as\n"
        "`./weir fuzz --coverage` found and wrote it. In these sources are also some functions that no\n"
        "peer's bytes reach: AMF's writer, the names of codecs.\n"
    )
    readme.write_text(f"{before}{HEADING}\n{introduction}\n{written}")
    print(written, end="")


if __name__ == "__main__":
    main()
