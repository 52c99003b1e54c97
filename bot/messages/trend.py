"""How is a count over time drawn?"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.durations import spoken
from bot.core.language import _
from bot.messages.model import Chart, Message, Series
from bot.messages.phrases import utc

# Slack draws at most 20 points of a line: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
MOST_POINTS = 20
# Two points are a difference, which is told in words.
FEWEST_POINTS = 3
_QUARTER = timedelta(minutes=15)

Point = tuple[datetime, int | None]


def trend_chart(name: str, points: Sequence[Point], *, now: datetime) -> Chart | None:
    """A line of `points`, or `None` where too few of them are known. A point that is `None` is a gap, not a zero."""
    ordered = sorted(points, key=lambda point: point[0])
    known = [(at, value) for at, value in ordered if value is not None]
    if len(known) < FEWEST_POINTS:
        return None
    drawn = _thinned(ordered)
    start, end = ordered[0][0], ordered[-1][0]
    style = "%H:%M" if end - start < timedelta(hours=24) else "%m-%d %H:%M"
    return Chart(
        title=_("{status}, last {length} (UTC)", status=name, length=spoken(_rounded(end - start))),
        labels=tuple(f"{at.astimezone(UTC):{style}}" for at, _value in drawn),
        series=(Series(name, tuple(value for _at, value in drawn)),),
        summary=_said(name, known, start, now),
    )


def _rounded(length: timedelta) -> timedelta:
    """`length` as a title says it: nobody asks for the last 5 h 57 min."""
    return length if length < timedelta(hours=1) else round(length / _QUARTER) * _QUARTER


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most `MOST_POINTS`: the highest of each stretch of time, so that no spike is thinned away, and the very last.

    The stretches are equally long, because a chart draws its points equally far apart, however often readings came.
    """
    if len(points) <= MOST_POINTS:
        return list(points)
    *earlier, last = points
    start = points[0][0]
    stretch = max((last[0] - start) / (MOST_POINTS - 1), timedelta.resolution)
    kept: list[Point] = []
    for number, group in itertools.groupby(
        earlier, key=lambda point: min((point[0] - start) // stretch, MOST_POINTS - 2)
    ):
        kept += [(start + gap * stretch, None) for gap in range(len(kept), number)]
        kept.append(max(group, key=_height))
    return [*kept, *((start + gap * stretch, None) for gap in range(len(kept), MOST_POINTS - 1)), last]


def _height(point: Point) -> int:
    return -1 if point[1] is None else point[1]


def with_chart(message: Message, chart: Chart | None) -> Message:
    """The message with the chart, if there is one, below what it says first."""
    if chart is None:
        return message
    return replace(message, blocks=(*message.blocks[:1], chart, *message.blocks[1:]))


def _said(name: str, known: Sequence[tuple[datetime, int]], start: datetime, now: datetime) -> str:
    """The course in words, for those who do not see it."""
    highest_at, highest = max(known, key=lambda point: point[1])
    lowest = min(value for _at, value in known)
    since = utc(start, now=now)
    if lowest == highest:
        return _("{status} {value} all the time since {when}.", status=name, value=lowest, when=since)
    return _(
        "{status} between {least} and {most} since {when}, highest at {highest}, last {last}.",
        status=name,
        least=lowest,
        most=highest,
        when=since,
        highest=utc(highest_at, now=now),
        last=known[-1][1],
    )
