"""What does it cost to keep and read readings in PostgreSQL: the CPU of this process and of the server together?"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, MetaData, SmallInteger, Table, text

from bot.core.stats import PoolStats
from bot.store import samples
from bot.store.engine import open_store, reading, writing
from tests.benchmarks.figures import Report, Work, in_turn
from tests.benchmarks.readings import CHART, NOON, pool, tick, wide_rows
from tests.benchmarks.saving import Rows, measure_saving
from tests.benchmarks.straight import STATUSES
from tests.databases import postgresql_programs, running_postgresql

RAW_CHART = "SELECT at, sum(queue), sum(failed) FROM samples WHERE pool = %s AND at >= %s GROUP BY at ORDER BY at"


def measure_into(report: Report, *, pools: int, ticks: int, week: int, rounds: int) -> None:
    """Add saving, size and reading beside Core's executemany of the wide layout, COPY and bare psycopg."""
    programs = postgresql_programs()
    if programs is None:
        report.note("PostgreSQL is not installed: nothing is measured there")
        return
    with running_postgresql(programs) as server:
        with _store(server.new_store()) as (engine, cpu):
            _saving(report, engine, cpu, pools, rounds)
        with _store(server.new_store()) as (engine, _):
            _size(report, engine, ticks)
        with _store(server.new_store()) as (engine, cpu):
            _reading(report, engine, cpu, week, rounds)


class Cpu:
    """Seconds of CPU that this process and all processes of the server have used, as the kernel counts them."""

    def __init__(self, db: Connection) -> None:
        backend = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        self._server = _parent(Path(f"/proc/{backend}"))

    def __call__(self) -> float:
        return time.process_time() + sum(self._of_server())

    def _of_server(self) -> Iterator[float]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._server in {process.name, _parent(process)}:
                    yield int((process / "schedstat").read_text().split()[0]) / 1e9
            except OSError:
                continue  # It has just ended.


def _parent(process: Path) -> str:
    return (process / "stat").read_text().rpartition(")")[2].split()[1]


@contextmanager
def _store(url: str) -> Iterator[tuple[Engine, Cpu]]:
    """A store with a wide table beside ours, on a server that does nothing else meanwhile."""
    engine = open_store(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("ALTER SYSTEM SET autovacuum = off"))
        db.execute(text("SELECT pg_reload_conf()"))
        _WIDE.create(db)
        cpu = Cpu(db)
    yield engine, cpu
    engine.dispose()


_WIDE = Table(
    "wide",
    MetaData(),
    Column("pool", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("type", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(status, Integer, nullable=False) for status in STATUSES),
)


def _saving(report: Report, engine: Engine, cpu: Cpu, pools: int, rounds: int) -> None:
    def wide(rows: Rows) -> None:
        with writing(engine) as db:
            db.execute(_WIDE.insert(), rows)

    def copied(rows: Rows) -> None:
        with writing(engine) as db:
            raw: Any = db.connection.dbapi_connection
            with raw.cursor() as cursor, cursor.copy("COPY wide FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))

    measure_saving(report, engine, wide, pools=pools, rounds=rounds, clock=cpu, floors={"COPY": copied})


def _wide(readings: Iterator[PoolStats], at: int) -> Iterator[dict[str, int]]:
    for number, stats in enumerate(readings):
        yield from wide_rows(stats, number, at)


def _size(report: Report, engine: Engine, ticks: int) -> None:
    pools = 100
    for minute in range(ticks):
        with writing(engine) as db:
            samples.save_many(db, tick(minute, pools))
            db.execute(_WIDE.insert(), list(_wide(tick(minute, pools), minute)))
    size = text("SELECT pg_relation_size(CAST(:of AS regclass)) + pg_indexes_size(CAST(:of AS regclass))")
    with reading(engine) as db:
        ours, wide = (db.execute(size, {"of": of}).scalar_one() / (pools * ticks) for of in ("samples", "wide"))
    report.count("floor: the wide layout on disk, with its index", wide, "bytes/reading")
    report.count("the store on disk", ours, "bytes/reading", floor=wide)


def _reading(report: Report, engine: Engine, cpu: Cpu, week: int, rounds: int) -> None:
    with writing(engine) as db:
        samples.save_many(db, (stats for minute in range(week) for stats in tick(minute, 10)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE samples"))
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def chart() -> None:
        with reading(engine) as db:
            samples.numbers(db, pool(0).id, CHART, since=NOON)

    with closing(psycopg.connect(address, autocommit=True)) as raw:
        key = raw.execute("SELECT key FROM pools WHERE id = %s", (pool(0).id,)).fetchone() or (0,)
        variants: dict[str, Work] = {
            "raw": lambda: raw.execute(RAW_CHART, (key[0], 0)).fetchall(),
            "chart": chart,
        }
        costs = in_turn(variants, rounds=rounds, units=1, clock=cpu)
    report.add(f"floor: bare psycopg, two statuses of {week:,} readings", costs["raw"], "ms")
    report.add("samples.numbers, the same", costs["chart"], "ms", floor=costs["raw"], of="psycopg")
