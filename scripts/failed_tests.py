"""Prints what each failing test said, from the output of `ctest --output-on-failure`.

Called by ./weir test for its closing summary: failed_tests.py STAGE CTEST_OUTPUT
"""

import re
import sys

# A sanitizer's report explains itself in its first lines, a Python traceback in its last ones.
FIRST_LINES = 25
LAST_LINES = 35
LINE_LENGTH = 400

RESULT = re.compile(r"^ *\d+/\d+ Test +#\d+: (\S+) \.*(\*\*\*(?P<why>.+?)|   Passed) +[\d.]+ sec$")
OUTPUT_END = re.compile(r"^( +Start +\d+: |\d+% tests passed, )")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def failures(lines):
    """Yields (test, why, lines of its output)."""
    test, why, output = None, None, []
    for line in lines:
        result = RESULT.match(line)
        if not (result or OUTPUT_END.match(line)):
            output.append(line)
            continue
        if test:
            yield test, why, output
        failed = result and result["why"]
        test, why, output = (result[1], result["why"], []) if failed else (None, None, [])
    if test:
        yield test, why, output


def bounded(lines):
    left_out = len(lines) - FIRST_LINES - LAST_LINES
    if left_out <= 0:
        return lines
    return [*lines[:FIRST_LINES], f"… {left_out} lines left out …", *lines[-LAST_LINES:]]


def main():
    stage, path = sys.argv[1:]
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [CONTROL_CHARACTERS.sub("", line.rstrip())[:LINE_LENGTH] for line in file]
    for test, why, output in failures(lines):
        print(f"--- {stage}: {test}: {why}")
        for line in bounded([line for line in output if line]):
            print(line)


if __name__ == "__main__":
    main()
