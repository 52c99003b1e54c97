"""Does a worker come back to the queue when the database was away, whatever it was doing then?"""

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from bot.app.taking import Taking
from bot.jobs.shard import BrokenOff
from bot.logs import Troubles
from bot.store import queue
from bot.store.engine import open_store, writing
from bot.store.queue_schema import prepare
from tests.databases import PostgreSQL
from tests.running import eventually

pytestmark = pytest.mark.postgresql
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"


def cut_off(server: Engine, name: str, *, cut: bool) -> None:
    """Let nobody into the database any more, or let everybody in again."""
    with server.connect() as db:
        db.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not cut}"))
        if cut:
            db.execute(text(_CUT), {"name": name})


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
