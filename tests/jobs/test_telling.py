"""What a channel shows of incidents: one message for what belongs together, and what happened in its thread."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from bot.core.access import Access
from bot.core.alerts import State
from bot.core.because import Because
from bot.core.command import Asker
from bot.core.gathering import follow
from bot.core.incidents import Incident
from bot.core.judge import PoolJudge
from bot.core.language import Language, Languages, speaking
from bot.core.routes import Place, Route
from bot.core.rules.model import AlertRule, Severity, ThresholdRule
from bot.core.stats import JobStatus, PoolStats
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.telling import Moment, tell
from bot.messages.model import Message, Verb
from bot.store import alerts, audit, incidents
from bot.store.engine import open_store, reading, upgrade, writing
from bot.store.tables import alerts as alerts_table
from tests.building import MINUTE, NOON, POOL, long_queue, stats
from tests.jobs.chat import Chat
from tests.messages.reading import text

OPS, ONCALL = Place("slack", "#ops"), Place("slack", "#oncall")
YOU = Asker("slack", "T1", "C1", "U1")
QUEUE = long_queue(50)
PENDING = ThresholdRule(name="many pending", metric=JobStatus.PENDING, above=5)
FAILED = ThresholdRule(name="failures", metric=JobStatus.FAILED, above=5, severity=Severity.CRITICAL)
RULES = (QUEUE, PENDING, FAILED)


class Told:
    """What is told of one pool, reading by reading, through the store and the outbox."""

    def __init__(self, engine: Engine, rules: Sequence[AlertRule] = RULES, *, grouped: bool = True) -> None:
        self.engine, self.rules, self.grouped = engine, rules, grouped
        self.routes = [Route((OPS,))]
        self.chat = Chat()
        self.minute = 0
        self.ids = 0
        self.judge = PoolJudge(POOL, rules)

    def read(self, *, wait: int = 1, **counts: int) -> None:
        """Some minutes later the pool has these training jobs."""
        self.minute += wait
        at = NOON + self.minute * MINUTE
        with writing(self.engine) as db:
            standing = alerts.open_alerts(db, POOL.id, lock=True)
            changes = self.judge.see(stats(at, train={"Failed": 0, **counts}), standing, new_id=self._new_id)
            tell(db, changes, self.routes, at=Moment(at, at), grouped=self.grouped, read=POOL.id)
        self.deliver()

    def press(self, verb: Verb, subject: str) -> Message:
        """Press a button now."""
        at = NOON + self.minute * MINUTE
        said = act(verb, subject, YOU, Doing(self.engine, Access(), self.routes, Moment(at, at)))
        self.deliver()
        return said

    def deliver(self) -> None:
        """Whatever is due is sent."""
        at = NOON + self.minute * MINUTE
        while deliver(self.engine, {"slack": self.chat}, now=at, lease=timedelta(seconds=30)).more:
            pass

    def _new_id(self) -> str:
        self.ids += 1
        return f"a{self.ids}"

    @property
    def states(self) -> dict[str, State]:
        """How the open alerts stand, by rule."""
        with reading(self.engine) as db:
            return {alert.rule: alert.state for alert in alerts.open_alerts(db)}

    def entries(self) -> list[str]:
        """What the threads say."""
        return [message.summary for under in self.chat.threads.values() for message in under]


@pytest.fixture
def told(engine: Engine) -> Told:
    """A pool with three rules, told in one channel."""
    return Told(engine)


def test_what_goes_wrong_together_is_one_message_and_its_thread(told: Told) -> None:
    told.read(Queue=60)
    told.read(Queue=60, Pending=9)
    told.read(Queue=60, Pending=0)
    told.read(Queue=10, Pending=0)

    assert told.chat.titles() == ["Resolved: long queue and many pending in train-a100"]
    assert [entry.split(":")[0] for entry in told.entries()] == [
        "Warning as well",
        "Resolved after 1 min",
        "Resolved after 3 min",
    ]


def test_each_channel_is_told_in_its_language_whoever_acts_in_another(told: Told) -> None:
    told.routes = [Route((OPS, ONCALL))]
    with speaking(Language.CHINESE, Languages(Language.ENGLISH, {str(ONCALL): Language.CHINESE})):
        told.read(Queue=60)
        told.press(Verb.ACKNOWLEDGE, "a1")

    assert told.chat.titles() == [
        "Acknowledged warning: long queue in train-a100",
        "已确认（警告）：train-a100 的 long queue",
    ]
    assert [entry.partition(" in ")[0] for entry in told.entries()] == [
        "Acknowledged by slack:U1: long queue",
        "已确认，操作人 slack:U1：train-a100 的 long queue（Queue 60）。",
    ]
    with reading(told.engine) as db:
        (alert,) = alerts.open_alerts(db)
    assert isinstance(alert.why, Because)
    assert alert.why == "Queue 60, above 50"


def test_a_message_does_not_say_resolved_while_anything_in_it_is_open(told: Told) -> None:
    told.read(Queue=60, Pending=9)
    told.read(Queue=10, Pending=9)

    (message,) = told.chat.standing.values()
    assert message.title == "Warning: many pending in train-a100"
    assert "esolved" not in message.summary


def test_what_comes_back_is_the_same_message_again(told: Told) -> None:
    for queue in (60, 10, 60):
        told.read(Queue=queue)
    assert told.chat.titles() == ["Warning: long queue in train-a100"]

    told.read(Queue=10)

    assert told.chat.titles() == ["Resolved: long queue in train-a100"]
    assert [entry.split(":")[0] for entry in told.entries()][1] == "Again, for the 2nd time"


def test_what_comes_back_after_long_is_another_message(told: Told) -> None:
    told.read(Queue=60)
    told.read(Queue=10)
    told.read(wait=31, Queue=60)

    assert [title.split(":")[0] for title in told.chat.titles()] == ["Resolved", "Warning"]


def test_what_goes_on_is_said_again_after_growing_intervals(told: Told) -> None:
    for _ in range(4 * 6):
        told.read(wait=10, Queue=60)

    assert [entry.split(":")[0] for entry in told.entries()] == ["Still open after 1 h", "Still open after 3 h"]


def test_a_channel_that_has_heard_nothing_gets_the_incident_as_it_stands(told: Told) -> None:
    told.routes = [Route((ONCALL, OPS), severity=(Severity.CRITICAL,)), Route((OPS,))]
    told.read(Queue=60)
    told.read(Queue=60, Failed=9)

    shown = {posted.channel: message.title for posted, message in told.chat.standing.items()}
    assert shown == dict.fromkeys(("#ops", "#oncall"), "Critical: failures and long queue in train-a100")
    # The new one reads of it in the message; the other is told what is new.
    assert [posted.channel for posted in told.chat.threads] == ["#ops"]


def test_each_alert_has_its_own_message_where_that_is_wanted(engine: Engine) -> None:
    told = Told(engine, grouped=False)
    told.read(Queue=60, Pending=9)

    assert sorted(told.chat.titles()) == ["Warning: long queue in train-a100", "Warning: many pending in train-a100"]


def test_an_alert_that_gets_better_shows_it(engine: Engine) -> None:
    told = Told(engine, [long_queue(50, clear_after="5m")])
    told.read(Queue=60)
    told.read(Queue=10)

    (message,) = told.chat.standing.values()
    assert "Better since 12:02 UTC: Queue 10." in message.summary


def test_a_button_acts_on_every_open_alert_of_the_incident_with_one_entry_on_record(told: Told, engine: Engine) -> None:
    told.read(Queue=60, Pending=9)

    assert told.press(Verb.ACKNOWLEDGE, "a1").buttons

    assert set(told.states.values()) == {State.ACKNOWLEDGED}
    assert told.chat.titles() == ["Acknowledged warning: long queue and many pending in train-a100"]
    with reading(engine) as db:
        (entry,) = audit.entries(db, limit=5)
    assert (entry.action, entry.subject) == ("acknowledge", "alerts a1, a2")


def test_a_button_moves_those_that_can_be_moved_and_refuses_when_none_can(told: Told) -> None:
    told.read(Queue=60)
    told.press(Verb.ACKNOWLEDGE, "a1")
    told.read(Queue=60, Pending=9)

    assert told.press(Verb.ACKNOWLEDGE, "a1").buttons
    assert set(told.states.values()) == {State.ACKNOWLEDGED}
    assert told.press(Verb.ACKNOWLEDGE, "a1").title == "Nothing changed"


def test_the_button_of_an_incident_whose_first_alert_is_over_acts_on_what_came_back(told: Told) -> None:
    for queue in (60, 10, 60):
        told.read(Queue=queue)

    assert told.press(Verb.SILENCE, "a1 2h").buttons
    assert told.states == {"long queue": State.SILENCED}


def test_a_silence_is_over_for_all_of_the_incident(told: Told) -> None:
    told.read(Queue=60, Pending=9)
    told.press(Verb.SILENCE, "a1 2h")

    assert told.press(Verb.UNSILENCE, "a1").summary.startswith("Firing again")
    assert set(told.states.values()) == {State.FIRING}


def test_an_alert_that_an_older_version_told_goes_on_under_its_own_button(told: Told, engine: Engine) -> None:
    told.read(Queue=60)
    with writing(engine) as db:
        db.execute(update(alerts_table).values(incident_id=None))

    assert told.press(Verb.ACKNOWLEDGE, "a1").buttons
    assert told.chat.titles() == ["Acknowledged warning: long queue in train-a100"]
    with reading(engine) as db:
        assert db.scalar(select(alerts_table.c.incident_id)) == "a1"


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with nothing in it, to be copied: making its tables takes longer than a test."""
    file = tmp_path_factory.mktemp("telling") / "empty.db"
    engine = open_store(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


def new_store(empty: Path) -> Engine:
    """A store with nothing in it."""
    copied = empty.with_name(f"{uuid4().hex}.db")
    shutil.copy(empty, copied)
    return open_store(f"sqlite:///{copied}")


COUNTS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from([10, 60]), st.sampled_from([0, 9]), st.sampled_from([0, 9])),
    min_size=1,
    max_size=12,
)


