"""Many alerts at once in one channel are one message, which is kept up to date like any other."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.crowds import Gathering
from bot.core.routes import Place
from bot.jobs.deliver import Delivered, deliver
from bot.messages.model import Button, Look, Message, Paragraph, Tone, Verb, to_json
from bot.messages.sending import Act, DeliveryError, Posted, Unclear
from bot.slack import blocks
from bot.store import outbox
from bot.store.engine import reading, writing
from bot.store.outbox import DeliveryKind
from bot.teams import cards
from tests.building import NOON
from tests.jobs.chat import Chat

OPS, LOGS = Place("slack", "#ops"), Place("slack", "#logs")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
TOGETHER = Gathering(8, SECOND)


@pytest.fixture
def chat() -> Chat:
    """A chat without messages."""
    return Chat()


def firing(number: int, tone: Tone = Tone.WARNING) -> Message:
    """What the alert of that number says while it fires."""
    title = f"{tone.capitalize()}: queue spike in pool-{number}"
    button = Button("Acknowledge", Verb.ACKNOWLEDGE, f"a{number}", Look.PRIMARY)
    return Message(title, f"{title}. Queue {number}.", tone, (Paragraph((f"Queue {number}",)),), (button,))


def resolved(number: int) -> Message:
    """What it says when it is over."""
    title = f"Resolved: queue spike in pool-{number}"
    return Message(title, f"{title}. It was above for 4 minutes.", Tone.GOOD)


def put(engine: Engine, message: Message, number: int, place: Place = OPS, *, at: timedelta = timedelta()) -> None:
    """Have an alert's message told."""
    with writing(engine) as db:
        outbox.put(db, place=place, message=message, now=NOON + at, alert_id=f"a{number}")


def entry(engine: Engine, said: str, number: int) -> None:
    """Have something told in its thread."""
    with writing(engine) as db:
        message = Message("", said, blocks=(Paragraph((said,)),))
        outbox.put(db, place=OPS, message=message, now=NOON, kind=DeliveryKind.THREAD, alert_id=f"a{number}")


def send(engine: Engine, chat: Chat, after: timedelta = 2 * SECOND, gathering: Gathering = TOGETHER) -> Delivered:
    """A round of deliveries."""
    return deliver(engine, {"slack": chat}, now=NOON + after, lease=LEASE, gathering=gathering)


def fire(engine: Engine, number: int) -> None:
    """So many alerts, at once."""
    for each in range(number):
        put(engine, firing(each), each)


