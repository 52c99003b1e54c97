"""Are the tables of the queue there, and those of the Procrastinate that is installed?

They stand in a PostgreSQL schema of their own, so that they meet no other Procrastinate in the same database, and so
that who does not use the queue has none of them.
"""

from collections.abc import Iterator
from importlib import resources
from importlib.util import find_spec

from sqlalchemy import Connection, Engine, text

from bot.store.engine import StoreError, StoreUnknown, reading, writing

SCHEMA = "pool_stats_queue"
# What workers have answered who were asked something.
ANSWERS = f"{SCHEMA}.answers"
_MAKE_ANSWERS = (
    f"CREATE TABLE IF NOT EXISTS {ANSWERS}"
    " (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, question bigint NOT NULL, answer text NOT NULL,"
    " at timestamptz NOT NULL DEFAULT now())"
)
# Any number that nobody else uses: whoever holds this advisory lock upgrades the queue.
_LOCK = 0x706F6F6D
_VERSION = f"{SCHEMA}.schema_version"


def prepare(engine: Engine) -> None:
    """Make the tables, or bring them up to date; nothing happens where they are. Several may do so at once.

    Raises:
        StoreError: The database is no PostgreSQL, it was written by a newer Procrastinate, or it could not do this.
    """
    # Each step is kept before the next, which may use what it has added.
    while not is_prepared(engine):
        with writing(engine) as db:
            db.execute(text("SET LOCAL lock_timeout = '60s'"))
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _take_a_step(db, _steps())


def _take_a_step(db: Connection, steps: list[str]) -> None:
    before = _version(db)
    if before is None:
        db.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        db.execute(text(f"CREATE TABLE {_VERSION} (newest text NOT NULL)"))
        db.execute(text(_MAKE_ANSWERS))
        _run(db, (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
        db.execute(text(f"INSERT INTO {_VERSION} VALUES (:newest)"), {"newest": steps[-1]})  # noqa: S608 - ours
        return
    if before > steps[-1]:
        raise StoreError("the queue was written by a newer version of pool-stats: install the newer version")
    db.execute(text(_MAKE_ANSWERS))
    # Another process may have taken the last one just before us.
    step = next((each for each in steps if each > before), None)
    if step is not None:
        _run(db, (_migrations() / step).read_text(encoding="utf-8"))
        db.execute(text(f"UPDATE {_VERSION} SET newest = :newest"), {"newest": step})  # noqa: S608 - ours


def lacks(kind: str) -> Iterator[str]:
    """What a cluster needs that is not here, with a database of this kind: `postgresql`, as its URL begins."""
    if not kind.startswith("postgres"):
        yield "scale.mode: cluster needs PostgreSQL: set DATABASE_URL to postgresql://…"
    if find_spec("procrastinate") is None:
        yield "scale.mode: cluster needs Procrastinate: pip install 'pool-stats-bot[cluster]'"


def is_prepared(engine: Engine) -> bool:
    """Whether the tables are there and as the installed Procrastinate needs them.

    Raises:
        StoreError: Procrastinate is not installed, the database is no PostgreSQL, or it cannot be read.
    """
    for why in lacks(engine.dialect.name):
        raise StoreUnknown(why)
    newest = _steps()[-1]
    with reading(engine) as db:
        return _version(db) == newest and db.scalar(text("SELECT to_regclass(:table)"), {"table": ANSWERS}) is not None


def _version(db: Connection) -> str | None:
    if db.scalar(text("SELECT to_regclass(:table)"), {"table": _VERSION}) is None:
        return None
    version: str | None = db.scalar(text(f"SELECT newest FROM {_VERSION}"))  # noqa: S608 - our constant
    return version


def _migrations() -> resources.abc.Traversable:
    return resources.files("procrastinate.sql.migrations")


def _steps() -> list[str]:
    """The changes of the tables that Procrastinate knows, oldest first; their names begin with its version."""
    return sorted(each.name for each in _migrations().iterdir() if each.name.endswith(".sql"))


def _run(db: Connection, script: str) -> None:
    """A script of several statements, as they stand, in our schema."""
    db.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
    cursor = db.connection.cursor()
    try:
        cursor.execute(script)
    finally:
        cursor.close()