def known(incident: Incident) -> object:
    """What is decided by: all but how its alerts looked when they were last read."""
    members = [(member.alert.id, member.alert.state, member.times) for member in incident.members]
    return incident.opened_at, incident.aloud_at, incident.repeated, incident.severity, members


@settings(deadline=None, max_examples=15)
@given(COUNTS)
def test_live_restarted_and_replayed_tell_the_same(empty_store: Path, given_: list[tuple[int, int, int, int]]) -> None:
    engine = new_store(empty_store)
    told, readings = Told(engine), list[PoolStats]()
    failed = 0
    for wait, queue, pending, failures in given_:
        failed += failures
        told.read(wait=wait, Queue=queue, Pending=pending, Failed=failed)
        at = NOON + told.minute * MINUTE
        readings.append(stats(at, train={"Queue": queue, "Pending": pending, "Failed": failed}))
        # A restart learns from what is stored.
        told.judge = PoolJudge(POOL, RULES)
        for each in readings:
            told.judge.learn(each)

    numbers = iter(range(1, 999))
    updates = [update for _, some in follow(RULES, readings, new_id=lambda: f"a{next(numbers)}") for update in some]

    with reading(engine) as db:
        standing = incidents.standing(db, POOL.id, at=NOON)
    engine.dispose()
    latest = {update.incident.id: update.incident for update in updates}
    assert {each.id: known(each) for each in standing.incidents} == {name: known(each) for name, each in latest.items()}
    assert len(told.chat.standing) == len(latest)
    assert len(told.entries()) == sum(len(update.entries) for update in updates)


@settings(deadline=None, max_examples=15)
@given(COUNTS)
def test_a_channel_always_shows_what_is_open(empty_store: Path, given_: list[tuple[int, int, int, int]]) -> None:
    engine = new_store(empty_store)
    told, failed = Told(engine), 0
    for wait, queue, pending, failures in given_:
        failed += failures
        told.read(wait=wait, Queue=queue, Pending=pending, Failed=failed)
        shown = [message for message in told.chat.standing.values() if not message.title.startswith("Resolved")]
        for rule in told.states:
            assert any(rule in text(message) for message in shown)
        assert len(shown) == bool(told.states)
    engine.dispose()
