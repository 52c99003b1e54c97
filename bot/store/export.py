"""Samples out as CSV, in the format that every command of the product reads."""

import csv
from collections.abc import Collection
from datetime import datetime
from typing import TextIO

from sqlalchemy import Connection, select

from bot.core.stats import JobStatus
from bot.store.moments import from_seconds, storable
from bot.store.names import type_names
from bot.store.rows import NAMES, window
from bot.store.tables import EMPTY, pools, samples

_HEADER = ("timestamp", "pool", "type", *(status.value for status in JobStatus))


def export_csv(
    db: Connection,
    out: TextIO,
    *,
    pool_ids: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Write the samples of these pools (or of all) from `since` on and before `until`; how many rows there were.

    Pool by pool, each oldest first; what was not reported is an empty cell. A reading that found no jobs at all is one
    row of zeros without a type. Stated totals and statuses that the documents do not know have no column.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    names = {**type_names(db), EMPTY: ""}
    chosen = select(pools.c.key, pools.c.id).order_by(pools.c.id)
    if pool_ids is not None:
        chosen = chosen.where(pools.c.id.in_([storable(pool_id) for pool_id in pool_ids]))
    counts = [samples.c[name] for _, name in NAMES]
    written = 0
    for key, pool_id in db.execute(chosen).all():
        rows = select(samples.c.at, samples.c.type, *counts).where(samples.c.pool == key, *window(since, until))
        streamed = {"stream_results": True, "yield_per": 1000}
        with db.execute(rows.order_by(samples.c.at, samples.c.type), execution_options=streamed) as found:
            for at, job_type, *row in found:
                writer.writerow((f"{from_seconds(at):%Y-%m-%dT%H:%M:%SZ}", pool_id, names[job_type], *row))
                written += 1
    return written
