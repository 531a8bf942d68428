"""What a figure found, for the terminal and for docs/performance.md."""

import statistics
from dataclasses import dataclass, field

FULL_CORE = 0.9


@dataclass
class Table:
    """Rows of text under a title; the first column names the contender."""

    title: str
    columns: list
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def goal(self, what, value, limit, unit=""):
        """Says whether what was measured keeps a goal of the design."""
        if value is None:
            return
        verdict = "met" if value <= limit else "missed"
        self.notes.append(f"Goal: {what} at most {limit:g}{unit}: {value:.2f}{unit}, {verdict}.")

    def load_share(self, name, share):
        """Says where it was the load that could not do more."""
        if share > FULL_CORE:
            self.notes.append(f"{name}: the load was the bottleneck, {100 * share:.0f}% of a core.")

    def markdown(self):
        lines = [f"### {self.title}", "", "| " + " | ".join(self.columns) + " |",
                 "|" + "---|" * len(self.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        lines += ["", *(f"* {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def number(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}"


def ratio(value, against):
    return "–" if not value or not against else f"{value / against:.2f} ×"


def judged(what, value, at_least=None, at_most=None):
    """A line that says whether a goal is met."""
    met = value >= at_least if at_most is None else value <= at_most
    goal = f"≥ {at_least:,}" if at_most is None else f"≤ {at_most:,}"
    return f"* {what}: {value:,.2f}, goal {goal}: {'met' if met else 'not met'}"
