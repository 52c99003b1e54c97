"""What were the counts of all job types together, reading by reading, for a rule that looks at nothing else?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.core.rules.doubt import BUSY
from bot.core.stats import ENDED, JobStatus, Pool, PoolStats, TypeCounts
from bot.store.moments import from_seconds
from bot.store.rows import as_numbers, window
from bot.store.tables import pools, samples

# The jobs that have started, beside which a spike rule looks only at those that it is about.
_STARTED = (JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.TERMINATED, JobStatus.FAILED)
# The one job type of such a reading.
_ALL = ""


def summed(
    db: Connection, pool_id: str, metric: JobStatus, *, since: datetime, until: datetime
) -> Iterator[PoolStats] | None:
    """The readings as a spike rule on `metric` over all job types sees them, oldest first: their sums as one type.

    `None` where sums are not all that matters: a type told the metric at one time and left it out at another, came or
    went while its jobs end, or so few jobs were told that others decide whether the pool was empty.
    """
    found = db.execute(select(pools.c.key, pools.c.name).where(pools.c.id == pool_id)).first()
    if found is None:
        return iter(())
    of_pool = (samples.c.pool == found.key, *window(since, until))
    statuses = (metric, *(status for status in _STARTED if status is not metric))
    columns = [samples.c[status.value.lower()] for status in statuses]
    chosen = select(samples.c.at, func.count(), func.count(columns[0]), *map(func.sum, columns)).where(*of_pool)
    rows = as_numbers(db.execute(chosen.group_by(samples.c.at).order_by(samples.c.at)))
    types = db.scalar(select(func.count(samples.c.type.distinct())).where(*of_pool)) if metric in ENDED else None
    # Most readings say what another one said.
    known: dict[tuple[Any, ...], dict[str, TypeCounts]] = {}
    for of_types in {row[1:] for row in rows}:
        said, told, *counts = of_types
        if told != said or said != (types or said) or sum(filter(None, counts)) < BUSY:
            return None
        numbers = dict(zip(statuses, counts, strict=True))
        if None in counts:
            numbers = {status: count for status, count in numbers.items() if count is not None}
        known[of_types] = {_ALL: TypeCounts(numbers)}
    pool = Pool(pool_id, found.name)
    return (PoolStats(pool, from_seconds(row[0]), known[row[1:]]) for row in rows)
