"""How is a chart drawn in Slack, natively and where the native block is refused?"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.core.language import N_, _, _n
from bot.messages.model import Chart, Series
from bot.slack import limits
from bot.slack.tables import caption, columns_of, padded, preformatted, small
from bot.slack.text import Json, cut, literal, one_line

_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "
_SPARKLINE = 40
_NAME = 24


def native_chart(chart: Chart) -> list[Json] | None:
    """The `data_visualization` block and its words, or `None` when that block would not tell the truth.

    Slack wants a value of every series at every moment, so a moment at which one of them has a gap cannot be shown.
    That is fine for a few of them, and said; it is not where a high or a low would be lost, or most of the picture.
    """
    lines = [line for line in _lines(chart) if any(value is not None for value in line.values)]
    moments = range(len(chart.labels))
    whole = [i for i in moments if all(line.values[i] is not None for line in lines)]
    if not lines or len(lines) > limits.CHART_SERIES or len(whole) < 2 or 2 * len(whole) < len(chart.labels):
        return None
    if any(_extremes(line, whole) != _extremes(line, moments) for line in lines):
        return None
    drawn = thinned(lines, whole)
    labels = unlike(chart.labels[i] for i in drawn)
    names = unlike(line.name for line in lines)
    series = [
        {
            "name": name,
            "data": [{"label": label, "value": line.values[i]} for label, i in zip(labels, drawn, strict=True)],
        }
        for name, line in zip(names, lines, strict=True)
    ]
    block = {
        "type": "data_visualization",
        "title": literal(one_line(chart.title), limits.CHART_TITLE) or _("Chart"),
        "chart": {"type": "line", "series": series, "axis_config": {"categories": labels}},
    }
    notes = [one_line(chart.summary)]
    if len(drawn) < len(whole):
        said = N_("{number} of {all} moments drawn, the highs and lows among them")
        notes.append(_(said, number=len(drawn), all=len(whole)))
    if len(whole) < len(chart.labels):
        left_out = len(chart.labels) - len(whole)
        notes.append(
            _n("{number} moment without a reading left out", "{number} moments without a reading left out", left_out)
        )
    if unread := len(chart.series) - len(lines):
        notes.append(_("{number} without any reading left out", number=unread))
    return [block, *_words(notes)]


def plain_chart(chart: Chart) -> list[Json]:
    """One line of bars for each series, with its lowest, highest and last value; a gap stays a gap."""
    lines = _lines(chart)
    shown = lines[: limits.CHART_SERIES]
    names = [cut(one_line(line.name), _NAME) for line in shown]
    width = max((columns_of(name) for name in names), default=0)
    # One line has its figures below, so that both are seen on a phone; several are compared side by side.
    between = "\n" if len(shown) == 1 else "  "
    rows = [
        f"{padded(name, width, right=False)}  {between.join(_sparkline(line))}"
        for name, line in zip(names, shown, strict=True)
    ]
    notes = [one_line(chart.summary)]
    if len(lines) > len(shown):
        notes.append(_("+{number} more lines", number=len(lines) - len(shown)))
    picture = [preformatted("\n".join(rows))] if rows else []
    return [*caption(chart.title), *picture, *_words(notes)]


def thinned(lines: Sequence[Series], moments: Sequence[int]) -> list[int]:
    """At most as many of `moments` as Slack draws: the ends, every line's peak, every low, then evenly between."""
    if len(moments) <= limits.CHART_POINTS:
        return list(moments)
    places = range(len(moments))
    wanted = [0, len(moments) - 1]
    wanted += [max(places, key=lambda place: _number(line, moments[place])) for line in lines]
    wanted += [min(places, key=lambda place: _number(line, moments[place])) for line in lines]
    kept = sorted(list(dict.fromkeys(wanted))[: limits.CHART_POINTS])
    while len(kept) < limits.CHART_POINTS:
        gap = max(range(len(kept) - 1), key=lambda i: kept[i + 1] - kept[i])
        kept.insert(gap + 1, (kept[gap] + kept[gap + 1]) // 2)
    return [moments[place] for place in kept]


def unlike(labels: Iterable[str]) -> list[str]:
    """The labels cut to Slack's length, none empty and no two alike."""
    taken: dict[str, None] = {}
    for label in labels:
        text = literal(one_line(label), limits.CHART_LABEL) or "–"
        number = 2
        while text in taken:
            suffix = f" ({number})"
            text = literal(one_line(label), limits.CHART_LABEL - len(suffix)) + suffix
            number += 1
        taken[text] = None
    return list(taken)


def _lines(chart: Chart) -> list[Series]:
    """The series with exactly one value a label, and only such values as can be drawn."""
    width = len(chart.labels)
    return [
        Series(
            line.name, tuple(_drawable(value) for value in (*line.values[:width], *[None] * (width - len(line.values))))
        )
        for line in chart.series
    ]


def _drawable(value: float | None) -> float | None:
    if value is None or not math.isfinite(value) or abs(value) > limits.EXACT_INTEGER:
        return None
    return int(value) if float(value).is_integer() else value


def _number(line: Series, moment: int) -> float:
    value = line.values[moment]
    return 0.0 if value is None else value


def _extremes(line: Series, moments: Iterable[int]) -> tuple[float, float]:
    values = [value for i in moments if (value := line.values[i]) is not None]
    return min(values), max(values)


def _words(notes: Sequence[str]) -> list[Json]:
    text = " · ".join(note for note in notes if note)
    return [small(text)] if text else []


def _sparkline(line: Series) -> tuple[str, ...]:
    """The bars, and their figures."""
    values = [value for value in line.values if value is not None]
    if not values:
        return (_("no reading"),)
    low, high = min(values), max(values)
    steps = len(_BARS) - 1
    bars = "".join(
        _GAP if value is None else _BARS[round((value - low) / (high - low) * steps) if high > low else 0]
        for value in _squeezed(line.values)
    )
    figures = {"low": _figure(low), "high": _figure(high), "last": _figure(values[-1])}
    return bars, _("low {low}, high {high}, last {last}", **figures)


def _squeezed(values: Sequence[float | None]) -> list[float | None]:
    """At most `_SPARKLINE` values, each the highest of those it stands for."""
    if len(values) <= _SPARKLINE:
        return list(values)
    edges = [len(values) * i // _SPARKLINE for i in range(_SPARKLINE + 1)]
    parts = (values[start:end] for start, end in pairwise(edges))
    return [max((value for value in part if value is not None), default=None) for part in parts]


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
