"""What reaches Slack when much comes at once, or not all is as it should be: the bot as a process."""

import json

import pytest
import requests

from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox
from tests.app.conftest import House
from tests.running import eventually

pytestmark = pytest.mark.parametrize("house", ["socket"], indirect=True)
MANY = tuple(f"lab-{number:02}" for number in range(12))


def queue(house: House, jobs: int, *pools: str) -> None:
    """Let so many training jobs wait."""
    for pool in pools or ("train-a100",):
        house.emulator.set_counts(pool, {"train": {"Queue": jobs, "Running": 5}})


def told_to(sandbox: Sandbox, user: str) -> list[str]:
    """What the bot has told a person directly."""
    return [message.text for message in sandbox.workspace.messages(sandbox.workspace.direct(user).id) if message.bot_id]


def press(house: House, label: str) -> None:
    """Press the first button of the first message whose label begins so."""
    (channel,) = (each for each in house.sandbox.workspace.channels() if each.name == "ml-platform")
    message = next(each for each in house.sandbox.workspace.messages(channel.id) if each.bot_id)
    blocks = [*message.blocks, *(block for attachment in message.attachments for block in attachment["blocks"])]
    buttons = [(block, each) for block in blocks if block["type"] == "actions" for each in block["elements"]]
    block, button = next(found for found in buttons if found[1]["text"]["text"].startswith(label))
    house.sandbox.workspace.press(
        YOU, message.channel, message.ts, action_id=button["action_id"], block_id=block["block_id"]
    )


def test_many_alerts_at_once_are_one_message_that_is_kept_up_to_date(house: House) -> None:
    queue(house, 3, *MANY)
    house.start(POOL_STATS_DELIVERY__GATHER="10s")
    queue(house, 60, *MANY)

    (told,) = eventually(house.messages, what="the summary")
    assert told["text"].startswith("12 alerts at once: 12 warning")
    press(house, "Acknowledge: ")
    eventually(lambda: "11 warning, 1 less urgent" in house.messages()[0]["text"], what="the acknowledgement")
    queue(house, 3, *MANY)
    eventually(lambda: "all resolved" in house.messages()[0]["text"], what="the end of all")
    assert [message["ts"] for message in house.messages()] == [told["ts"]]
    eventually(lambda: json.dumps(house.entries()).count("Resolved after") >= 12, what="all entries")
    assert len(house.entries()) < 12


def test_a_channel_the_bot_is_not_in_is_told_about_elsewhere_and_to_the_admins(house: House, sandbox: Sandbox) -> None:
    house.start(
        POOL_STATS_ROUTES='[{"to": ["slack:#random"]}]',
        POOL_STATS_DELIVERY__FALLBACK="slack:#ml-oncall",
        POOL_STATS_ACCESS__ADMINS=f"slack:{YOU}",
    )
    queue(house, 60)

    (instead,) = eventually(lambda: house.messages("#ml-oncall"), what="the alert in the other channel")
    assert "For slack:#random, where it could not be told: the bot is not in #random" in instead["text"]
    eventually(lambda: told_to(sandbox, YOU), what="the word to the admin")
    assert len(told_to(sandbox, YOU)) == 1
    assert "invite it there" in told_to(sandbox, YOU)[0]


def test_without_the_right_to_read_history_a_repeat_says_what_it_may_be(house: House, sandbox: Sandbox) -> None:
    sandbox.switches.scopes -= {"channels:history"}
    house.start()
    notes = requests.get(f"{house.url}/readyz", timeout=5).json()["notes"]
    assert "without the right channels:history a message may be told twice" in notes[0]

    sandbox.misbehave("cut", "chat.postMessage", count=1)
    queue(house, 60)
    eventually(lambda: len(house.messages()) == 2, what="the repeat")
    first, again = house.messages()
    assert "may have been told before" not in first["text"]
    assert "may have been told before" in again["text"]
    counted = 'pool_stats_deliveries_total{outcome="possible repeat",platform="slack"} 1.0'
    eventually(lambda: counted in requests.get(f"{house.url}/metrics", timeout=5).text, what="the count of repeats")
