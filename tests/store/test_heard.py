"""Is what was said answered once, by whichever process?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from bot.store.heard import REMEMBERED, is_first

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_of_many_who_hear_the_same_one_is_the_first(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: is_first(engine, "slack T1 Ev1", now=NOON), range(12)))

    assert found.count(True) == 1
    assert is_first(engine, "slack T1 Ev2", now=NOON)


def test_after_an_hour_it_is_forgotten(engine: Engine) -> None:
    assert is_first(engine, "slack T1 Ev1", now=NOON)
    assert not is_first(engine, "slack T1 Ev1", now=NOON + REMEMBERED)
    assert is_first(engine, "slack T1 Ev1", now=NOON + REMEMBERED + timedelta(seconds=1))
