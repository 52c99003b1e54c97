"""Looking back at what is stored."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.rules.model import SHIPPED
from bot.core.stats import Pool
from bot.jobs.past import Stored, in_fair_order, looked_back, stored
from bot.store.engine import open_store, upgrade, writing
from bot.store.samples import save_many
from tests.building import MINUTE, NOON, long_queue, minutes

POOLS = tuple(Pool(f"p{number}", f"pool {number}") for number in range(3))
LONG = [long_queue(50)]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Three pools, half an hour of each; the queue of each is long for a while."""
    made = open_store(database_url)
    upgrade(made)
    with writing(made) as db:
        for pool in POOLS:
            save_many(db, minutes("Queue", [5] * 10 + [60] * 10 + [5] * 10, pool=pool))
    yield made
    made.dispose()


def test_what_is_known_is_told_without_looking_at_the_past(engine: Engine) -> None:
    known = stored(engine)

    assert known == Stored(POOLS, frozenset({"train"}), NOON + 29 * MINUTE)


def test_each_pool_is_looked_back_at_as_a_bot_would_have(engine: Engine) -> None:
    pasts = list(
        looked_back(engine, POOLS, LONG, until=NOON + 29 * MINUTE, over=timedelta(days=1), time_left=lambda: True)
    )

    told = [[(alert.fired_at, alert.resolved_at) for alert in past.alerts] for past in pasts if past]
    assert told == [[(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]] * 3


def test_a_pool_that_time_runs_out_on_is_left_out_whole(engine: Engine) -> None:
    left = iter([True] * 45 + [False])

    pasts = list(
        looked_back(engine, POOLS, LONG, until=NOON + 29 * MINUTE, over=timedelta(days=1), time_left=lambda: next(left))
    )

    assert [past.pool for past in pasts if past] == [POOLS[0]]


def test_a_pool_without_a_reading_in_that_time_is_nothing(engine: Engine) -> None:
    late = NOON + timedelta(days=5)
    pasts = list(looked_back(engine, POOLS, SHIPPED, until=late, over=timedelta(days=1), time_left=lambda: True))

    assert pasts == [None, None, None]


def test_every_rule_has_a_pool_early_and_no_pool_comes_twice() -> None:
    rules = [
        long_queue(pools=["p0", "p1"]),
        long_queue(name="b", pools=["p2", "p0"]),
        long_queue(name="c", pools=["x"]),
    ]

    assert [pool.id for pool in in_fair_order(POOLS, rules)] == ["p0", "p2", "p1"]
