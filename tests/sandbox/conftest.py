"""A workspace for each test."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.switches import Switches
from bot.sandbox.workspace import Workspace
from tests.sandbox.apps import Clock, web_client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(workspace=Workspace(clock=clock), switches=Switches(burst=100)) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return web_client(sandbox)
