"""What cannot be told is told elsewhere, and to those who can put it right; once."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.crowds import Gathering
from bot.core.routes import Place
from bot.jobs.deliver import deliver
from bot.jobs.undelivered import Elsewhere
from bot.messages.model import Message
from bot.messages.sending import DeliveryError, Label, Needs, Posted
from bot.store import outbox
from bot.store.engine import writing
from bot.store.outbox import DeliveryKind
from tests.building import NOON
from tests.jobs.chat import Chat

OPS, SPARE, TEAMS = Place("slack", "#ops"), Place("slack", "#spare"), Place("teams", "ML/Alerts")
ADMIN, OTHER = Place("slack", "U0ADMIN0001"), Place("slack", "U0ADMIN0002")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
NOT_IN = "the bot is not in #ops: invite it there with /invite"


class Broken(Chat):
    """A chat in which some channels refuse everything."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: dict[str, DeliveryError] = {}

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post, unless the channel is broken."""
        if channel in self.broken:
            raise self.broken[channel]
        return super().post(channel, message, label, thread=thread, aloud=aloud)

    def said_in(self, channel: str) -> list[str]:
        """The summaries of what stands there."""
        return [message.summary for at, message in self.standing.items() if at.channel == channel]


@pytest.fixture
def chat() -> Broken:
    """A chat whose #ops waits for an invitation."""
    made = Broken()
    made.broken["#ops"] = DeliveryError(NOT_IN, retry_after=15 * SECOND, needs=Needs.CHANNEL)
    return made


def put(engine: Engine, title: str, place: Place = OPS, **more: str) -> None:
    """Have a message told."""
    with writing(engine) as db:
        outbox.put(db, place=place, message=Message(title, f"{title}."), now=NOON, **more)  # type: ignore[arg-type] # ids


def send(
    engine: Engine,
    chat: Broken,
    after: int = 0,
    *,
    fallback: Place | None = SPARE,
    admins: tuple[Place, ...] = (ADMIN,),
) -> None:
    """Rounds of deliveries until nothing more can be done at that moment."""
    for _ in range(3):
        elsewhere = Elsewhere(fallback, admins)
        deliver(engine, {"slack": chat}, now=NOON + after * SECOND, lease=LEASE, elsewhere=elsewhere)


def test_another_channel_is_told_instead_once_with_where_it_should_have_gone(engine: Engine, chat: Broken) -> None:
    put(engine, "firing", alert_id="a1")
    for after in (0, 20, 40):
        send(engine, chat, after)

    assert chat.said_in("#spare") == [f"firing. For slack:#ops, where it could not be told: {NOT_IN}."]
    chat.broken.clear()
    send(engine, chat, 60)
    assert chat.said_in("#ops") == ["firing."]
    assert len(chat.said_in("#spare")) == 1


def test_those_who_can_help_are_told_once_for_each_trouble(engine: Engine, chat: Broken) -> None:
    for number in range(5):
        put(engine, f"firing {number}", alert_id=f"a{number}")
    for after in (0, 20, 40):
        send(engine, chat, after, admins=(ADMIN, OTHER))
    assert (
        chat.said_in(ADMIN.channel)
        == chat.said_in(OTHER.channel)
        == [f"Messages for slack:#ops cannot be told: {NOT_IN}."]
    )
    error = chat.broken.pop("#ops")
    send(engine, chat, 60)
    assert len(chat.said_in("#ops")) == 5

    chat.broken["#ops"] = error
    with writing(engine) as db:
        later = NOON + timedelta(hours=1)
        outbox.put(db, place=OPS, message=Message("again", "again."), now=later, alert_id="a9")
    send(engine, chat, 3700)
    assert len(chat.said_in(ADMIN.channel)) == 2


def test_nothing_else_is_held_up(engine: Engine, chat: Broken) -> None:
    put(engine, "stuck", alert_id="a1")
    put(engine, "free", Place("slack", "#logs"), alert_id="a1")
    send(engine, chat)

    assert chat.said_in("#logs") == ["free."]


def test_a_fallback_that_hears_of_the_alert_anyway_is_not_told_twice(engine: Engine, chat: Broken) -> None:
    put(engine, "firing", alert_id="a1")
    put(engine, "firing", SPARE, alert_id="a1")
    send(engine, chat)

    assert chat.said_in("#spare") == ["firing."]


def test_a_fallback_follows_what_becomes_of_the_alert(engine: Engine, chat: Broken) -> None:
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    put(engine, "resolved", SPARE, alert_id="a1")
    send(engine, chat, 5)

    assert chat.said_in("#spare") == ["resolved."]


def test_a_summary_is_told_elsewhere_with_where_it_should_have_gone(engine: Engine, chat: Broken) -> None:
    for number in range(3):
        put(engine, f"firing {number}", alert_id=f"a{number}")
    for after in (0, 1, 20):
        elsewhere, now = Elsewhere(SPARE, ()), NOON + after * SECOND
        deliver(engine, {"slack": chat}, now=now, lease=LEASE, elsewhere=elsewhere, gathering=Gathering(2, SECOND))

    (told,) = chat.said_in("#spare")
    assert told.startswith("3 alerts at once: 3 less urgent.")
    assert told.endswith(f"For slack:#ops, where it could not be told: {NOT_IN}.")


def test_without_a_way_in_only_another_platform_can_be_told(engine: Engine, chat: Broken) -> None:
    revoked = DeliveryError("Slack no longer lets the bot in", retry_after=15 * SECOND, needs=Needs.WORKSPACE)
    chat.broken = dict.fromkeys(("#ops", "#spare", ADMIN.channel), revoked)
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    chat.broken.clear()
    send(engine, chat, 20)
    assert chat.titles() == ["firing"]

    chat.broken["#ops"] = revoked
    teams = Broken()
    put(engine, "another", alert_id="a2")
    for after in (40, 60):
        elsewhere = Elsewhere(TEAMS, (ADMIN,))
        deliver(engine, {"slack": chat, "teams": teams}, now=NOON + after * SECOND, lease=LEASE, elsewhere=elsewhere)
    assert [title for title in teams.titles() if title == "another"] == ["another"]


def test_what_can_never_be_told_is_reported_to_the_admins(engine: Engine, chat: Broken) -> None:
    chat.broken["#ops"] = DeliveryError("Slack does not accept the message in any form", permanent=True)
    put(engine, "firing", alert_id="a1")
    send(engine, chat)

    assert chat.said_in(ADMIN.channel) == [
        "“firing” could not be told in slack:#ops: Slack does not accept the message in any form."
    ]
    assert chat.said_in("#spare") == []


def test_an_admin_who_cannot_be_written_to_is_no_new_trouble(engine: Engine, chat: Broken) -> None:
    chat.broken[ADMIN.channel] = DeliveryError(
        "there is no person U0ADMIN0001", retry_after=SECOND, needs=Needs.CHANNEL
    )
    put(engine, "firing", alert_id="a1")
    for after in (0, 20, 40):
        send(engine, chat, after, fallback=None, admins=(ADMIN, OTHER))

    assert len(chat.said_in(OTHER.channel)) == 1


def test_an_entry_is_not_told_elsewhere(engine: Engine, chat: Broken) -> None:
    error = chat.broken.pop("#ops")
    put(engine, "firing", alert_id="a1")
    send(engine, chat)
    with writing(engine) as db:
        said = Message("", "it was acknowledged")
        outbox.put(db, place=OPS, message=said, now=NOON, alert_id="a1", kind=DeliveryKind.THREAD)
    chat.broken["#ops"] = error
    send(engine, chat, 5)

    assert chat.said_in("#spare") == []
