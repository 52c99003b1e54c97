"""Does a worker come back to the queue when the database was away, whatever it was doing then?"""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
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


def cut_off(server: Engine, name: str, *, cut: bool) -> None:
    """Let nobody into the database any more, or let everybody in again."""
    with server.connect() as db:
        db.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not cut}"))
        if cut:
            db.execute(text(_CUT), {"name": name})


def registered(engine: Engine) -> int | None:
    """The number of the worker that said last that it is there."""
    with reading(engine) as db:
        number: int | None = db.scalar(text("SELECT max(id) FROM pool_stats_queue.procrastinate_workers"))
    return number


def patience_with(port: int | None) -> Iterator[int]:
    """For how many milliseconds each connection of this process to the port waits for a host that is not there."""
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as link:
            if link.getpeername()[1:2] == (port,):
                yield link.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)


def test_a_database_whose_machine_is_gone_is_given_up_within_seconds(postgresql: PostgreSQL) -> None:
    url = make_url(postgresql.new_store())
    engine = open_store(url.render_as_string(hide_password=False))
    prepare(engine)
    troubles = Troubles(logging.getLogger(__name__))
    taking = Taking(engine, {}, concurrency=1, lease=timedelta(seconds=2), troubles=troubles)
    taking.start()
    try:
        eventually(lambda: taking.is_there, what="the worker")
        # Else the system goes on for a quarter of an hour, in which the worker takes nothing.
        assert {0 < each <= 30_000 for each in patience_with(url.port)} == {True}
    finally:
        assert taking.stop()
        engine.dispose()


def test_who_could_not_say_once_that_it_is_there_begins_anew(postgresql: PostgreSQL) -> None:
    url = make_url(postgresql.new_store())
    engine = open_store(url.render_as_string(hide_password=False))
    prepare(engine)
    server = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    lease = timedelta(seconds=2)
    troubles = Troubles(logging.getLogger(__name__))
    taking = Taking(engine, {queue.TASK: lambda *_: None}, concurrency=1, lease=lease, troubles=troubles)
    taking.start()

    def waits() -> int:
        with server.connect() as other:
            return len(other.execute(text(_CUT_WHO_SAYS), {"name": url.database}).all())

    try:
        eventually(lambda: taking.is_there, what="the worker")
        with writing(engine) as db:
            (first,) = queue.workers(db, within=lease)
            # It cannot say that it is there, and is cut off while it tries, as by the server when it was paused.
            db.execute(text("SELECT id FROM pool_stats_queue.procrastinate_workers FOR UPDATE"))
            eventually(waits, what="who says that it is there, cut off")
        eventually(lambda: registered(engine) not in (None, first), within=30, what="the worker under another number")
        eventually(lambda: not troubles.standing, what="no trouble")
    finally:
        assert taking.stop()
        engine.dispose()
        server.dispose()


def test_who_could_not_note_that_a_shard_is_read_begins_anew(postgresql: PostgreSQL) -> None:
    url = make_url(postgresql.new_store())
    engine = open_store(url.render_as_string(hide_password=False))
    prepare(engine)
    server = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    lease = timedelta(seconds=30)
    begun, go_on = threading.Event(), threading.Event()

    def reads(_context: object, shard: dict[str, object]) -> None:  # noqa: ARG001 - given by name
        begun.set()
        go_on.wait(60)

    troubles = Troubles(logging.getLogger(__name__))
    taking = Taking(engine, {queue.TASK: reads}, concurrency=2, lease=lease, troubles=troubles)
    taking.start()

    def notes() -> int:
        with server.connect() as other:
            return len(other.execute(text(_CUT_WHO_NOTES), {"name": url.database}).all())

    try:
        eventually(lambda: taking.is_there, what="the worker")
        with writing(engine) as db:
            (first,) = queue.workers(db, within=lease)
            queue.put(db, "0/1", {}, first)
        assert begun.wait(60)
        with writing(engine) as db:
            # Only the connection over which it notes that is lost, so that all else goes on.
            db.execute(text("SELECT id FROM pool_stats_queue.procrastinate_jobs FOR UPDATE"))
            go_on.set()
            eventually(notes, what="who notes that it is read, cut off")
        # What the queue has for being read is nobody's any more, so the leader gives it to somebody.
        eventually(lambda: registered(engine) not in (None, first), within=30, what="the worker under another number")
        with writing(engine) as db:
            assert first not in queue.workers(db, within=lease)
            assert [each.worker for each in queue.queued(db)] == [first]
        eventually(lambda: not troubles.standing, what="no trouble")
    finally:
        go_on.set()
        assert taking.stop()
        engine.dispose()
        server.dispose()


def test_what_was_begun_is_broken_off_when_the_database_is_lost_and_the_worker_comes_back(
    postgresql: PostgreSQL,
) -> None:
    url = make_url(postgresql.new_store())
    engine = open_store(url.render_as_string(hide_password=False))
    prepare(engine)
    server = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    begun, ended = threading.Event(), threading.Event()

    def takes_an_hour(_context: object, shard: dict[str, object]) -> None:
        begun.set()
        taking.ending.wait(3600)
        ended.set()
        raise BrokenOff(str(shard))

    troubles = Troubles(logging.getLogger(__name__))
    lease = timedelta(seconds=2)
    taking = Taking(engine, {queue.TASK: takes_an_hour}, concurrency=1, lease=lease, troubles=troubles, patience=1)
    taking.start()
    try:
        eventually(lambda: taking.is_there, what="the worker")
        with writing(engine) as db:
            (first,) = queue.workers(db, within=lease)
            queue.put(db, "0/1", {}, first)
        assert begun.wait(60)
        cut_off(server, str(url.database), cut=True)
        assert ended.wait(60)
        eventually(lambda: "queue" in troubles.standing, what="the trouble")
        cut_off(server, str(url.database), cut=False)
        eventually(lambda: taking.is_there, within=60, what="the worker again")
        with writing(engine) as db:
            assert queue.workers(db, within=lease)[-1] > first
        assert not troubles.standing
    finally:
        assert taking.stop()
        engine.dispose()
        server.dispose()
