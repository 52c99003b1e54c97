"""What were the counts of all job types together, reading by reading, for a rule that looks at nothing else?"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.core.rules.doubt import BUSY
from bot.core.rules.spike import STARTS_MATTER
from bot.core.rules.starts import Begun
from bot.core.stats import ENDED, JobStatus
from bot.core.trial_on_counts import Summed
from bot.store.rows import as_numbers, window
from bot.store.tables import pools, samples

# The jobs that have started, beside which a spike rule looks only at those that it is about.
_STARTED = (JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.TERMINATED, JobStatus.FAILED)


def summed(
    db: Connection, pool_id: str, metric: JobStatus, *, since: datetime, until: datetime
) -> Iterator[Summed] | None:
    """The readings as a spike rule on `metric` over all job types sees them, oldest first.

    `None` where sums are not all that matters: a type told the metric at one time and left it out at another, came or
    went while its jobs end, or so few jobs were told that others decide whether the pool was empty.
    """
    key = db.scalar(select(pools.c.key).where(pools.c.id == pool_id))
    if key is None:
        return iter(())
    of_pool = (samples.c.pool == key, *window(since, until))
    statuses = (metric, *(status for status in _STARTED if status is not metric))
    columns = [samples.c[status.value.lower()] for status in statuses]
    chosen = select(samples.c.at, func.count(), func.count(columns[0]), *map(func.sum, columns)).where(*of_pool)
    rows = as_numbers(db.execute(chosen.group_by(samples.c.at).order_by(samples.c.at)))
    types = db.scalar(select(func.count(samples.c.type.distinct())).where(*of_pool)) if metric in ENDED else None
    # Most readings say what another one said; those that have started are the same more often still.
    known: dict[tuple[Any, ...], tuple[int, Begun | None]] = {}
    begun: dict[Begun | None, Begun | None] = {}
    for said in {row[1:] for row in rows}:
        there, told, *counts = said
        if told != there or there != (types or there) or sum(filter(None, counts)) < BUSY:
            return None
        started = _begun(dict(zip(statuses, counts, strict=True))) if metric in STARTS_MATTER else None
        known[said] = counts[0], begun.setdefault(started, started)
    return ((row[0], *known[row[1:]]) for row in rows)


def _begun(counts: Mapping[JobStatus, int | None]) -> Begun | None:
    """The jobs that have started; `None` where running jobs were not told."""
    running = counts[JobStatus.RUNNING]
    if running is None:
        return None
    return running, counts[JobStatus.COMPLETED] or 0, counts[JobStatus.TERMINATED] or 0, counts[JobStatus.FAILED] or 0
