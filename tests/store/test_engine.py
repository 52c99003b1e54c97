"""The database: opened, brought up to date, read and written."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, select, text, update

import bot.store.engine
from bot.store.engine import StoreError, open_store, reading, upgrade, writing
from bot.store.tables import HEAD, metadata, pools
from tests.databases import PostgreSQL

_UPGRADE = "import sys; from bot.store.engine import *; e = open_store(sys.argv[1]); upgrade(e); e.dispose()"


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_lead_to_the_tables_that_the_code_speaks_of(engine: Engine) -> None:
    with reading(engine) as db:
        context = MigrationContext.configure(db, opts={"version_table": "schema_version", "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_code_knows_the_newest_migration() -> None:
    folder = Path(bot.store.engine.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_an_upgrade_of_a_database_that_is_up_to_date_changes_nothing(engine: Engine) -> None:
    with writing(engine) as db:
        db.execute(text("INSERT INTO pools (id, name) VALUES ('p', 'P')"))
    upgrade(engine)
    with reading(engine) as db:
        assert db.scalar(text("SELECT name FROM pools")) == "P"


def test_two_processes_may_upgrade_at_once(empty_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", _UPGRADE, empty_url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in started] == [("", 0)] * 3


def test_threads_may_upgrade_at_once(empty_url: str) -> None:
    engine = open_store(empty_url)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: upgrade(engine), range(4))) == [None] * 4
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine) -> None:
    with writing(engine) as db:
        db.execute(text("UPDATE schema_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"was written by a newer version of pool-stats .* at 9999"):
        upgrade(engine)


def test_what_was_rolled_back_was_never_there(engine: Engine) -> None:
    def fail_late() -> None:
        with writing(engine) as db:
            db.execute(text("INSERT INTO pools (id, name) VALUES ('p', 'P')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with reading(engine) as db:
        assert db.scalar(text("SELECT count(*) FROM pools")) == 0


def test_reading_sees_the_database_as_of_one_moment_and_stops_no_writer(engine: Engine) -> None:
    count = text("SELECT count(*) FROM pools")
    with reading(engine) as db:
        before = db.scalar(count)
        with writing(engine) as other:
            other.execute(text("INSERT INTO pools (id, name) VALUES ('p', 'P')"))
        assert db.scalar(count) == before == 0
    with reading(engine) as db:
        assert db.scalar(count) == 1


def test_what_is_read_while_writing_may_be_changed(engine: Engine) -> None:
    with writing(engine) as db:
        db.execute(text("INSERT INTO pools (key, id, name) VALUES (1, 'p', '0')"))

    def add_one(_: int) -> None:
        with writing(engine) as db:
            name = db.scalar(select(pools.c.name).with_for_update())
            db.execute(update(pools).values(name=str(int(name or "") + 1)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(40)))
    with reading(engine) as db:
        assert db.scalar(text("SELECT name FROM pools")) == "40"


def test_sqlite_is_set_up_for_many_readers_beside_a_writer(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/new/folder/store.db")
    with reading(engine) as db:
        settings = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        assert [db.scalar(text(f"PRAGMA {name}")) for name in settings] == ["wal", 1, 1, 5000]
    engine.dispose()
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_without_a_url_the_database_lies_in_the_data_directory(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    command = "from bot.store.engine import *; e = open_store(None); upgrade(e); e.dispose()"
    subprocess.run([sys.executable, "-W", "error", "-c", command], env=env, check=True)
    assert (tmp_path / "pool-stats" / "pool-stats.db").is_file()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param("not a url with secret", "cannot be understood", id="no URL"),
        pytest.param(
            "postgresql://u:not@secret@host/db", "write @ in a name or password as %40", id="an @ in a password"
        ),
        pytest.param("postgresql://u:secret@host:port/db", "cannot be understood", id="a port that is no number"),
        pytest.param("mysql://u:secret@host/db", "begins with 'mysql': only sqlite and postgresql", id="MySQL"),
        pytest.param("postgresql+asyncpg://u:secret@h/db", "begins with 'postgresql.asyncpg'", id="another driver"),
        pytest.param("sqlite://", "would forget everything", id="in memory"),
        pytest.param("sqlite:///:memory:", "would forget everything", id="in memory, by name"),
    ],
)
def test_a_url_we_cannot_use_is_refused_in_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"the folder .*/file/sub for the database cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/sub/store.db")


@pytest.mark.postgresql
def test_a_connection_that_the_server_ended_is_replaced(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with closing(_Closing(open_store(url))) as one, closing(_Closing(open_store(url))) as other:
        with reading(one.engine) as db:
            number = db.scalar(text("SELECT pg_backend_pid()"))
        with writing(other.engine) as db:
            assert db.scalar(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        with reading(one.engine) as db:
            assert db.scalar(text("SELECT 1")) == 1


class _Closing:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        self.engine.dispose()


def test_the_file_of_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    upgrade(engine)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir() if file.name.startswith("bot.db")}
    engine.dispose()

    assert modes["bot.db"] == 0o600
    assert set(modes.values()) == {0o600}
