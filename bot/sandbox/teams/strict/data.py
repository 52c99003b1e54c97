"""What is wrong with the numbers of a chart, or the cells of a table?"""

import math
from collections.abc import Iterator
from typing import Any

from bot.sandbox.page.shapes import items
from bot.sandbox.teams.model import Json

# What one point, one bar, one slice or one segment has, by chart.
_POINT = {
    "Chart.VerticalBar": ("x", "y"),
    "Chart.HorizontalBar": ("x", "y"),
    "Chart.Donut": ("legend", "value"),
    "Chart.Pie": ("legend", "value"),
}
# Where the series are lists of points, the name of the list and what is in it.
_SERIES = {
    "Chart.Line": ("values", "x", "y"),
    "Chart.VerticalBar.Grouped": ("values", "x", "y"),
    "Chart.HorizontalBar.Stacked": ("data", "legend", "value"),
}
_COLOURS = frozenset(
    {"good", "warning", "attention", "neutral"}
    | {f"sequential{number}" for number in range(1, 9)}
    | {f"categorical{name}" for name in ("Red", "Purple", "Lavender", "Blue", "LightBlue", "Teal", "Green", "Lime")}
    | {f"categorical{name}" for name in ("Marigold", "Orange")}
    | {f"diverging{name}" for name in ("Blue", "LightBlue", "Cyan", "Teal", "Yellow", "Peach", "LightRed", "Red")}
    | {f"diverging{name}" for name in ("Maroon", "Gray")}
)
_WIDE = 7


def chart_problems(chart: Json, name: str, at: str) -> Iterator[str]:
    """What is wrong with a chart's own data."""
    if name == "Chart.Gauge":
        if not _is_number(chart.get("value")):
            yield f"{at}.value: must be a number"
        return
    data = chart.get("data")
    if not isinstance(data, list) or not data:
        yield f"{at}.data: must be a list that is not empty"
        return
    yield from _colour(chart, at)
    for place, each in enumerate(data):
        here = f"{at}.data[{place}]"
        if not isinstance(each, dict):
            yield f"{here}: must be an object"
        elif name in _SERIES:
            yield from _series(each, here, *_SERIES[name])
        else:
            yield from _point(each, here, *_POINT[name])


def _series(series: Json, at: str, inside: str, label: str, value: str) -> Iterator[str]:
    yield from _colour(series, at)
    points = series.get(inside)
    if not isinstance(points, list) or not points:
        yield f"{at}.{inside}: must be a list that is not empty"
        return
    for place, each in enumerate(points):
        if isinstance(each, dict):
            yield from _point(each, f"{at}.{inside}[{place}]", label, value)
        else:
            yield f"{at}.{inside}[{place}]: must be an object"


def _point(point: Json, at: str, label: str, value: str) -> Iterator[str]:
    if not isinstance(point.get(label), str | int | float) or isinstance(point.get(label), bool):
        yield f"{at}.{label}: must be text"
    if not _is_number(point.get(value)):
        yield f"{at}.{value}: must be a number"
    yield from _colour(point, at)


def _colour(found: Json, at: str) -> Iterator[str]:
    colour = found.get("color")
    if colour is not None and (not isinstance(colour, str) or colour not in _COLOURS):
        yield f"{at}.color: there is no colour {colour!r} for charts"


def table_problems(table: Json, at: str) -> Iterator[str]:
    """What is wrong with a table's columns and rows."""
    columns = table.get("columns")
    if not isinstance(columns, list) or not columns:
        yield f"{at}.columns: a table has columns"
        return
    if len(columns) > _WIDE:
        yield f"{at}.columns: {len(columns)} columns do not fit into a card"
    for place, row in enumerate(items(table.get("rows"))):
        cells = row.get("cells") if isinstance(row, dict) else None
        if isinstance(cells, list) and len(cells) != len(columns):
            yield f"{at}.rows[{place}]: {len(cells)} cells in {len(columns)} columns"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
