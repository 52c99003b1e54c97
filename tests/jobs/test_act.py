"""What pressing a button does, and what is said when it cannot be done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.alerts import Alert, Event, State, move
from bot.core.command import Asker
from bot.core.judge import Change
from bot.core.routes import Place, Route
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.silence import keep_silences
from bot.jobs.telling import Moment, tell
from bot.messages.model import Message, Verb
from bot.store import alerts, audit
from bot.store.engine import reading, writing
from tests.building import NOON, an_alert
from tests.jobs.chat import Chat

ROUTES = [Route((Place("slack", "#ops"),))]
YOU = Asker("slack", "T1", "C1", "U1")

pytestmark = pytest.mark.usefixtures("alert")


@pytest.fixture
def alert(engine: Engine) -> Alert:
    """An alert that fires."""
    made = an_alert()
    with writing(engine) as db:
        alerts.save(db, made, ())
    return made


def press(engine: Engine, verb: Verb, subject: str = "a1", access: Access | None = None) -> Message:
    """Press a button a minute after noon."""
    at = Moment(NOON + timedelta(minutes=1), NOON + timedelta(minutes=1))
    return act(verb, subject, YOU, Doing(engine, access or Access(), ROUTES, at))


def told(engine: Engine, chat: Chat) -> None:
    """What waits is told."""
    while deliver(engine, {"slack": chat}, now=NOON + timedelta(hours=1), lease=timedelta(minutes=1)).more:
        pass


def undo_of(said: Message) -> str:
    """What the button for undoing it says to undo."""
    (button,) = [button for button in said.buttons if button.verb is Verb.UNDO]
    return button.subject


def standing(engine: Engine) -> Alert:
    """The alert as it stands."""
    with reading(engine) as db:
        found = alerts.get(db, "a1")
    assert found is not None
    return found


def test_acknowledging_is_saved_told_and_on_record(engine: Engine, alert: Alert) -> None:
    chat = Chat()
    with writing(engine) as db:
        tell(db, (Change(alert, None),), ROUTES, at=Moment(NOON, NOON))
    told(engine, chat)
    assert undo_of(press(engine, Verb.ACKNOWLEDGE))

    told(engine, chat)
    assert (standing(engine).state, standing(engine).held_by) == (State.ACKNOWLEDGED, "slack:U1")
    assert chat.titles()[0].startswith("Acknowledged")
    assert len(chat.threads) == 1
    with reading(engine) as db:
        (entry,) = audit.entries(db, limit=5)
    assert (entry.actor, entry.action) == ("slack:U1", "acknowledge")


def test_an_acknowledgement_can_be_taken_back(engine: Engine) -> None:
    press(engine, Verb.ACKNOWLEDGE)
    assert undo_of(press(engine, Verb.UNACKNOWLEDGE))
    assert standing(engine).state is State.FIRING


def test_two_people_who_press_at_once_get_one_outcome(engine: Engine) -> None:
    press(engine, Verb.ACKNOWLEDGE)

    refused = press(engine, Verb.ACKNOWLEDGE)

    assert refused.title == "Nothing changed"
    assert "already acknowledged by slack:U1" in refused.summary
    assert refused.buttons == ()


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.SILENCE])
def test_of_many_who_press_in_the_same_moment_one_has_done_it_and_all_see_the_same(engine: Engine, verb: Verb) -> None:
    subject = "a1 2h" if verb is Verb.SILENCE else "a1"
    with ThreadPoolExecutor(6) as people:
        said = list(people.map(lambda _: press(engine, verb, subject), range(6)))

    assert sorted(bool(each.buttons) for each in said) == [False] * 5 + [True]
    assert {each.title for each in said if not each.buttons} == {"Nothing changed"}
    with reading(engine) as db:
        assert len(audit.entries(db, limit=9)) == 1
        assert len(alerts.moves(db, "a1")) == 1


def test_a_silence_ends_by_itself(engine: Engine) -> None:
    press(engine, Verb.SILENCE, "a1 2h")
    assert standing(engine).silenced_until == NOON + timedelta(minutes=121)

    later = NOON + timedelta(minutes=121)
    assert keep_silences(Doing(engine, Access(), ROUTES, Moment(later, later))) == 1
    assert standing(engine).state is State.FIRING


@pytest.mark.parametrize("subject", ["a1 forever", "a1 99d", "a1 0s", "a1 -2h", "a1"])
def test_a_silence_has_a_sensible_length(engine: Engine, subject: str) -> None:
    assert press(engine, Verb.SILENCE, subject).title == "Not possible"
    assert standing(engine).state is State.FIRING


@pytest.mark.parametrize("subject", ["", "nonsense", "a1; DROP TABLE alerts", "x" * 5000])
def test_an_alert_that_does_not_exist_is_said_so(engine: Engine, subject: str) -> None:
    assert "no such alert" in press(engine, Verb.ACKNOWLEDGE, subject.replace("a1;", "zz;")).summary


def test_an_alert_about_a_pool_one_may_not_see_is_as_if_it_did_not_exist(engine: Engine) -> None:
    hidden = Access(grants=(Grant(("train-*",), ("slack:C9",)),))

    refused = press(engine, Verb.ACKNOWLEDGE, access=hidden)

    assert "no such alert" in refused.summary
    assert standing(engine).state is State.FIRING


def test_a_resolved_alert_cannot_be_acknowledged(engine: Engine, alert: Alert) -> None:
    over, made = move(alert, Event.CLEARED, at=NOON, why="well again")
    with writing(engine) as db:
        alerts.save(db, over, (made,))

    assert "is over" in press(engine, Verb.ACKNOWLEDGE).summary
