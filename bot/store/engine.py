"""How is the database opened, read, written and brought up to date?"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.store import plainly
from bot.store.errors import (
    StoreBusy,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
    StoreUnknown,
    StoreUnreachable,
    place_of,
    translated,
)
from bot.store.fencing import demand_lead
from bot.store.tables import HEAD
from bot.store.turns import one_after_the_other, turn

__all__ = [
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreMissing",
    "StoreReadOnly",
    "StoreUnknown",
    "StoreUnreachable",
    "is_current",
    "open_store",
    "patience",
    "reading",
    "upgrade",
    "writing",
]

# A connection at whose other end nobody is any more is given up after some seconds, not after a quarter of an hour.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: read_only_sql_transaction
_ONLY_READS = "25006"
_VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that nobody else uses: whoever holds this advisory lock upgrades the schema.
_UPGRADE_LOCK = 0x706F6F6C
# Alembic's `op` and `context` are one per process.
_UPGRADING = threading.Lock()


def open_store(
    url: str | None = None,
    *,
    lock_wait: timedelta = timedelta(seconds=5),
    make: bool = True,
    abandoned_after: timedelta | None = None,
) -> Engine:
    """The database behind `url`; without one, an SQLite file in the platform's data directory. Connects later.

    Who finds the database locked waits for `lock_wait`, then gets `StoreBusy`. Without `make` no file or folder is made
    that is not there. A transaction in which nothing happens for as long as `abandoned_after` is ended by PostgreSQL:
    whoever was in it may be paused or cut off, and others wait for what it has locked.

    Raises:
        StoreMissing: There is no such file, and it is not to be made.
        StoreUnknown: The URL cannot be understood, or names a database we do not use.
        StoreReadOnly: The folder for the file cannot be made.
    """
    if not url:
        path = platformdirs.user_data_path("pool-stats", appauthor=False) / "pool-stats.db"
        return _sqlite(URL.create("sqlite", database=str(path)), lock_wait, make=make)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Its text would repeat the URL, password and all.
        raise StoreUnknown("the database URL cannot be understood: write sqlite:///FILE or postgresql://…") from None
    if "@" in (parsed.host or ""):
        # What stands before it is the end of the password, and would be told as part of the host.
        raise StoreUnknown("the database URL cannot be understood: write @ in a name or password as %40")
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            return _sqlite(parsed, lock_wait, make=make)
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return _postgresql(parsed.set(drivername="postgresql+psycopg"), lock_wait, abandoned_after)
        case other:
            raise StoreUnknown(f"the database URL begins with {other!r}: only sqlite and postgresql are possible")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is kept when the block ends well, and rolled back when it does not.

    On SQLite no other process writes from its beginning on, so what is read may be changed. What a leader writes is
    kept only while it leads (`bot.store.fencing`).

    Raises:
        StoreError: One of the tree in `bot.store.errors`.
    """
    try:
        with turn(engine) as db:
            yield db
            demand_lead(db)
    except SQLAlchemyError as error:
        raise translated(error, engine.url) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as of one moment; on SQLite it neither waits for writers nor stops them.

    Raises:
        StoreError: One of the tree in `bot.store.errors`.
    """
    options: dict[str, Any] = {"only_reads": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    try:
        with engine.connect() as plain:
            yield plain.execution_options(**options)
    except SQLAlchemyError as error:
        raise translated(error, engine.url) from error


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest form, or do nothing when they are; two processes may do so at once.

    Raises:
        StoreError: The database was written by a newer version of the product, or could not do it.
    """
    with reading(engine) as db:
        if _version(db) == HEAD:
            return
    with _UPGRADING, writing(engine) as db:
        if engine.dialect.name == "postgresql":
            db.execute(text("SET LOCAL lock_timeout = '60s'"))
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        _migrate(db)


def is_current(engine: Engine) -> bool:
    """Whether the tables are there and those of this version.

    Raises:
        StoreError: The database cannot be read.
    """
    with reading(engine) as db:
        return _version(db) == HEAD


