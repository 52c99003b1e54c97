"""The bot as a process before a tenant of Teams: what people there are told, ask and do."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.model import ALERTS, COLLEAGUE, YOU, Post
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.running import Running, environment, eventually, free_port

RULE = {"name": "long queue", "metric": "Queue", "kind": "threshold", "above": 50}


class Tenant:
    """A bot that reads every second and tells one channel of Teams, and what people there see of it."""

    def __init__(self, home: Path, emulator: Emulator, teams: TeamsStandIn) -> None:
        self.emulator, self.teams = emulator, teams
        self.port = free_port()
        self.url = teams.app_url = f"http://127.0.0.1:{self.port}"
        self.env = environment(
            home,
            **emulator.environment,
            DATABASE_URL=f"sqlite:///{home / 'bot.db'}",
            POOL_STATS_POLL__EVERY="1s",
            POOL_STATS_MODELARTS__MAX_RATE="100",
            POOL_STATS_SLACK__MODE="off",
            POOL_STATS_WEB__PORT=str(self.port),
            POOL_STATS_ROUTES=json.dumps([{"to": ["teams:ML Platform/Alerts"]}]),
            POOL_STATS_RULES=json.dumps([RULE]),
        )

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def queue(self, jobs: int) -> None:
        self.emulator.set_counts("train-a100", {"train": {"Queue": jobs, "Running": 5}})

    def told(self, *, in_thread: bool = False, seen_by: str = COLLEAGUE) -> list[Post]:
        """What the bot has told in the channel."""
        posts = self.teams.tenant.posts(ALERTS, seen_by=seen_by)
        return [post for post in posts if post.sender == self.teams.tenant.bot and bool(post.root) is in_thread]


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    teams = TeamsStandIn()
    with Emulator() as emulator, Sandbox(teams=teams):
        emulator.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        yield Tenant(tmp_path, emulator, teams)


def test_an_alert_is_told_in_its_channel_acknowledged_there_and_over_in_its_thread(tenant: Tenant) -> None:
    bot = Running("run", env=tenant.env | tenant.teams.environment() | {"POOL_STATS_TEAMS__MODE": "bot"})
    try:
        eventually(tenant.is_ready, what="readiness")
        tenant.teams.happening.install(YOU, ALERTS)
        tenant.teams.people.say(YOU, ALERTS, "train-a100", slash=True)
        eventually(lambda: tenant.told(seen_by=YOU, in_thread=False), what="the answer")
        assert tenant.told() == []

        tenant.queue(60)
        (alert,) = eventually(tenant.told, what="the alert")
        assert "Queue 60" in str(alert.body)
        assert tenant.teams.people.press(COLLEAGUE, ALERTS, alert.id, "Acknowledge").ok
        eventually(lambda: "Lin" in str(tenant.told()[0].body), what="the acknowledgement for all")

        tenant.queue(3)
        eventually(lambda: "Resolved after" in str([post.body for post in tenant.told(in_thread=True)]), what="the end")
        assert [post.id for post in tenant.told()] == [alert.id]
        assert [each.what for each in tenant.teams.tenant.complaints()] == []
    finally:
        assert bot.stop(signal.SIGTERM) == 0


def test_a_webhook_is_told_of_alerts_alone(tenant: Tenant) -> None:
    address = {"POOL_STATS_TEAMS__MODE": "webhook", "POOL_STATS_TEAMS__WEBHOOK_URL": tenant.teams.webhook_url}
    bot = Running("run", env=tenant.env | address)
    try:
        eventually(tenant.is_ready, what="readiness")
        tenant.queue(60)
        eventually(lambda: "Queue 60" in str(tenant.teams.tenant.posts(ALERTS)), what="the alert")
        tenant.queue(3)
        eventually(lambda: "Resolved after" in str(tenant.teams.tenant.posts(ALERTS)), what="the end")
        assert requests.post(f"{tenant.url}/api/messages", json={}, timeout=5).status_code == 404
    finally:
        assert bot.stop(signal.SIGTERM) == 0
    assert tenant.teams.webhook_url.partition("?")[2] not in bot.said


def test_what_teams_may_have_taken_is_told_again_and_says_so_and_is_kept_up_to_date_after_that(tenant: Tenant) -> None:
    bot = Running("run", env=tenant.env | tenant.teams.environment() | {"POOL_STATS_TEAMS__MODE": "bot"})
    try:
        eventually(tenant.is_ready, what="readiness")
        tenant.teams.happening.install(YOU, ALERTS)
        tenant.teams.misbehave("cut", "activities.create", count=1)

        tenant.queue(60)
        eventually(lambda: len(tenant.told()) == 2, what="the repeat")
        first, again = tenant.told()
        assert "may have been told before" not in str(first.body)
        assert "may have been told before" in str(again.body)
        labels = [post.body["channelData"]["poolStats"]["alertId"] for post in (first, again)]
        assert labels[0] == labels[1]

        tenant.queue(3)
        eventually(lambda: "Resolved after" in str(tenant.told(in_thread=True)), what="the end")
        assert len(tenant.told()) == 2
    finally:
        assert bot.stop(signal.SIGTERM) == 0
