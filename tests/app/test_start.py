"""Does the bot import only what is configured? Most of a start, and of the memory of a bot that waits, is imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.engine import open_store, upgrade
from tests.running import environment

# Builds the bot as `run` does, lets it go, and says what was imported for it.
_BUILD = (
    "import os, sys, bot.cli.running; from bot.app.bot import Bot; from bot.clock import Clock;"
    "from bot.settings.reading import read; Bot(read(None, os.environ), Clock()).stop();"
    "print(*sorted({'.'.join(name.split('.')[:depth]) for name in sys.modules for depth in (1, 2, 3)}))"
)
_NEVER = {"PIL", "alembic", "babel", "httpx", "mako", "matplotlib", "numpy", "rapidfuzz", "cryptography"}
_SELDOM = {"microsoft_teams", "opentelemetry", "procrastinate", "psycopg", "sqlalchemy.dialects.postgresql", "yaml"}
# Imported when somebody asks, or something is due.
_LATER = {
    "bot.app.people",
    "bot.app.slack_installed",
    "bot.jobs.answers",
    "bot.jobs.digest",
    "bot.slack.oauth",
    "typer",
}
_SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "POOL_STATS_SLACK__MODE": "socket"}
_SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "POOL_STATS_SLACK__MODE": "http"}


@pytest.mark.parametrize(
    ("configured", "there"),
    [
        pytest.param({"POOL_STATS_SLACK__MODE": "off"}, set(), id="nothing"),
        pytest.param(_SLACK, {"slack_bolt", "bot.slack"}, id="Slack"),
        pytest.param(_SOCKET, {"slack_bolt", "bot.slack", "slack_sdk.socket_mode", "websocket"}, id="Socket Mode"),
    ],
)
def test_a_bot_imports_nothing_that_is_not_configured(
    tmp_path: Path, configured: dict[str, str], there: set[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    engine = open_store(url)
    upgrade(engine)
    engine.dispose()
    env = environment(
        tmp_path,
        DATABASE_URL=url,
        HUAWEICLOUD_SDK_AK="a",
        HUAWEICLOUD_SDK_SK="b",
        POOL_STATS_MODELARTS__ENDPOINT="http://127.0.0.1:1",
        POOL_STATS_MODELARTS__PROJECT_ID="p",
        POOL_STATS_WEB__PORT="0",
        **configured,
    )

    done = subprocess.run([sys.executable, "-c", _BUILD], env=env, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    optional = {
        *_NEVER,
        *_SELDOM,
        *_LATER,
        "bot.teams",
        "slack_bolt",
        "bot.slack",
        "slack_sdk.socket_mode",
        "websocket",
    }
    assert optional & set(done.stdout.split()) == there
