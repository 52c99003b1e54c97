"""What happened in a pool between two moments, in figures?"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.stats import ENDED, JobStatus, Pool, PoolStats

# Where nothing was read for longer than this, the figures have a hole that people should know of.
GAP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Span:
    """A count over time: at the start and the end of the window, and the least and the most in between."""

    first: int
    last: int
    least: int
    most: int
    most_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the window in which nothing was read."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PoolDigest:
    """The figures of one pool over a window.

    Attributes:
        readings: How many readings fell into the window.
        first, last: The first and the last reading; the first is the last one before the window where that is known.
            Both are `None` when there was no reading at all.
        queue: Queue over the window; `None` where it was never reported.
        added: Jobs that ended in each way. A status that was never reported is missing.
        reset: Statuses whose count fell at some time: what they added may be more than is said.
        gaps: Where nothing was read.
    """

    pool: Pool
    readings: int = 0
    first: PoolStats | None = None
    last: PoolStats | None = None
    queue: Span | None = None
    added: Mapping[JobStatus, int] = field(default_factory=dict)
    reset: frozenset[JobStatus] = frozenset()
    gaps: tuple[Gap, ...] = ()


def digest(
    readings: Iterable[PoolStats], *, since: datetime, until: datetime, pool: Pool | None = None, gap: timedelta = GAP
) -> PoolDigest:
    """The figures of the readings of one pool from `since` to `until`.

    Args:
        readings: In any order; later ones than `until` are left out, and of those before `since` the last one is what
            the window is compared with.
        since: The start of the window.
        until: Its end.
        pool: The pool, needed only where there may be no reading.
        gap: How long nothing may be read before it is told as a gap.

    Raises:
        ValueError: There is no reading and `pool` was not given.
    """
    ordered = sorted((each for each in readings if each.taken_at <= until), key=lambda each: each.taken_at)
    inside = [each for each in ordered if each.taken_at >= since]
    before = [each for each in ordered if each.taken_at < since][-1:]
    named = pool or (ordered[-1].pool if ordered else None)
    if named is None:
        raise ValueError("a digest of no readings needs its pool")
    if not inside:
        return PoolDigest(named, gaps=(Gap(since, until),))
    compared = [*before, *inside]
    added, reset = _added(compared)
    return PoolDigest(
        pool=named,
        readings=len(inside),
        first=compared[0],
        last=compared[-1],
        queue=_span(JobStatus.QUEUE, compared),
        added=added,
        reset=reset,
        gaps=_gaps(inside, since, until, gap),
    )


def _span(status: JobStatus, readings: Sequence[PoolStats]) -> Span | None:
    counts = [(each.taken_at, count) for each in readings if (count := each.count(status)) is not None]
    if not counts:
        return None
    most_at, most = max(counts, key=lambda each: each[1])
    return Span(counts[0][1], counts[-1][1], min(count for _, count in counts), most, most_at)


def _added(readings: Sequence[PoolStats]) -> tuple[dict[JobStatus, int], frozenset[JobStatus]]:
    """The positive steps of every ended status, and the statuses with a fall.

    By job type, so that a reset of one does not hide what another added. An answer without any job tells nothing about
    what has ended: it may be a failure in disguise, and the same jobs would count again when they come back.
    """
    known: dict[tuple[JobStatus, str], int] = {}
    added: dict[JobStatus, int] = {}
    reset: set[JobStatus] = set()
    types = {job_type for each in readings for job_type in each.types}
    for reading in readings:
        if not reading.jobs:
            continue
        for status in ENDED:
            for job_type in types:
                count = reading.count(status, job_type)
                if count is None:
                    continue
                step = count - known.get((status, job_type), count)
                known[status, job_type] = count
                added[status] = added.get(status, 0) + max(0, step)
                if step < 0:
                    reset.add(status)
    return {status: added[status] for status in JobStatus if status in added}, frozenset(reset)


def _gaps(inside: Sequence[PoolStats], since: datetime, until: datetime, gap: timedelta) -> tuple[Gap, ...]:
    moments = [since, *(each.taken_at for each in inside), until]
    return tuple(Gap(a, b) for a, b in itertools.pairwise(moments) if b - a > gap)
