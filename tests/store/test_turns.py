"""Does every thread get its turn to write?"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.store.engine import StoreBusy, StoreError, open_store, reading, writing

# So many that a few more or less do not matter.
TURNS = 25


def test_threads_that_write_as_often_as_they_can_get_their_turns_alike(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/db", lock_wait=timedelta(seconds=30))
    over = threading.Event()
    turns = dict.fromkeys(range(8), 0)

    def write_on(thread: int) -> None:
        while not over.wait(0.002):
            with writing(engine) as db:
                turns[thread] += 1
                if turns[thread] == TURNS:
                    over.set()
                db.execute(text("SELECT 1"))
                over.wait(0.01)

    with ThreadPoolExecutor(len(turns)) as threads:
        for writer in [threads.submit(write_on, thread) for thread in turns]:
            writer.result()
    engine.dispose()

    assert min(turns.values()) > max(turns.values()) / 3


def test_who_waits_too_long_for_a_thread_that_writes_is_told_that_the_database_is_busy(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/db", lock_wait=timedelta(seconds=0.1))

    with writing(engine), ThreadPoolExecutor(1) as other, pytest.raises(StoreBusy):
        other.submit(lambda: writing(engine).__enter__()).result()
    with writing(engine) as db:
        assert db.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_what_fails_leaves_nothing_to_who_writes_next(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/db")
    with writing(engine) as db:
        db.execute(text("CREATE TABLE words (word TEXT)"))

    with pytest.raises(ZeroDivisionError), writing(engine) as db:
        assert db.execute(text("INSERT INTO words VALUES ('lost')")).rowcount / 0
    with pytest.raises(StoreError), writing(engine) as db:
        db.execute(text("INSERT INTO nothing VALUES ('lost')"))
    with writing(engine) as db:
        db.execute(text("INSERT INTO words VALUES ('kept')"))

    with writing(engine) as db:
        assert db.scalars(text("SELECT word FROM words")).all() == ["kept"]
    engine.dispose()


def test_who_writes_after_another_does_so_over_the_same_connection_until_the_engine_is_disposed_of(
    tmp_path: Path,
) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/db")
    opened, closed = [], []
    event.listen(engine, "connect", lambda raw, _: opened.append(raw))
    event.listen(engine, "close", lambda raw, _: closed.append(raw))
    event.listen(engine, "close_detached", closed.append)
    for _ in range(2):
        with writing(engine) as db, reading(engine) as other:
            assert db.scalar(text("SELECT 1")) == other.scalar(text("SELECT 1"))
    assert (len(opened), closed) == (2, [])

    engine.dispose()
    assert set(closed) == set(opened)
    with writing(engine) as db:
        engine.dispose()
        assert db.scalar(text("SELECT 1")) == 1
    assert set(closed) == set(opened)
