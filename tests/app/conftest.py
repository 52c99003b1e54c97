"""The whole bot as a process between the two stand-ins."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from tests.running import Running, environment, eventually, free_port

CHANNEL = "#ml-platform"
STARTS_WITHIN = 120.0


class House:
    """A bot that reads every second and tells one channel, and what people see of it."""

    def __init__(self, home: Path, emulator: Emulator, sandbox: Sandbox, mode: str) -> None:
        self.emulator, self.sandbox = emulator, sandbox
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        sandbox.app_url = self.url
        self.env = environment(
            home,
            **emulator.environment,
            **sandbox.environment(),
            DATABASE_URL=f"sqlite:///{home / 'bot.db'}",
            POOL_STATS_POLL__EVERY="1s",
            POOL_STATS_MODELARTS__MAX_RATE="100",
            POOL_STATS_SLACK__MODE=mode,
            POOL_STATS_WEB__PORT=str(self.port),
            POOL_STATS_DELIVERY__LEASE="3s",
            POOL_STATS_ROUTES=json.dumps([{"to": [f"slack:{CHANNEL}"]}]),
            POOL_STATS_RULES=json.dumps([{"name": "long queue", "metric": "Queue", "kind": "threshold", "above": 50}]),
        )
        self.bot: Running | None = None

    def start(self, **more: str) -> Running:
        """Start the bot; returns once it is ready."""
        self.start_unready(**more)
        # One that died is noticed at once, so the rest is a matter of how busy the machine is.
        eventually(self.is_ready, within=STARTS_WITHIN, what="readiness")
        assert self.bot is not None
        return self.bot

    def start_unready(self, **more: str) -> None:
        """Start the bot, which cannot become ready; returns once it listens."""
        self.bot = Running("run", env=self.env | more)
        eventually(lambda: self.is_ready() or self.listens, within=STARTS_WITHIN, what="the bot")

    @property
    def listens(self) -> bool:
        """Whether it answers at all."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def is_ready(self) -> bool:
        """Whether the bot says that it can do its work."""
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            assert self.bot is not None
            assert self.bot.process.poll() is None, self.bot.said
            return False

    def reasons(self) -> str:
        """Why it is not ready."""
        return " ".join(requests.get(f"{self.url}/readyz", timeout=5).json()["reasons"])

    def state(self) -> dict[str, Any]:
        """The workspace, as its control route tells it."""
        answer: dict[str, Any] = requests.get(f"{self.sandbox.url}_sandbox/state", timeout=5).json()
        return answer

    def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What the bot has told in a channel: the messages, not the entries of threads."""
        return [m for m in self._told(channel) if m.get("thread_ts") in {None, m["ts"]}]

    def entries(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What the bot has told in threads."""
        return [m for m in self._told(channel) if m.get("thread_ts") not in {None, m["ts"]}]

    def _told(self, channel: str) -> list[dict[str, Any]]:
        (found,) = [each for each in self.state()["channels"] if each.get("name") == channel.removeprefix("#")]
        return [m for m in found["messages"] if m.get("bot_id") and not m.get("ephemeral_to")]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """ModelArts, with one pool."""
    with Emulator() as running:
        running.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        yield running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Slack."""
    with Sandbox() as running:
        yield running


@pytest.fixture(params=["socket", "http"])
def house(request: pytest.FixtureRequest, tmp_path: Path, emulator: Emulator, sandbox: Sandbox) -> Iterator[House]:
    """A house whose bot hears from Slack either way."""
    made = House(tmp_path, emulator, sandbox, request.param)
    yield made
    if made.bot is not None:
        made.bot.stop(signal.SIGKILL)
