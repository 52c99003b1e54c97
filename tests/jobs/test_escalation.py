"""What nobody acknowledges is told to others as well: each step once, whatever happens meanwhile."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from bot.core.access import Access
from bot.core.command import Asker
from bot.core.crowds import Gathering
from bot.core.judge import PoolJudge
from bot.core.persons import Person
from bot.core.rests import Rest, RestKind
from bot.core.routes import Place, Route, Step
from bot.core.rules.model import Severity
from bot.core.windows import Weekly
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.escalate import escalate
from bot.jobs.silence import keep_silences
from bot.jobs.telling import Moment, tell
from bot.messages.model import Call, Message, Paragraph, Verb
from bot.store import alerts, escalations, outbox
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL, long_queue, stats
from tests.jobs.chat import Chat

OPS, ONCALL = Place("slack", "#ops"), Place("slack", "#ml-oncall")
YOU = Asker("slack", "T1", "C1", "U1", "you")
SOMEBODY, GROUP = Person("slack", "U0123ABCD"), Person("slack", "S0123ABCD", "on call")
FIRST = Step(30 * MINUTE, (ONCALL,), (SOMEBODY,))
SECOND = Step(2 * 60 * MINUTE, (), (GROUP,))
HOUR = timedelta(hours=1)


class House:
    """A channel that is told of long queues, and those who are told when nobody acts."""

    def __init__(self, engine: Engine, *routes: Route) -> None:
        self.engine = engine
        self.routes = routes or (Route((OPS,), escalate=(FIRST, SECOND)),)
        self.chat = Chat()
        self.now = NOON
        self._judges: dict[str, PoolJudge] = {}
        self.rules = [long_queue(50), long_queue(90, name="longer queue", severity="critical")]
        self._number = 0

    def read(self, queue: int) -> None:
        """The next reading of the pool."""
        self.now += MINUTE
        judge = self._judges.setdefault(POOL.id, PoolJudge(POOL, self.rules))
        with writing(self.engine) as db:
            standing = alerts.open_alerts(db, POOL.id, lock=True)
            found = judge.see(stats(self.now, train={"Queue": queue}), standing, new_id=self._id)
            tell(db, found, self.routes, at=Moment(self.now, self.now), read=POOL.id)
        self.pass_on(timedelta())

    def pass_on(self, length: timedelta) -> None:
        """Time goes by, in a few steps."""
        until, step = self.now + length, max(5 * MINUTE, length / 4)
        while True:
            keep_silences(self.doing)
            escalate(self.doing)
            while deliver(self.engine, {"slack": self.chat}, now=self.now, lease=MINUTE, gathering=Gathering(2)).more:
                pass
            if self.now >= until:
                return
            self.now = min(self.now + step, until)

    def press(self, verb: Verb) -> None:
        """Press the button of the incident."""
        with reading(self.engine) as db:
            alert = alerts.open_alerts(db)[0]
        subject = f"{alert.id} 2h" if verb is Verb.SILENCE else alert.id
        act(verb, subject, YOU, self.doing)

    @property
    def doing(self) -> Doing:
        return Doing(self.engine, Access(), self.routes, Moment(self.now, self.now), pools=(POOL,))

    def standing(self, place: Place) -> list[str]:
        """The titles of what stands in a channel."""
        return [message.title for posted, message in self.chat.standing.items() if posted.channel == place.channel]

    def under(self, place: Place) -> list[str]:
        """What stands in its threads."""
        return [each.summary for at, said in self.chat.threads.items() if at.channel == place.channel for each in said]

    def called(self) -> list[str]:
        """Who was called so far, in order."""
        said = [each for under in self.chat.threads.values() for each in under]
        return [span.id for message in said for span in _spans(message) if isinstance(span, Call)]

    def _id(self) -> str:
        self._number += 1
        return f"a{self._number}"


def _spans(message: Message) -> list[object]:
    return [span for block in message.blocks if isinstance(block, Paragraph) for span in block.spans]


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def test_what_nobody_acknowledges_is_told_in_another_channel_and_people_are_called(house: House) -> None:
    house.read(60)
    house.pass_on(29 * MINUTE)
    assert (house.standing(ONCALL), house.called()) == ([], [])

    house.pass_on(MINUTE)
    assert house.standing(ONCALL) == ["Warning: long queue in train-a100"]
    assert house.called() == ["U0123ABCD"]
    assert [each.summary for each in house.chat.aloud] == house.under(ONCALL)
    assert house.under(OPS) == [
        "Escalated to #ml-oncall: nobody has acknowledged it for 30 min · long queue in train-a100 (Queue 60)."
    ]

    house.read(3)
    assert house.standing(ONCALL) == house.standing(OPS) == ["Resolved: long queue in train-a100"]


def test_each_step_is_made_once_whoever_looks_how_often(house: House) -> None:
    house.read(60)
    house.pass_on(HOUR)
    # Another process takes over, which knows nothing but what is stored.
    heir = House(house.engine, *house.routes)
    heir.chat, heir.now = house.chat, house.now
    heir.pass_on(2 * HOUR)

    assert house.called() == ["U0123ABCD", "S0123ABCD"]
    assert house.standing(ONCALL) == ["Warning: long queue in train-a100"]


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.SILENCE])
def test_it_ends_when_somebody_answers(house: House, verb: Verb) -> None:
    house.read(60)
    house.pass_on(20 * MINUTE)
    house.press(verb)
    house.pass_on(HOUR)

    assert (house.standing(ONCALL), house.called()) == ([], [])


def test_what_is_taken_back_waits_again_and_repeats_no_step_that_was_made(house: House) -> None:
    house.read(60)
    house.pass_on(40 * MINUTE)
    house.press(Verb.ACKNOWLEDGE)
    house.pass_on(3 * HOUR)
    house.press(Verb.UNACKNOWLEDGE)
    house.pass_on(HOUR)
    assert house.called() == ["U0123ABCD"]

    house.pass_on(HOUR)
    assert house.called() == ["U0123ABCD", "S0123ABCD"]


def test_new_trouble_after_an_answer_is_escalated_again_and_before_it_is_not(house: House) -> None:
    house.read(60)
    house.pass_on(20 * MINUTE)
    house.read(95)
    house.pass_on(25 * MINUTE)
    assert house.called() == ["U0123ABCD"]

    house.press(Verb.ACKNOWLEDGE)
    house.read(3)
    house.read(60)
    house.pass_on(29 * MINUTE)
    assert house.called() == ["U0123ABCD"]
    house.pass_on(5 * MINUTE)
    assert house.called() == ["U0123ABCD", "U0123ABCD"]


def test_what_gets_better_is_not_escalated(engine: Engine) -> None:
    house = House(engine)
    house.rules = [long_queue(50, clear_after="2h")]
    house.read(60)
    house.read(3)
    house.pass_on(HOUR)
    assert house.called() == []

    house.read(60)
    assert house.called() == ["U0123ABCD"]


def test_it_waits_for_the_end_of_quiet_hours_unless_it_is_urgent(engine: Engine) -> None:
    hours = Weekly(timedelta(hours=12, minutes=10), timedelta(hours=16), frozenset(range(7)), ZoneInfo("UTC"))
    night = Rest(RestKind.QUIET, "12:10–16:00", (hours,), besides=(Severity.CRITICAL,))
    house = House(engine, Route((OPS,), escalate=(FIRST,), rests=(night,)))
    house.read(60)
    house.pass_on(3 * HOUR)
    assert house.called() == []
    assert house.standing(OPS) == ["Warning: long queue in train-a100"]

    house.pass_on(HOUR)
    assert house.called() == ["U0123ABCD"]


def test_it_is_told_on_its_own_though_the_channel_is_told_much_at_once(engine: Engine) -> None:
    house = House(engine, Route((OPS,), escalate=(FIRST,)))
    house.read(60)
    house.pass_on(30 * MINUTE)
    posted = next(at for at in house.chat.standing if at.channel == ONCALL.channel)

    assert house.chat.labels[posted].alert_id == "a1"


def test_a_step_and_what_it_tells_are_kept_together_or_not_at_all(house: House) -> None:
    house.read(60)
    house.now += 31 * MINUTE

    def stop(_: object) -> None:
        raise InterruptedError

    event.listen(house.engine, "commit", stop)
    with pytest.raises(InterruptedError):
        escalate(house.doing)
    event.remove(house.engine, "commit", stop)
    with reading(house.engine) as db:
        assert (escalations.made(db, "a1"), outbox.places_told(db, "a1")) == ([], [OPS])

    house.pass_on(timedelta())
    assert house.called() == ["U0123ABCD"]
