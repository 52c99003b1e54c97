"""Which shards wait in the queue, who takes them, and whose is one? The leader's side of Procrastinate, and the fence.

The queue of a worker is its own: it reads the same shards again and again, and what it has learnt of their pools stays
true. Procrastinate's lock lets no shard be read twice at once; `Held` lets nobody write for one that was taken away.
"""

import logging
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, text

from bot.store.moments import from_seconds
from bot.store.queue_schema import SCHEMA
from bot.store.tables import pools, samples

if TYPE_CHECKING:
    from procrastinate import App

TASK = "read_shard"
_ADDRESS = "worker-"
_AT_ONCE = 1000

_WORKERS = text(
    f"SELECT id FROM {SCHEMA}.procrastinate_workers"  # noqa: S608 - our constant
    " WHERE last_heartbeat > now() - make_interval(secs => :within) ORDER BY id"
)
_GONE = text(
    f"DELETE FROM {SCHEMA}.procrastinate_workers"  # noqa: S608 - our constant
    " WHERE last_heartbeat < now() - make_interval(secs => :within)"
)
_JOBS = text(
    f"SELECT id, lock, queue_name, status::text FROM {SCHEMA}.procrastinate_jobs"  # noqa: S608 - our constant
    " WHERE task_name = :task AND status IN ('todo', 'doing') ORDER BY id"
)
# Somebody who is just committing for one of them is not waited for: there is a next time.
_TAKE_BACK = text(
    f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE id IN"  # noqa: S608 - our constant
    f" (SELECT id FROM {SCHEMA}.procrastinate_jobs WHERE id = ANY(:ids) FOR UPDATE SKIP LOCKED)"
    " RETURNING id, lock, args"
)
# What is locked cannot be taken back before the commit, and what was taken back is not found.
_HELD = text(
    f"SELECT id FROM {SCHEMA}.procrastinate_jobs WHERE id = ANY(:ids) AND status = 'doing' FOR SHARE"  # noqa: S608 - ours
)
# Procrastinate's own functions name its tables without a schema.
THERE = text(f"SET LOCAL search_path = {SCHEMA}")


@dataclass(frozen=True, slots=True)
class Queued:
    """A shard in the queue: whose it is, and whether it is being read."""

    id: int
    shard: str
    worker: int
    is_read: bool


def address(worker: int) -> str:
    """The name of the queue of a worker."""
    return f"{_ADDRESS}{worker}"


def workers(db: Connection, *, within: timedelta) -> list[int]:
    """The workers that said within this time that they are there; who has been silent for long is forgotten."""
    seconds = within.total_seconds()
    db.execute(THERE)
    db.execute(_GONE, {"within": 6 * seconds})
    return there(db, within=within)


def there(db: Connection, *, within: timedelta) -> list[int]:
    """The workers that said within this time that they are there."""
    seconds = within.total_seconds()
    return [row.id for row in db.execute(_WORKERS, {"within": seconds})]


def queued(db: Connection) -> list[Queued]:
    """What waits or is being read, the oldest first."""
    rows = db.execute(_JOBS, {"task": TASK})
    return [Queued(row.id, row.lock, _worker(row.queue_name), row.status == "doing") for row in rows]


def take_back(db: Connection, ids: Collection[int]) -> list[tuple[str, Mapping[str, Any]]]:
    """Take shards from whoever has them; the name of each, and what it was to read."""
    if not ids:
        return []
    db.execute(THERE)
    rows = sorted(db.execute(_TAKE_BACK, {"ids": list(ids)}), key=lambda row: int(row.id))
    return [(row.lock, row.args["shard"]) for row in rows]


def put(db: Connection, name: str, shard: Mapping[str, Any], worker: int) -> None:
    """Give a shard to a worker, in a transaction about the queue alone; none of its name may be waiting."""
    defer(db, TASK, worker, name, {"shard": dict(shard)}, queueing_lock=name)


def defer(
    db: Connection, task: str, worker: int, lock: str, given: Mapping[str, Any], *, queueing_lock: str | None = None
) -> int:
    """Give a worker something to do; its number. What has one `lock` is done one after the other."""
    db.execute(THERE)
    raw = db.connection.driver_connection
    one = _app().configure_task(task, queue=address(worker), lock=lock, queueing_lock=queueing_lock, connection=raw)
    return one.defer(**given)


def newest_of(db: Connection, pool_ids: Sequence[str]) -> dict[str, datetime]:
    """When each of these pools was read last, by id."""
    newest = select(func.max(samples.c.at)).where(samples.c.pool == pools.c.key).scalar_subquery()
    found: dict[str, datetime] = {}
    for start in range(0, len(pool_ids), _AT_ONCE):
        some = pool_ids[start : start + _AT_ONCE]
        for pool_id, at in db.execute(select(pools.c.id, newest).where(pools.c.id.in_(some))):
            if at is not None:
                found[pool_id] = from_seconds(at)
    return found


class Held:
    """The shards that this process reads, by their number in the queue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[int] = set()
        self._lost: set[int] = set()
        # The transaction in which each thread has proved it last.
        self._proved = threading.local()

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """We were given it, and are done with it at the end."""
        with self._lock:
            self._ids.add(number)
        try:
            yield
        finally:
            with self._lock:
                self._ids.discard(number)
                self._lost.discard(number)

    def is_ours(self, number: int) -> bool:
        """Whether it was not found to be taken from us."""
        with self._lock:
            return number in self._ids and number not in self._lost

    def prove(self, db: Connection) -> bool:
        """Whether all of them are ours until the transaction ends.

        All, because one transaction may hold what was read for several. Who has lost one ends with it soon.
        """
        transaction = db.get_transaction()
        if transaction is not None and getattr(self._proved, "within", None) is transaction:
            # Nobody can take them away before it ends.
            return True
        with self._lock:
            ids = list(self._ids)
        if not ids:
            return False
        ours = {row.id for row in db.execute(_HELD, {"ids": ids})}
        with self._lock:
            # What was done with meanwhile is not lost: all that was read for it is kept already.
            lost = (set(ids) - ours) & self._ids
            self._lost |= lost
        self._proved.within = None if lost else transaction
        return not lost


def _worker(queue: str) -> int:
    number = queue.removeprefix(_ADDRESS)
    return int(number) if number.isdecimal() else -1


def be_quiet() -> None:
    """Let Procrastinate tell nothing of single shards, for it would name all their pools."""
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@cache
def _app() -> "App":
    """Procrastinate for who only puts into the queue, over our own connections."""
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415 - only there where a cluster is used

    be_quiet()
    return App(connector=SyncPsycopgConnector())
