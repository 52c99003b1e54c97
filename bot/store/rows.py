"""How is a reading written in rows, one for each job type?"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.store.moments import from_seconds, to_next_second, to_seconds
from bot.store.tables import EMPTY, samples

NAMES = tuple((status, status.value.lower()) for status in JobStatus)
ROW = (samples.c.at, samples.c.type, samples.c.total, samples.c.unknown, *(samples.c[name] for _, name in NAMES))
# The only row of a reading that found no jobs.
NO_JOBS: dict[str, Any] = {"type": EMPTY, "total": None, "unknown": None, **{name: 0 for _, name in NAMES}}


def columns_of(counts: TypeCounts) -> dict[str, Any]:
    """What a row says of one job type."""
    reported = counts.status
    row: dict[str, Any] = {name: reported.get(status) for status, name in NAMES}
    row["total"] = counts.total
    row["unknown"] = json.dumps(counts.unknown, sort_keys=True) if counts.unknown else None
    return row


def stats_of(pool: Pool, at: int, rows: Iterable[Any], names: Mapping[int, str]) -> PoolStats:
    """The reading that was written in `rows` (each as `ROW` chooses); `names` are the job types by number."""
    types: dict[str, TypeCounts] = {}
    for _, key, total, unknown, *counts in rows:
        if key != EMPTY:
            status = {status: count for status, count in zip(JobStatus, counts, strict=True) if count is not None}
            types[names[key]] = TypeCounts(status, json.loads(unknown) if unknown else {}, total)
    return PoolStats(pool, from_seconds(at), types)


def window(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """From `since` (rounded down, as the readings are) on, and before `until`."""
    window = [] if since is None else [samples.c.at >= to_seconds(since)]
    return window if until is None else [*window, samples.c.at < to_next_second(until)]
