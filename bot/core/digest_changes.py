"""What is different from yesterday and from the same day last week, and how were alerts dealt with?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.core.alerts import Alert, Event, Move
from bot.core.hourly import Hour
from bot.core.stats import JobStatus, Pool

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# A window longer than this overlaps with its yesterday.
LONGEST_DAY = timedelta(hours=25)
# Fewer jobs than that on average are no move that anybody feels.
LEAST_MOVE = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """How the queue of a pool went, hour by hour, and what it was on average then and before.

    Attributes:
        hours: The mean of each hour, oldest first; `None` where nothing was read.
        queue: The mean of the window; `None` where it was never reported.
        yesterday, last_week: The same a day and a week earlier, where that is known.
    """

    pool: Pool
    hours: tuple[float | None, ...] = ()
    queue: float | None = None
    yesterday: float | None = None
    last_week: float | None = None

    @property
    def moved(self) -> float:
        """By how many jobs it differs from the day before, or else from the week before."""
        before = self.yesterday if self.yesterday is not None else self.last_week
        return 0.0 if self.queue is None or before is None else self.queue - before


@dataclass(frozen=True, slots=True)
class Handled:
    """How alerts were dealt with: how many opened and ended, and how long it took at the median."""

    opened: int
    closed: int
    to_acknowledge: timedelta | None = None
    to_recover: timedelta | None = None


def course(
    pool: Pool,
    window: Iterable[Hour],
    yesterday: Iterable[Hour],
    last_week: Iterable[Hour],
    *,
    since: datetime,
    until: datetime,
) -> Course:
    """The course of `pool` from `since` to `until`, and what it is compared with."""
    hours = list(window)
    means = {hour.at: hour.levels[JobStatus.QUEUE].mean for hour in hours if JobStatus.QUEUE in hour.levels}
    first = since.replace(minute=0, second=0, microsecond=0)
    number = max(1, -(-(until - first) // timedelta(hours=1)))
    drawn = tuple(means.get(first + place * timedelta(hours=1)) for place in range(number))
    return Course(pool, drawn, _mean(hours), _mean(yesterday), _mean(last_week))


def movers(courses: Iterable[Course], most: int) -> list[Course]:
    """Those whose queue differs most from before, the biggest difference first."""
    moved = [each for each in courses if abs(each.moved) >= LEAST_MOVE]
    return sorted(moved, key=lambda each: (-abs(each.moved), each.pool.name.casefold()))[:most]


def handled(
    alerts: Sequence[Alert], moves: Mapping[str, Sequence[Move]], *, since: datetime, until: datetime
) -> Handled:
    """How `alerts` were dealt with from `since` to `until`; `moves` are those of each by its id."""
    opened = [alert for alert in alerts if alert.fired_at is not None and since <= alert.fired_at <= until]
    closed = [alert for alert in alerts if alert.resolved_at is not None and since <= alert.resolved_at <= until]
    acknowledged = [
        next(move.at for move in moves[alert.id] if move.event is Event.ACKNOWLEDGE) - alert.fired_at
        for alert in alerts
        if alert.fired_at is not None and any(move.event is Event.ACKNOWLEDGE for move in moves.get(alert.id, ()))
    ]
    recovered = [alert.resolved_at - alert.fired_at for alert in closed if alert.resolved_at and alert.fired_at]
    return Handled(len(opened), len(closed), _median(acknowledged), _median(recovered))


def _median(lengths: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in lengths)) if lengths else None


def _mean(hours: Iterable[Hour]) -> float | None:
    """By how many readings there were, so that an hour of which little is known weighs little."""
    known = [(hour.levels[JobStatus.QUEUE].mean, hour.readings) for hour in hours if JobStatus.QUEUE in hour.levels]
    weight = sum(readings for _, readings in known)
    return sum(mean * readings for mean, readings in known) / weight if weight else None
