"""Why a pool queues, asked of the bot that runs, in Slack's stand-in."""

import json

import pytest
import requests

from bot.emulator.causes import set_up
from bot.sandbox import model
from bot.sandbox.model import YOU
from tests.app.conftest import House
from tests.running import eventually

CHANNEL = "ml-platform"


def ask(house: House, text: str) -> None:
    """Type /pool-stats."""
    told = {"user": YOU, "channel": CHANNEL, "command": "/pool-stats", "text": text}
    answer = requests.post(f"{house.sandbox.url}_sandbox/command", json=told, timeout=10)
    assert answer.ok, answer.text


def answers(house: House) -> list[model.Message]:
    """What the bot said to who asked, there and nowhere else."""
    (channel,) = [each for each in house.sandbox.workspace.channels() if each.name == CHANNEL]
    seen = house.sandbox.workspace.messages(channel.id, seen_by=YOU)
    return [message for message in seen if message.bot_id and message.ephemeral_to]


def press(house: House, message: model.Message, label: str) -> None:
    """Press one of its buttons."""
    blocks = [*message.blocks, *(block for each in message.attachments for block in each["blocks"])]
    elements = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    (chosen,) = [each for each in elements if each.get("text", {}).get("text") == label]
    house.sandbox.workspace.press(YOU, message.channel, message.ts, action_id=chosen["action_id"])


@pytest.mark.parametrize("house", ["socket", "http"], indirect=True)
def test_why_is_typed_and_pressed_and_jobs_are_leafed_through(house: House) -> None:
    set_up(house.emulator.engine)
    house.emulator.set_counts("many", {"train": {"Queue": 14}})
    house.start()

    ask(house, "pool-full why")
    (why,) = eventually(lambda: answers(house), what="the answer")
    assert "no card is free, and the next job asks for 8" in why.text
    assert "job-01" in json.dumps(why.blocks)

    press(house, why, "Waiting jobs")
    eventually(lambda: "Queue 6, longest waiting first" in answers(house)[-1].text, what="the jobs, in its place")
    assert len(answers(house)) == 1

    ask(house, "many jobs Queue")
    eventually(lambda: len(answers(house)) == 2, what="the second answer")
    press(house, answers(house)[-1], "Next")
    eventually(lambda: "Queue 11–14 of 14" in answers(house)[-1].text, what="the next page")
    assert house.messages() == []


@pytest.mark.parametrize("house", ["socket"], indirect=True)
def test_an_alert_shows_who_waits_and_why_is_answered_to_who_pressed(house: House) -> None:
    house.start(POOL_STATS_ACCESS__HIDE_USERS_IN="slack:*")
    house.emulator.set_counts("train-a100", {"train": {"Queue": 60, "Running": 5}})
    eventually(house.messages, what="the alert")
    # It was told, and shows who waits a moment later, in its place.
    eventually(lambda: "Longest waiting, " in json.dumps(house.messages()), what="the jobs behind it")
    (channel,) = [each for each in house.sandbox.workspace.channels() if each.name == CHANNEL]
    (alert,) = [each for each in house.sandbox.workspace.messages(channel.id, seen_by=YOU) if each.bot_id]
    assert "user-" not in json.dumps(house.messages())

    press(house, alert, "Why")

    (why,) = eventually(lambda: answers(house), what="the answer")
    assert "train-a100: 60 jobs in Queue." in why.text
    assert "user-" not in json.dumps(why.blocks)
    assert len(house.messages()) == 1
