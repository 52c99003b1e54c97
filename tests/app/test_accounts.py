"""`pool-stats run` with two accounts in two regions: who is meant, who is heard of, and who is left alone."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.emulator import AccessKey, Emulator, Engine
from bot.sandbox.server import Sandbox
from tests.app.conftest import House
from tests.running import eventually, pool_stats

EAST = "e" * 32
KEY = AccessKey("EASTKEY0000000000001", "the-secret-of-the-east-00000000000000001", project_id=EAST)
NEXT = AccessKey("EASTKEY0000000000002", "the-secret-of-the-east-00000000000000002", project_id=EAST)


def write(file: Path, key: AccessKey) -> None:
    """Put the key where the bot reads it, as whoever rotates it does."""
    made = file.with_suffix(".new")
    made.write_text(f"[basic]\nak = {key.access}\nsk = {key.secret}\n")
    made.replace(file)


@pytest.fixture
def east() -> Iterator[Emulator]:
    """The other region, with a pool of the same name."""
    with Emulator(Engine(project_id=EAST), keys=[KEY]) as running:
        running.set_counts("train-a100", {"train": {"Queue": 2, "Running": 1}})
        running.set_counts("infer-910b", {"infer": {"Running": 4}})
        yield running


@pytest.fixture
def two(tmp_path: Path, emulator: Emulator, east: Emulator, sandbox: Sandbox) -> Iterator[House]:
    """A bot for both."""
    write(tmp_path / "east", KEY)
    made = House(tmp_path, emulator, sandbox, "socket")
    made.env.pop("POOL_STATS_MODELARTS__ENDPOINT")
    made.env.pop("HUAWEICLOUD_SDK_PROJECT_ID")
    made.env["POOL_STATS_POLL__BLIND_AFTER"] = "3s"
    north = {"name": "prod", "region": "cn-north-4", "endpoint": emulator.url, "project_id": emulator.project_id}
    other = {"name": "lab", "region": "cn-east-3", "endpoint": east.url, "project_id": EAST}
    made.env["POOL_STATS_ACCOUNTS"] = json.dumps([north, {**other, "credentials_file": str(tmp_path / "east")}])
    yield made
    if made.bot is not None:
        made.bot.stop(signal.SIGKILL)


def told(house: House) -> str:
    """The texts of all messages."""
    return "\n".join(message["text"] for message in house.messages())


def asked(house: House, text: str) -> str:
    """What `/pool-stats` answers, as a person is shown it."""
    before = len(ephemeral(house))
    answer = requests.post(
        f"{house.sandbox.url}_sandbox/command",
        json={"user": "U0000000YOU", "channel": "ml-platform", "command": "/pool-stats", "text": text},
        timeout=10,
    )
    assert answer.ok, answer.text
    eventually(lambda: len(ephemeral(house)) > before, what="the answer")
    return ephemeral(house)[-1]


def ephemeral(house: House) -> list[str]:
    """What only the asker sees."""
    (channel,) = [each for each in house.state()["channels"] if each.get("name") == "ml-platform"]
    return [json.dumps(m, ensure_ascii=False) for m in channel["messages"] if m.get("ephemeral_to")]


def queue(emulator: Emulator, jobs: int) -> None:
    """Let so many training jobs wait."""
    emulator.set_counts("train-a100", {"train": {"Queue": jobs, "Running": 5}})


def test_two_accounts_are_told_apart_and_one_that_fails_leaves_the_other_alone(
    two: House, emulator: Emulator, east: Emulator, tmp_path: Path
) -> None:
    bot = two.start()
    eventually(lambda: "pool_stats" in requests.get(f"{two.url}/metrics", timeout=5).text, what="metrics")
    either = asked(two, "train-a100")
    assert "train-a100@cn-north-4" in either
    assert "train-a100@cn-east-3" in either
    assert "Running 4" in asked(two, "infer")

    # An alert names the right one.
    queue(east, 60)
    eventually(lambda: "train-a100@cn-east-3" in told(two), what="the alert")
    assert "train-a100@cn-north-4" not in told(two)
    metrics = requests.get(f"{two.url}/metrics", timeout=5).text
    assert 'name="train-a100@cn-east-3"' in metrics

    # The key is exchanged, and the old one deleted: nothing is lost, and nobody hears of it.
    east.access.add_key(NEXT)
    write(tmp_path / "east", NEXT)
    bot.process.send_signal(signal.SIGHUP)
    eventually(lambda: "were exchanged" in bot.said, what="the exchange")
    east.access.add_key(AccessKey(KEY.access, "of-nobody-any-more-00000000000000000000"))
    seen = len(east.requests)
    eventually(lambda: len(east.requests) > seen + 4, what="further readings")
    assert all(each.status == 200 for each in east.requests[seen:])
    assert "does not accept" not in bot.said
    assert len(two.messages()) == 1

    # One account is refused: that is told of it alone, its alert stays open, and the other goes on.
    east.misbehave("status", status=401)
    eventually(lambda: "I am blind in account lab" in told(two), within=60, what="the notice")
    assert two.is_ready()
    assert "account lab" in requests.get(f"{two.url}/readyz", timeout=5).text
    queue(emulator, 70)
    eventually(lambda: "train-a100@cn-north-4" in told(two), what="the alert of the other account")
    assert "I am blind in account prod" not in told(two)
    assert "@cn-east-3" in asked(two, "")
    (alert,) = [m for m in two.messages() if "train-a100@cn-east-3" in m["text"] and "blind" not in m["text"]]
    assert "resolved" not in alert["text"].casefold()
    assert all(each not in bot.said for each in (KEY.secret, NEXT.secret, KEY.access, NEXT.access))


def test_after_a_restart_an_account_that_cannot_be_listed_keeps_its_pools_and_alerts(
    two: House, emulator: Emulator, east: Emulator
) -> None:
    two.start()
    queue(east, 60)
    eventually(lambda: "train-a100@cn-east-3" in told(two), what="the alert")
    assert two.bot is not None
    two.bot.stop()

    east.misbehave("status", status=503)
    two.start_unready()
    eventually(lambda: "account lab" in requests.get(f"{two.url}/readyz", timeout=5).text, within=60, what="the reason")
    queue(emulator, 70)
    eventually(lambda: "train-a100@cn-north-4" in told(two), within=60, what="the alert of the other account")
    (alert,) = [m for m in two.messages() if "train-a100@cn-east-3" in m["text"]]
    assert "resolved" not in alert["text"].casefold()

    east.behave()
    queue(east, 0)
    eventually(
        lambda: any("train-a100@cn-east-3" in m["text"] and "resolved" in m["text"].casefold() for m in two.messages()),
        within=60,
        what="the end of the alert",
    )


def test_the_command_line_names_the_account_that_fails_and_shows_the_other(two: House, east: Emulator) -> None:
    env = two.env
    both = pool_stats("pools", env=env)
    assert both.returncode == 0, both.stderr
    assert "train-a100@cn-east-3" in both.stdout
    assert "train-a100@cn-north-4" in both.stdout

    east.misbehave("status", status=401)
    found = pool_stats("pools", env=env)
    assert found.returncode == 1
    assert "account lab: ModelArts does not accept our credentials" in found.stderr
    assert "train-a100" in found.stdout
    proven = pool_stats("check", "--online", env=env)
    assert proven.returncode == 1
    assert "ok: account prod: ModelArts answers about train-a100" in proven.stdout
    assert "account lab: ModelArts' list of pools: ModelArts does not accept" in proven.stderr
    assert f"put valid credentials where it has them: {env['HOME']}/east" in proven.stderr
