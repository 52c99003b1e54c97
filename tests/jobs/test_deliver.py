"""What stands in a channel after things went wrong on the way there."""

import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.core.routes import Place
from bot.jobs.deliver import Delivered, deliver
from bot.jobs.unsettled import Unsettled
from bot.messages.model import Message, Paragraph
from bot.messages.sending import Act, DeliveryError, Label, Posted, Unclear
from bot.store import outbox
from bot.store.engine import StoreBusy, open_store, reading, writing
from bot.store.fencing import NotLeading, fenced
from bot.store.outbox import DeliveryKind
from tests.building import NOON
from tests.databases import sqlite_store
from tests.jobs.chat import Chat

OPS, LOGS = Place("slack", "#ops"), Place("slack", "#logs")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


@pytest.fixture
def chat() -> Chat:
    """A chat without messages."""
    return Chat()


def put(engine: Engine, title: str, place: Place = OPS, alert_id: str | None = None) -> None:
    """Have a message told."""
    with writing(engine) as db:
        outbox.put(db, place=place, message=Message(title, title), now=NOON, alert_id=alert_id)


def send(engine: Engine, chat: Chat, after: timedelta = timedelta()) -> Delivered:
    """A round of deliveries."""
    return deliver(engine, {"slack": chat}, now=NOON + after, lease=LEASE)


