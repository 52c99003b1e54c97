"""How is a chart drawn on an Adaptive Card, natively and where a client draws none?

Teams' own chart takes as many points as fit into a card, so what Slack shows as a picture, because its charts end at
twenty points, is drawn here from the same readings: no picture has to be stored where Teams could fetch it.
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.messages.model import Chart, Curve, PlotRow
from bot.teams.plain import clean

Json = dict[str, Any]

# Of a curve: more are closer together than a card of full width has pixels to tell apart well.
MOST_POINTS = 120


def line_charts(chart: Chart, fallback: Json | None) -> list[Json]:
    """The charts, each with what stands in its place where a client draws none; none where nothing is known."""
    rows = chart.plot.rows if chart.plot is not None and chart.plot.is_finer else ()
    titles = [chart.title, *(row.heading for row in rows[1:])]
    drawn = [_lines_of(row) for row in rows] if rows else [_lines(chart)]
    found = [(title, lines) for title, lines in zip(titles, drawn, strict=True) if lines]
    return [
        {
            "type": "Chart.Line",
            "title": clean(title, 200),
            "colorSet": "categorical",
            "data": lines,
            # One chart's words are enough.
            "fallback": (None if number else fallback) or "drop",
        }
        for number, (title, lines) in enumerate(found)
    ]


def _lines(chart: Chart) -> list[Json]:
    """A line for each series that has a point. What is not known is left out: a gap is no zero."""
    return _ordered(_line(series.name, zip(chart.labels, series.values, strict=False)) for series in chart.series)


def _lines_of(row: PlotRow) -> list[Json]:
    """The curves of a row in as many points as can be told apart, and what counts as much, drawn across."""
    curves = [_line(curve.label, ((_when(at), value) for at, value in _thinned(curve))) for curve in row.curves]
    lines = _ordered(curves)
    if lines:
        moments = [point["x"] for point in lines[0]["values"]]
        lines += [_line(level.label, ((at, level.value) for at in moments)) for level in row.levels]
    return lines


def _line(name: str, points: Iterable[tuple[str, float | None]]) -> Json:
    known = [{"x": clean(at, 40), "y": value} for at, value in points if value is not None and math.isfinite(value)]
    return {"legend": clean(name, 80), "values": known}


def _ordered(lines: Iterable[Json]) -> list[Json]:
    """Those that have a point, the longest first: Teams has the moments in the order in which it meets them."""
    return sorted((line for line in lines if line["values"]), key=lambda line: -len(line["values"]))


def _when(at: datetime) -> str:
    return f"{at:%m-%d %H:%M}"


def _thinned(curve: Curve) -> list[tuple[datetime, float | None]]:
    """The lowest and the highest of each stretch of time, in order, so that no spike is lost, and the very last."""
    known = [(at, value) for at, value in curve.points if value is not None and math.isfinite(value)]
    if len(known) <= MOST_POINTS:
        return list(known)
    stretches = (MOST_POINTS - 1) // 2
    edges = [len(known) * number // stretches for number in range(stretches + 1)]
    kept = [point for start, end in pairwise(edges) for point in _extremes(known[start:end])]
    return [*kept, *([] if kept[-1] == known[-1] else [known[-1]])]


def _extremes(points: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    lowest, highest = min(points, key=lambda point: point[1]), max(points, key=lambda point: point[1])
    return sorted({lowest, highest})
