"""A message that stands twice is found and taken back, and nothing else is."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.routes import Place
from bot.jobs.deliver import deliver
from bot.jobs.repeats import WATCHED_FOR, repeats
from bot.messages.model import Message
from bot.messages.sending import DeliveryError, Label, Posted, Unclear
from bot.store import outbox
from bot.store.engine import writing
from bot.store.outbox import DeliveryKind
from tests.building import NOON
from tests.jobs.chat import Chat

OPS = Place("slack", "#ops")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


def put(engine: Engine, title: str, *, alert_id: str | None = None, thread: bool = False) -> str:
    """Have a message told; the id of its delivery."""
    kind = DeliveryKind.THREAD if thread else DeliveryKind.MESSAGE
    with writing(engine) as db:
        made = outbox.put(db, place=OPS, message=Message(title, title), now=NOON, alert_id=alert_id, kind=kind)
    assert made is not None
    return made


def send(engine: Engine, chat: Chat, after: timedelta = timedelta()) -> list[str]:
    """A round of deliveries."""
    return [outcome for _, outcome in deliver(engine, {"slack": chat}, now=NOON + after, lease=LEASE).outcomes]


def look(engine: Engine, chat: Chat, after: timedelta) -> list[str]:
    """A look for what stands twice."""
    return repeats(engine, {"slack": chat}, now=NOON + after)


def taken_late(chat: Chat, delivery_id: str, *, thread: Posted | None = None) -> Posted:
    """The platform takes the first attempt after the second one."""
    return chat.post("#ops", Message("late", "late"), Label(delivery_id), thread=thread)


@pytest.fixture
def chat() -> Chat:
    """A chat without messages."""
    return Chat()


def test_a_post_that_is_taken_after_the_read_back_is_deleted_and_counted(engine: Engine, chat: Chat) -> None:
    delivery = put(engine, "one")
    chat.faults = [Unclear("timed out")]
    assert [send(engine, chat), send(engine, chat, 5 * SECOND)] == [["unclear"], ["sent"]]
    assert look(engine, chat, 6 * SECOND) == []

    taken_late(chat, delivery)
    assert look(engine, chat, 30 * SECOND) == ["slack"]
    assert chat.titles() == ["one"]
    assert look(engine, chat, 50 * SECOND) == []


def test_an_alerts_message_that_was_replaced_since_is_the_one_that_stays(engine: Engine, chat: Chat) -> None:
    delivery = put(engine, "firing", alert_id="a1")
    chat.faults = [Unclear("timed out")]
    send(engine, chat)
    send(engine, chat, 5 * SECOND)
    put(engine, "worse", alert_id="a1")
    send(engine, chat, 6 * SECOND)

    taken_late(chat, delivery)
    assert look(engine, chat, 30 * SECOND) == ["slack"]
    assert chat.titles() == ["worse"]


def test_an_entry_that_stands_twice_in_its_thread_is_deleted_once(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    entry = put(engine, "entry", alert_id="a1", thread=True)
    chat.faults = [Unclear("timed out")]
    send(engine, chat, SECOND)
    send(engine, chat, 5 * SECOND)
    (parent,) = chat.standing

    taken_late(chat, entry, thread=parent)
    assert look(engine, chat, 30 * SECOND) == ["slack"]
    assert [message.title for message in chat.entries[parent].values()] == ["entry"]


def test_a_worker_that_was_killed_after_a_late_post_leaves_no_repeat(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    (paused,) = outbox.claim_due(engine, now=NOON, lease=LEASE)
    send(engine, chat, LEASE + SECOND)

    chat.post("#ops", paused.message, Label(paused.id))
    assert chat.titles() == ["one", "one"]
    assert look(engine, chat, LEASE + 20 * SECOND) == ["slack"]
    assert chat.titles() == ["one"]


def test_a_channel_is_not_read_back_for_what_was_never_in_doubt(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.faults = [DeliveryError("the bot is not in #ops")]
    send(engine, chat)
    send(engine, chat, timedelta(minutes=3))
    chat.faults = [AssertionError("the channel was read back")]

    assert look(engine, chat, timedelta(minutes=4)) == []


def test_doubt_does_not_last_for_ever(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.faults = [Unclear("timed out")]
    send(engine, chat)
    send(engine, chat, 5 * SECOND)
    chat.faults = [AssertionError("the channel was read back")]

    assert look(engine, chat, 6 * SECOND + WATCHED_FOR) == []


@pytest.mark.parametrize("trouble", [DeliveryError("ratelimited"), Unclear("timed out")])
def test_a_channel_that_cannot_be_read_now_is_looked_at_again(engine: Engine, chat: Chat, trouble: Exception) -> None:
    delivery = put(engine, "one")
    chat.faults = [Unclear("timed out")]
    send(engine, chat)
    send(engine, chat, 5 * SECOND)
    taken_late(chat, delivery)
    chat.faults = [trouble]

    assert look(engine, chat, 20 * SECOND) == []
    assert look(engine, chat, 40 * SECOND) == ["slack"]


def test_where_a_channel_cannot_be_read_back_nothing_is_done(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.faults = [Unclear("timed out")]
    send(engine, chat)
    chat.blind = True
    send(engine, chat, 5 * SECOND)

    assert look(engine, chat, 20 * SECOND) == []


def test_an_edit_that_comes_late_and_dies_leaves_no_old_text(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    put(engine, "worse", alert_id="a1")
    (paused,) = outbox.claim_due(engine, now=NOON, lease=LEASE)
    send(engine, chat, LEASE + SECOND)
    put(engine, "resolved", alert_id="a1")
    send(engine, chat, LEASE + 2 * SECOND)
    assert look(engine, chat, LEASE + 3 * SECOND) == []
    assert send(engine, chat, LEASE + 4 * SECOND) == []

    assert paused.posted is not None
    chat.replace(paused.posted, paused.message, Label(paused.id))
    assert look(engine, chat, LEASE + 20 * SECOND) == []
    assert send(engine, chat, LEASE + 21 * SECOND) == ["sent"]
    assert chat.titles() == ["resolved"]
    assert look(engine, chat, LEASE + 40 * SECOND) == []
    assert send(engine, chat, LEASE + 41 * SECOND) == []


def test_what_was_given_up_and_is_taken_late_is_the_alerts_message(engine: Engine, chat: Chat) -> None:
    delivery = put(engine, "firing", alert_id="a1")
    chat.faults = [Unclear("timed out"), DeliveryError("no_text", permanent=True)]
    assert [send(engine, chat), send(engine, chat, 5 * SECOND)] == [["unclear"], ["given up"]]

    taken_late(chat, delivery)
    assert look(engine, chat, 20 * SECOND) == []
    put(engine, "resolved", alert_id="a1")
    send(engine, chat, 21 * SECOND)
    assert chat.titles() == ["resolved"]


def test_what_was_given_up_and_is_taken_late_is_taken_back_where_another_stands(engine: Engine, chat: Chat) -> None:
    delivery = put(engine, "firing", alert_id="a1")
    chat.faults = [Unclear("timed out"), DeliveryError("no_text", permanent=True)]
    assert [send(engine, chat), send(engine, chat, 5 * SECOND)] == [["unclear"], ["given up"]]
    put(engine, "worse", alert_id="a1")
    assert send(engine, chat, 6 * SECOND) == ["sent"]

    taken_late(chat, delivery)
    assert look(engine, chat, 20 * SECOND) == ["slack"]
    assert chat.titles() == ["worse"]
