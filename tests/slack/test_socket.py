"""Does the bot hear Slack without an address of its own, come back from whatever ends that, and go in good order?"""

import logging
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from slack_bolt import App

from bot.later import Later
from bot.messages.model import Message
from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox
from bot.slack.app import build_app
from bot.slack.socket import SocketMode
from bot.slack.web import SlackWeb
from tests.slack.conftest import wait_for
from tests.slack.relay import Relay
from tests.slack.serving import Bot
from tests.slack.test_app import CHANNEL, ask, shown


@pytest.fixture
def over_socket(app: App, sandbox: Sandbox) -> Iterator[SocketMode]:
    mode = SocketMode(app, sandbox.tokens.app, ping_seconds=0.5)
    mode.start()
    try:
        assert mode.wait_until_connected(10), mode.problem
        yield mode
    finally:
        mode.stop()


def test_a_command_is_answered_over_the_socket(over_socket: SocketMode, sandbox: Sandbox, bot: Bot) -> None:
    assert ask(sandbox, "train-a100").text == "/pool-stats train-a100"
    assert bot.asked[0][2].user == YOU
    assert over_socket.connected
    assert over_socket.problem is None


@pytest.mark.usefixtures("over_socket")
def test_twenty_slow_commands_do_not_delay_the_next_acknowledgement_over_the_socket(sandbox: Sandbox, bot: Bot) -> None:
    release = threading.Event()

    def slow(asked: str) -> Message:
        assert release.wait(30)
        return Message("", asked)

    bot.answer = slow
    try:
        outcomes = [sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", str(n)) for n in range(21)]
    finally:
        release.set()

    assert all(outcome.ok for outcome in outcomes)
    assert max(outcome.ack.took if outcome.ack else 99 for outcome in outcomes) < 1
    wait_for(lambda: len(shown(sandbox)) == 21)


def test_it_comes_back_when_slack_asks_for_it(over_socket: SocketMode, sandbox: Sandbox) -> None:
    # It hears over two connections.
    wait_for(lambda: sandbox.sockets.count == 2)
    opened = len(sandbox.calls.of("apps.connections.open"))
    sandbox.refresh_sockets()

    wait_for(lambda: len(sandbox.calls.of("apps.connections.open")) >= opened + 2 and sandbox.sockets.count == 2)
    wait_for(lambda: over_socket.connected)
    assert ask(sandbox, "again").text == "/pool-stats again"


def test_what_was_asked_before_the_end_is_still_answered(app: App, sandbox: Sandbox, bot: Bot, later: Later) -> None:
    release = threading.Event()

    def slow(asked: str) -> Message:
        assert release.wait(10)
        return Message("", asked)

    bot.answer = slow
    mode = SocketMode(app, sandbox.tokens.app)
    mode.start()
    assert mode.wait_until_connected(10)
    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "last").ok

    mode.stop()
    release.set()
    assert later.stop()

    assert not mode.connected
    assert shown(sandbox)[-1].text == "/pool-stats last"
    assert sandbox.sockets.count == 0


def test_stopping_before_there_ever_was_a_connection_is_fine(app: App, sandbox: Sandbox) -> None:
    mode = SocketMode(app, sandbox.tokens.app)

    mode.stop()

    assert not mode.connected


def test_a_wrong_app_token_is_told_in_one_sentence(app: App, caplog: pytest.LogCaptureFixture) -> None:
    mode = SocketMode(app, "xapp-wrong", ping_seconds=0.5)
    mode.start()
    try:
        wait_for(lambda: mode.problem is not None and "app token" in mode.problem)
    finally:
        mode.stop()

    assert not mode.connected
    assert len([record for record in caplog.records if "app token" in record.getMessage()]) == 1
    assert "xapp-wrong" not in caplog.text


