"""How did a count go in many pools at once?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.core.stats import JobStatus
from bot.store.moments import to_seconds
from bot.store.rows import window
from bot.store.tables import pools, samples


def highest(
    db: Connection, pool_ids: Sequence[str], status: JobStatus, *, since: datetime, until: datetime, parts: int
) -> dict[str, list[int | None]]:
    """The highest count of each of `parts` equal parts of the time, by pool; `None` where nothing was read.

    A pool that was not read at all is missing.
    """
    start = to_seconds(since)
    length = max((to_seconds(until) - start) // parts, 1)
    readings = (
        select(samples.c.pool, samples.c.at, func.sum(samples.c[status.value.lower()]).label("jobs"))
        .where(samples.c.pool.in_(select(pools.c.key).where(pools.c.id.in_(pool_ids))), *window(since, until))
        .group_by(samples.c.pool, samples.c.at)
        .subquery()
    )
    part = ((readings.c.at - start) // length).label("part")
    chosen = (
        select(pools.c.id, part, func.max(readings.c.jobs))
        .join(pools, pools.c.key == readings.c.pool)
        .group_by(pools.c.id, part)
    )
    found: dict[str, list[int | None]] = {}
    for pool_id, number, most in db.execute(chosen):
        values = found.setdefault(pool_id, [None] * parts)
        # What is left of a division that does not come out even belongs to the last part.
        place = min(int(number), parts - 1)
        before = values[place]
        values[place] = most if before is None else before if most is None else max(before, most)
    return found
