"""A tenant for each test."""

from collections.abc import Iterator

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.tenant import Tenant
from tests.sandbox.apps import Clock
from tests.sandbox.teams.apps import Bot, tokens_with_keys


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def teams(clock: Clock) -> Iterator[TeamsStandIn]:
    teams = tokens_with_keys(TeamsStandIn(Tenant(clock=clock)))
    with Sandbox(teams=teams):
        yield teams


@pytest.fixture
def bot(teams: TeamsStandIn) -> Bot:
    return Bot(teams)
