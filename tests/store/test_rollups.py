"""Hourly figures: exact, made once, before the readings go; and a database that stops growing."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.core.hourly import Ended, Hour, Level
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.jobs.prune import Kept, prune
from bot.store import rollups, samples
from bot.store.engine import open_store, reading, upgrade, writing
from tests.building import MINUTE, NOON, POOL, stats
from tests.databases import PostgreSQL

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEEP = Kept(readings=2 * DAY, hourly=10 * DAY, history=10 * DAY)


def save(engine: Engine, readings: Sequence[PoolStats]) -> None:
    with writing(engine) as db:
        samples.save_many(db, readings)


def hours(engine: Engine, job_type: str | None = None, pool: Pool = POOL) -> list[Hour]:
    with reading(engine) as db:
        return rollups.hours_of(db, pool.id, since=NOON - 100 * DAY, job_type=job_type)


def test_an_hour_is_its_least_mean_most_and_last_and_what_ended_in_it(engine: Engine) -> None:
    save(engine, [
        stats(NOON - MINUTE, train={"Queue": 7, "Failed": 1}),
        stats(NOON, train={"Queue": 0, "Failed": 3}, infer={"Queue": 4}),
        stats(NOON + 20 * MINUTE, train={"Queue": 9, "Failed": 0}),
        stats(NOON + 59 * MINUTE, train={"Queue": 3, "Failed": 5}, infer={"Queue": 2}),
        stats(NOON + HOUR, train={"Queue": 50}),
    ])  # fmt: skip

    rollups.roll_up(engine, now=NOON + HOUR + MINUTE)

    (_, both), (_, train), (infer,) = hours(engine), hours(engine, "train"), hours(engine, "infer")
    assert (both.at, both.readings) == (NOON, 3)
    assert both.levels == {JobStatus.QUEUE: Level(4, 6.0, 9, 5)}
    assert both.ended == {JobStatus.FAILED: Ended(5, 7)}
    assert train.levels[JobStatus.QUEUE] == Level(0, 4.0, 9, 3)
    # A type that is not mentioned has no jobs.
    assert infer.levels[JobStatus.QUEUE] == Level(0, 2.0, 4, 2)
    assert JobStatus.RUNNING not in both.levels


def test_a_pool_without_jobs_is_zeros_and_its_return_adds_nothing(engine: Engine) -> None:
    save(
        engine, [stats(NOON, train={"Failed": 9}), stats(NOON + MINUTE), stats(NOON + 2 * MINUTE, train={"Failed": 9})]
    )

    rollups.roll_up(engine, now=NOON + HOUR)

    (hour,) = hours(engine)
    assert hour.ended[JobStatus.FAILED] == Ended(9, 0)


def test_figures_are_made_once_and_only_of_whole_hours(engine: Engine) -> None:
    save(engine, [stats(NOON + n * MINUTE, train={"Queue": n}) for n in range(150)])

    assert rollups.roll_up(engine, now=NOON + 150 * MINUTE) == 2
    assert rollups.roll_up(engine, now=NOON + 150 * MINUTE) == 0
    assert rollups.roll_up(engine, now=NOON + 180 * MINUTE) == 1
    assert [hour.at for hour in hours(engine)] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_a_long_absence_is_bridged_and_leaves_no_hours_that_nobody_saw(engine: Engine) -> None:
    save(engine, [stats(at, train={"Queue": 1, "Failed": 1}) for at in (NOON - 40 * DAY, NOON - 9 * DAY, NOON - HOUR)])

    prune(engine, now=NOON, keep=Kept(2 * DAY, 50 * DAY, 50 * DAY))

    assert [hour.at for hour in hours(engine)] == [NOON - 40 * DAY, NOON - 9 * DAY, NOON - HOUR]


def test_the_figures_outlive_the_readings_that_they_are_made_of(engine: Engine) -> None:
    save(engine, [stats(NOON + n * HOUR, train={"Queue": n}) for n in range(24 * 15)])

    done = prune(engine, now=NOON + 15 * DAY + 30 * MINUTE, keep=KEEP)

    assert str(done) == "made the figures of 360 hours, deleted 312 rows of readings, 242 rows of hourly figures"
    with reading(engine) as db:
        first = next(samples.readings(db, POOL.id, since=NOON)).taken_at
    assert first == NOON + 13 * DAY
    kept = hours(engine)
    assert (kept[0].at, kept[-1].at, len(kept)) == (NOON + 5 * DAY + HOUR, NOON + 15 * DAY - HOUR, 239)


def test_by_a_clock_that_is_wrong_nothing_is_forgotten(engine: Engine) -> None:
    save(engine, [stats(NOON, train={"Queue": 1})])

    done = prune(engine, now=NOON + 400 * DAY, keep=KEEP, clock_skew=400 * DAY)

    assert done.gone == {}
    with reading(engine) as db:
        assert samples.latest(db, POOL.id) is not None


def simulated_day(engine: Engine, day: datetime, rng: random.Random) -> None:
    """A day of three pools, read every quarter of an hour, and what happens to be forgotten in it."""
    pools = [Pool(f"pool-{n}", f"lab {n}") for n in range(3)]
    moments = [day + n * 15 * MINUTE for n in range(96)]
    save(engine, [stats(at, pool, train={"Queue": rng.randrange(9), "Failed": 1}) for pool in pools for at in moments])
    with writing(engine) as db:
        for at in moments[::6]:
            samples.save_failure(db, pools[0], at=at, kind="Unavailable", why="ModelArts cannot answer now (503)")
    prune(engine, now=day + DAY, keep=Kept(5 * DAY, 20 * DAY, 20 * DAY))


def test_the_file_stops_growing_once_as_much_is_forgotten_as_is_learnt(tmp_path: Path) -> None:
    engine, rng = open_store(f"sqlite:///{tmp_path / 'months.db'}"), random.Random(1)
    upgrade(engine)
    sizes: list[int] = []
    for day in range(50):
        simulated_day(engine, NOON + day * DAY, rng)
        sizes.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
    engine.dispose()

    assert sizes[-1] <= 1.02 * sizes[25], sizes


@pytest.mark.postgresql
def test_postgresql_stops_growing_too(postgresql: PostgreSQL) -> None:
    engine, rng = open_store(postgresql.new_database()), random.Random(1)
    upgrade(engine)
    sizes: list[int] = []
    for day in range(40):
        simulated_day(engine, NOON + day * DAY, rng)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            # What the server does by itself once a minute.
            db.execute(text("VACUUM samples, failures, hours"))
            of = "SELECT sum(pg_total_relation_size(name)) FROM unnest(ARRAY['samples', 'failures', 'hours']) AS name"
            sizes.append(int(db.scalar(text(of))))
    engine.dispose()

    assert sizes[-1] <= 1.05 * sizes[25], sizes