def test_more_than_eight_at_once_are_one_message_and_eight_are_eight(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    for each in range(8):
        put(engine, firing(each), each, LOGS)
    send(engine, chat)

    told = {
        channel: [m.title for at, m in chat.standing.items() if at.channel == channel] for channel in ("#ops", "#logs")
    }
    assert told["#ops"] == ["9 alerts at once"]
    assert len(told["#logs"]) == 8


def test_they_are_gathered_for_as_long_as_they_come_and_no_longer_than_two_windows(engine: Engine, chat: Chat) -> None:
    for number in range(20):
        put(engine, firing(number), number, at=SECOND * number / 10)
        assert send(engine, chat, SECOND * number / 10).outcomes == []
    assert send(engine, chat, 2 * SECOND).outcomes == [("slack", "sent")]
    put(engine, firing(20), 20, at=2 * SECOND)
    send(engine, chat, 3 * SECOND)

    assert chat.titles() == ["20 alerts at once", "Warning: queue spike in pool-20"]


def test_a_burst_with_gaps_is_one_message(engine: Engine, chat: Chat) -> None:
    for number, at in enumerate((0, 0.4, 0.6, 0.65, 0.7, 1.0, 1.1, 1.2, 1.7, 1.75, 1.8, 1.9)):
        assert send(engine, chat, SECOND * at).outcomes == []
        put(engine, firing(number), number, at=SECOND * at)
    send(engine, chat, 2 * SECOND)

    assert chat.titles() == ["12 alerts at once"]


def test_an_alert_that_comes_alone_waits_for_others_only_as_long_as_they_would_take(engine: Engine, chat: Chat) -> None:
    gathering = Gathering(7, SECOND)
    put(engine, firing(0), 0)
    assert send(engine, chat, timedelta(), gathering).again_in == 0.5 * SECOND
    put(engine, firing(1), 1, LOGS, at=0.2 * SECOND)

    assert send(engine, chat, 0.45 * SECOND, gathering).outcomes == []
    assert send(engine, chat, 0.5 * SECOND, gathering).outcomes == [("slack", "sent")]
    assert send(engine, chat, 0.5 * SECOND, gathering).again_in == 0.2 * SECOND
    assert send(engine, chat, 0.7 * SECOND, gathering).outcomes == [("slack", "sent")]
    assert chat.titles() == ["Warning: queue spike in pool-0", "Warning: queue spike in pool-1"]


def test_many_are_one_message_as_soon_as_no_more_of_them_come(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)

    assert send(engine, chat, 0.45 * SECOND).outcomes == []
    send(engine, chat, 0.5 * SECOND)
    assert chat.titles() == ["9 alerts at once"]


def test_what_was_put_before_a_restart_is_told_with_what_the_first_readings_bring(engine: Engine, chat: Chat) -> None:
    begun = 100 * SECOND
    anew = Gathering(8, SECOND, NOON + begun)
    put(engine, firing(0), 0)
    assert send(engine, chat, begun, anew).again_in == 2 * SECOND
    for number in range(1, 12):
        put(engine, firing(number), number, at=begun + 1.5 * SECOND)
        assert send(engine, chat, begun + 1.5 * SECOND, anew).outcomes == []
    send(engine, chat, begun + 2 * SECOND, anew)

    assert chat.titles() == ["12 alerts at once"]


def test_many_that_come_while_the_channel_takes_nothing_are_one_message(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    chat.waits["#ops", Act.POST] = SECOND
    assert send(engine, chat).outcomes == []
    for number in range(9, 12):
        put(engine, firing(number), number, at=3 * SECOND)
    chat.waits.clear()
    send(engine, chat, 5 * SECOND)

    assert chat.titles() == ["12 alerts at once"]


def test_0_switches_summaries_off(engine: Engine, chat: Chat) -> None:
    fire(engine, 12)
    assert len(send(engine, chat, timedelta(), Gathering(0, SECOND)).outcomes) == 12
    assert "12 alerts at once" not in chat.titles()


def test_the_most_urgent_come_first_and_can_be_acknowledged(engine: Engine, chat: Chat) -> None:
    fire(engine, 8)
    put(engine, firing(8, Tone.CRITICAL), 8)
    send(engine, chat)

    (summary,) = chat.standing.values()
    assert summary.tone is Tone.CRITICAL
    assert summary.buttons[0] == Button("Acknowledge: queue spike in pool-8", Verb.ACKNOWLEDGE, "a8")
    assert len(summary.buttons) == 5


def test_what_has_no_line_in_it_is_listed_in_its_thread(engine: Engine, chat: Chat) -> None:
    fire(engine, 32)
    send(engine, chat)

    ((parent, summary),) = chat.standing.items()
    assert "+12 more" in to_json(summary)
    (rest,) = chat.threads[parent]
    shown = to_json(summary) + to_json(rest)
    assert [number for number in range(32) if f'in pool-{number}"' not in shown] == []


def test_however_many_they_are_and_however_long_their_names_the_entries_of_the_thread_fit(
    engine: Engine, chat: Chat
) -> None:
    names = [f"pool-{number}-{'x' * 120}" for number in range(200)]
    for number, name in enumerate(names):
        said = Message(f"Warning: {name}", "Queue 60.", Tone.WARNING, (Paragraph((f"Queue {number}",)),))
        put(engine, said, number)
    while send(engine, chat).outcomes:
        pass

    ((parent, summary),) = chat.standing.items()
    entries = chat.threads[parent]
    shown = " ".join(to_json(each) for each in (summary, *entries))
    assert [name for name in names if name not in shown] == []
    assert len(entries) < 15
    assert all(blocks.is_whole(blocks.payload(each)) and cards.is_whole(each) for each in entries)


def test_it_is_kept_up_to_date_with_one_edit_and_what_happened_is_in_its_thread(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    send(engine, chat)
    for number in range(9):
        put(engine, resolved(number), number)
        entry(engine, f"pool-{number} is well.", number)
    outcomes = send(engine, chat, 2 * SECOND).outcomes

    ((parent, summary),) = chat.standing.items()
    assert (summary.title, summary.tone) == ("9 alerts, all resolved", Tone.GOOD)
    (told,) = chat.threads[parent]
    assert told.summary == " ".join(f"pool-{number} is well." for number in range(9))
    assert len(outcomes) == 2


def test_each_of_its_alerts_is_known_to_stand_there(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    send(engine, chat)

    (stands,) = chat.standing
    with reading(engine) as db:
        assert {outbox.posted_at(db, f"a{number}", OPS) for number in range(9)} == {stands}
        assert outbox.places_told(db, "a3") == [OPS]


def test_an_alert_that_was_over_before_it_could_be_told_is_told_as_what_it_was(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    put(engine, resolved(3), 3)
    send(engine, chat)

    (summary,) = chat.standing.values()
    assert "8 warning, 1 resolved" in summary.summary
    assert chat.threads == {}


def test_a_summary_whose_answer_was_cut_is_found_and_brought_up_to_date(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    chat.cut = [Unclear("the answer was cut")]
    assert send(engine, chat).outcomes == [("slack", "unclear")]
    put(engine, resolved(0), 0)
    send(engine, chat, 10 * SECOND)

    (summary,) = chat.standing.values()
    assert "8 warning, 1 resolved" in summary.summary


def test_a_summary_that_waits_long_shows_what_is_true_when_it_is_told(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    chat.faults = [DeliveryError("the bot is not in #ops", retry_after=15 * SECOND)]
    assert send(engine, chat).outcomes == [("slack", "waiting")]
    for number in range(9):
        put(engine, resolved(number), number)
    assert send(engine, chat, 20 * SECOND).outcomes == [("slack", "sent")]

    assert chat.titles() == ["9 alerts, all resolved"]


def test_a_summary_that_a_person_deleted_is_posted_anew_once_when_it_changes(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    send(engine, chat)
    chat.standing.clear()
    chat.faults = [DeliveryError("message_not_found", gone=True)]
    put(engine, resolved(0), 0)
    send(engine, chat, 2 * SECOND)
    put(engine, resolved(1), 1)
    send(engine, chat, 4 * SECOND)

    ((stands, summary),) = chat.standing.items()
    assert "7 warning, 2 resolved" in summary.summary
    with reading(engine) as db:
        assert outbox.posted_at(db, "a5", OPS) == stands


def test_a_worker_that_died_after_posting_it_does_not_double_it(engine: Engine, chat: Chat) -> None:
    fire(engine, 9)
    chat.cut = [SystemExit()]  # type: ignore[list-item] # what ends a process is no Exception
    with pytest.raises(SystemExit):
        send(engine, chat)
    assert send(engine, chat, LEASE + 2 * SECOND).outcomes == [("slack", "sent")]

    assert chat.titles() == ["9 alerts at once"]


def test_what_waited_for_the_thread_of_a_message_waits_for_that_of_the_summary(engine: Engine, chat: Chat) -> None:
    put(engine, firing(0), 0)
    (begun,) = outbox.claim_due(engine, now=NOON, lease=LEASE)
    entry(engine, "pool-0 is acknowledged.", 0)
    outbox.try_again(engine, begun, at=NOON, why="429", unclear=False)
    for number in range(1, 9):
        put(engine, firing(number), number)
    send(engine, chat)

    ((parent, summary),) = chat.standing.items()
    assert summary.title == "9 alerts at once"
    assert [each.summary for each in chat.threads[parent]] == ["pool-0 is acknowledged."]
    assert isinstance(parent, Posted)


def test_alerts_that_change_while_they_are_gathered_and_sent_are_each_shown_once_as_they_are(
    engine: Engine, chat: Chat
) -> None:
    def change_them(first: int) -> None:
        for version in range(4):
            for number in range(first, first + 6):
                message = Message(f"alert-{number}-v{version}", "changed", Tone.WARNING if version < 3 else Tone.GOOD)
                put(engine, message, number)

    def send_them(changing: list["Future[None]"]) -> None:
        over = False
        while not over:
            over = all(each.done() for each in changing)
            for _ in range(10):
                if not send(engine, chat, 2 * SECOND, Gathering(3, SECOND)).outcomes:
                    break

    with ThreadPoolExecutor(3) as threads:
        changing = [threads.submit(change_them, first) for first in (0, 6)]
        threads.submit(send_them, changing).result(60)
        for each in changing:
            each.result()
    shown = " ".join(to_json(message) for message in chat.standing.values())
    assert [shown.count(f"alert-{number}-v3") for number in range(12)] == [1] * 12
    assert not any(f"alert-{number}-v{old}" in shown for number in range(12) for old in range(3))
