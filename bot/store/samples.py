"""What did each pool look like, and when? Readings come out as they were given, but in whole seconds."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, select

from bot.core.because import Why
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.store.export import export_csv
from bot.store.moments import from_seconds, to_next_second, to_seconds
from bot.store.names import type_names
from bot.store.rows import ROW, as_numbers, columns, readings_in, window
from bot.store.saving import forget_after, save_failure, save_many, save_reading
from bot.store.tables import failures as failed
from bot.store.tables import job_types, pools, samples

__all__ = [
    "Poll",
    "export_csv",
    "failures",
    "forget_after",
    "last_poll",
    "latest",
    "latest_all",
    "levels",
    "numbers",
    "pools_seen",
    "reading_before",
    "readings",
    "save_failure",
    "save_many",
    "save_reading",
    "series",
]

_BATCH = 1000
# What a pool is made from.
WHOSE = (pools.c.id, pools.c.name, pools.c.account, pools.c.region)
# Asked with every reading of a pool with trouble, so made once.
_POOL = select(pools.c.key, *WHOSE).where(pools.c.id == bindparam("pool"))
_POOL_KEY = select(pools.c.key).where(pools.c.id == bindparam("pool")).scalar_subquery()
_FAILURES = (
    select(failed.c.at, failed.c.kind, failed.c.why)
    .join(pools, failed.c.pool == pools.c.key)
    .where(pools.c.id == bindparam("pool"), failed.c.at >= bindparam("since"))
    .order_by(failed.c.at)
)
_NEWEST_AT = select(func.max(samples.c.at)).where(samples.c.pool == _POOL_KEY)


@dataclass(frozen=True, slots=True)
class Poll:
    """One attempt to read a pool: when, whether it succeeded, and if not, what kind of failure it was and why."""

    at: datetime
    ok: bool
    kind: str = ""
    why: Why = ""


def latest(db: Connection, pool_id: str) -> PoolStats | None:
    """The newest reading of the pool."""
    return _newest(db, pool_id, samples.c.at >= 0)


def newest_at(db: Connection, pool_id: str) -> datetime | None:
    """Of when the newest reading of the pool is."""
    seconds = db.scalar(_NEWEST_AT, {"pool": pool_id})
    return None if seconds is None else from_seconds(seconds)


def latest_all(db: Connection) -> list[PoolStats]:
    """The newest reading of every pool that has one, by the pools' ids."""
    newest = select(func.max(samples.c.at)).where(samples.c.pool == pools.c.key).correlate(pools).scalar_subquery()
    found = select(*ROW, *WHOSE).join(pools, samples.c.pool == pools.c.key)
    rows = db.execute(found.where(samples.c.at == newest).order_by(pools.c.id, samples.c.type))
    names = type_names(db)
    by_pool = groupby(rows, key=lambda row: (row.id, row.name, row.account, row.region))
    return [stats for whose, group in by_pool for stats in readings_in(Pool(*whose), group, names)]


def reading_before(db: Connection, pool_id: str, at: datetime, *, not_before: datetime) -> PoolStats | None:
    """The newest reading at or before `at`, unless it is older than `not_before`."""
    return _newest(db, pool_id, samples.c.at.between(to_seconds(not_before), to_seconds(at)))


def readings(
    db: Connection,
    pool_id: str,
    *,
    since: datetime,
    until: datetime | None = None,
    statuses: Collection[JobStatus] | None = None,
) -> Iterator[PoolStats]:
    """The readings of the pool from `since` on and before `until`, oldest first, read as they are used.

    With `statuses` they say nothing but the counts of these: much quicker, for who looks at nothing else.
    """
    found = _pool(db, pool_id)
    if found is None:
        return
    key, pool = found
    names = type_names(db)
    wanted = None if statuses is None else tuple(statuses)
    chosen = (
        select(*columns(wanted))
        .where(samples.c.pool == key, *window(since, until))
        .order_by(samples.c.at, samples.c.type)
    )
    with db.execute(chosen, execution_options={"stream_results": True, "yield_per": _BATCH}) as rows:
        yield from readings_in(pool, rows, names, wanted)


def series(
    db: Connection,
    pool_id: str,
    statuses: Sequence[JobStatus],
    *,
    since: datetime,
    until: datetime | None = None,
    job_type: str | None = None,
) -> list[tuple[datetime, tuple[int | None, ...]]]:
    """What `PoolStats.count` says of each of `statuses`, reading by reading, oldest first; quicker than `readings`."""
    rows = _counted(db, pool_id, statuses, since, until, job_type)
    # What `from_seconds` does, found once: for each of thousands the way there is a twentieth of the whole.
    moment = datetime.fromtimestamp
    return [(moment(row[0], UTC), row[1:]) for row in rows]


def numbers(
    db: Connection, pool_id: str, statuses: Sequence[JobStatus], *, since: datetime, until: datetime | None = None
) -> tuple[Sequence[int], list[Sequence[int | None]]]:
    """The same in columns: when the readings were, in Unix seconds, and the counts of each of `statuses`.

    For who draws thousands of readings: making a moment of each takes half as long as reading them.
    """
    rows = _counted(db, pool_id, statuses, since, until)
    if not rows:
        return (), [()] * len(statuses)
    times, *counts = zip(*rows, strict=True)
    return times, [*counts]


