"""What does the store know of a pool over a stretch of time? Readings, and hours where they are forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from bot.charts.thinning import thinned
from bot.core.hourly import Hour
from bot.core.rules.model import AlertRule, ThresholdRule
from bot.core.stats import JobStatus, Pool
from bot.messages.chart import DRAWN, History
from bot.messages.trend import Point
from bot.store import alerts, rollups, samples

# Two for each column of pixels of a picture.
COLUMNS = 860
_READ = (*DRAWN, JobStatus.COMPLETED, JobStatus.FAILED)
_ENDED = (JobStatus.COMPLETED, JobStatus.FAILED)
_HOUR = timedelta(hours=1)
# An hour is drawn as a step, in pieces so short that no gap is seen between them.
_STEPS = tuple(timedelta(minutes=minute) for minute in range(0, 60, 12))

_Row = tuple[datetime, tuple[int | None, ...]]


def history(db: Connection, pool: Pool, rules: Sequence[AlertRule], *, since: datetime, until: datetime) -> History:
    """All that a chart of the pool shows."""
    rows = samples.series(db, pool.id, _READ, since=since, until=until)
    first = rows[0][0] if rows else until
    hours = rollups.hours_of(db, pool.id, since=since, until=first) if first - since > _HOUR else []
    # The hour that the first reading is in is told by its readings.
    hours = [hour for hour in hours if hour.at + _HOUR <= first]
    return History(
        pool,
        since,
        until,
        {status: _points(status, place, hours, rows, since, until) for place, status in enumerate(_READ)},
        {status: number for status in _ENDED if (number := _added(status, hours, rows)) is not None},
        first if hours else None,
        [alert for alert in alerts.of_pool(db, pool.id, since=since, until=until) if alert.told],
        [rule for rule in rules if isinstance(rule, ThresholdRule) and rule.covers(pool)],
    )


def _points(
    status: JobStatus, place: int, hours: Sequence[Hour], rows: Sequence[_Row], since: datetime, until: datetime
) -> list[Point]:
    """The highest of each hour, then the readings."""
    earlier: list[Point] = []
    for hour in hours:
        most = _most(hour, status)
        earlier += [(hour.at + step, most) for step in _STEPS if hour.at + step <= until]
    return [*earlier, *fewer([(at, counts[place]) for at, counts in rows], since, until)]


def fewer(read: Sequence[Point], since: datetime, until: datetime) -> list[Point]:
    """As many points as can be seen: the lowest and the highest of each column of a picture, and the very last."""
    kept: list[Point] = [
        (at, None if value is None else int(value)) for at, value in thinned(read, since, until, COLUMNS)
    ]
    last = next(((at, value) for at, value in reversed(read) if value is not None), None)
    if last is not None and kept and kept[-1][0] < last[0]:
        kept.append(last)
    return kept


def _most(hour: Hour, status: JobStatus) -> int | None:
    if status in _ENDED:
        ended = hour.ended.get(status)
        return None if ended is None else ended.last
    level = hour.levels.get(status)
    return None if level is None else level.most


def _added(status: JobStatus, hours: Sequence[Hour], rows: Sequence[_Row]) -> int | None:
    """How many ended that way; `None` where it was not reported. A fall is a reset, which adds nothing."""
    place = _READ.index(status)
    # A reading without any job tells nothing about what has ended, and the same jobs would count again.
    counts = [known for _, row in rows if any(row) and (known := row[place]) is not None]
    ended = [each.added for hour in hours if (each := hour.ended.get(status)) is not None]
    if not counts and not ended:
        return None
    return sum(ended) + sum(max(0, later - earlier) for earlier, later in pairwise(counts))
