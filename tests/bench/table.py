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

    def goal(self, what, value, limit, unit="", at_least=False):
        """Says whether what was measured keeps a goal of the design: at most `limit`, or at least."""
        if value is None:
            return
        verdict = "met" if (value >= limit if at_least else value <= limit) else "missed"
        bound = "at least" if at_least else "at most"
        self.notes.append(
            f"Goal: {what} {bound} {limit:,g}{unit}: {value:,.2f}{unit}, {verdict}.")

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
