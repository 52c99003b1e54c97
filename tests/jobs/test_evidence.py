"""What an alert says of the jobs behind it, and that it never waits for that."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from bot.core.access import Access
from bot.core.command import Asker
from bot.core.routes import Place, Route
from bot.core.rules.model import AlertRule, Severity, ThresholdRule
from bot.core.stats import JobStatus, Pool
from bot.emulator.causes import set_up
from bot.emulator.server import Emulator
from bot.jobs.act import act
from bot.jobs.belief import Belief
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.evidence import Hearers, Inquiry
from bot.jobs.poll import Judges, poll
from bot.jobs.telling import Moment
from bot.messages.model import Message, Verb, to_json
from bot.modelarts.client import ModelArts
from bot.store import incidents
from bot.store.engine import reading, writing
from bot.store.tables import evidence as table
from tests.building import MINUTE, NOON, long_queue
from tests.jobs.chat import Chat
from tests.messages.reading import lines

OPS = Place("slack", "#ops")
YOU = Asker("slack", "T1", "C1", "U1")
FAILURES = ThresholdRule(name="failures", metric=JobStatus.FAILED, above=2, severity=Severity.CRITICAL)
REFUSED = {"error_code": "ModelArts.0112", "error_msg": "no right"}


class Scene:
    """The bot reads pools, tells of them, and asks what stands behind."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        set_up(emulator.engine)
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        self.routes = [Route((OPS,))]
        self.hide_users_in: tuple[str, ...] = ()
        self.inquiry = Inquiry(engine, modelarts, time.monotonic)
        self.chat = Chat()
        self.now = NOON
        self.rules: Sequence[AlertRule] = (long_queue(0, clear_below=0), FAILURES)
        self.judges = Judges(engine, self.rules)

    def read(self, *names: str) -> None:
        """A minute later these pools are read."""
        self.now += MINUTE
        for name in names:
            poll(
                self.pool(name), modelarts=self.modelarts, engine=self.engine, judges=self.judges, routes=self.routes,
                stale_after=2 * MINUTE, at=self.at(), hide_users_in=self.hide_users_in,
            )  # fmt: skip

    def pool(self, name: str) -> Pool:
        """The pool with this name."""
        return self.modelarts.resolve(name, now=NOON)

    def at(self) -> Moment:
        """Now."""
        return Moment(self.now, self.now)

    def ask(self, *, most: int = 8) -> int:
        """Ask about what was told."""
        return self.inquiry.ask(Hearers(self.routes, self.hide_users_in), at=self.at, most=most)

    def deliver(self) -> Message:
        """Send what is due; the only message that stands then."""
        while deliver(self.engine, {"slack": self.chat}, now=self.now, lease=timedelta(seconds=30)).more:
            pass
        (message,) = self.chat.standing.values()
        return message

    def asked(self) -> list[str]:
        """The questions that are not about counts, nor about which pools there are."""
        return [seen.route for seen in self.emulator.requests if seen.route in {"workloads", "pool"}]


