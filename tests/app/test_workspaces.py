"""Two workspaces that installed the app by themselves, and a bot process that shows each its own pools."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from tests.app.conftest import House
from tests.running import eventually
from tests.slack.browsing import FIRST, KEY, SECOND, install, several

POOLS = [
    {"pools": ["train-*"], "workspaces": [f"slack:{FIRST}"]},
    {"pools": ["research-*"], "workspaces": [f"slack:{SECOND}"]},
]


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    with several() as sandbox:
        yield sandbox


@pytest.fixture
def apart(tmp_path: Path, emulator: Emulator, slack: Sandbox) -> Iterator[House]:
    """A bot over HTTP whose two workspaces see different pools."""
    emulator.set_counts("research-h100", {"train": {"Queue": 60, "Running": 5}})
    house = House(tmp_path, emulator, slack, "http")
    house.env |= {
        "SLACK_CLIENT_ID": slack.tokens.client_id,
        "SLACK_CLIENT_SECRET": slack.tokens.client_secret,
        "POOL_STATS_SLACK__TOKEN_KEY": KEY,
        "POOL_STATS_ACCESS": json.dumps({"pools": POOLS}),
        "POOL_STATS_ROUTES": json.dumps([{"to": [f"slack:{SECOND}/#ops"]}]),
    }
    yield house
    if house.bot is not None:
        house.bot.stop(signal.SIGKILL)


def answer(slack: Sandbox, team: str, channel: str, command: str, text: str) -> str:
    """What the bot says there to a command."""
    home = slack.granting.teams[team]
    where = home.channel(channel)
    assert where is not None
    before = len(home.messages(where.id))
    home.run_command("U0000000YOU", where.id, command, text)

    def said() -> str:
        shown = [[m.text, m.blocks] for m in home.messages(where.id)[before:] if m.ephemeral_to]
        # Slack gives blocks ids of their own.
        return re.sub(r'"block_id": "[^"]*"', "", json.dumps(shown)) if shown else ""

    eventually(said, what="an answer")
    return said()


def at_home(slack: Sandbox, team: str) -> str:
    """What stands in somebody's Home tab there."""
    home = slack.granting.teams[team]
    home.open_home("U0000000YOU")
    eventually(lambda: home.home("U0000000YOU"), what="the Home tab")
    view = home.home("U0000000YOU")
    return json.dumps(view.body if view else None)


def test_each_workspace_sees_its_own_pools_and_of_others_as_if_they_did_not_exist(apart: House, slack: Sandbox) -> None:
    bot = apart.start()
    install(apart.url, FIRST, SECOND)
    eventually(lambda: len(requests.get(f"{apart.url}/readyz", timeout=5).json()["checks"]) > 0, what="readiness")

    def alert() -> bool:
        return any("research-h100" in m.text for m in slack.granting.teams[SECOND].messages("C0SECONDOPS"))

    eventually(alert, what="the alert of its own pool")
    for command, text in (
        ("/pool-stats", ""),
        ("/pool-stats", "research"),
        ("/pool-alerts", ""),
        ("/pool-alerts", "rules"),
        ("/pool-alerts", "log"),
        ("/pool-digest", ""),
    ):
        assert "h100" not in answer(slack, FIRST, "#ml-platform", command, text), (command, text)
    for words in ("{}", "{} chart 24h", "{} why", "{} jobs", "compare train-a100 {}"):
        hidden = answer(slack, FIRST, "#ml-platform", "/pool-stats", words.format("research-h100"))
        missing = answer(slack, FIRST, "#ml-platform", "/pool-stats", words.format("research-h199"))
        assert hidden.replace("h100", "h199") == missing
    assert "a100" in answer(slack, FIRST, "#ml-platform", "/pool-stats", "")
    assert "h100" in answer(slack, SECOND, "#ops", "/pool-stats", "research-h100")
    assert "admins may" in answer(slack, FIRST, "#ml-platform", "/pool-digest", "add 0 9 * * *")
    for team, sees, not_this in ((FIRST, "a100", "h100"), (SECOND, "h100", "a100")):
        shown = at_home(slack, team)
        assert sees in shown
        assert not_this not in shown
    for secret in (*slack.granting.given(), KEY, slack.tokens.client_secret):
        assert secret not in bot.said