def _counted(
    db: Connection,
    pool_id: str,
    statuses: Sequence[JobStatus],
    since: datetime,
    until: datetime | None,
    job_type: str | None = None,
) -> list[tuple[Any, ...]]:
    """A row for each reading, oldest first: its second, then the counts."""
    found = _pool(db, pool_id)
    if found is None:
        return []
    chosen = _counting(tuple(statuses), is_bounded=until is not None, of_type=job_type is not None)
    facts: dict[str, Any] = {"pool": found[0], "since": to_seconds(since), "job_type": job_type}
    if until is not None:
        facts["until"] = to_next_second(until)
    return as_numbers(db.execute(chosen, facts))


@cache
def _counting(statuses: tuple[JobStatus, ...], *, is_bounded: bool, of_type: bool) -> Select[Any]:
    of_status = [samples.c[status.value.lower()] for status in statuses]
    counts: list[ColumnElement[int | None]] = [func.sum(column) for column in of_status]
    if of_type:
        wanted = select(job_types.c.key).where(job_types.c.name == bindparam("job_type")).scalar_subquery()
        there = func.count(case((samples.c.type == wanted, 1))) > 0
        counts = [case((there, func.sum(case((samples.c.type == wanted, column)))), else_=0) for column in of_status]
    within = [samples.c.pool == bindparam("pool"), samples.c.at >= bindparam("since")]
    if is_bounded:
        within.append(samples.c.at < bindparam("until"))
    return select(samples.c.at, *counts).where(*within).group_by(samples.c.at).order_by(samples.c.at)


def levels(
    db: Connection, pool_id: str, status: JobStatus, *, since: datetime, until: datetime
) -> list[tuple[datetime, int | None]] | None:
    """How many jobs of all types were in `status`, reading by reading, oldest first.

    `None` where a type told it at one time and left it out at another: then it takes the readings to know it.
    """
    found = _pool(db, pool_id)
    if found is None:
        return []
    column = samples.c[status.value.lower()]
    of_pool = (samples.c.pool == found[0], *window(since, until))
    now_and_then = select(samples.c.type).where(*of_pool).group_by(samples.c.type)
    if db.execute(now_and_then.having(func.count(column).between(1, func.count() - 1)).limit(1)).first() is not None:
        return None
    chosen = select(samples.c.at, func.sum(column)).where(*of_pool)
    rows = as_numbers(db.execute(chosen.group_by(samples.c.at).order_by(samples.c.at)))
    return [(from_seconds(at), count) for at, count in rows]


def failures(db: Connection, pool_id: str, *, since: datetime) -> list[Poll]:
    """The failures of the pool from `since` on, oldest first."""
    found = db.execute(_FAILURES, {"pool": pool_id, "since": to_seconds(since)})
    return [Poll(from_seconds(at), ok=False, kind=kind, why=why) for at, kind, why in found]


def last_poll(db: Connection, pool_id: str) -> Poll | None:
    """The newest attempt to read the pool; of a success and a failure in the same second, the success."""
    found = _pool(db, pool_id)
    if found is None:
        return None
    read_at = db.scalar(select(func.max(samples.c.at)).where(samples.c.pool == found[0]))
    chosen = select(failed.c.at, failed.c.kind, failed.c.why).where(failed.c.pool == found[0])
    newest = db.execute(chosen.order_by(failed.c.at.desc()).limit(1)).first()
    if newest is not None and (read_at is None or newest.at > read_at):
        return Poll(from_seconds(newest.at), ok=False, kind=newest.kind, why=newest.why)
    return None if read_at is None else Poll(from_seconds(read_at), ok=True)


def failing(db: Connection) -> dict[str, Why]:
    """The pools whose newest attempt was a failure, by id, with the reason."""
    others = failed.alias()
    newest = select(func.max(others.c.at)).where(others.c.pool == pools.c.key).scalar_subquery()
    read_at = select(func.max(samples.c.at)).where(samples.c.pool == pools.c.key).scalar_subquery()
    chosen = (
        select(pools.c.id, failed.c.why)
        .join(pools, pools.c.key == failed.c.pool)
        .where(failed.c.at == newest, failed.c.at > func.coalesce(read_at, -1))
    )
    return {row.id: row.why for row in db.execute(chosen)}


def pools_seen(db: Connection) -> list[Pool]:
    """Every pool we know of, by id, under its newest display name."""
    return [Pool(*whose) for whose in db.execute(select(*WHOSE).order_by(pools.c.id))]


def _newest(db: Connection, pool_id: str, condition: ColumnElement[bool]) -> PoolStats | None:
    found = _pool(db, pool_id)
    if found is None:
        return None
    key, pool = found
    newest = select(func.max(samples.c.at)).where(samples.c.pool == key, condition).scalar_subquery()
    rows = db.execute(select(*ROW).where(samples.c.pool == key, samples.c.at == newest)).all()
    return next(readings_in(pool, rows, type_names(db)), None)


def _pool(db: Connection, pool_id: str) -> tuple[int, Pool] | None:
    row = db.execute(_POOL, {"pool": pool_id}).first()
    return None if row is None else (row.key, Pool(*row[1:]))
