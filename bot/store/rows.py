"""How is a reading written in rows, one for each job type?"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult
from sqlalchemy.exc import DBAPIError

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.store import plainly
from bot.store.moments import from_seconds, storable, to_next_second, to_seconds
from bot.store.tables import EMPTY, samples

NAMES = tuple((status, status.value.lower()) for status in JobStatus)
ROW = (samples.c.at, samples.c.type, samples.c.total, samples.c.unknown, *(samples.c[name] for _, name in NAMES))
# Nothing unknown is an empty text, because PostgreSQL keeps a NULL in eight bytes more.
_NOTHING = ""
_NO_JOBS = (EMPTY, None, _NOTHING, *(0 for _ in NAMES))
_STATUSES = tuple(JobStatus)
# Nearly always the stated total is the sum of the counts: then a zero stands for it, which takes no room in SQLite.
_AS_COUNTED, _STATED_ZERO = 0, -1
# So many different rows are remembered while readings are read: as many as stay in the processor's caches.
_REMEMBERED = 1000


_COLUMNS = ", ".join(column.name for column in (samples.c.pool, *ROW))
_INTO = f"INSERT INTO samples ({_COLUMNS})"
_INSERT = f"{_INTO} VALUES ({', '.join('?' * (len(ROW) + 1))}) ON CONFLICT DO NOTHING"
# The pool, the moment and the job type.
_PLACE = itemgetter(0, 1, 2)
# A row for each place of the arrays.
_ARRAYS = ", ".join(
    f"%s::{'bigint' if column is samples.c.at else 'text' if column is samples.c.unknown else 'int'}[]"
    for column in (samples.c.pool, *ROW)
)
_UNNEST = f"{_INTO} SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def insert(db: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert the tuples of `rows_of`; where two processes save the same moment at once, the first one's rows stay.

    Written out, because SQLAlchemy's own INSERT takes several times as long for rows of numbers. PostgreSQL gets all
    rows in one statement, a column at a time: half of what a statement for each takes, and little more than COPY, which
    would fail where a row is there already.
    """
    if db.dialect.name == "sqlite":
        plainly.for_each(db, _INSERT, rows)
    elif rows:
        # In order, so that two processes that keep readings of the same pools and moments do not wait for each other.
        placed = sorted(rows, key=_PLACE)
        db.exec_driver_sql(_UNNEST, tuple(map(_array, zip(*placed, strict=True))))


def _array(column: Sequence[int | str | None]) -> object:
    """What PostgreSQL takes for an array; of numbers written by us, which is quicker than each by the driver."""
    if any(isinstance(value, str) for value in column):
        return list(column)
    return f"{{{str([*column])[1:-1].replace('None', 'NULL')}}}"


def rows_of(stats: PoolStats, pool: int, at: int, type_of: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """The rows of a reading, the number of its pool first; `type_of` are the numbers of the job types."""
    if not stats.types:
        return [(pool, at, *_NO_JOBS)]
    return [
        (
            pool,
            at,
            type_of[storable(name)],
            _total(counts),
            json.dumps(counts.unknown, sort_keys=True) if counts.unknown else _NOTHING,
            *map(counts.status.get, _STATUSES),
        )
        for name, counts in stats.types.items()
    ]


def _total(counts: TypeCounts) -> int | None:
    if counts.total is None:
        return None
    if counts.total == sum(counts.status.values()) + (sum(counts.unknown.values()) if counts.unknown else 0):
        return _AS_COUNTED
    return counts.total or _STATED_ZERO


def columns(statuses: Sequence[JobStatus] | None) -> tuple[ColumnElement[Any], ...]:
    """What a reading needs of its rows: all there is, or only the counts of `statuses`."""
    if statuses is None:
        return ROW
    return (samples.c.at, samples.c.type, *(samples.c[status.value.lower()] for status in statuses))


def readings_in(
    pool: Pool, rows: Iterable[Any], names: Mapping[int, str], statuses: Sequence[JobStatus] | None = None
) -> Iterator[PoolStats]:
    """The readings of one pool that were written in `rows`, which stand by time.

    Args:
        pool: Whose they are.
        rows: Each begins as `columns` chooses.
        names: The job types by number.
        statuses: As given to `columns`.
    """
    # Most rows say what another one said.
    known: dict[Sequence[Any], TypeCounts] = {}
    at: int | None = None
    types: dict[str, TypeCounts] = {}
    end = len(columns(statuses))
    for row in rows:
        if row[0] != at:
            if at is not None:
                yield PoolStats(pool, from_seconds(at), types)
            at, types = row[0], {}
        if row[1] == EMPTY:
            continue
        said = row[2:end]
        counts = known.get(said)
        if counts is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            counts = known[said] = _all_said(said) if statuses is None else TypeCounts(_reported(statuses, said))
        types[names[row[1]]] = counts
    if at is not None:
        yield PoolStats(pool, from_seconds(at), types)


def _all_said(said: Sequence[Any]) -> TypeCounts:
    total, unknown, *counts = said
    status = _reported(_STATUSES, counts)
    others = json.loads(unknown) if unknown else {}
    if total == _AS_COUNTED:
        total = sum(counts if len(status) == len(counts) else status.values())
        if others:
            total += sum(others.values())
    elif total == _STATED_ZERO:
        total = 0
    return TypeCounts(status, others, total)


def _reported(statuses: Sequence[JobStatus], counts: Sequence[int | None]) -> Mapping[JobStatus, int]:
    return {status: count for status, count in zip(statuses, counts, strict=True) if count is not None}


def as_numbers(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them, where each is so many numbers: a `Row` each costs more than reading them."""
    driver = result.context.dialect.loaded_dbapi
    try:
        rows = list(result.cursor.fetchall())
    except driver.Error as error:
        raise DBAPIError(None, None, error) from error
    result.close()
    return rows


def window(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """From `since` (rounded down, as the readings are) on, and before `until`."""
    window = [] if since is None else [samples.c.at >= to_seconds(since)]
    return window if until is None else [*window, samples.c.at < to_next_second(until)]
