"""What a person did is in the database before anybody sees it: the bot is killed between the two."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.conftest import House
from tests.app.test_clock import ShiftedClock
from tests.app.test_trouble import queue
from tests.running import eventually

pytestmark = pytest.mark.parametrize("house", ["socket"], indirect=True)


def press(house: House, label: str) -> None:
    """Somebody presses this button of the only message."""
    ((message, block, button),) = [
        (message, block, element)
        for message in house.messages()
        for each in (message, *message.get("attachments", ()))
        for block in each.get("blocks", ())
        for element in block.get("elements", ())
        if element["type"] == "button" and element["text"]["text"] == label
    ]
    (channel,) = [each["id"] for each in house.state()["channels"] if each.get("name") == "ml-platform"]
    house.sandbox.workspace.press(
        "U0000000YOU", channel, message["ts"], action_id=button["action_id"], block_id=block["block_id"]
    )


def kept(house: House, what: str) -> object:
    """What the database says, which nobody but the bot writes."""
    with closing(sqlite3.connect(house.env["DATABASE_URL"].removeprefix("sqlite:///"))) as db:
        return db.execute(what).fetchone()[0]


@pytest.mark.parametrize(
    ("button", "state"), [("Acknowledge", "acknowledged"), ("Silence 2 h", "silenced")], ids=["acknowledge", "silence"]
)
def test_what_a_button_did_survives_a_kill_before_anybody_saw_it(house: House, button: str, state: str) -> None:
    bot = house.start()
    queue(house, 60)
    eventually(house.messages, what="the alert")
    house.sandbox.misbehave("slow", "chat.update", count=1, seconds=20)
    press(house, button)
    eventually(lambda: kept(house, "SELECT state FROM alerts") == state, what="the state in the database")
    bot.stop(signal.SIGKILL)
    assert not house.messages()[0]["text"].startswith(state.capitalize())
    assert kept(house, "SELECT count(*) FROM audit") == 1

    house.start()
    eventually(lambda: house.messages()[0]["text"].startswith(state.capitalize()), within=60, what="the new state")
    assert len(house.messages()) == 1


def test_a_silence_that_ended_while_the_bot_was_down_is_over_when_it_starts(house: House, tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    clock.set(0)
    bot = house.start(**clock.env)
    queue(house, 60)
    eventually(house.messages, what="the alert")
    press(house, "Silence 2 h")
    eventually(lambda: house.messages()[0]["text"].startswith("Silenced"), what="the silence")
    bot.stop(signal.SIGKILL)

    # By then ModelArts accepts no signature, and the silence is over all the same.
    clock.set(121)
    house.start_unready(**clock.env)
    eventually(lambda: not house.messages()[0]["text"].startswith("Silenced"), within=60, what="the end of the silence")
    eventually(lambda: any("Silence ended" in entry["text"] for entry in house.entries()), what="the thread entry")
    assert kept(house, "SELECT state FROM alerts") == "firing"
