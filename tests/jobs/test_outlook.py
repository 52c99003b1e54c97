"""When the queue drains, told from what is stored."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.command import Asker
from bot.core.forecast import LOOKED_AT, Drain, NoForecast, drain
from bot.core.stats import Pool, PoolStats
from bot.emulator.server import Emulator
from bot.jobs.answer import Answering, answer
from bot.jobs.answers.outlook import outlook
from bot.messages.model import Message
from bot.modelarts.client import ModelArts
from bot.store import samples
from bot.store.engine import writing
from tests.building import stats
from tests.messages.reading import text
from tests.queues import pool

PAST = pool(14)
HERE = max(range(3000, len(PAST) - 100), key=lambda index: PAST[index][1][0] or 0)
NOW = PAST[HERE][0]


@pytest.fixture
def watched(emulator: Emulator, engine: Engine) -> Pool:
    """A pool whose days are stored, and whose queue is long now."""
    waiting = PAST[HERE][1][0] or 0
    made = emulator.set_counts("train-a100", {"train": {"Queue": waiting, "Running": 20}})
    found = Pool(made.id, made.name)

    def readings() -> Iterator[PoolStats]:
        for at, told in PAST[: HERE + 1]:
            train = {status.value: count for status, count in zip(LOOKED_AT, told, strict=True) if count is not None}
            yield stats(at, found, train=train)

    with writing(engine) as db:
        samples.save_many(db, readings())
    return found


def ask(words: str, modelarts: ModelArts, engine: Engine, now: datetime = NOW) -> str:
    """What /pool-stats answers."""
    known = Answering(modelarts, engine, Access(), wanted=lambda _: True)
    said = answer("/pool-stats", words, Asker("slack", "T1", "C1", "U1"), known, now=now)
    assert isinstance(said, Message)
    return text(said)


def test_what_is_stored_gives_the_forecast_that_the_readings_give(watched: Pool, engine: Engine) -> None:
    said = outlook(engine, watched, now=NOW)

    assert isinstance(said, Drain)
    assert said == drain(PAST[: HERE + 1], now=NOW)


@pytest.mark.usefixtures("watched")
def test_why_tells_when_the_queue_drains(engine: Engine, modelarts: ModelArts) -> None:
    said = ask("train-a100 why", modelarts, engine)

    assert "Forecast: as many jobs as wait now" in said
    assert "in 8 of 10 such cases" in said
    assert "Such ranges were right" in said


@pytest.mark.usefixtures("watched")
def test_a_pool_whose_queue_is_high_is_told_with_its_forecast(engine: Engine, modelarts: ModelArts) -> None:
    assert "Forecast: as many jobs as wait now" in ask("train-a100", modelarts, engine)


def test_a_pool_whose_queue_is_as_ever_is_told_without(
    watched: Pool, emulator: Emulator, engine: Engine, modelarts: ModelArts
) -> None:
    emulator.set_counts(watched.id, {"train": {"Queue": 2, "Running": 20}})

    assert "Forecast" not in ask("train-a100", modelarts, engine)


def test_why_there_is_no_forecast_is_told(emulator: Emulator, engine: Engine, modelarts: ModelArts) -> None:
    emulator.set_counts("young", {"train": {"Queue": 9}})

    assert "No forecast of when the queue drains: there is no recent reading that reports Queue." in ask(
        "young why", modelarts, engine
    )


def test_a_pool_that_was_never_read_has_no_forecast(engine: Engine) -> None:
    assert isinstance(outlook(engine, Pool("nobody", "nobody"), now=NOW), NoForecast)