@pytest.fixture
def scene(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Scene:
    """A scene before the pools of every cause."""
    return Scene(emulator, modelarts, engine)


def behind(message: Message) -> list[str]:
    """What a message says between why it says so now and its facts."""
    said = lines(message)
    return said[2 : next(index for index, line in enumerate(said) if line.startswith("Since: "))]


def test_an_alert_is_told_at_once_and_then_shows_who_waits_longest_and_the_likely_cause(scene: Scene) -> None:
    scene.read("pool-full")
    assert behind(scene.deliver()) == []

    assert scene.ask() == 1

    message = scene.deliver()
    assert behind(message) == [
        "Likely, as an inference: no card is free, and the next job asks for 8.",
        "Longest waiting, 3 of 6, as of 12:01:",
        "job-01 · train · 8 cards · waits 1 h 30 min · user-00",
        "job-02 · train · 8 cards · waits 1 h 20 min · user-01",
        "job-03 · train · 8 cards · waits 1 h 10 min · user-02",
    ]
    assert message.summary.endswith("Likely, as an inference: no card is free, and the next job asks for 8.")
    assert scene.chat.threads == {}
    assert scene.ask() == 0


def test_an_alert_about_failures_shows_what_failed_last(scene: Scene) -> None:
    counts = {"train": {"Failed": 0, "Running": 4}}
    made = scene.emulator.set_counts("pool-failing", counts)
    scene.read("pool-failing")
    scene.emulator.set_counts(made.id, {"train": {"Failed": 5, "Running": 4}})
    scene.read("pool-failing")
    scene.ask()

    said = behind(scene.deliver())

    heading = said.index("Failed last, as of 12:02:")
    assert len(said) == heading + 4
    assert all(" · train · " in line for line in said[heading + 1 :])


def test_what_stood_behind_an_alert_stands_there_weeks_later(scene: Scene) -> None:
    scene.read("pool-full")
    scene.ask()
    told = behind(scene.deliver())
    (posted,) = scene.chat.standing

    scene.now += timedelta(weeks=3)
    scene.emulator.set_counts(scene.pool("pool-full").id, {"train": {"Queue": 40}})
    alert_id = scene.chat.labels[posted].alert_id or ""
    act(Verb.ACKNOWLEDGE, alert_id, YOU, Doing(scene.engine, Access(), scene.routes, scene.at()))

    message = scene.deliver()
    assert message.title.startswith("Acknowledged")
    assert behind(message) == told


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        pytest.param("hang", {}, id="hangs"),
        pytest.param("throttle", {}, id="is throttled"),
        pytest.param("status", {"status": 403, "body": REFUSED}, id="is refused"),
        pytest.param("reset", {}, id="is cut off"),
    ],
)
def test_an_alert_waits_for_no_job_and_no_reading_for_what_goes_wrong_with_jobs(
    scene: Scene, kind: str, how: Mapping[str, object]
) -> None:
    scene.emulator.misbehave(kind, route="workloads", **how)
    rate = scene.modelarts.rate
    scene.read("pool-full")
    began = time.monotonic()
    asking = threading.Thread(target=scene.ask)
    asking.start()

    assert "long queue in pool-full" in scene.deliver().title
    scene.read("pool-behind", "pool-quota")
    assert time.monotonic() - began < 2

    asking.join(timeout=20)
    assert not asking.is_alive()
    assert time.monotonic() - began < 6
    assert scene.modelarts.rate == rate


def test_a_right_that_is_missing_is_told_and_not_asked_for_again(scene: Scene) -> None:
    scene.emulator.misbehave("status", route="workloads", status=403, body=REFUSED)
    scene.read("pool-full")
    scene.ask()
    lacks = "The jobs behind it are not known: the bot’s account lacks the right modelarts:pool:get."
    assert behind(scene.deliver()) == [lacks]

    scene.now += timedelta(hours=1)
    scene.read("pool-full")
    scene.ask()

    assert scene.asked() == ["workloads"]


def test_machines_that_may_not_be_seen_leave_the_jobs_and_no_cause(scene: Scene) -> None:
    scene.emulator.misbehave("status", route="pool", status=403, body=REFUSED)
    scene.read("pool-full")
    scene.ask()

    first, heading, *jobs = behind(scene.deliver())
    assert first.startswith("Not enough facts to say why: ")
    assert heading.startswith("Longest waiting, 3 of 6")
    assert len(jobs) == 3


def test_where_nothing_is_to_be_asked_nothing_is_and_the_alert_is_told(scene: Scene) -> None:
    scene.read("pool-full")

    assert scene.ask(most=0) == 0
    assert scene.asked() == []
    assert behind(scene.deliver()) == []
    # Nor is it made up for once it may be.
    assert scene.ask() == 0


