"""What remains of the readings of an hour when they are forgotten?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.core.stats import ENDED, JobStatus, PoolStats

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Level:
    """A status in which jobs wait or run, over an hour."""

    least: int
    mean: float
    most: int
    last: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A status in which jobs end: the last count, and how many were added since the hour before."""

    last: int
    added: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One pool in one whole hour.

    Attributes:
        at: Its beginning.
        job_type: The type that it is about; `None` for all together, whose most is not the sum of the types' most.
        readings: How many readings of the pool there were.
        levels, ended: By status; one that was never reported is missing.
    """

    at: datetime
    job_type: str | None
    readings: int
    levels: Mapping[JobStatus, Level]
    ended: Mapping[JobStatus, Ended]


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour that `at` is in."""
    return at.replace(minute=0, second=0, microsecond=0)


def hourly(readings: Iterable[PoolStats], before: PoolStats | None) -> Iterator[Hour]:
    """The hours of one pool's readings, oldest first; for each all types together first.

    Args:
        readings: Oldest first, of whole hours.
        before: The reading before them, if there is one: what ended since is added in the first hour.
    """
    known: dict[tuple[JobStatus, str], int] = {}
    if before is not None:
        _added(before, known)
    for at, group in groupby(readings, key=lambda stats: hour_of(stats.taken_at)):
        of_hour = list(group)
        added: dict[tuple[JobStatus, str], int] = {}
        for stats in of_hour:
            for key, step in _added(stats, known).items():
                added[key] = added.get(key, 0) + step
        types = sorted({job_type for stats in of_hour for job_type in stats.types})
        for job_type in (None, *types):
            yield _hour(at, job_type, of_hour, added)


def _added(stats: PoolStats, known: dict[tuple[JobStatus, str], int]) -> dict[tuple[JobStatus, str], int]:
    """What ended since the last reading, by status and type. A fall is a reset, which adds nothing."""
    steps: dict[tuple[JobStatus, str], int] = {}
    # An answer without any job tells nothing about what has ended, and the same jobs would count again.
    if not stats.jobs:
        return steps
    for job_type, counts in stats.types.items():
        for status in ENDED:
            count = counts.status.get(status)
            if count is not None:
                key = status, job_type
                steps[key] = max(0, count - known.get(key, count))
                known[key] = count
    return steps


def _hour(
    at: datetime, job_type: str | None, readings: list[PoolStats], added: Mapping[tuple[JobStatus, str], int]
) -> Hour:
    levels: dict[JobStatus, Level] = {}
    ended: dict[JobStatus, Ended] = {}
    for status in JobStatus:
        counts = [count for stats in readings if (count := stats.count(status, job_type)) is not None]
        if not counts:
            continue
        if status in ENDED:
            steps = (n for (of, name), n in added.items() if of is status and job_type in {None, name})
            ended[status] = Ended(counts[-1], sum(steps))
        else:
            levels[status] = Level(min(counts), round(sum(counts) / len(counts), 1), max(counts), counts[-1])
    return Hour(at, job_type, len(readings), levels, ended)