def test_a_slack_that_is_not_there_yet_is_waited_for(bot: Bot, later: Later, session: requests.Session) -> None:
    with Sandbox() as gone:
        port, tokens = urlsplit(gone.url).port, gone.tokens
    web = SlackWeb(f"http://127.0.0.1:{port}/api/", tokens.bot, session)
    app = build_app(web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
    mode = SocketMode(app, tokens.app, ping_seconds=0.5)
    mode.start()
    try:
        wait_for(lambda: mode.problem is not None and "cannot be reached" in mode.problem)
        with Sandbox(port=port or 0, tokens=tokens):
            assert mode.wait_until_connected(15), mode.problem
            mode.stop()
    finally:
        mode.stop()


@pytest.mark.parametrize("how", ["cut", "swallow"])
def test_it_comes_back_from_a_link_that_is_cut_and_from_one_that_swallows_everything(
    sandbox: Sandbox, bot: Bot, later: Later, session: requests.Session, how: str
) -> None:
    with Relay(urlsplit(sandbox.url).port or 0) as relay:
        sandbox.sockets.base_url = f"http://127.0.0.1:{relay.port}/"
        web = SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session)
        app = build_app(web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
        mode = SocketMode(app, sandbox.tokens.app, ping_seconds=0.5)
        mode.start()
        try:
            assert mode.wait_until_connected(10), mode.problem

            relay.cut() if how == "cut" else relay.swallow()

            wait_for(lambda: len(sandbox.calls.of("apps.connections.open")) >= 2, within=20)
            wait_for(lambda: mode.connected and sandbox.sockets.count == 1, within=20)
            assert ask(sandbox, "again").text == "/pool-stats again"
        finally:
            mode.stop()


def test_a_link_that_ends_and_a_slack_that_is_away_are_told_by_us_and_not_by_slacks_sdk(
    bot: Bot, later: Later, session: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with Sandbox() as sandbox, Relay(urlsplit(sandbox.url).port or 0) as relay:
        sandbox.sockets.base_url = f"http://127.0.0.1:{relay.port}/"
        web = SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session)
        app = build_app(web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
        mode = SocketMode(app, sandbox.tokens.app, ping_seconds=0.5)
        mode.start()
        try:
            assert mode.wait_until_connected(10), mode.problem
            sandbox.misbehave("reset", "apps.connections.open")
            relay.cut()
            wait_for(lambda: "Slack cannot be reached for Socket Mode" in caplog.text, within=20)
        finally:
            mode.stop()

    loggers = {record.name for record in caplog.records}
    assert "on_error invoked" not in caplog.text
    assert "bot.slack.connection" in loggers
    assert not [name for name in loggers if name.startswith(("slack_sdk", "bot.slack.bolt"))]


def test_while_one_connection_is_refreshed_the_other_hears(app: App, sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = lambda asked: Message("", asked)
    mode = SocketMode(app, sandbox.tokens.app, ping_seconds=0.5, apart_seconds=0.3)
    mode.start()
    try:
        wait_for(lambda: sandbox.sockets.count == 2)
        for number in range(2):
            opened = len(sandbox.calls.of("apps.connections.open"))
            sandbox.refresh_sockets(only_the_oldest=True)
            outcomes = []
            while len(sandbox.calls.of("apps.connections.open")) == opened or sandbox.sockets.count < 2:
                outcomes.append(sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", f"{number}"))
            assert outcomes
            assert all(outcome.ok for outcome in outcomes)
            assert mode.connected
    finally:
        mode.stop()


def test_hanging_up_takes_a_few_seconds_at_the_most_even_where_nobody_answers(
    sandbox: Sandbox, bot: Bot, later: Later, session: requests.Session
) -> None:
    with Relay(urlsplit(sandbox.url).port or 0) as relay:
        sandbox.sockets.base_url = f"http://127.0.0.1:{relay.port}/"
        web = SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session)
        app = build_app(web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
        mode = SocketMode(app, sandbox.tokens.app, apart_seconds=0.3)
        mode.start()
        wait_for(lambda: sandbox.sockets.count == 2, within=10)
        relay.swallow()

        began = time.monotonic()
        mode.stop(within=2)

        assert time.monotonic() - began < 5
        assert not mode.connected
