"""How does a reading get into the database, whole and quickly?

A moment is kept in whole seconds, rounded down. A second reading of a pool in the same second replaces the first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from bot.core.because import Why
from bot.core.stats import Pool, PoolStats
from bot.store import plainly
from bot.store.moments import storable, to_seconds
from bot.store.names import pool_keys, type_keys, upsert
from bot.store.rows import insert, rows_of
from bot.store.tables import OPEN, hours, pools, samples
from bot.store.tables import failures as failed

_BATCH = 1000

# As text, because SQLAlchemy takes longer over such a statement than the database does.
_LOOK_UP = (
    "SELECT pools.key, pools.name, EXISTS (SELECT 1 FROM samples WHERE pool = pools.key AND at = {0}),"
    " job_types.name, job_types.key FROM pools LEFT JOIN job_types ON true WHERE pools.id = {0}"
)
_LOOK_UPS = {"sqlite": _LOOK_UP.format("?"), "postgresql": _LOOK_UP.format("%s")}
_STANDING = (
    "SELECT NULL, key, name, NULL, NULL FROM job_types UNION ALL"  # noqa: S608 - our own names
    " SELECT id, key, name, (SELECT max(at) FROM samples WHERE pool = pools.key),"
    f" EXISTS (SELECT 1 FROM alerts WHERE pool_id = pools.id AND {OPEN}) FROM pools WHERE id "
)
# Made once, because making a statement takes longer than running it.
_FORGET = delete(samples).where(samples.c.pool == bindparam("of"), samples.c.at == bindparam("then"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is of a pool: its number and name, when it was last read (in seconds), whether an alert is open."""

    key: int
    name: str
    newest: int | None
    has_open: bool


def kept(db: Connection, pool_ids: Iterable[str]) -> tuple[dict[str, Kept], dict[str, int]]:
    """What there is of each of these pools, by id, nothing of those that were never seen; the numbers of job types."""
    ids = [storable(pool_id) for pool_id in pool_ids]
    if db.dialect.name == "sqlite":
        rows = plainly.rows_of(db, f"{_STANDING} IN ({', '.join('?' * len(ids))})", ids)
    else:
        rows = plainly.rows_of(db, f"{_STANDING} = ANY (%s)", (ids,))
    standing: dict[str, Kept] = {}
    type_of: dict[str, int] = {}
    for pool_id, key, name, newest, has_open in rows:
        if pool_id is None:
            type_of[name] = key
        else:
            standing[pool_id] = Kept(key, name, newest, bool(has_open))
    return standing, type_of


def save_newer(db: Connection, readings: Sequence[tuple[PoolStats, Kept]], type_of: Mapping[str, int]) -> None:
    """Keep readings, each newer than all that is kept of its pool, of pools whose names have not changed.

    Args:
        db: A transaction.
        readings: Each with what there is of its pool.
        type_of: The numbers of the job types as `kept` found them; new ones get one.
    """
    if any(storable(name) not in type_of for stats, _ in readings for name in stats.types):
        type_of = type_keys(db, {name for stats, _ in readings for name in stats.types})
    rows: list[tuple[Any, ...]] = []
    for stats, pool in readings:
        rows += rows_of(stats, pool.key, to_seconds(stats.taken_at), type_of)
    if rows:
        insert(db, rows)


def save_reading(db: Connection, stats: PoolStats) -> None:
    """Keep one reading."""
    at = to_seconds(stats.taken_at)
    found = db.exec_driver_sql(_LOOK_UPS[db.dialect.name], (at, storable(stats.pool.id))).fetchall()
    type_of = {row[3]: row[4] for row in found}
    key, name, is_taken = found[0][:3] if found else (0, "", False)
    known = name == storable(stats.pool.name) and all(storable(name) in type_of for name in stats.types)
    if found and known and not is_taken:
        insert(db, rows_of(stats, key, at, type_of))
    else:
        _save(db, (stats,))


def save_many(db: Connection, readings: Iterable[PoolStats]) -> int:
    """Keep many readings, of any pools in any order, in few statements; how many were given."""
    rest, given = iter(readings), 0
    while batch := tuple(islice(rest, _BATCH)):
        _save(db, batch)
        given += len(batch)
    return given


def save_failure(db: Connection, pool: Pool, *, at: datetime, kind: str, why: Why) -> None:
    """Keep that `pool` could not be read at that moment. No zeros, and no new display name, come of it."""
    key = pool_keys(db, (pool,), rename=False)[storable(pool.id)]
    saved = upsert(db, failed).values(pool=key, at=to_seconds(at), kind=kind, why=why)
    again = {"kind": saved.excluded.kind, "why": saved.excluded.why}
    db.execute(saved.on_conflict_do_update(index_elements=["pool", "at"], set_=again))


def forget_after(db: Connection, pool_id: str, at: datetime) -> None:
    """Forget what was kept of the pool for moments after `at`, by a clock that was wrong."""
    key = select(pools.c.key).where(pools.c.id == pool_id).scalar_subquery()
    for table in (samples, failed):
        db.execute(delete(table).where(table.c.pool == key, table.c.at > to_seconds(at)))
    db.execute(delete(hours).where(hours.c.pool == key, hours.c.at > to_seconds(at) - 3600))


def _save(db: Connection, batch: Collection[PoolStats]) -> None:
    key_of = pool_keys(db, (stats.pool for stats in batch))
    type_of = type_keys(db, {name for stats in batch for name in stats.types})
    newest = {(key_of[storable(stats.pool.id)], to_seconds(stats.taken_at)): stats for stats in batch}
    _forget(db, newest.keys())
    insert(db, [row for (pool, at), stats in newest.items() for row in rows_of(stats, pool, at, type_of)])


def _forget(db: Connection, moments: Collection[tuple[int, int]]) -> None:
    """Make room for new readings of the same moments: rows of both must never be taken for one reading."""
    keys, ats = {pool for pool, _ in moments}, [at for _, at in moments]
    near = select(samples.c.pool, samples.c.at).distinct()
    near = near.where(samples.c.pool.in_(keys), samples.c.at.between(min(ats), max(ats)))
    there = [{"of": pool, "then": at} for pool, at in db.execute(near) if (pool, at) in moments]
    if there:
        db.execute(_FORGET, there)
