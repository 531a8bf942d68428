"""The chart's dashboard as a picture (SVG): its panels where Grafana puts them, drawn from a real
Prometheus. For the documentation; it checks nothing."""

import re
import time
from html import escape

from .prometheus import Prometheus, dashboard_panels, dashboard_rows, filled_in

CELL_WIDTH, CELL_HEIGHT, GAP = 50, 26, 6
POINTS = 60
COLOURS = ("#3274d9", "#e0752d", "#37872d", "#c4162a", "#8f3bb8", "#b8860b", "#0a7c8a", "#6d5d4b")
MOST_LEGENDS = 6
UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"))
SIGNS = {"Bps": "B/s", "bytes": "B", "s": "s", "reqps": "/s", "cps": "/s", "percentunit": "%"}


def shown(value: float, unit: str) -> str:
    if unit == "bool_on_off":
        return "on" if value else "off"
    if unit == "percentunit":
        value *= 100
        return f"{value:.3g} %"
    for factor, prefix in UNITS:
        if abs(value) >= factor:
            return f"{value / factor:.3g} {prefix}{SIGNS.get(unit, '')}".strip()
    return f"0 {SIGNS.get(unit, '')}".strip()


def legend(template: str, labels: dict) -> str:
    for name, value in labels.items():
        template = template.replace("{{" + name + "}}", value)
    # Labels that a series does not have.
    return re.sub(r"{{\w+}}", "", template).strip()


def text(x: float, y: float, words: str, size: int = 11, colour: str = "#444", more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" {more}>{escape(words)}</text>'


class Painter:
    def __init__(self, prometheus: Prometheus, seconds: int, interval: str):
        self._prometheus, self._interval = prometheus, interval
        self._end = time.time()
        self._start = self._end - seconds
        self._step = seconds / POINTS

    def series(self, panel: dict) -> list[tuple[str, list[tuple[float, float]]]]:
        found = []
        for target in panel["targets"]:
            answer = self._prometheus.get(
                "query_range",
                query=filled_in(target["expr"], self._interval),
                start=self._start, end=self._end, step=self._step,
            )  # fmt: skip
            for each in answer["result"]:
                points = [(at, float(value)) for at, value in each["values"] if value != "NaN"]
                if points:
                    found.append((legend(target["legendFormat"], each["metric"]), points))
        return found

    def panel(self, panel: dict) -> str:
        place, unit = panel["gridPos"], panel["fieldConfig"]["defaults"]["unit"]
        x, y = place["x"] * CELL_WIDTH, place["y"] * CELL_HEIGHT
        width, height = place["w"] * CELL_WIDTH - GAP, place["h"] * CELL_HEIGHT - GAP
        parts = [
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="#fff" stroke="#ddd"/>',
            text(x + 8, y + 17, panel["title"], 12, "#111"),
        ]
        series = self.series(panel)
        if panel["type"] == "stat":
            value = series[0][1][-1][1] if series else float("nan")
            parts.append(text(x + 8, y + height - 22, shown(value, unit), 26, "#37872d"))
        else:
            parts += self._graph(series, unit, x + 52, y + 26, width - 62, height - 62)
        return "\n".join(parts)

    def _graph(self, series, unit, x, y, width, height):
        top = max((value for _, points in series for _, value in points), default=0) or 1
        for share in (0, 0.5, 1):
            line = y + height * (1 - share)
            yield f'<line x1="{x}" x2="{x + width}" y1="{line:.0f}" y2="{line:.0f}" stroke="#eee"/>'
            yield text(x - 4, line + 4, shown(top * share, unit), 9, "#777", 'text-anchor="end"')
        legend_x = x
        for number, (name, points) in enumerate(series):
            colour = COLOURS[number % len(COLOURS)]
            line = " ".join(
                f"{x + (at - self._start) / (self._end - self._start) * width:.1f},"
                f"{y + height * (1 - value / top):.1f}"
                for at, value in points
            )
            yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            if name and number < MOST_LEGENDS and legend_x + 6 * len(name) < x + width:
                yield text(legend_x, y + height + 22, name, 9, colour)
                legend_x += 6 * len(name) + 12


def draw(prometheus: Prometheus, seconds: int, interval: str) -> str:
    """The dashboard over the last `seconds`."""
    panels = dashboard_panels()
    painter = Painter(prometheus, seconds, interval)
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) * CELL_HEIGHT
    titles = [
        text(2, (row["gridPos"]["y"] + 0.7) * CELL_HEIGHT, row["title"], 14, "#111")
        for row in dashboard_rows()
    ]
    body = "\n".join(titles + [painter.panel(panel) for panel in panels])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * CELL_WIDTH} {height}" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#f4f5f7"/>\n{body}\n</svg>\n'
    )
