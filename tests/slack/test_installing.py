"""The app is installed from a browser, by real HTTP, into the workspaces of the stand-in."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from bot.app.slack import connect_slack
from bot.app.slack_installed import app_problem
from bot.messages.model import Message
from bot.messages.sending import Label
from bot.sandbox.server import Sandbox
from bot.settings.reading import read
from bot.store.engine import writing
from bot.store.tables import install_states
from bot.store.workspaces import MOST_BEGUN, keep_state
from tests.databases import sqlite_store
from tests.slack.browsing import FIRST, GRID, IN_GRID, KEY, SECOND, Running, browsing, install, running, several, stored
from tests.slack.conftest import wait_for

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    with several() as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> str:
    return sqlite_store(tmp_path)


@pytest.fixture
def app(slack: Sandbox, database: str) -> Iterator[Running]:
    with running(slack, database) as app:
        yield app


def told(sandbox: Sandbox, team: str, channel: str) -> list[str]:
    home = sandbox.granting.teams[team]
    return [message.text for message in home.messages(channel) if message.bot_id]


def test_somebody_installs_the_app_and_is_answered(slack: Sandbox, app: Running) -> None:
    with browsing(app.url) as browser:
        page = browser.install(SECOND)

    assert page.status_code == 200
    assert "Installed in Second &amp; &lt;Sons&gt;" in page.text
    assert page.headers["cache-control"] == "no-store"
    slack.granting.teams[SECOND].run_command("U0000000YOU", "C0SECONDOPS", "/pool-stats", "train")
    wait_for(lambda: told(slack, SECOND, "C0SECONDOPS") != [])
    assert "/pool-stats train" in told(slack, SECOND, "C0SECONDOPS")[0]
    assert app.bot.asked[0][2].workspace == SECOND


def test_each_workspace_is_told_with_its_own_token(slack: Sandbox, app: Running) -> None:
    install(app.url, FIRST, SECOND)

    said = Message("Hello", "hello there")
    posted = app.parts.sender.post(f"{SECOND}/#ops", said, Label("1"))
    app.parts.sender.post(f"{FIRST}/#ml-oncall", said, Label("2"))
    app.parts.sender.replace(posted, Message("Hello", "again"), Label("3"))

    assert told(slack, SECOND, "C0SECONDOPS") == ["again"]
    assert told(slack, FIRST, "C0MLONCALL1") == ["hello there"]
    assert posted.channel == f"{SECOND}/C0SECONDOPS"


def test_a_whole_organisation_installs_the_app(slack: Sandbox, app: Running) -> None:
    install(app.url, GRID)

    slack.granting.teams[IN_GRID].run_command("U0000000YOU", "C0GRIDOPS01", "/pool-stats", "train")
    wait_for(lambda: told(slack, IN_GRID, "C0GRIDOPS01") != [])
    app.parts.sender.post(f"{GRID}/C0GRIDOPS01", Message("Hello", "hello there"), Label("1"))

    assert told(slack, IN_GRID, "C0GRIDOPS01")[-1] == "hello there"
    assert app.parts.health().problems == {}


def test_a_denied_installation_says_so_and_installs_nothing(app: Running) -> None:
    with browsing(app.url) as browser:
        page = browser.open(browser.decide(browser.begin(), SECOND, "deny"))

    assert (page.status_code, "Not allowed" in page.text) == (403, True)
    assert app.parts.installations is not None
    assert not app.parts.installations.here()


def test_a_browser_is_spoken_to_in_its_language(app: Running) -> None:
    with browsing(app.url) as browser:
        browser.session.headers["Accept-Language"] = "zh-CN,zh;q=0.9,en;q=0.8"
        state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
        unknown = browser.open(f"{app.url}/slack/oauth_redirect?{urlencode({'state': state, 'code': 'made up'})}")
        used = browser.open(f"{app.url}/slack/oauth_redirect?{urlencode({'state': state, 'code': 'made up'})}")
        done = browser.install(SECOND)

    assert "Slack 拒绝：invalid_code。请重新开始。" in unknown.text
    assert "未安装任何内容。该链接已被使用" in used.text
    assert "已安装到 Second &amp; &lt;Sons&gt;" in done.text
    assert all('<html lang="zh-CN">' in page.text for page in (unknown, used, done))


def test_a_way_back_is_good_once(app: Running) -> None:
    with browsing(app.url) as browser:
        back = browser.decide(browser.begin(), SECOND)
        cookies = browser.session.cookies.copy()
        assert browser.open(back).status_code == 200
        browser.session.cookies.update(cookies)
        again = browser.open(back)

    assert (again.status_code, "expired" in again.text) == (400, True)


def test_a_way_back_is_of_no_use_in_another_browser(app: Running) -> None:
    with browsing(app.url) as browser, browsing(app.url) as other:
        back = browser.decide(browser.begin(), SECOND)
        other.begin()
        page = other.open(back)
        assert (page.status_code, "not begun here" in page.text) == (400, True)
        assert browser.open(back).status_code == 200


def test_a_state_that_nobody_gave_out_is_refused(app: Running) -> None:
    forged = "<script>alert(1)</script>"
    with browsing(app.url) as browser:
        browser.session.cookies.set("pool-stats-install", "forged", path="/slack", domain="127.0.0.1")
        for given in ({"state": "forged", "code": "1"}, {"state": forged, "code": forged}, {}, {"error": forged}):
            page = browser.open(f"{app.url}/slack/oauth_redirect?{urlencode(given)}")
            assert page.status_code == 400
            assert "<script>" not in page.text


def test_a_way_back_expires(app: Running) -> None:
    with browsing(app.url) as browser:
        back = browser.decide(browser.begin(), SECOND)
        with writing(app.engine) as db:
            db.execute(update(install_states).values(until=datetime(2026, 1, 1, tzinfo=UTC)))
        page = browser.open(back)

    assert (page.status_code, "expired" in page.text) == (400, True)


def test_who_begins_again_and_again_does_not_fill_the_database(app: Running) -> None:
    with writing(app.engine) as db:
        for number in range(MOST_BEGUN + 5):
            until = NOON + timedelta(seconds=number)
            keep_state(db, f"{number}", until=until, now=NOON)
        kept = set(db.execute(select(install_states.c.digest)).scalars())

    assert len(kept) == MOST_BEGUN
    assert f"{MOST_BEGUN + 4}" in kept


def test_a_code_that_slack_does_not_know_installs_nothing(app: Running) -> None:
    with browsing(app.url) as browser:
        state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
        page = browser.open(f"{app.url}/slack/oauth_redirect?{urlencode({'state': state, 'code': 'made up'})}")

    assert (page.status_code, "invalid_code" in page.text) == (502, True)


def test_no_token_can_be_read_in_the_database_or_the_log(
    slack: Sandbox, app: Running, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.switches.token_rotation = True
    install(app.url, FIRST, SECOND)
    app.parts.sender.post(f"{SECOND}/#ops", Message("Hello", "hello"), Label("1"))

    kept, tokens = stored(database), slack.granting.given()
    assert len(tokens) == 4
    for secret in (*tokens, KEY, slack.tokens.client_secret):
        assert secret.encode() not in kept
        assert secret not in caplog.text
    assert SECOND.encode() in kept


def test_a_new_key_seals_anew_and_the_old_one_is_needed_no_more(slack: Sandbox, database: str) -> None:
    new = Fernet.generate_key().decode()
    with running(slack, database) as app:
        install(app.url, SECOND)
    with running(slack, database, key=f"{new},{KEY}"):
        pass
    with running(slack, database, key=new) as app:
        app.parts.sender.post("#ops", Message("Hello", "hello"), Label("1"))
    with running(slack, database, key=Fernet.generate_key().decode()) as app:
        problems = " ".join(app.parts.health().problems.values())

    assert told(slack, SECOND, "C0SECONDOPS") == ["hello"]
    assert "POOL_STATS_SLACK__TOKEN_KEY" in problems


@pytest.mark.parametrize("key", [None, "not a key", ","])
def test_without_a_key_it_does_not_start_and_says_how_to_make_one(key: str | None) -> None:
    environ = {"SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2", "SLACK_SIGNING_SECRET": "3"}
    config = read(None, environ | ({"POOL_STATS_SLACK__TOKEN_KEY": key} if key else {}))

    with pytest.raises(ValueError, match=r"POOL_STATS_SLACK__TOKEN_KEY.*generate_key") as error:
        connect_slack(config, asked=None, pressed=None)  # type: ignore[arg-type] # nobody is asked
    assert "not a key" not in str(error.value)


def test_a_request_that_slack_did_not_sign_reaches_no_workspace(app: Running) -> None:
    install(app.url, SECOND)

    forged = {"team_id": SECOND, "command": "/pool-stats", "text": "", "user_id": "U1", "channel_id": "C0SECONDOPS"}
    answer = requests.post(f"{app.url}/slack/events", data=forged, timeout=10)

    assert answer.status_code == 401
    assert app.bot.asked == []


def test_in_socket_mode_each_request_finds_its_workspace_too(slack: Sandbox, database: str) -> None:
    token = {"SLACK_APP_TOKEN": slack.tokens.app, "POOL_STATS_SLACK__MODE": "socket"}
    with running(slack, database, **token) as app:
        assert app.parts.wait_until_connected(10)
        with browsing(app.url) as browser:
            assert browser.install(SECOND).status_code == 200
        slack.granting.teams[SECOND].run_command("U0000000YOU", "C0SECONDOPS", "/pool-stats", "train")
        wait_for(lambda: told(slack, SECOND, "C0SECONDOPS") != [])

    assert app.bot.asked[0][2].installed == SECOND


def test_a_check_asks_slack_whether_it_knows_the_app(slack: Sandbox) -> None:
    environ = {
        "SLACK_API_URL": slack.environment()["SLACK_API_URL"],
        "SLACK_CLIENT_ID": slack.tokens.client_id,
        "SLACK_CLIENT_SECRET": slack.tokens.client_secret,
        "POOL_STATS_SLACK__TOKEN_KEY": KEY,
    }

    assert app_problem(read(None, environ)) is None
    assert app_problem(read(None, environ | {"SLACK_CLIENT_SECRET": "wrong"})) == "Slack says bad_client_secret"
