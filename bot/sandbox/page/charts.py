"""How does a `data_visualization` block look? As a figure with an SVG, a legend and its numbers as a table.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.sandbox.page.axes import CHARACTER, Scale, number, scale, shown_labels
from bot.sandbox.page.shapes import Json, items, objects
from bot.sandbox.page.tags import Html, joined, tag

# A chart is drawn twice, for a wide and for a narrow place, so that its type keeps its size; the style sheet picks.
_SIZES = ((600, 240, "wide"), (330, 210, "narrow"))
_COLOURS = 12


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars: a value (or none) for each category."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn along two axes."""

    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    x_label: str
    y_label: str


def data_visualization(block: Json) -> Html:
    """The chart with its title."""
    title = str(block.get("title") or "Chart")
    chart = block.get("chart")
    chart = chart if isinstance(chart, dict) else {}
    kind = str(chart.get("type") or "")
    if kind == "pie":
        slices = [(str(each.get("label", "")), _value(each) or 0.0) for each in objects(chart.get("segments"))]
        drawn, legend, numbers = _pie(slices), _pie_legend(slices), _pie_numbers(slices)
        said = "; ".join(f"{label} {number(value)}" for label, value in slices)
    else:
        plot = _plot(kind, chart)
        drawn = joined(_axes_chart(plot, width, height, size) for width, height, size in _SIZES)
        legend = _legend([each.name for each in plot.series])
        numbers = _numbers(plot)
        said = "; ".join(_told(each, plot.categories) for each in plot.series)
    picture = tag("div", drawn, class_="plot", role="img", aria_label=f"{kind.capitalize()} chart. {title}. {said}")
    details = tag("details", tag("summary", "Numbers"), tag("div", numbers, class_="table-scroll"), class_="numbers")
    return tag("figure", tag("figcaption", title), picture, legend, details, class_=f"chart chart-{kind}")


def _plot(kind: str, chart: Json) -> Plot:
    config = chart.get("axis_config")
    config = config if isinstance(config, dict) else {}
    given = objects(chart.get("series"))
    categories = [str(each) for each in items(config.get("categories"))]
    if not categories and given:
        categories = [str(point.get("label", "")) for point in objects(given[0].get("data"))]
    series = []
    for each in given:
        values = {str(point.get("label", "")): _value(point) for point in objects(each.get("data"))}
        series.append(Series(str(each.get("name", "")), tuple(values.get(name) for name in categories)))
    x_label, y_label = str(config.get("x_label") or ""), str(config.get("y_label") or "")
    return Plot(kind, tuple(categories), tuple(series), x_label, y_label)


def _value(point: Json) -> float | None:
    value = point.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def _told(series: Series, categories: tuple[str, ...]) -> str:
    known = [(name, value) for name, value in zip(categories, series.values, strict=True) if value is not None]
    if not known:
        return f"{series.name}: no values"
    highest = max(known, key=lambda point: point[1])
    first, last = known[0], known[-1]
    return (
        f"{series.name}: from {number(first[1])} at {first[0]} to {number(last[1])} at {last[0]}, "
        f"highest {number(highest[1])} at {highest[0]}"
    )


def _axes_chart(plot: Plot, width: int, height: int, size: str) -> Html:
    values = [value for each in plot.series for value in each.values if value is not None]
    ys = scale(values, top=10, bottom=height - (44 if plot.x_label else 26))
    left = max(len(number(tick)) for tick in ys.ticks) * CHARACTER + (28 if plot.y_label else 12)
    right = width - 14
    step = (right - left) / max(1, len(plot.categories))
    xs = [round(left + step * (place + 0.5), 1) for place in range(len(plot.categories))]
    draw = _bars if plot.kind == "bar" else _lines
    parts = [*_grid(ys, left, right), *_labels(plot, xs, ys, width, height), *draw(plot, xs, ys, step)]
    box = f"0 0 {width} {height}"
    return tag("svg", *parts, viewBox=box, class_=size, width=width, height=height, aria_hidden="true")


def _grid(ys: Scale, left: float, right: float) -> list[Html]:
    parts = []
    for tick in ys.ticks:
        y = ys.at(tick)
        parts.append(tag("line", x1=left, x2=right, y1=y, y2=y, class_="zero" if tick == 0 else "grid"))
        parts.append(tag("text", number(tick), x=left - 8, y=y + 4, class_="tick to-end"))
    return parts


