"""What `/readyz` says of the pools, tried on the real scheduler and a real store."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.app import health
from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.jobs.deliver import Delivered
from bot.jobs.poll import Outcome, Polled
from bot.metrics import Metrics
from bot.schedule import Schedule, Work
from bot.store import samples
from bot.store.engine import open_store, upgrade, writing
from tests.building import stats
from tests.running import eventually

LATE = timedelta(seconds=3)
CLOCK = Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty store."""
    made = open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    upgrade(made)
    yield made
    made.dispose()


def reads(engine: Engine, pool: Pool) -> Polled:
    """Store a reading."""
    with writing(engine) as db:
        samples.save_reading(db, stats(CLOCK.now(), pool, train={"Queue": 1}))
    return Polled(Outcome.OK, None, 0)


def scheduled(number: int, poll: Callable[[Pool], Polled], *, workers: int) -> Schedule:
    """A schedule of so many pools that are to be read five times a second."""
    pools = [Pool(f"pool-{index}", f"Pool {index}") for index in range(number)]
    work = Work(
        pools=lambda: pools, known_pools=lambda: (), leave=lambda _: 0, poll=poll, prune=lambda: None,
        platforms=(), deliver=lambda *_: Delivered([], [], more=False), repeats=lambda: (), due=lambda: 0,
    )  # fmt: skip
    return Schedule(work, CLOCK, Metrics(), every=timedelta(milliseconds=200), workers=workers)


def said(engine: Engine, schedule: Schedule) -> str | None:
    """What is wrong with ModelArts, if anything is."""
    return health.own(engine, schedule, now=CLOCK.now(), wall=CLOCK.wall(), late_after=LATE)["modelarts"]


def test_pools_that_wait_for_too_long_are_counted_though_others_are_read(engine: Engine) -> None:
    def slowly(pool: Pool) -> Polled:
        wait(0.2)
        return reads(engine, pool)

    schedule = scheduled(60, slowly, workers=2)
    schedule.start()
    try:
        eventually(lambda: " of 60 pools have not been read for 3 s" in (said(engine, schedule) or ""), what="why")
    finally:
        schedule.stop()


def test_a_pool_that_is_refused_does_not_make_the_bot_unready_for_ever(engine: Engine) -> None:
    tried = 0

    def refused(pool: Pool) -> Polled:
        nonlocal tried
        if pool.id != "pool-0":
            return reads(engine, pool)
        tried += 1
        return Polled(Outcome.FAILED, None, 0, "NotFound", "ModelArts answered 404")

    schedule = scheduled(3, refused, workers=2)
    schedule.start()
    try:
        began = CLOCK.monotonic()
        eventually(lambda: tried >= 10 and CLOCK.monotonic() - began > 2 * LATE.total_seconds(), what="failures")
        eventually(lambda: said(engine, schedule) is None, what="readiness")
    finally:
        schedule.stop()
