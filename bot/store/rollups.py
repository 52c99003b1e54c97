"""What did each pool look like hour by hour, long after its readings were forgotten?"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from bot.core.hourly import Ended, Hour, Level, hour_of, hourly
from bot.core.stats import ENDED, JobStatus, Pool
from bot.store import samples
from bot.store.engine import reading, writing
from bot.store.moments import from_seconds, to_next_second, to_seconds
from bot.store.names import type_keys, type_names, upsert
from bot.store.tables import ALL_TYPES, hours, pools
from bot.store.tables import samples as readings

_HOUR = 3600
# Read at once, and written in one transaction.
_AT_ONCE = timedelta(days=1)
# Further back nobody looks for the reading before the first one.
_BEFORE = timedelta(hours=6)
_LEVELS = tuple(status for status in JobStatus if status not in ENDED)


def roll_up(engine: Engine, *, now: datetime) -> int:
    """Make the figures of every whole hour that has none yet; how many hours of how many pools, added up.

    Each transaction writes a day of one pool at most; what is broken off goes on where it stopped.
    """
    with reading(engine) as db:
        known = samples.pools_seen(db)
    return sum(_pool(engine, pool, hour_of(now)) for pool in known)


def hours_of(
    db: Connection, pool_id: str, *, since: datetime, until: datetime | None = None, job_type: str | None = None
) -> list[Hour]:
    """The hours of the pool that begin from `since` on and before `until`, oldest first; of all types together."""
    names = {key: name for key, name in type_names(db).items() if name == job_type} if job_type else {ALL_TYPES: None}
    chosen = select(hours).join(pools, pools.c.key == hours.c.pool).where(
        pools.c.id == pool_id, hours.c.type.in_(names), hours.c.at >= to_next_second(since)
    )  # fmt: skip
    if until is not None:
        chosen = chosen.where(hours.c.at < to_next_second(until))
    return [_hour(row, job_type) for row in db.execute(chosen.order_by(hours.c.at))]


def _pool(engine: Engine, pool: Pool, end: datetime) -> int:
    made = 0
    while True:
        with reading(engine) as db:
            key, start = _next(db, pool, end)
            if start is None:
                return made
            until = min(start + _AT_ONCE, end)
            before = samples.reading_before(db, pool.id, start - timedelta(seconds=1), not_before=start - _BEFORE)
            found = list(hourly(samples.readings(db, pool.id, since=start, until=until), before))
        with writing(engine) as db:
            type_of = type_keys(db, {hour.job_type for hour in found if hour.job_type is not None})
            rows = [_row(key, ALL_TYPES if h.job_type is None else type_of[h.job_type], h) for h in found]
            # Another process may have been faster.
            db.execute(upsert(db, hours).on_conflict_do_nothing(), rows)
        made += sum(hour.job_type is None for hour in found)


def _next(db: Connection, pool: Pool, end: datetime) -> tuple[int, datetime | None]:
    """The pool's number, and its first whole hour before `end` that has readings but no figures."""
    key: int = db.execute(select(pools.c.key).where(pools.c.id == pool.id)).scalar_one()
    done = db.scalar(select(func.max(hours.c.at)).where(hours.c.pool == key))
    first = select(func.min(readings.c.at)).where(readings.c.pool == key, readings.c.at < to_seconds(end))
    at = db.scalar(first if done is None else first.where(readings.c.at >= done + _HOUR))
    return key, None if at is None else hour_of(from_seconds(at))


def _row(pool: int, job_type: int, hour: Hour) -> dict[str, Any]:
    row: dict[str, Any] = {"pool": pool, "at": to_seconds(hour.at), "type": job_type, "readings": hour.readings}
    for status in _LEVELS:
        level, name = hour.levels.get(status), status.value.lower()
        for figure in ("least", "mean", "most", "last"):
            row[f"{name}_{figure}"] = None if level is None else getattr(level, figure)
    for status in ENDED:
        ended, name = hour.ended.get(status), status.value.lower()
        for figure in ("last", "added"):
            row[f"{name}_{figure}"] = None if ended is None else getattr(ended, figure)
    return row


def _hour(row: Row[Any], job_type: str | None) -> Hour:
    facts = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    levels = {
        status: Level(*(facts[f"{status.value.lower()}_{figure}"] for figure in ("least", "mean", "most", "last")))
        for status in _LEVELS
        if facts[f"{status.value.lower()}_last"] is not None
    }
    ended = {
        status: Ended(facts[f"{status.value.lower()}_last"], facts[f"{status.value.lower()}_added"])
        for status in JobStatus
        if status in ENDED and facts[f"{status.value.lower()}_last"] is not None
    }
    return Hour(from_seconds(row.at), job_type, row.readings, levels, ended)
