"""How do the charts look that only Teams has? With the same pen as the other charts of the page.

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bot.sandbox.page.axes import number
from bot.sandbox.page.charts import data_visualization
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, joined, tag

_BAR = 320


def chart(element: Json) -> Html | None:
    """The chart, or None when it has nothing to show."""
    draw = _DRAWN.get(str(element.get("type")))
    return draw(element) if draw else None


def _line(element: Json) -> Html | None:
    return _along_axes(element, "line", _series(element))


def _bars(element: Json) -> Html | None:
    return _along_axes(
        element, "bar", [{"name": str(element.get("yAxisTitle") or _title(element)), "data": _points(element)}]
    )


def _grouped(element: Json) -> Html | None:
    return _along_axes(element, "bar", _series(element))


def _along_axes(element: Json, kind: str, series: list[Json]) -> Html | None:
    series = [each for each in series if each["data"]]
    if not series:
        return None
    labels = list(dict.fromkeys(point["label"] for each in series for point in each["data"]))
    axes = {"categories": labels, "x_label": element.get("xAxisTitle"), "y_label": element.get("yAxisTitle")}
    block = {"title": _title(element), "chart": {"type": kind, "axis_config": axes, "series": series}}
    return data_visualization(block)


def _series(element: Json) -> list[Json]:
    return [
        {"name": str(each.get("legend") or ""), "data": _points(each, "values")}
        for each in objects(element.get("data"))
    ]


def _points(holder: Json, inside: str = "data") -> list[Json]:
    found = []
    for each in objects(holder.get(inside)):
        value = _number(each.get("y", each.get("value")))
        if value is not None:
            found.append({"label": str(each.get("x", each.get("legend", ""))), "value": value})
    return found


def _pie(element: Json) -> Html | None:
    slices = _points(element)
    if not slices:
        return None
    return data_visualization({"title": _title(element), "chart": {"type": "pie", "segments": slices}})


def _donut(element: Json) -> Html | None:
    drawn = _pie(element)
    hole = tag("circle", cx=100, cy=100, r=52, class_="hole")
    return Html(drawn.replace("</svg>", f"{hole}</svg>", 1)) if drawn else None


def _horizontal(element: Json) -> Html | None:
    """One bar a line, its value beside it."""
    points = _points(element)
    if not points:
        return None
    largest = max((abs(each["value"]) for each in points), default=1.0) or 1.0
    rows = [
        _row(each["label"], [(each["value"], "series-0", each["label"])], largest, number(each["value"]))
        for each in points
    ]
    return _figure(element, rows, None)


def _stacked(element: Json) -> Html | None:
    """One bar a line, of parts."""
    bars = [(str(each.get("title") or ""), _points(each)) for each in objects(element.get("data"))]
    bars = [(title, parts) for title, parts in bars if parts]
    if not bars:
        return None
    names = list(dict.fromkeys(part["label"] for _, parts in bars for part in parts))
    largest = max(sum(abs(part["value"]) for part in parts) for _, parts in bars) or 1.0
    rows = []
    for title, parts in bars:
        drawn = [(part["value"], f"series-{names.index(part['label']) % 12}", part["label"]) for part in parts]
        rows.append(_row(title, drawn, largest, number(sum(part["value"] for part in parts))))
    swatches = [tag("li", tag("span", class_=f"swatch series-{n % 12}"), name) for n, name in enumerate(names)]
    return _figure(element, rows, tag("ul", *swatches, class_="legend"))


def _row(label: str, parts: list[tuple[float, str, str]], largest: float, said: str) -> Html:
    x, rects = 0.0, []
    for value, colour, name in parts:
        width = round(abs(value) / largest * _BAR, 1)
        tip = tag("title", f"{name}: {number(value)}")
        rects.append(tag("rect", tip, x=round(x, 1), y=2, width=width, height=14, rx=2, class_=f"bar {colour}"))
        x += width
    bar = tag("svg", *rects, viewBox=f"0 0 {_BAR} 18", width=_BAR, height=18, aria_hidden="true")
    return tag("tr", tag("th", label, scope="row"), tag("td", bar, class_="plot"), tag("td", said, class_="to-right"))


def _figure(element: Json, rows: list[Html], legend: Html | None) -> Html:
    table = tag("table", tag("tbody", *rows), class_="bars")
    return tag("figure", tag("figcaption", _title(element)), table, legend, class_="chart chart-bars")


def _gauge(element: Json) -> Html | None:
    value = _number(element.get("value"))
    if value is None:
        return None
    low, high = _number(element.get("min")) or 0.0, _number(element.get("max"))
    high = high if high is not None and high > low else max(value, low + 1.0)
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    parts = [
        tag("path", d=_arc(0.0, 1.0), class_="track"),
        tag("path", d=_arc(0.0, share), class_="filled") if share > 0 else None,
        tag("text", number(value), x=100, y=92, class_="figure to-middle"),
        tag("text", str(element.get("subLabel") or ""), x=100, y=108, class_="tick to-middle"),
    ]
    drawn = tag("svg", joined(parts), viewBox="0 0 200 112", width=200, height=112, aria_hidden="true")
    said = f"{_title(element)}: {number(value)} between {number(low)} and {number(high)}"
    plot = tag("div", drawn, class_="plot gauge", role="img", aria_label=said)
    return tag("figure", tag("figcaption", _title(element)), plot, class_="chart")


def _arc(start: float, end: float) -> str:
    def at(share: float) -> str:
        angle = math.pi * (1 - share)
        return f"{100 + 84 * math.cos(angle):.1f} {98 - 84 * math.sin(angle):.1f}"

    return f"M{at(start)}A84 84 0 0 1 {at(end)}"


def _title(element: Json) -> str:
    return str(element.get("title") or "Chart")


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]


_DRAWN: dict[str, Callable[[Json], Html | None]] = {
    "Chart.Line": _line,
    "Chart.VerticalBar": _bars,
    "Chart.VerticalBar.Grouped": _grouped,
    "Chart.HorizontalBar": _horizontal,
    "Chart.HorizontalBar.Stacked": _stacked,
    "Chart.Donut": _donut,
    "Chart.Pie": _pie,
    "Chart.Gauge": _gauge,
}
