"""What does the store know of a pool over a stretch of time? Readings, and hours where they are forgotten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import compress, pairwise

from sqlalchemy import Connection

from bot.charts.thinning import Columns
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

_Counts = Sequence[int | None]


def history(db: Connection, pool: Pool, rules: Sequence[AlertRule], *, since: datetime, until: datetime) -> History:
    """All that a chart of the pool shows."""
    times, counts = samples.numbers(db, pool.id, _READ, since=since, until=until)
    first = datetime.fromtimestamp(times[0], UTC) if times else until
    hours = rollups.hours_of(db, pool.id, since=since, until=first) if first - since > _HOUR else []
    # The hour that the first reading is in is told by its readings.
    hours = [hour for hour in hours if hour.at + _HOUR <= first]
    columns = Columns(times, since, until, COLUMNS)
    # A reading without any job tells nothing about what has ended, and the same jobs would count again.
    busy = list(map(any, zip(*counts, strict=True)))
    return History(
        pool,
        since,
        until,
        {
            status: [*_points(status, hours, until), *fewer(times, of_status, columns)]
            for status, of_status in zip(_READ, counts, strict=True)
        },
        {
            status: number
            for status in _ENDED
            if (number := _added(status, hours, list(compress(counts[_READ.index(status)], busy)))) is not None
        },
        first if hours else None,
        [alert for alert in alerts.of_pool(db, pool.id, since=since, until=until) if alert.told],
        [rule for rule in rules if isinstance(rule, ThresholdRule) and rule.covers(pool)],
    )


def _points(status: JobStatus, hours: Sequence[Hour], until: datetime) -> list[Point]:
    """The highest of each hour."""
    found: list[Point] = []
    for hour in hours:
        most = _most(hour, status)
        found += [(hour.at + step, most) for step in _STEPS if hour.at + step <= until]
    return found


def fewer(times: Sequence[int], counts: _Counts, columns: Columns) -> list[Point]:
    """As many points as can be seen: the lowest and the highest of each column of a picture, and the very last."""
    kept = columns.thinned(counts)
    last = next((place for place in reversed(range(len(counts))) if counts[place] is not None), None)
    if last is not None and kept:
        at = datetime.fromtimestamp(times[last], UTC)
        if kept[-1][0] < at:
            kept.append((at, counts[last]))
    return kept


def _most(hour: Hour, status: JobStatus) -> int | None:
    if status in _ENDED:
        ended = hour.ended.get(status)
        return None if ended is None else ended.last
    level = hour.levels.get(status)
    return None if level is None else level.most


def _added(status: JobStatus, hours: Sequence[Hour], counts: _Counts) -> int | None:
    """How many ended that way; `None` where it was not reported. A fall is a reset, which adds nothing."""
    known = [count for count in counts if count is not None]
    ended = [each.added for hour in hours if (each := hour.ended.get(status)) is not None]
    if not known and not ended:
        return None
    return sum(ended) + sum(later - earlier for earlier, later in pairwise(known) if later > earlier)
