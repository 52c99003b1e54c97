"""Digests: on time, once, and late rather than never."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.routes import Place
from bot.core.stats import Pool
from bot.cron import Cron
from bot.jobs.deliver import deliver
from bot.jobs.digest import digests
from bot.jobs.planned_digests import Planned
from bot.jobs.prune import Kept, prune
from bot.jobs.telling import Moment
from bot.messages.model import to_json
from bot.store import alerts, samples
from bot.store.engine import reading, writing
from tests.building import POOL, an_alert, stats
from tests.jobs.chat import Chat

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
DAILY = [Planned(Cron("0 9 * * *", "UTC"), (Place("slack", "#ops"),), None)]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def history(engine: Engine) -> Engine:
    """A store with a reading every half hour of the day before."""
    with writing(engine) as db:
        for index in range(49):
            samples.save_reading(
                db, stats(NINE - (48 - index) * 30 * MINUTE, train={"Queue": index, "Failed": index // 10})
            )
    return engine


def put(engine: Engine, at: datetime, planned: list[Planned] | None = None) -> int:
    """What is put into the outbox at that moment."""
    return digests(planned or DAILY, [POOL], engine=engine, at=Moment(at, at))


def test_a_digest_is_put_on_time_with_the_counts_and_what_changed(history: Engine) -> None:
    assert put(history, NINE - MINUTE) == 0
    assert put(history, NINE) == 1

    chat = Chat()
    deliver(history, {"slack": chat}, now=NINE, lease=MINUTE)
    (message,) = chat.standing.values()
    assert "train-a100" in to_json(message)
    assert "48" in to_json(message)


def test_a_digest_is_put_once_even_if_the_bot_restarts(history: Engine) -> None:
    assert [put(history, NINE + index * MINUTE) for index in range(3)] == [1, 0, 0]


def test_a_digest_that_came_while_the_bot_was_down_is_put_late(history: Engine) -> None:
    assert put(history, NINE + 40 * MINUTE) == 1


def test_a_digest_that_is_too_late_to_be_useful_is_not_put(history: Engine) -> None:
    assert put(history, NINE + 61 * MINUTE) == 0


def test_a_pool_that_could_not_be_seen_is_named(history: Engine) -> None:
    later = [Planned(Cron("0 9 * * *", "UTC"), (Place("slack", "#ops"),), ("train-*",))]

    assert put(history, NINE + timedelta(days=5), later) == 1
    chat = Chat()
    deliver(history, {"slack": chat}, now=NINE + timedelta(days=6), lease=MINUTE)
    assert "no data" in to_json(next(iter(chat.standing.values())))


def test_what_is_older_than_it_is_kept_is_forgotten(history: Engine) -> None:
    prune(history, now=NINE, keep=Kept(timedelta(hours=2), timedelta(days=9), timedelta(days=1)))

    with reading(history) as db:
        kept = [each.taken_at for each in samples.readings(db, POOL.id, since=NINE - timedelta(days=3))]
    assert min(kept) >= NINE - timedelta(hours=2)
    assert kept[-1] == NINE


def test_a_new_bot_has_no_digest_of_the_time_before_it(engine: Engine) -> None:
    with writing(engine) as db:
        samples.save_reading(db, stats(NINE + 5 * MINUTE, train={"Queue": 3}))

    assert put(engine, NINE + 6 * MINUTE) == 0


def test_what_happened_after_the_moment_is_left_to_the_next_digest(history: Engine) -> None:
    with writing(history) as db:
        samples.save_reading(db, stats(NINE + MINUTE, train={"Queue": 900, "Failed": 40}))

    put(history, NINE + 2 * MINUTE)
    chat = Chat()
    deliver(history, {"slack": chat}, now=NINE + timedelta(days=1), lease=MINUTE)
    assert "900" not in to_json(next(iter(chat.standing.values())))


def test_a_digest_tells_of_no_alert_about_another_pool(history: Engine) -> None:
    other = an_alert(pool=Pool("secret-h800-0123456789abcdef0123456789abcdef", "secret-h800"), fired_at=NINE - MINUTE)
    with writing(history) as db:
        alerts.save(db, other, ())

    put(history, NINE)
    chat = Chat()
    deliver(history, {"slack": chat}, now=NINE + MINUTE, lease=MINUTE)
    assert "secret" not in to_json(next(iter(chat.standing.values())))


def test_a_channel_hears_of_no_pool_that_it_may_not_see(history: Engine) -> None:
    access = Access(grants=(Grant(("train-*",), ("slack:#elsewhere",)),))

    digests(DAILY, [POOL], engine=history, at=Moment(NINE, NINE), access=access)
    chat = Chat()
    deliver(history, {"slack": chat}, now=NINE + MINUTE, lease=MINUTE)
    assert "train-a100" not in to_json(next(iter(chat.standing.values())))
