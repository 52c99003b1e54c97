"""What the tests of the Teams room share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.sandbox.server import Sandbox
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.store.engine import open_store
from tests.databases import sqlite_store
from tests.serving import served
from tests.teams.serving import Side, side, with_keys


@pytest.fixture
def teams() -> Iterator[TeamsStandIn]:
    """A tenant with two people, a team with two channels and a group chat."""
    teams = with_keys(TeamsStandIn())
    with Sandbox(teams=teams):
        yield teams


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_store(sqlite_store(tmp_path))
    yield opened
    opened.dispose()


@pytest.fixture
def bot(teams: TeamsStandIn, engine: Engine) -> Iterator[Side]:
    """The bot's Teams side, reached by the stand-in."""
    with side(teams, engine) as made, served(made.endpoint) as address:
        teams.app_url = address
        yield made
