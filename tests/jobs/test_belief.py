"""Whatever happens on the way: when the world is quiet again, each channel shows what is true, and shows it once."""

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.core.crowds import Gathering
from bot.core.routes import Place
from bot.jobs.deliver import deliver
from bot.jobs.repeats import repeats
from bot.messages.model import Message, Paragraph, Tone, to_json
from bot.messages.sending import DeliveryError, Unclear
from bot.store import outbox
from bot.store.engine import reading, writing
from bot.store.outbox import DeliveryKind
from tests.building import NOON
from tests.databases import sqlite_store
from tests.jobs.chat import Chat

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
_worlds = count(1)

FAULTS = {
    "429": ("faults", DeliveryError("ratelimited", retry_after=3 * SECOND)),
    "not taken": ("faults", Unclear("503")),
    "cut": ("cut", Unclear("the answer was cut")),
    "dies before": ("faults", SystemExit()),
    "dies after": ("cut", SystemExit()),
}
STEPS = st.one_of(
    st.tuples(st.just("changes"), st.integers(0, 5), st.sampled_from([Tone.WARNING, Tone.NEUTRAL, Tone.GOOD])),
    st.tuples(st.just("entry"), st.integers(0, 5), st.sampled_from([DeliveryKind.THREAD, DeliveryKind.ALOUD])),
    st.tuples(st.just("fault"), st.sampled_from(sorted(FAULTS)), st.none()),
    st.tuples(st.just("round"), st.sampled_from([0, 1, 3, 40]), st.none()),
)


@dataclass
class World:
    """Alerts that change, a chat that fails, and a bot that dies and comes again."""

    engine: Engine
    gathering: Gathering
    chat: Chat = field(default_factory=Chat)
    place: Place = field(default_factory=lambda: Place("slack", f"#c{next(_worlds)}"))
    now: timedelta = timedelta()
    truth: dict[int, str] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def changes(self, alert: int, tone: Tone) -> None:
        """The alert is another one now."""
        title = f"alert-{alert}-v{next(self._numbers)}."
        message = Message(title, title, tone, (Paragraph(("more",)),))
        with writing(self.engine) as db:
            outbox.put(db, place=self.place, message=message, now=NOON + self.now, alert_id=self._id(alert))
        self.truth[alert] = title

    def entry(self, alert: int, kind: DeliveryKind) -> None:
        """Something happened to the alert."""
        said = f"entry-{next(self._numbers)}."
        message = Message("", said, blocks=(Paragraph((said,)),))
        with writing(self.engine) as db:
            told = outbox.put(
                db, place=self.place, message=message, now=NOON + self.now, alert_id=self._id(alert), kind=kind
            )
        if told is not None:
            self.entries.append(said)

    def fault(self, name: str, _: object) -> None:
        """The next call goes wrong."""
        where, error = FAULTS[name]
        getattr(self.chat, where).append(error)

    def round(self, seconds: int, _: object = None) -> None:
        """Time passes, and the bot sends, perhaps as a new process."""
        self.now += seconds * SECOND
        with contextlib.suppress(SystemExit):
            deliver(self.engine, {"slack": self.chat}, now=NOON + self.now, lease=LEASE, gathering=self.gathering)

    def settle(self) -> None:
        """Nothing goes wrong any more."""
        self.chat.faults.clear()
        self.chat.cut.clear()
        for _ in range(20):
            self.round(40)
            repeats(self.engine, {"slack": self.chat}, now=NOON + self.now)
            with reading(self.engine) as db:
                if all(each.place != self.place for each in outbox.waiting(db)):
                    return
        raise AssertionError("the outbox does not become empty")

    def shown(self) -> dict[int, list[str]]:
        """By alert, each of its versions that stands somewhere in the channel."""
        said = " ".join(to_json(each) + " " for each in self.chat.standing.values())
        titles = [json_text for json_text in said.replace('"', " ").replace("·", " ").split() if "alert-" in json_text]
        found: dict[int, list[str]] = {}
        for title in dict.fromkeys(titles):
            found.setdefault(int(title.split("-")[1]), []).append(title)
        return found

    def _id(self, alert: int) -> str:
        return f"{self.place.channel}-{alert}"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is tried here is the order of things."""
    return sqlite_store(tmp_path)


def lived_through(engine: Engine, steps: list[tuple[str, int, object]], above: int) -> None:
    """Everything that must hold after these steps, once it is quiet."""
    world = World(engine, Gathering(above, SECOND))
    for name, first, second in steps:
        getattr(world, name)(first, second)
    world.settle()

    assert world.shown() == {alert: [title] for alert, title in world.truth.items()}
    messages = [to_json(each) for each in world.chat.standing.values()]
    for title in world.truth.values():
        assert sum(title in each for each in messages) == 1
    told = [each.summary for under in world.chat.entries.values() for each in under.values()]
    assert sorted(" ".join(told).split()) == sorted(world.entries)

    before = dict(world.chat.standing), {at: dict(under) for at, under in world.chat.entries.items()}
    world.settle()
    assert before == (world.chat.standing, world.chat.entries)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25), st.sampled_from([0, 2]))
def test_belief_equals_truth_when_the_world_is_quiet_again(
    engine: Engine, steps: list[tuple[str, int, object]], above: int
) -> None:
    lived_through(engine, steps, above)


@pytest.mark.soak
@settings(
    max_examples=2000, deadline=None, derandomize=False, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEPS, max_size=80), st.sampled_from([0, 1, 2, 4]))
def test_belief_equals_truth_after_two_thousand_long_days(
    engine: Engine, steps: list[tuple[str, int, object]], above: int
) -> None:
    lived_through(engine, steps, above)
