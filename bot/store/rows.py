"""How is a reading written in rows, one for each job type?"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.store.moments import from_seconds, storable, to_next_second, to_seconds
from bot.store.tables import EMPTY, samples

NAMES = tuple((status, status.value.lower()) for status in JobStatus)
ROW = (samples.c.at, samples.c.type, samples.c.total, samples.c.unknown, *(samples.c[name] for _, name in NAMES))
_NO_JOBS = (EMPTY, None, None, *(0 for _ in NAMES))
_STATUSES = tuple(JobStatus)


def insert(dialect: str) -> str:
    """The statement that takes the tuples of `rows_of`.

    Written out, because SQLAlchemy's own INSERT takes several times as long for rows of numbers. Where two processes
    save the same moment at once, the first one's rows stay.
    """
    columns = (samples.c.pool, *ROW)
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(columns))
    names = ", ".join(column.name for column in columns)
    return f"INSERT INTO samples ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def rows_of(stats: PoolStats, pool: int, at: int, type_of: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """The rows of a reading, the number of its pool first; `type_of` are the numbers of the job types."""
    if not stats.types:
        return [(pool, at, *_NO_JOBS)]
    return [
        (
            pool,
            at,
            type_of[storable(name)],
            counts.total,
            json.dumps(counts.unknown, sort_keys=True) if counts.unknown else None,
            *map(counts.status.get, _STATUSES),
        )
        for name, counts in stats.types.items()
    ]


def stats_of(pool: Pool, at: int, rows: Iterable[Any], names: Mapping[int, str]) -> PoolStats:
    """The reading that was written in `rows` (each as `ROW` chooses); `names` are the job types by number."""
    types: dict[str, TypeCounts] = {}
    for _, key, total, unknown, *counts in rows:
        if key != EMPTY:
            status = {status: count for status, count in zip(_STATUSES, counts, strict=True) if count is not None}
            types[names[key]] = TypeCounts(status, json.loads(unknown) if unknown else {}, total)
    return PoolStats(pool, from_seconds(at), types)


def window(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """From `since` (rounded down, as the readings are) on, and before `until`."""
    window = [] if since is None else [samples.c.at >= to_seconds(since)]
    return window if until is None else [*window, samples.c.at < to_next_second(until)]