def _version(db: Connection) -> str | None:
    if not inspect(db).has_table(_VERSION_TABLE):
        return None
    version: str | None = db.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608 - our constant
    return version


def _migrate(db: Connection) -> None:
    # Alembic takes a while to import and is needed once per version of the product.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    config = Config(attributes={"connection": db, "version_table": _VERSION_TABLE})
    # A percent sign in the path would be taken for an interpolation.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    version = _version(db)
    if version is not None and version not in known:
        raise StoreError(
            f"{place_of(db.engine.url)} was written by a newer version of pool-stats (its tables are at {version}, "
            f"this version knows {HEAD}): install the newer version"
        )
    command.upgrade(config, "head")


def _sqlite(url: URL, lock_wait: timedelta, *, make: bool) -> Engine:
    if not url.database or url.database == ":memory:" or url.query.get("mode") == "memory":
        raise StoreUnknown("a database in memory would forget everything: write sqlite:///FILE")
    if not make and not Path(url.database.removeprefix("file:").partition("?")[0]).exists():
        _demand_writable(Path(url.database.removeprefix("file:").partition("?")[0]).absolute())
        raise StoreMissing(f"{place_of(url)} is not there yet")
    if not url.database.startswith("file:"):
        folder = Path(url.database).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreReadOnly(
                f"the folder {folder} for the database cannot be made: {os.strerror(error.errno or 0)}"
            ) from error
    wait = {} if "timeout" in url.query else {"timeout": lock_wait.total_seconds()}
    engine = create_engine(url, connect_args=wait, hide_parameters=True, pool_size=8, max_overflow=8, pool_timeout=10)
    if not url.database.startswith("file:"):
        event.listen(engine, "do_connect", lambda *_: _make_for_us_alone(url.database or ""))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    one_after_the_other(engine, lock_wait)
    return engine


def _demand_writable(file: Path) -> None:
    """Look whether a file could be made there, making nothing.

    Raises:
        StoreReadOnly: It could not.
    """
    there = next(folder for folder in file.parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StoreReadOnly(
            f"the folder {file.parent} for the database cannot be made or written: let this user write {there},"
            " or name another file in DATABASE_URL"
        )


def _make_for_us_alone(path: str) -> None:
    """Make the file where there is none: by SQLite it would be readable for everyone on this machine."""
    # That it is there already, or cannot be made, is found by connecting.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by us: sqlite3 would begin none before a SELECT, and a late one cannot become a writer.
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA synchronous = NORMAL")
    if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Someone is just using the file, or it may only be read: the next connection tries again.
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY}:
                raise


def _begin_sqlite(db: Connection) -> None:
    plainly.run(db, "BEGIN" if db.get_execution_options().get("only_reads") else "BEGIN IMMEDIATE")


def patience(url: URL) -> dict[str, int]:
    """How long PostgreSQL's client waits for a server that is not there any more, but for what the URL itself says."""
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def _postgresql(url: URL, lock_wait: timedelta, abandoned_after: timedelta | None) -> Engine:
    wait = patience(url)
    try:
        engine = create_engine(
            url,
            connect_args=wait,
            hide_parameters=True,
            pool_size=8,
            max_overflow=8,
            pool_timeout=10,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install 'pool-stats-bot[postgresql]'") from error

    def prepare(raw: Any, _record: object) -> None:
        raw.execute(f"SET lock_timeout = {lock_wait // timedelta(milliseconds=1)}")
        if abandoned_after is not None:
            longest = abandoned_after // timedelta(milliseconds=1)
            raw.execute(f"SET idle_in_transaction_session_timeout = {longest}")
        raw.commit()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "handle_error", _leave_who_may_only_be_read)
    return engine


def _leave_who_may_only_be_read(context: ExceptionContext) -> None:
    """After a failover the connections may lead to who was the primary: each is made anew, and finds who is it now."""
    if getattr(context.original_exception, "sqlstate", None) == _ONLY_READS:
        context.is_disconnect = True