def test_users_are_not_named_where_they_are_hidden_nor_where_nobody_knows_yet_which_channel_it_is(
    scene: Scene,
) -> None:
    scene.hide_users_in = ("slack:C012ABC",)
    scene.read("pool-quota")
    scene.ask()
    # The channel of that name may be the one with that id.
    assert "user-07" not in to_json(scene.deliver())
    assert "all who wait (2) are jobs of one and the same user" in "\n".join(behind(scene.deliver()))

    # It stands in another one.
    scene.now += timedelta(hours=1)
    scene.read("pool-quota")
    assert "user-07" in to_json(scene.deliver())

    scene.hide_users_in = ("slack:#op*",)
    scene.now += timedelta(hours=2)
    scene.read("pool-quota")
    scene.ask()
    assert "user-07" not in to_json(scene.deliver())


def test_what_somebody_does_names_no_users_either_where_none_are_to_be_named_anywhere(scene: Scene) -> None:
    scene.routes = [Route((Place("slack", "C0123ABCD"),))]
    scene.hide_users_in = ("*",)
    scene.read("pool-quota")
    scene.ask()
    scene.deliver()
    (posted,) = scene.chat.standing
    access = Access(hide_users_in=("slack:C0999ABCD",))
    doing = Doing(scene.engine, access, scene.routes, scene.at(), also_hidden_in=scene.hide_users_in)

    act(Verb.ACKNOWLEDGE, scene.chat.labels[posted].alert_id or "", YOU, doing)

    message = scene.deliver()
    assert message.title.startswith("Acknowledged")
    assert "user-07" not in to_json(message)


@pytest.mark.parametrize(
    ("place", "is_named"),
    [
        pytest.param(Place("slack", "C0123ABCD"), True, id="another channel"),
        pytest.param(Place("slack", "T0123ABCD/C0123ABCD"), True, id="another channel of a workspace"),
        pytest.param(Place("slack", "C0999ABCD"), False, id="the channel"),
        pytest.param(Place("slack", "T0123ABCD/C0999ABCD"), False, id="the channel of a workspace"),
        pytest.param(Place("slack", "#ops"), False, id="a name"),
        pytest.param(Place("slack", "T0123ABCD/#ops"), False, id="a name in a workspace"),
        pytest.param(Place("teams", "ML Platform/Alerts"), False, id="a name in Teams"),
    ],
)
def test_before_anything_stands_in_a_channel_users_are_named_only_where_its_id_is_known(
    scene: Scene, place: Place, is_named: bool
) -> None:
    scene.read("pool-quota")
    scene.ask()
    with reading(scene.engine) as db:
        (incident,) = incidents.standing(db, scene.pool("pool-quota").id, at=scene.now).incidents
        said = Belief(db, incident, ("slack:C0999ABCD",), now=scene.now).at(place)

    assert ("user-07" in to_json(said)) is is_named


def test_many_alerts_at_once_are_no_reason_for_as_many_questions(scene: Scene) -> None:
    scene.read("pool-full", "pool-behind", "pool-quota")
    assert scene.ask(most=2) == 0
    assert scene.asked() == []

    # Nor when they come one after the other.
    for name in ("pool-scattered", "pool-priorities", "pool-abnormal"):
        scene.read(name)
        scene.ask(most=2)
    assert scene.asked() == ["workloads", "workloads", "pool"] * 2


def test_of_two_processes_one_asks(scene: Scene, modelarts: ModelArts) -> None:
    other = Inquiry(scene.engine, modelarts, time.monotonic)
    scene.read("pool-full")

    told = [scene.ask(), other.ask(Hearers(scene.routes, ()), at=scene.at)]

    assert told == [1, 0]
    assert scene.asked() == ["workloads", "workloads", "pool"]


def test_what_this_version_cannot_read_is_left_out(scene: Scene) -> None:
    scene.read("pool-full")
    scene.ask()
    with writing(scene.engine) as db:
        db.execute(update(table).values(content={"why": {"Gremlins": {}}}))

    scene.now += timedelta(hours=1)
    scene.read("pool-full")

    assert behind(scene.deliver()) == []
