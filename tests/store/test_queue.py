"""Does nobody write for a shard that was given to another worker?"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Engine, text

from bot.store import queue
from bot.store.engine import StoreError, open_store, reading, writing
from bot.store.fencing import NotLeading, proven
from bot.store.queue_schema import SCHEMA, is_prepared, prepare
from tests.databases import PostgreSQL

pytestmark = pytest.mark.postgresql
SHARD = {"name": "3/8"}


@pytest.fixture
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A database with a queue, and a worker that is there."""
    made = open_store(postgresql.new_store(), lock_wait=timedelta(seconds=1))
    prepare(made)
    with writing(made) as db:
        db.execute(text(f"INSERT INTO {SCHEMA}.procrastinate_workers DEFAULT VALUES"))
    yield made
    made.dispose()


def put(engine: Engine, name: str) -> int | None:
    """Give a shard to the worker, who takes what it may; its number."""
    with writing(engine) as db:
        (worker,) = queue.workers(db, within=timedelta(seconds=10))
        queue.put(db, name, SHARD, worker)
        fetch = text("SELECT id FROM procrastinate_fetch_job_v2(:queues, :worker)")
        number: int | None = db.scalar(fetch, {"queues": [queue.address(worker)], "worker": worker})
        return number


def given(engine: Engine, name: str) -> int:
    """The number of a shard that the worker has."""
    number = put(engine, name)
    assert number is not None
    return number


def keep(engine: Engine, held: queue.Held) -> None:
    """Write something that was read for what is held."""
    with proven(held.prove), writing(engine) as db:
        db.execute(text("INSERT INTO pools (id, name) VALUES ('a', 'a') ON CONFLICT DO NOTHING"))


def kept(engine: Engine) -> bool:
    with reading(engine) as db:
        return bool(db.scalar(text("SELECT count(*) FROM pools")))


def test_what_is_read_for_a_shard_that_was_taken_away_is_not_kept_and_what_is_read_for_others_is(
    engine: Engine,
) -> None:
    held, first, second = queue.Held(), given(engine, "1/8"), given(engine, "2/8")
    with held.holding(second):
        with held.holding(first):
            with writing(engine) as db:
                assert queue.take_back(db, [first]) == [("1/8", SHARD)]
            with pytest.raises(NotLeading):
                keep(engine, held)
            assert (held.is_ours(first), held.is_ours(second), kept(engine)) == (False, True, False)
        keep(engine, held)
    assert kept(engine)
    with pytest.raises(NotLeading):
        keep(engine, held)


def test_a_shard_is_not_taken_away_between_the_proof_and_the_commit(engine: Engine) -> None:
    held, number = queue.Held(), given(engine, "1/8")
    with held.holding(number), writing(engine) as db:
        assert held.prove(db)
        with writing(engine) as other:
            assert queue.take_back(other, [number]) == []
    with writing(engine) as db:
        assert queue.take_back(db, [number]) == [("1/8", SHARD)]


def test_a_shard_waits_once_and_is_not_taken_while_it_is_read(engine: Engine) -> None:
    first = given(engine, "1/8")
    assert put(engine, "1/8") is None
    with reading(engine) as db:
        assert [(each.shard, each.is_read) for each in queue.queued(db)] == [("1/8", True), ("1/8", False)]
    with pytest.raises(AlreadyEnqueued):
        put(engine, "1/8")
    with writing(engine) as db:
        queue.take_back(db, [first])
    assert put(engine, "2/8") is not None


def test_tables_of_an_older_procrastinate_are_brought_up_to_date_and_those_of_a_newer_one_refused(
    postgresql: PostgreSQL,
) -> None:
    engine = open_store(postgresql.new_store())
    try:
        with writing(engine) as db:
            # As if the first of all had made them, which had none.
            db.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            db.execute(text(f"CREATE TABLE {SCHEMA}.schema_version (newest text NOT NULL)"))
            db.execute(text(f"INSERT INTO {SCHEMA}.schema_version VALUES ('')"))  # noqa: S608 - our constant
        prepare(engine)
        assert is_prepared(engine)
        with writing(engine) as db:
            db.execute(text(f"INSERT INTO {SCHEMA}.procrastinate_workers DEFAULT VALUES"))
        assert given(engine, "1/8")
        with writing(engine) as db:
            db.execute(text(f"UPDATE {SCHEMA}.schema_version SET newest = '99'"))  # noqa: S608 - our constant
        with pytest.raises(StoreError, match="install the newer version"):
            prepare(engine)
    finally:
        engine.dispose()
