"""How is a count over time drawn?"""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.core.durations import spoken
from bot.messages.model import Chart, Series
from bot.messages.phrases import utc

# Slack draws at most 20 points of a line: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
MOST_POINTS = 20
# Two points are a difference, which is told in words.
FEWEST_POINTS = 3

Point = tuple[datetime, int | None]


def trend_chart(name: str, points: Sequence[Point], *, now: datetime) -> Chart | None:
    """A line of `points`, or `None` where too few of them are known. A point that is `None` is a gap, not a zero."""
    ordered = sorted(points, key=lambda point: point[0])
    known = [(at, value) for at, value in ordered if value is not None]
    if len(known) < FEWEST_POINTS:
        return None
    drawn = _thinned(ordered)
    start, end = ordered[0][0], ordered[-1][0]
    highest_at, highest = max(known, key=lambda point: point[1])
    lowest = min(value for _, value in known)
    style = "%H:%M" if end - start < timedelta(hours=24) else "%m-%d %H:%M"
    return Chart(
        title=f"{name}, last {spoken(end - start)} (UTC)",
        labels=tuple(f"{at.astimezone(UTC):{style}}" for at, _ in drawn),
        series=(Series(name, tuple(value for _, value in drawn)),),
        summary=(
            f"{name} between {lowest} and {highest} since {utc(start, now=now)}, "
            f"highest at {utc(highest_at, now=now)}, last {known[-1][1]}."
        ),
    )


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most `MOST_POINTS`: the highest of each stretch, so that a spike is not thinned away, and the very last."""
    if len(points) <= MOST_POINTS:
        return list(points)
    stretches = MOST_POINTS - 1
    edges = [index * (len(points) - 1) // stretches for index in range(stretches + 1)]
    kept = [max(points[a:b], key=_height) for a, b in itertools.pairwise(edges)]
    return [*kept, points[-1]]


def _height(point: Point) -> int:
    return -1 if point[1] is None else point[1]
