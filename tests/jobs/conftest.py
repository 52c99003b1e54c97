"""What the jobs are tried on: a real store, ModelArts' stand-in, and a chat that remembers."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from bot.clock import Clock, wait
from bot.emulator.server import Emulator
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys
from bot.store.engine import open_store, upgrade


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty store."""
    made = open_store(database_url)
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """ModelArts, with no pool yet."""
    with Emulator() as running:
        yield running


@pytest.fixture
def modelarts(emulator: Emulator) -> Iterator[ModelArts]:
    """A client of it."""
    clock = Clock()
    key = emulator.access_key
    with ModelArts(
        Keys(key.access, key.secret),
        endpoint=emulator.url,
        project_id=emulator.project_id,
        wall=clock.wall,
        monotonic=clock.monotonic,
        wait=wait,
        max_rate=1000,
    ) as client:
        yield client
