"""What goes wrong with a database is told in one clear sentence, and nothing is lost."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.core.stats import PoolStats
from bot.store import samples
from bot.store.engine import (
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
    open_store,
    reading,
    upgrade,
    writing,
)
from tests.building import NOON, POOL, stats
from tests.databases import PostgreSQL, sqlite_url

READING = stats(NOON, train={"Queue": 3})
NEXT = stats(NOON + timedelta(minutes=1), train={"Queue": 4})


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_store(url, lock_wait=timedelta(milliseconds=50))
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def used(database_url: str) -> str:
    """A database that holds one reading."""
    with opened(database_url) as engine:
        upgrade(engine)
        save(engine, READING)
    return database_url


def save(engine: Engine, reading: PoolStats) -> None:
    with writing(engine) as db:
        samples.save_reading(db, reading)


def kept(engine: Engine) -> list[PoolStats]:
    with reading(engine) as db:
        return list(samples.readings(db, POOL.id, since=NOON))


def one_sentence(error: pytest.ExceptionInfo[StoreError]) -> str:
    said = str(error.value)
    assert "\n" not in said
    assert "not-for-logs" not in said
    assert "INSERT" not in said
    return said


def test_a_locked_database_is_busy_and_works_again_afterwards(used: str) -> None:
    with opened(used) as engine, opened(used) as other:
        with writing(other) as db:
            if db.dialect.name == "postgresql":
                db.execute(text("LOCK TABLE samples"))
            with pytest.raises(StoreBusy, match="is locked by another process; trying again usually helps") as error:
                save(engine, NEXT)
            one_sentence(error)
        save(engine, NEXT)
        assert kept(engine) == [READING, NEXT]


def test_a_full_disk_is_told_and_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as engine:
        upgrade(engine)
        save(engine, READING)
        with writing(engine) as db:
            db.execute(text(f"PRAGMA max_page_count = {db.scalar(text('PRAGMA page_count'))}"))
        many = [stats(NOON + timedelta(minutes=n), train={"Queue": n}) for n in range(1, 2000)]
        with pytest.raises(StoreFull, match="there is no room left for the database") as error, writing(engine) as db:
            samples.save_many(db, many)
        one_sentence(error)
        assert kept(engine) == [READING]
        with writing(engine) as db:
            db.execute(text("PRAGMA max_page_count = 100000"))
            samples.save_many(db, many)
        assert kept(engine) == [READING, *many]


def test_a_file_that_may_only_be_read_is_told_and_can_be_read(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with opened(url) as engine:
        upgrade(engine)
        save(engine, READING)
        with opened(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true") as only_read:
            upgrade(only_read)
            with pytest.raises(StoreReadOnly, match="is read-only: let this user write it") as error:
                save(only_read, NEXT)
            one_sentence(error)
            assert kept(only_read) == [READING]


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's file can only be had by root")
def test_a_file_in_a_folder_of_another_user_is_told_as_read_only(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with opened(url) as engine:
        upgrade(engine)
    # It is made for its owner alone, who lets others read it.
    Path(url.removeprefix("sqlite:///")).chmod(0o644)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    script = (
        "import os, sys; from bot.store.engine import *; os.setuid(65534)\n"
        "engine = open_store(sys.argv[1])\n"
        "try:\n"
        "    with writing(engine): pass\n"
        "except StoreReadOnly as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True)
    assert (done.stderr, "is read-only" in done.stdout) == ("", True)


@pytest.mark.postgresql
def test_a_server_that_only_allows_reading_is_told_and_can_be_read(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with opened(url) as engine:
        upgrade(engine)
        save(engine, READING)
        with writing(engine) as db:
            db.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
    with opened(url) as engine:
        upgrade(engine)
        with pytest.raises(StoreReadOnly, match="is read-only") as error:
            save(engine, NEXT)
        one_sentence(error)
        assert kept(engine) == [READING]


@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_unreachable_and_its_password_is_not_told(postgresql: PostgreSQL) -> None:
    there = postgresql.new_database()
    for url in (there + "_not", there.replace("127.0.0.1:", "127.0.0.1:1"), "postgres://u:not-for-logs@127.0.0.1:1/x"):
        with opened(url) as engine, pytest.raises(StoreUnreachable, match="cannot be reached: see that") as error:
            upgrade(engine)
        one_sentence(error)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("These are only words, and more of them than a header has room for. " * 50)
    with opened(f"sqlite:///{tmp_path}/store.db") as engine, pytest.raises(StoreError, match="not a database") as error:
        upgrade(engine)
    one_sentence(error)


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with opened(f"sqlite:///{tmp_path}/store.db") as engine, pytest.raises(StoreUnreachable) as error:
        upgrade(engine)
    one_sentence(error)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        raw.execute("CREATE TABLE posts (mine INTEGER)")
    with opened(f"sqlite:///{tmp_path}/store.db") as engine:
        with pytest.raises(StoreError, match="table posts already exists") as error:
            upgrade(engine)
        one_sentence(error)
        with reading(engine) as db:
            assert db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all() == ["posts"]


@pytest.mark.postgresql
def test_who_has_met_a_standby_finds_the_primary_once_the_name_leads_there(postgresql: PostgreSQL) -> None:
    url = postgresql.new_store()
    name = url.rpartition("/")[2]
    with opened(url) as other, opened(url) as engine:
        # As a standby: it lasts for the connections that are made meanwhile.
        with other.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
            assert kept(engine) == []
            db.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        with pytest.raises(StoreReadOnly):
            save(engine, READING)

        save(engine, READING)
        assert kept(engine) == [READING]
