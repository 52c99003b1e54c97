"""The app as several workspaces install it, and the browser of who does so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from bot.app.slack import SlackParts, connect_slack
from bot.sandbox.model import Channel, Group, User, default_users
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.settings.reading import read
from bot.store.engine import open_store, upgrade
from tests.serving import served
from tests.slack.serving import Bot

FIRST, SECOND, GRID = "T0SANDBOX01", "T0SECOND001", "E0GRID00001"
IN_GRID = "T0INGRID001"
KEY = Fernet.generate_key().decode()
OTHER = "U0000OTHER1"


def _workspace(team: str, title: str, channel: Channel, *, enterprise: str = "") -> Workspace:
    people = (*default_users(), User(OTHER, "other", "Other"))
    groups = [Group("S0LEADS0001", "ml-leads", (OTHER,))]
    made = Workspace(users=people, channels=[channel], team=team, title=title, enterprise=enterprise, groups=groups)
    made.switches.posts_per_second = 0
    return made


def several() -> Sandbox:
    """Slack with three workspaces: one alone, another, and one of an organisation."""
    everyone = frozenset({"U0000000YOU", OTHER, "U0POOLSTATS"})
    sandbox = Sandbox(
        neighbours=[
            _workspace(SECOND, "Second & <Sons>", Channel("C0SECONDOPS", "ops", everyone)),
            _workspace(IN_GRID, "In the grid", Channel("C0GRIDOPS01", "grid-ops", everyone), enterprise=GRID),
        ]
    )
    sandbox.switches.posts_per_second = 0
    return sandbox


@dataclass
class Running:
    """The Slack side of one process of the bot, which listens at `url`."""

    parts: SlackParts
    engine: Engine
    bot: Bot
    url: str


@contextmanager
def running(sandbox: Sandbox, database_url: str, *, key: str = KEY, **more: str) -> Iterator[Running]:
    """Run the Slack side of the bot in HTTP mode, installed by OAuth, and let Slack deliver to it."""
    given = sandbox.environment()
    environ = {
        "SLACK_API_URL": given["SLACK_API_URL"],
        "SLACK_SIGNING_SECRET": given["SLACK_SIGNING_SECRET"],
        "SLACK_CLIENT_ID": sandbox.tokens.client_id,
        "SLACK_CLIENT_SECRET": sandbox.tokens.client_secret,
        "POOL_STATS_SLACK__TOKEN_KEY": key,
        "DATABASE_URL": database_url,
        **more,
    }
    bot, engine = Bot(), open_store(database_url)
    upgrade(engine)
    config = read(None, environ)
    parts = connect_slack(config, asked=bot.on_asked, pressed=bot.on_pressed, submitted=bot.on_submitted, engine=engine)
    assert parts is not None
    parts.start()
    try:
        with served(*parts.routes) as url:
            sandbox.app_url = url
            yield Running(parts, engine, bot, url)
    finally:
        parts.stop()
        parts.close()
        engine.dispose()


class Browser:
    """Somebody's browser: it keeps cookies, and goes where it is sent."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.session = requests.Session()

    def begin(self) -> str:
        """Open the app's page; where it sends the browser."""
        answer = self.session.get(f"{self.app}/slack/install", allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def decide(self, address: str, team: str, decision: str = "allow") -> str:
        """Press a button on Slack's page; where it sends the browser back to."""
        page = self.session.get(address, timeout=10)
        assert page.status_code == 200, page.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        form = {**asked, "team": team, "decision": decision}
        answer = self.session.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def open(self, address: str) -> requests.Response:
        """Look at a page."""
        return self.session.get(address, timeout=10)

    def install(self, team: str) -> requests.Response:
        """All of it."""
        return self.open(self.decide(self.begin(), team))

    def close(self) -> None:
        self.session.close()


@contextmanager
def browsing(app: str) -> Iterator[Browser]:
    """A browser with nothing in it."""
    browser = Browser(app)
    try:
        yield browser
    finally:
        browser.close()


def install(url: str, *teams: str) -> None:
    """Install the app in these workspaces."""
    for team in teams:
        with browsing(url) as browser:
            page = browser.install(team)
            assert page.status_code == 200, page.text


def stored(database_url: str) -> bytes:
    """Everything that is in the files of an SQLite database."""
    file = Path(database_url.removeprefix("sqlite:///"))
    return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
