"""Which number stands for which pool and job type in the readings?"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, bindparam, select, update

from bot.core.stats import Pool
from bot.store.moments import storable
from bot.store.tables import job_types, pools

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# SQLite takes at most 32,766 parameters in a statement; so many names at once are always safe.
_AT_ONCE = 1000

# Asked for with every reading, so without SQLAlchemy's rows.
_TYPES = str(select(job_types.c.key, job_types.c.name))


def upsert(db: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that may say what to do ON CONFLICT, which both databases write alike."""
    # Only the database that is there is imported; PostgreSQL's types alone are megabytes of memory.
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

    return sqlite.insert(table)


def pool_keys(db: Connection, seen: Iterable[Pool], *, rename: bool = True) -> dict[str, int]:
    """The number of each pool by its id; new pools get one, and a display name that changed is kept."""
    names = {storable(pool.id): storable(pool.name) for pool in seen}
    found = _pools(db, names)
    new = sorted(names.keys() - found.keys())
    if new:
        # In order, so that two processes that see the same new pools wait for each other and do not deadlock.
        rows = [{"id": pool_id, "name": names[pool_id]} for pool_id in new]
        db.execute(upsert(db, pools).on_conflict_do_nothing(index_elements=["id"]), rows)
        found |= _pools(db, new)
    renamed = [{"of": key, "name": names[id_]} for id_, (key, name) in sorted(found.items()) if name != names[id_]]
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


def _pools(db: Connection, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    wanted = list(ids)
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = select(pools.c.id, pools.c.key, pools.c.name).where(pools.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {pool_id: (key, name) for pool_id, key, name in db.execute(chosen)}
    return found