def test_what_is_sent_is_not_sent_again(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    assert send(engine, chat).outcomes == [("slack", "sent")]
    assert send(engine, chat, LEASE * 2).outcomes == []
    assert chat.titles() == ["one"]


@dataclass
class LockingChat(Chat):
    """A chat during whose post somebody begins to write into the database, and does not come to an end."""

    file: Path = field(kw_only=True)
    other: sqlite3.Connection | None = None

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        posted = super().post(channel, message, label, thread=thread, aloud=aloud)
        if self.other is None:
            self.other = sqlite3.connect(self.file, isolation_level=None)
            self.other.execute("BEGIN IMMEDIATE")
        return posted


def test_what_was_told_while_the_database_was_locked_is_settled_later_and_not_told_again(tmp_path: Path) -> None:
    url = sqlite_store(tmp_path)
    engine = open_store(url, lock_wait=timedelta(milliseconds=50))
    # It cannot be read back, so that nothing but what the bot itself knows keeps it from telling twice.
    chat = LockingChat(file=Path(url.removeprefix("sqlite:///")), blind=True)
    unsettled = Unsettled()
    put(engine, "one")

    for _ in range(2):
        with pytest.raises(StoreBusy):
            deliver(engine, {"slack": chat}, now=NOON, lease=LEASE, unsettled=unsettled)
    assert chat.other is not None
    chat.other.close()
    done = deliver(engine, {"slack": chat}, now=NOON + LEASE * 2, lease=LEASE, unsettled=unsettled)

    assert done.outcomes == [("slack", "sent")]
    assert chat.titles() == ["one"]
    assert unsettled.told == []
    engine.dispose()


@dataclass
class SlowChat(Chat):
    """A chat that takes a message so late that another worker tells it meanwhile, and that takes nothing back."""

    engine: Engine = field(kw_only=True)
    other: Chat = field(default_factory=lambda: Chat(_ids=count(100)))

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        deliver(self.engine, {"slack": self.other}, now=NOON + LEASE * 2, lease=LEASE)
        return super().post(channel, message, label, thread=thread, aloud=aloud)

    def delete(self, posted: Posted) -> None:
        raise RuntimeError(f"{posted} cannot be deleted")


def test_a_repeat_that_cannot_be_taken_back_for_a_reason_that_nobody_foresaw_holds_up_nothing(engine: Engine) -> None:
    put(engine, "one")
    chat = SlowChat(engine=engine)

    assert send(engine, chat).outcomes == [("slack", "repeated")]
    assert chat.other.titles() == ["one"]
    assert send(engine, chat, LEASE * 4).outcomes == []


def test_what_a_leader_has_sent_is_kept_though_it_has_lost_the_lead_meanwhile_and_nothing_more_is_claimed(
    engine: Engine, chat: Chat
) -> None:
    put(engine, "one")
    put(engine, "two")

    with fenced(lambda: not chat.titles()), pytest.raises(NotLeading):
        send(engine, chat)

    assert chat.titles() == ["one"]
    assert send(engine, chat, LEASE * 2).outcomes == [("slack", "sent")]
    assert chat.titles() == ["one", "two"]


def test_a_refused_message_waits_and_is_sent_later(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.faults = [DeliveryError("the bot is not in #ops")]

    assert send(engine, chat).outcomes == [("slack", "waiting")]
    with reading(engine) as db:
        (waiting,) = outbox.waiting(db)
    assert (waiting.place, waiting.why) == (OPS, "the bot is not in #ops")

    send(engine, chat, timedelta(minutes=3))
    assert chat.titles() == ["one"]


def test_a_channel_that_asks_us_to_wait_is_left_alone_for_as_long_and_no_other_is_held_up(
    engine: Engine, chat: Chat
) -> None:
    put(engine, "one")
    put(engine, "two")
    for title in ("three", "four", "five"):
        put(engine, title, LOGS)
    chat.faults = [DeliveryError("ratelimited", retry_after=10 * SECOND)]

    assert [outcome for _, outcome in send(engine, chat).outcomes] == ["waiting", "sent", "sent", "sent"]
    chat.waits["#ops", Act.POST] = SECOND
    assert send(engine, chat, 9 * SECOND).outcomes == []
    chat.waits.clear()
    send(engine, chat, 10 * SECOND)
    assert sorted(chat.titles()) == ["five", "four", "one", "three", "two"]


def test_a_message_that_can_never_be_taken_is_given_up_and_holds_up_nobody(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    put(engine, "two")
    chat.faults = [DeliveryError("invalid_arguments", permanent=True)]

    assert [outcome for _, outcome in send(engine, chat).outcomes] == ["given up", "sent"]
    assert chat.titles() == ["two"]


def test_an_answer_that_was_cut_after_the_message_was_taken_does_not_double_it(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.cut = [Unclear("the answer was cut")]

    assert send(engine, chat).outcomes == [("slack", "unclear")]
    assert send(engine, chat, 5 * SECOND).outcomes == [("slack", "sent")]
    assert chat.titles() == ["one"]


def test_an_answer_that_was_cut_before_the_message_was_taken_does_not_lose_it(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.faults = [Unclear("no answer")]

    send(engine, chat)
    send(engine, chat, 5 * SECOND)
    assert chat.titles() == ["one"]


def test_a_worker_that_died_after_posting_does_not_double_the_message(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    (claimed,) = outbox.claim_due(engine, now=NOON, lease=LEASE)
    chat.post("#ops", claimed.message, Label(claimed.id))

    assert send(engine, chat, SECOND).outcomes == []
    assert send(engine, chat, LEASE + SECOND).outcomes == [("slack", "sent")]
    assert chat.titles() == ["one"]


def test_where_the_channel_cannot_be_read_back_an_unclear_message_is_sent_again(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    chat.cut, chat.blind = [Unclear("the answer was cut")], True

    send(engine, chat)
    assert send(engine, chat, 5 * SECOND).outcomes == [("slack", "sent"), ("slack", "possible repeat")]
    first, again = chat.standing.values()
    assert (first.title, again.title) == ("one", "one")
    assert "may have been told before" not in first.summary
    assert "may have been told before" in again.summary


def test_an_alerts_message_that_a_person_deleted_is_posted_anew_when_the_alert_changes(
    engine: Engine, chat: Chat
) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    chat.standing.clear()
    chat.faults = [DeliveryError("message_not_found", gone=True)]

    put(engine, "resolved", alert_id="a1")
    send(engine, chat, SECOND)
    put(engine, "resolved again", alert_id="a1")
    send(engine, chat, 2 * SECOND)

    assert chat.titles() == ["resolved again"]


def test_a_platform_that_is_not_connected_keeps_its_messages_waiting(engine: Engine, chat: Chat) -> None:
    put(engine, "one", Place("teams", "ML/Alerts"))

    assert send(engine, chat).outcomes == []
    outbox.stranded(engine, ["slack"])
    with reading(engine) as db:
        assert outbox.waiting(db)[0].why == "teams is not connected"


def test_a_message_that_waits_for_long_is_told_once_in_the_log(
    engine: Engine, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    put(engine, "one")
    put(engine, "two", LOGS)
    chat.faults = [
        DeliveryError("the bot is not in #ops"),
        DeliveryError("ratelimited", retry_after=SECOND),
        DeliveryError("the bot is not in #ops"),
    ]
    caplog.set_level("INFO")

    send(engine, chat)
    send(engine, chat, timedelta(minutes=3))
    (record,) = caplog.records
    assert record.getMessage().endswith("the bot is not in #ops")


def test_a_message_that_breaks_the_sender_holds_up_nobody_and_is_tried_again(
    engine: Engine, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    put(engine, "poison")
    put(engine, "two")
    chat.faults = [KeyError("surprise")]

    assert [outcome for _, outcome in send(engine, chat).outcomes] == ["error", "sent"]
    assert "nobody foresaw" in caplog.text
    with reading(engine) as db:
        assert outbox.waiting(db)[0].why == "this should not have happened (KeyError)"
    send(engine, chat, timedelta(minutes=3))
    assert chat.titles() == ["two", "poison"]


def test_an_entry_under_a_message_that_a_person_deleted_holds_up_nothing(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    chat.standing.clear()
    with writing(engine) as db:
        outbox.put(db, place=OPS, message=Message("entry", "entry"), now=NOON, kind=DeliveryKind.THREAD, alert_id="a1")
    chat.faults = [DeliveryError("thread_not_found", gone=True)]
    assert send(engine, chat, SECOND).outcomes == [("slack", "given up")]

    put(engine, "resolved", alert_id="a1")
    send(engine, chat, 2 * SECOND)
    assert chat.titles() == ["resolved"]


def test_what_is_said_aloud_goes_into_the_thread_of_whose_message_it_is_with_the_label_of_what_it_is_about(
    engine: Engine, chat: Chat
) -> None:
    put(engine, "firing", alert_id="incident")
    send(engine, chat)
    with writing(engine) as db:
        said = Message("worse", "worse")
        outbox.put(db, place=OPS, message=said, now=NOON, kind=DeliveryKind.ALOUD, alert_id="incident", about="a2")
    send(engine, chat)

    (parent,) = chat.standing
    (entry,) = chat.entries[parent]
    assert (chat.aloud, chat.labels[entry].alert_id) == ([said], "a2")


def test_a_platform_that_refuses_everything_holds_up_no_other(engine: Engine, chat: Chat) -> None:
    teams = Chat(faults=[DeliveryError("down") for _ in range(20)])
    for number in range(8):
        put(engine, f"for Teams {number}", Place("teams", "ML/Alerts"))
    put(engine, "for Slack")

    deliver(engine, {"slack": chat, "teams": teams}, now=NOON, lease=LEASE)

    assert chat.titles() == ["for Slack"]
    assert teams.titles() == []


def test_each_message_is_ours_for_the_whole_lease_however_long_those_before_it_took(engine: Engine, chat: Chat) -> None:
    put(engine, "one")
    put(engine, "two")
    passed = iter([timedelta(), timedelta(), 2 * LEASE])

    deliver(engine, {"slack": chat}, now=NOON, lease=LEASE, passed=lambda: next(passed, 2 * LEASE))
    assert chat.titles() == ["one", "two"]
    with reading(engine) as db:
        assert outbox.doubtful(db, since=NOON) == []


def test_until_it_is_sent_a_newer_message_takes_its_place_and_a_more_urgent_one_goes_before_it(
    engine: Engine, chat: Chat
) -> None:
    put(engine, "digest")
    put(engine, "firing", alert_id="a1")
    chat.waits["#ops", Act.POST] = SECOND
    assert send(engine, chat).again_in == SECOND
    put(engine, "recovered", alert_id="a1")
    chat.waits.clear()

    send(engine, chat, SECOND)
    assert chat.titles() == ["recovered", "digest"]


def test_what_is_too_long_is_shortened_and_the_rest_is_told_in_its_thread(engine: Engine, chat: Chat) -> None:
    lines = tuple(Paragraph((f"line {number}",)) for number in range(9))
    with writing(engine) as db:
        outbox.put(db, place=OPS, message=Message("digest", "digest", blocks=lines), now=NOON, key="a digest")
    chat.most_blocks = 4

    assert [outcome for _, outcome in send(engine, chat).outcomes] == ["shortened", "sent", "sent", "sent"]
    ((parent, told),) = chat.standing.items()
    assert told.blocks == (*lines[:3], Paragraph(("+6 more: in the thread.",)))
    assert [each.blocks for each in chat.threads[parent]] == [lines[3:7], lines[7:]]


def test_what_the_channel_shows_already_is_settled_without_a_call(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    put(engine, "stale", alert_id="a1")
    (claimed,) = outbox.claim_due(engine, now=NOON, lease=LEASE)
    put(engine, "firing", alert_id="a1")
    outbox.give_up(engine, claimed, why="refused", now=NOON)
    chat.faults = [AssertionError("the message was edited")]

    assert send(engine, chat, SECOND).outcomes == [("slack", "unchanged")]


def test_after_an_unclear_outcome_the_newest_state_is_posted_and_not_told_again(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    chat.faults = [Unclear("503")]
    send(engine, chat)
    put(engine, "recovered", alert_id="a1")

    assert send(engine, chat, 5 * SECOND).outcomes == [("slack", "sent"), ("slack", "unchanged")]
    assert chat.titles() == ["recovered"]


def test_a_message_that_was_found_is_brought_up_to_date(engine: Engine, chat: Chat) -> None:
    put(engine, "firing", alert_id="a1")
    chat.cut = [Unclear("the answer was cut")]
    send(engine, chat)
    put(engine, "recovered", alert_id="a1")

    assert send(engine, chat, 5 * SECOND).outcomes == [("slack", "sent"), ("slack", "sent")]
    assert chat.titles() == ["recovered"]


def test_who_is_to_stop_sends_what_it_has_begun_and_claims_nothing_more(engine: Engine, chat: Chat) -> None:
    for title in ("one", "two", "three"):
        put(engine, title)
    done = deliver(engine, {"slack": chat}, now=NOON, lease=LEASE, goes_on=lambda: len(chat.titles()) < 2)

    assert (done.outcomes, done.more) == ([("slack", "sent")] * 2, False)
    assert chat.titles() == ["one", "two"]
    # Whoever comes next need not wait for the lease.
    assert send(engine, chat).outcomes == [("slack", "sent")]


def test_how_long_it_took_to_be_told_is_counted(engine: Engine, chat: Chat) -> None:
    put(engine, "one")

    assert send(engine, chat, 3 * SECOND).lags == [3 * SECOND]
