"""Does a worker come back to the queue when the database was away, whatever it was doing then?"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from bot.app.taking import Taking
from bot.jobs.shard import BrokenOff
from bot.logs import Troubles
from bot.store import queue
from bot.store.engine import open_store, reading, writing
from bot.store.queue_schema import prepare
from tests.databases import PostgreSQL
from tests.running import eventually

pytestmark = pytest.mark.postgresql
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
_CUT_WHO_SAYS = _CUT + " AND wait_event_type = 'Lock' AND query LIKE '%heartbeat%'"
_CUT_WHO_NOTES = _CUT + " AND wait_event_type = 'Lock' AND query LIKE '%finish_job%'"


@dataclass
class House:
    """A store with a queue, a server that can be asked about it from outside, and a worker that takes.

    Attributes:
        database: The name of the store.
        lease: Who is silent for that long is believed gone.
    """

    engine: Engine
    server: Engine
    database: str
    troubles: Troubles
    lease: timedelta
    taking: Taking

    def first_of(self) -> int:
        """The number of the worker, which is the only one."""
        eventually(lambda: self.taking.is_there, what="the worker")
        with writing(self.engine) as db:
            (first,) = queue.workers(db, within=self.lease)
        return first

    def registered(self) -> int | None:
        """The number of the worker that said last that it is there."""
        with reading(self.engine) as db:
            number: int | None = db.scalar(text("SELECT max(id) FROM pool_stats_queue.procrastinate_workers"))
        return number

    def anew(self, first: int) -> None:
        """Wait for the worker under another number, and until nothing is wrong with it."""
        eventually(lambda: self.registered() not in (None, first), within=30, what="the worker under another number")
        eventually(lambda: not self.troubles.standing, what="no trouble")

    def cut(self, what: str) -> int:
        """Cut off the connections that `what` is said of; how many there were."""
        with self.server.connect() as db:
            return len(db.execute(text(what), {"name": self.database}).all())

    def let_in(self, *, anybody: bool) -> None:
        """Let nobody into the database any more, or let everybody in again."""
        with self.server.connect() as db:
            db.execute(text(f"ALTER DATABASE {self.database} ALLOW_CONNECTIONS {anybody}"))
        if not anybody:
            self.cut(_CUT)


@contextmanager
def house(
    postgresql: PostgreSQL, read: Callable[..., None], *, lease: timedelta = timedelta(seconds=2), patience: float = 5
) -> Iterator[House]:
    """A worker that does this with each shard."""
    url = make_url(postgresql.new_store())
    engine = open_store(url.render_as_string(hide_password=False))
    prepare(engine)
    server = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    troubles = Troubles(logging.getLogger(__name__))
    taking = Taking(engine, {queue.TASK: read}, concurrency=2, lease=lease, troubles=troubles, patience=patience)
    taking.start()
    try:
        yield House(engine, server, str(url.database), troubles, lease, taking)
    finally:
        assert taking.stop()
        engine.dispose()
        server.dispose()


def patience_with(port: int | None) -> Iterator[int]:
    """For how many milliseconds each connection of this process to the port waits for a host that is not there."""
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as link:
            if link.getpeername()[1:2] == (port,):
                yield link.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)


def test_a_database_whose_machine_is_gone_is_given_up_within_seconds(postgresql: PostgreSQL) -> None:
    with house(postgresql, lambda *_: None) as one:
        one.first_of()
        # Else the system goes on for a quarter of an hour, in which the worker takes nothing.
        assert {0 < each <= 30_000 for each in patience_with(one.engine.url.port)} == {True}


def test_who_could_not_say_once_that_it_is_there_begins_anew(postgresql: PostgreSQL) -> None:
    with house(postgresql, lambda *_: None) as one:
        first = one.first_of()
        with writing(one.engine) as db:
            # It cannot say that it is there, and is cut off while it tries, as by the server when it was paused.
            db.execute(text("SELECT id FROM pool_stats_queue.procrastinate_workers FOR UPDATE"))
            eventually(lambda: one.cut(_CUT_WHO_SAYS), what="who says that it is there, cut off")
        one.anew(first)


def test_who_could_not_note_that_a_shard_is_read_begins_anew(postgresql: PostgreSQL) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def reads(_context: object, shard: dict[str, object]) -> None:  # noqa: ARG001 - given by name
        begun.set()
        go_on.wait(60)

    # So long that what it did not note is not taken from it for its silence.
    with house(postgresql, reads, lease=timedelta(seconds=30)) as one:
        first = one.first_of()
        with writing(one.engine) as db:
            queue.put(db, "0/1", {}, first)
        assert begun.wait(60)
        with writing(one.engine) as db:
            # Only the connection over which it notes that is lost, so that all else goes on.
            db.execute(text("SELECT id FROM pool_stats_queue.procrastinate_jobs FOR UPDATE"))
            go_on.set()
            eventually(lambda: one.cut(_CUT_WHO_NOTES), what="who notes that it is read, cut off")
        # What the queue has for being read is nobody's any more, so the leader gives it to somebody.
        one.anew(first)
        with writing(one.engine) as db:
            assert first not in queue.workers(db, within=one.lease)
            assert [each.worker for each in queue.queued(db)] == [first]


def test_what_was_begun_is_broken_off_when_the_database_is_lost_and_the_worker_comes_back(
    postgresql: PostgreSQL,
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def takes_an_hour(_context: object, shard: dict[str, object]) -> None:
        begun.set()
        one.taking.ending.wait(3600)
        ended.set()
        raise BrokenOff(str(shard))

    with house(postgresql, takes_an_hour, patience=1) as one:
        first = one.first_of()
        with writing(one.engine) as db:
            queue.put(db, "0/1", {}, first)
        assert begun.wait(60)
        one.let_in(anybody=False)
        assert ended.wait(60)
        eventually(lambda: "queue" in one.troubles.standing, what="the trouble")
        one.let_in(anybody=True)
        eventually(lambda: one.taking.is_there, within=60, what="the worker again")
        with writing(one.engine) as db:
            assert queue.workers(db, within=one.lease)[-1] > first
        assert not one.troubles.standing