def _labels(plot: Plot, xs: list[float], ys: Scale, width: int, height: int) -> list[Html]:
    span = xs[-1] - xs[0] + 40 if xs else width
    parts = [
        tag("text", plot.categories[place], x=xs[place], y=ys.bottom + 17, class_="tick to-middle")
        for place in shown_labels(plot.categories, span)
    ]
    if plot.x_label:
        parts.append(tag("text", plot.x_label, x=width / 2, y=height - 6, class_="axis to-middle"))
    if plot.y_label:
        middle = (ys.top + ys.bottom) / 2
        turned = f"rotate(-90 12 {middle})"
        parts.append(tag("text", plot.y_label, x=12, y=middle, transform=turned, class_="axis to-middle"))
    return parts


def _lines(plot: Plot, xs: list[float], ys: Scale, _step: float) -> list[Html]:
    parts = []
    for place, series in enumerate(plot.series):
        colour = f"series-{place % _COLOURS}"
        for run in _runs(series.values):
            points = [(xs[index], ys.at(value)) for index, value in run]
            path = "M" + "L".join(f"{x} {y}" for x, y in points)
            if plot.kind == "area":
                floor = ys.at(0)
                parts.append(
                    tag("path", d=f"{path}L{points[-1][0]} {floor}L{points[0][0]} {floor}Z", class_=f"area {colour}")
                )
            parts.append(tag("path", d=path, class_=f"line {colour}"))
        for index, value in enumerate(series.values):
            if value is not None:
                tip = tag("title", f"{series.name}, {plot.categories[index]}: {number(value)}")
                parts.append(tag("circle", tip, cx=xs[index], cy=ys.at(value), r=3, class_=f"dot {colour}"))
    return parts


def _runs(values: tuple[float | None, ...]) -> list[list[tuple[int, float]]]:
    """The stretches without a gap: a missing value is a gap, never a zero."""
    runs: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]


def _bars(plot: Plot, xs: list[float], ys: Scale, step: float) -> list[Html]:
    parts = []
    each = min(44.0, step * 0.76 / max(1, len(plot.series)))
    for place, series in enumerate(plot.series):
        for index, value in enumerate(series.values):
            if value is None:
                continue
            x = xs[index] + (place - len(plot.series) / 2) * each
            top, foot = sorted((ys.at(value), ys.at(0)))
            tip = tag("title", f"{series.name}, {plot.categories[index]}: {number(value)}")
            size = {"x": round(x + 0.5, 1), "y": top, "width": round(each - 1, 1), "height": round(foot - top, 1)}
            parts.append(tag("rect", tip, rx=2, class_=f"bar series-{place % _COLOURS}", **size))
    return parts


def _pie(slices: list[tuple[str, float]]) -> Html:
    total = sum(value for _, value in slices if value > 0)
    parts = []
    angle = -math.pi / 2
    for place, (label, value) in enumerate(slices):
        share = value / total if total and value > 0 else 0
        tip = tag("title", f"{label}: {number(value)} ({share:.0%})")
        colour = f"slice series-{place % _COLOURS}"
        if share >= 1:
            parts.append(tag("circle", tip, cx=100, cy=100, r=92, class_=colour))
        elif share > 0:
            end = angle + share * 2 * math.pi
            points = [f"{100 + 92 * math.cos(a):.2f} {100 + 92 * math.sin(a):.2f}" for a in (angle, end)]
            path = f"M100 100L{points[0]}A92 92 0 {int(share > 0.5)} 1 {points[1]}Z"
            parts.append(tag("path", tip, d=path, class_=colour))
            angle = end
    return tag("svg", *parts, viewBox="0 0 200 200", class_="pie", width=200, height=200, aria_hidden="true")


def _legend(names: list[str]) -> Html:
    entries = [
        tag("li", tag("span", class_=f"swatch series-{place % _COLOURS}"), name) for place, name in enumerate(names)
    ]
    return tag("ul", *entries, class_="legend")


def _pie_legend(slices: list[tuple[str, float]]) -> Html:
    total = sum(value for _, value in slices if value > 0)
    return _legend([f"{label} · {value / total:.0%}" if total else label for label, value in slices])


def _numbers(plot: Plot) -> Html:
    head = tag("tr", tag("td"), *(tag("th", each.name, scope="col") for each in plot.series))
    rows = [
        tag("tr", tag("th", name, scope="row"), *(_figure(each.values[place]) for each in plot.series))
        for place, name in enumerate(plot.categories)
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="cells")


def _figure(value: float | None) -> Html:
    return tag("td", "–" if value is None else number(value), class_="to-right")


def _pie_numbers(slices: list[tuple[str, float]]) -> Html:
    rows = [tag("tr", tag("th", label, scope="row"), _figure(value)) for label, value in slices]
    return tag("table", tag("tbody", *rows), class_="cells")
