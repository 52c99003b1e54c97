"""A store to put things into."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from bot.store.engine import open_store, upgrade


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A store with the newest tables and nothing in them."""
    opened = open_store(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()
