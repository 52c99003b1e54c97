"""What the tests of the Slack room share."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from slack_bolt import App

from bot.later import Later
from bot.sandbox.server import Sandbox
from bot.slack.app import build_app
from bot.slack.drawing import Drawings
from bot.slack.pace import Pace
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from tests.slack.serving import Bot, served
from tests.slack.stub import Stub


class Ticks:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wait_for(condition: Callable[[], bool], *, within: float = 30.0) -> None:
    """Wait until `condition` holds; an error when it does not in time."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with new_session() as session:
        yield session


@pytest.fixture
def stub(session: requests.Session) -> Iterator[Stub]:
    with Stub() as stub:
        yield stub
        session.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.switches.posts_per_second = 0
        yield sandbox


@pytest.fixture
def web(sandbox: Sandbox, session: requests.Session) -> SlackWeb:
    return SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def drawings(ticks: Ticks) -> Drawings:
    return Drawings(monotonic=ticks)


@pytest.fixture
def sender(web: SlackWeb, drawings: Drawings, ticks: Ticks) -> SlackSender:
    """With a pace that knows no limits but those that Slack tells it of."""
    return SlackSender(web, drawings, pace=Pace({}, None, ticks), monotonic=ticks)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def later() -> Iterator[Later]:
    later = Later()
    yield later
    assert later.stop()


@pytest.fixture
def app(web: SlackWeb, sandbox: Sandbox, bot: Bot, later: Later, drawings: Drawings) -> App:
    return build_app(
        web,
        signing_secret=sandbox.tokens.signing_secret,
        asked=bot.on_asked,
        pressed=bot.on_pressed,
        later=later,
        drawings=drawings,
        submitted=bot.on_submitted,
        homed=bot.on_homed,
        offered=bot.on_offered,
    )


@pytest.fixture
def over_http(app: App, sandbox: Sandbox) -> Iterator[str]:
    """The address of the endpoint, which the stand-in then delivers to."""
    with served(app) as address:
        sandbox.app_url = address
        yield address
