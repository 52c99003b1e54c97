"""What does it cost to keep a reading, how large is it on disk, and how quickly is a week of them read?"""

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from bot.store import samples
from bot.store.engine import open_store, reading, upgrade, writing
from tests.benchmarks import store_postgresql
from tests.benchmarks.figures import Report, Work, in_turn
from tests.benchmarks.readings import CHART, NOON, pool, tick, to_seconds, wide_rows
from tests.benchmarks.saving import measure_saving
from tests.benchmarks.straight import STATUSES, TYPES, WideStore

RAW_CHART = "SELECT at, sum(queue), sum(failed) FROM samples WHERE pool = ? AND at >= ? GROUP BY at ORDER BY at"
RAW_ALL = (
    f"SELECT at, type, total, unknown, {', '.join(STATUSES)} FROM samples"  # noqa: S608 - our own names
    " WHERE pool = ? AND at >= ? ORDER BY at, type"
)


def measure(*, pools: int = 100, ticks: int = 100, week: int = 10_080, rounds: int = 5) -> Report:
    """Saving, size and reading, beside SQLAlchemy Core's executemany of the wide layout and the bare driver."""
    report = Report(f"store: readings of {len(TYPES)} job types x {len(STATUSES)} statuses in SQLite, CPU")
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        _saving(report, Path(folder), pools, rounds)
        _size(report, Path(folder), pools, ticks)
        _reading(report, Path(folder), week, rounds)
    report.note("in PostgreSQL, CPU of the bot and of the server together:")
    store_postgresql.measure_into(report, pools=pools, ticks=ticks, week=week, rounds=rounds)
    return report


def _saving(report: Report, folder: Path, pools: int, rounds: int) -> None:
    engine = new_store(folder / "saving.db")
    wide = WideStore(folder / "saving-wide.db")
    measure_saving(report, engine, wide.save, pools=pools, rounds=rounds, clock=time.process_time)
    engine.dispose()
    wide.close()


def _size(report: Report, folder: Path, pools: int, ticks: int) -> None:
    """What a reading takes on disk when the pools are read in turn, as the bot does."""
    ours, theirs = folder / "size.db", folder / "size-wide.db"
    engine, wide = new_store(ours), WideStore(theirs)
    empty = size_of(ours), size_of(theirs)
    for minute in range(ticks):
        readings = list(tick(minute, pools))
        with writing(engine) as db:
            samples.save_many(db, readings)
        at = to_seconds(minute)
        wide.save([row for number, each in enumerate(readings) for row in wide_rows(each, number, at)])
    ours_each = (size_of(ours) - empty[0]) / (pools * ticks)
    wide_each = (size_of(theirs) - empty[1]) / (pools * ticks)
    report.count("floor: the wide layout on disk", wide_each, "bytes/reading")
    report.count("the store on disk", ours_each, "bytes/reading", floor=wide_each)
    engine.dispose()
    wide.close()


def _reading(report: Report, folder: Path, week: int, rounds: int) -> None:
    path = folder / "reading.db"
    engine = new_store(path)
    with writing(engine) as db:
        samples.save_many(db, (each for minute in range(week) for each in tick(minute, 1)))
    with closing(sqlite3.connect(path)) as raw:
        variants: dict[str, Work] = {
            "raw chart": lambda: raw.execute(RAW_CHART, (1, 0)).fetchall(),
            "chart": lambda: _chart(engine),
            "series": lambda: _series(engine),
            "raw all": lambda: raw.execute(RAW_ALL, (1, 0)).fetchall(),
            "all": lambda: _all(engine),
        }
        costs = in_turn(variants, rounds=rounds, units=1)
    of = "raw sqlite3"
    report.add(f"floor: raw sqlite3, two statuses of {week:,} readings", costs["raw chart"], "ms")
    report.add("samples.numbers, the same (a chart of 7 days)", costs["chart"], "ms", floor=costs["raw chart"], of=of)
    report.add("samples.series, the same with a moment each", costs["series"], "ms", floor=costs["raw chart"], of=of)
    report.add(f"floor: raw sqlite3, all counts of {week:,} readings", costs["raw all"], "ms")
    report.add("samples.readings, the same, as facts", costs["all"], "ms", floor=costs["raw all"], of=of)
    engine.dispose()


def _chart(engine: Engine) -> None:
    with reading(engine) as db:
        samples.numbers(db, pool(0).id, CHART, since=NOON)


def _series(engine: Engine) -> None:
    with reading(engine) as db:
        samples.series(db, pool(0).id, CHART, since=NOON)


def _all(engine: Engine) -> None:
    with reading(engine) as db:
        for _ in samples.readings(db, pool(0).id, since=NOON):
            pass


def new_store(path: Path) -> Engine:
    """An empty store of ours."""
    engine = open_store(f"sqlite:///{path}")
    upgrade(engine)
    return engine


def size_of(path: Path) -> int:
    """The file's size once everything is in it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size
