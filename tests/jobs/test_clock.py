"""The machine slept, the bot was down, the clock was set: no alert is lost, doubled, or waits for the hour."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.alerts import Alert, State
from bot.core.command import Asker
from bot.core.routes import Place, Route
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool
from bot.emulator.server import Emulator
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.poll import Judges, poll
from bot.jobs.silence import keep_silences
from bot.jobs.telling import Moment
from bot.messages.model import Message, Verb
from bot.modelarts.client import ModelArts
from bot.store import alerts, leaping, outbox, samples
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, failures_spike, long_queue
from tests.jobs.chat import Chat

HOUR = timedelta(hours=1)
OPS = Place("slack", "#ops")
DIGEST = Message("Digest", "Digest: 1 pool.")
RULES = (long_queue(50, clear_after="2m"), long_queue(5, name="failures", metric="Failed"), failures_spike())


class Bot:
    """A bot whose clock can be set."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        made = emulator.set_counts("train-a100", {"train": {"Running": 5}})
        self.pool = Pool(made.id, made.name)
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        self.routes, self.chat, self.now = [Route((OPS,))], Chat(), NOON
        self.start()

    def start(self, rules: Sequence[AlertRule] = RULES) -> None:
        """Forget everything that is not in the store."""
        self.judges = Judges(self.engine, rules)

    def poll(self, **counts: int) -> None:
        """One minute later the pool has these training jobs and is read."""
        self.emulator.set_counts(self.pool.id, {"train": {"Running": 5, **counts}})
        self.now += MINUTE
        at = Moment(self.now, self.now)
        poll(
            self.pool, modelarts=self.modelarts, engine=self.engine, judges=self.judges, routes=self.routes,
            stale_after=2 * MINUTE, at=at,
        )  # fmt: skip
        keep_silences(Doing(self.engine, Access(), self.routes, at))
        self.deliver()

    def deliver(self) -> None:
        """Send what is due."""
        while deliver(self.engine, {"slack": self.chat}, now=self.now, lease=timedelta(seconds=30)).more:
            pass

    @property
    def alerts(self) -> Sequence[Alert]:
        """What is open."""
        with reading(self.engine) as db:
            return alerts.open_alerts(db)


@pytest.fixture
def bot(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Bot:
    """A bot that has read a pool for a quarter of an hour."""
    made = Bot(emulator, modelarts, engine)
    for _ in range(15):
        made.poll(Failed=3)
    return made


@pytest.mark.parametrize("restarted", [False, True], ids=["the machine slept", "the bot was down"])
def test_jobs_that_failed_in_a_gap_are_not_told_as_failed_since_the_last_reading(bot: Bot, restarted: bool) -> None:
    bot.now += 8 * HOUR
    if restarted:
        bot.start()
    for _ in range(5):
        bot.poll(Failed=400)

    assert bot.alerts == []
    bot.poll(Failed=440)
    assert {alert.rule for alert in bot.alerts} >= {"failures"}


@pytest.mark.parametrize("restarted", [False, True], ids=["the machine slept", "the bot was down"])
def test_an_alert_from_before_a_gap_is_the_same_alert_after_it(bot: Bot, restarted: bool) -> None:
    bot.poll(Queue=60)
    (before,) = bot.alerts
    bot.now += 8 * HOUR
    if restarted:
        bot.start()
    bot.poll(Queue=60)

    assert [alert.id for alert in bot.alerts] == [before.id]
    bot.poll(Queue=0)
    assert len(bot.alerts) == 1
    bot.poll(Queue=0)
    bot.poll(Queue=0)
    assert bot.alerts == []
    assert len(bot.chat.standing) == 1


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "while it is down"])
@pytest.mark.parametrize("leap", [-HOUR, HOUR], ids=["an hour back", "an hour ahead"])
def test_a_clock_that_is_set_loses_no_alert_and_doubles_none(bot: Bot, leap: timedelta, restarted: bool) -> None:
    bot.poll(Queue=60)
    bot.now += leap
    if restarted:
        bot.start()
    bot.poll(Queue=70)
    (alert,) = bot.alerts
    assert (alert.value, alert.state) == (70, State.FIRING)

    for _ in range(3):
        bot.poll(Queue=0)
    assert bot.alerts == []
    bot.poll(Queue=80)
    assert len(bot.alerts) == 1
    with reading(bot.engine) as db:
        newest = samples.latest(db, bot.pool.id)
        last = samples.last_poll(db, bot.pool.id)
    assert newest is not None
    assert last is not None
    assert (newest.taken_at, last.at, last.ok) == (bot.now, bot.now, True)


@pytest.mark.parametrize("leap", [-HOUR, HOUR], ids=["an hour back", "an hour ahead"])
def test_a_silence_ends_when_the_clock_on_the_wall_says_so(bot: Bot, leap: timedelta) -> None:
    bot.poll(Queue=60)
    (alert,) = bot.alerts
    asker, at = Asker("slack", "T1", "C1", "U1"), Moment(bot.now, bot.now)
    act(Verb.SILENCE, f"{alert.id} 2h", asker, Doing(bot.engine, Access(), bot.routes, at))
    until = bot.now + 2 * HOUR

    bot.now += leap
    bot.poll(Queue=60)
    assert bot.alerts[0].silenced_until == until
    bot.now = until - 2 * MINUTE
    bot.poll(Queue=60)
    assert [each.state for each in bot.alerts] == [State.SILENCED]
    bot.poll(Queue=60)
    assert [each.state for each in bot.alerts] == [State.FIRING]


def test_what_waits_to_be_told_does_not_wait_for_the_hour_to_come_again(bot: Bot) -> None:
    with writing(bot.engine) as db:
        outbox.put(db, place=OPS, message=DIGEST, now=bot.now)
    bot.now -= HOUR
    bot.deliver()
    assert bot.chat.standing == {}

    leaping.move_along(bot.engine, -HOUR, now=bot.now)
    bot.deliver()
    assert len(bot.chat.standing) == 1


def test_what_was_put_by_a_clock_that_is_set_back_while_the_bot_is_down_is_told_at_once(bot: Bot) -> None:
    with writing(bot.engine) as db:
        outbox.put(db, place=OPS, message=DIGEST, now=bot.now)
    bot.now -= HOUR

    leaping.catch_up(bot.engine, now=bot.now)
    bot.deliver()
    assert len(bot.chat.standing) == 1


@pytest.mark.parametrize("leap", [-HOUR, HOUR], ids=["an hour back", "an hour ahead"])
def test_a_lease_lasts_as_long_as_it_would_have(bot: Bot, leap: timedelta) -> None:
    with writing(bot.engine) as db:
        outbox.put(db, place=OPS, message=DIGEST, now=bot.now)
    lease = timedelta(seconds=40)
    assert len(outbox.claim_due(bot.engine, now=bot.now, lease=lease)) == 1

    now = bot.now + leap
    leaping.move_along(bot.engine, leap, now=now)
    assert outbox.claim_due(bot.engine, now=now + timedelta(seconds=30), lease=lease) == []
    assert len(outbox.claim_due(bot.engine, now=now + timedelta(seconds=41), lease=lease)) == 1
