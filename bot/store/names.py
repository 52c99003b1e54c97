"""Which number stands for which pool and job type in the readings?"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, select, update

from bot.core.stats import Pool
from bot.store.moments import storable
from bot.store.tables import job_types, pools

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# SQLite takes at most 32,766 parameters in a statement; so many names at once are always safe.
_AT_ONCE = 1000

# Asked for with every reading, so without SQLAlchemy's rows.
_POOLS = select(pools.c.id, pools.c.key, pools.c.name, pools.c.account, pools.c.region).where(
    pools.c.id.in_(bindparam("pools", expanding=True))
)
_TYPES = str(select(job_types.c.key, job_types.c.name))


def upsert(db: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that may say what to do ON CONFLICT, which both databases write alike."""
    return inserting(db.dialect.name, table)


def keep(db: Connection, table: Table, row: Mapping[str, Any], by: tuple[str, ...] = ("id",)) -> None:
    """Keep the row, in the place of the one that is the same in `by`, if there is one."""
    db.execute(_keeping(db.dialect.name, table, by, tuple(row)), row)


@cache
def _keeping(
    dialect: str, table: Table, by: tuple[str, ...], columns: tuple[str, ...]
) -> "postgresql.Insert | sqlite.Insert":
    # Made once: making a statement takes longer than running it.
    made = inserting(dialect, table)
    changed = {name: made.excluded[name] for name in columns if name not in by}
    return made.on_conflict_do_update(index_elements=list(by), set_=changed)


def inserting(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """As `upsert`, where the dialect is known."""
    # Only the database that is there is imported; PostgreSQL's types alone are megabytes of memory.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

    return sqlite.insert(table)


def pool_keys(db: Connection, seen: Iterable[Pool], *, rename: bool = True) -> dict[str, int]:
    """The number of each pool by its id; new pools get one, and a name or a place that changed is kept."""
    names = {storable(pool.id): _facts(pool) for pool in seen}
    found = _pools(db, names)
    new = sorted(names.keys() - found.keys())
    if new:
        # In order, so that two processes that see the same new pools wait for each other and do not deadlock.
        rows = [{"id": pool_id, **names[pool_id]._asdict()} for pool_id in new]
        db.execute(upsert(db, pools).on_conflict_do_nothing(index_elements=["id"]), rows)
        found |= _pools(db, new)
    changed = ((key, names[id_]) for id_, (key, facts) in sorted(found.items()) if facts != names[id_])
    renamed = [{"of": key, **facts._asdict()} for key, facts in changed]
    if renamed and rename:
        db.execute(update(pools).where(pools.c.key == bindparam("of")), renamed)
    return {pool_id: key for pool_id, (key, _) in found.items()}


def type_keys(db: Connection, names: Iterable[str]) -> dict[str, int]:
    """The number of each job type; new ones get one."""
    wanted = {storable(name) for name in names}
    found = {name: key for key, name in type_names(db).items()}
    new = sorted(wanted - found.keys())
    if new:
        rows = [{"name": name} for name in new]
        db.execute(upsert(db, job_types).on_conflict_do_nothing(index_elements=["name"]), rows)
        found = {name: key for key, name in type_names(db).items()}
    return found


def type_names(db: Connection) -> Mapping[int, str]:
    """Every job type seen so far, by its number."""
    return {row[0]: row[1] for row in db.exec_driver_sql(_TYPES)}


def placed(db: Connection, seen: Iterable[Pool]) -> None:
    """Keep what the pools are called and where they are; one that was never read yet is left to its first reading."""
    facts = {storable(pool.id): _facts(pool) for pool in seen}
    there = _pools(db, facts)
    changed = [{"of": key, **facts[id_]._asdict()} for id_, (key, kept) in sorted(there.items()) if kept != facts[id_]]
    if changed:
        db.execute(update(pools).where(pools.c.key == bindparam("of")), changed)


class _Facts(NamedTuple):
    name: str
    account: str
    region: str


def _facts(pool: Pool) -> _Facts:
    return _Facts(storable(pool.name), storable(pool.account), storable(pool.region))


def _pools(db: Connection, ids: Iterable[str]) -> dict[str, tuple[int, _Facts]]:
    wanted = list(ids)
    found: dict[str, tuple[int, _Facts]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = db.execute(_POOLS, {"pools": wanted[start : start + _AT_ONCE]})
        found |= {pool_id: (key, _Facts(*facts)) for pool_id, key, *facts in rows}
    return found
