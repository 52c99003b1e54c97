"""Reading a pool, from the answer to what the channels hear."""

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.alerts import State
from bot.core.command import Asker
from bot.core.routes import Place, Route
from bot.core.rules.model import AlertRule
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.emulator.server import Emulator
from bot.jobs.act import act
from bot.jobs.deliver import deliver
from bot.jobs.doing import Doing
from bot.jobs.poll import Judges, Outcome, Polled, poll
from bot.jobs.pools import leave as leave_pools
from bot.jobs.pools import pools_read_before
from bot.jobs.telling import Moment
from bot.messages.model import Verb, to_json
from bot.modelarts.client import ModelArts
from bot.store import alerts, outbox, samples
from bot.store.engine import StoreError, open_store, reading, upgrade, writing
from tests.building import MINUTE, NOON, absent, long_queue
from tests.jobs.chat import Chat

OPS = Place("slack", "#ops")
STALE_AFTER = timedelta(minutes=2)


class Bot:
    """The bot's polling and telling, minute by minute."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine, rules: Sequence[AlertRule]) -> None:
        made = emulator.set_counts("train-a100", {"train": {"Queue": 0, "Running": 5}})
        self.pool = Pool(made.id, made.name)
        self.emulator, self.modelarts, self.engine, self.rules = emulator, modelarts, engine, rules
        self.judges = Judges(engine, rules)
        self.routes = [Route((OPS,))]
        self.minute = 0
        self.chat = Chat()

    def poll(self, **counts: int) -> Polled:
        """One minute later the pool has these training jobs and is read; what is to be told is told."""
        if counts:
            self.emulator.set_counts(self.pool.id, {"train": {"Running": 5, **counts}})
        self.minute += 1
        now = NOON + self.minute * MINUTE
        polled = poll(
            self.pool,
            modelarts=self.modelarts,
            engine=self.engine,
            judges=self.judges,
            routes=self.routes,
            stale_after=STALE_AFTER,
            at=Moment(now, now),
        )
        while deliver(self.engine, {"slack": self.chat}, now=now, lease=timedelta(seconds=30)).more:
            pass
        return polled

    def restart(self) -> None:
        """Forget everything that is not in the store."""
        self.judges = Judges(self.engine, self.rules)


@pytest.fixture
def bot(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Bot:
    """A bot that watches for queues over 50."""
    return Bot(emulator, modelarts, engine, [long_queue(50)])


class _Slow:
    """Asks ModelArts, and has its answer only when something else has happened meanwhile."""

    def __init__(self, asked: ModelArts, meanwhile: Callable[[], object]) -> None:
        self._asked = asked
        self._meanwhile = meanwhile

    def pool_stats(self, pool: Pool, *, now: datetime) -> PoolStats:
        """The answer, which is old by then."""
        answer = self._asked.pool_stats(pool, now=now)
        self._meanwhile()
        return answer


@pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=1)], ids=["the same second", "a second later"])
def test_a_reading_that_another_process_has_overtaken_is_not_judged(bot: Bot, later: timedelta) -> None:
    bot.poll(Queue=60)
    at = NOON + 2 * MINUTE
    others = Judges(bot.engine, bot.rules)

    def read(by: ModelArts, judges: Judges, now: datetime) -> Polled:
        return poll(
            bot.pool, modelarts=by, engine=bot.engine, judges=judges, routes=bot.routes, stale_after=STALE_AFTER,
            at=Moment(now, now),
        )  # fmt: skip

    def overtake() -> None:
        bot.emulator.set_counts(bot.pool.id, {"train": {"Running": 5, "Queue": 3}})
        read(bot.modelarts, others, at + later)

    told = read(cast("ModelArts", _Slow(bot.modelarts, overtake)), bot.judges, at).told

    assert told == 0
    with reading(bot.engine) as db:
        assert alerts.open_alerts(db) == []
        newest = samples.latest(db, bot.pool.id)
    assert newest is not None
    assert newest.count(JobStatus.QUEUE) == 3


def test_readings_of_another_process_whose_clock_was_ahead_make_nobody_blind(bot: Bot) -> None:
    bot.poll(Queue=3)
    ahead = NOON + timedelta(hours=1)
    poll(
        bot.pool, modelarts=bot.modelarts, engine=bot.engine, judges=Judges(bot.engine, bot.rules), routes=bot.routes,
        stale_after=STALE_AFTER, at=Moment(ahead, ahead),
    )  # fmt: skip

    bot.poll(Queue=60)
    bot.poll(Queue=60)

    assert len(bot.chat.standing) == 1


def test_one_alert_is_one_message_replaced_in_place_with_its_history_in_the_thread(bot: Bot) -> None:
    for queue in (10, 60, 90, 20):
        bot.poll(Queue=queue)

    ((posted, message),) = bot.chat.standing.items()
    assert message.title.startswith("Resolved")
    (entry,) = bot.chat.threads[posted]
    assert "Resolved" in entry.title + entry.summary


def test_a_failed_poll_stores_its_failure_not_zeros(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=10)
    bot.emulator.misbehave("status", status=503, times=3)

    assert bot.poll().outcome is Outcome.FAILED
    with reading(engine) as db:
        assert len(list(samples.readings(db, bot.pool.id, since=NOON))) == 1
        (failure,) = samples.failures(db, bot.pool.id, since=NOON)
        assert failure.kind == "Unavailable"
        assert samples.failing(db) == {bot.pool.id: failure.why}


def test_an_open_alert_stays_open_while_modelarts_is_down_and_is_marked(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)
    bot.emulator.misbehave("status", status=503, times=20)

    bot.poll()
    bot.poll()
    bot.poll()

    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
    assert (alert.state, alert.stale_since) == (State.FIRING, NOON + MINUTE)
    assert "not seen" in next(iter(bot.chat.standing.values())).title


def test_a_pool_that_cannot_be_read_is_told_and_is_over_with_the_next_reading(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [absent(after="3m")])
    bot.poll(Queue=60)
    bot.emulator.misbehave("status", status=503, times=99)
    for _ in range(4):
        bot.poll()
        bot.restart()
    (posted,) = bot.chat.standing
    while_down = bot.chat.standing[posted].title
    bot.emulator.behave()
    bot.poll(Queue=61)

    assert while_down == "Warning: no data in train-a100"
    assert bot.chat.titles() == ["Resolved: no data in train-a100"]
    with reading(engine) as db:
        (alert,) = alerts.between(db, since=NOON, until=NOON + 60 * MINUTE)
    assert (alert.metric, alert.fired_at, alert.resolved_at) == (None, NOON + 4 * MINUTE, NOON + 6 * MINUTE)


def test_a_pool_that_was_never_read_is_told_though_the_bot_is_started_anew_again_and_again(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [absent(after="3m")])
    bot.emulator.misbehave("status", status=503, times=99)
    for _ in range(4):
        bot.poll()
        bot.restart()

    assert bot.chat.titles() == ["Warning: no data in train-a100"]
    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
    assert (alert.began_at, alert.stale_since) == (NOON + 4 * MINUTE, None)


def test_sight_that_returns_unmarks_the_alert(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)
    bot.emulator.misbehave("status", status=503, times=9)
    for _ in range(3):
        bot.poll()

    bot.emulator.behave()
    bot.poll(Queue=61)

    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
    assert (alert.stale_since, alert.value) == (None, 61)


def test_a_restart_neither_forgets_an_alert_nor_tells_it_again(bot: Bot) -> None:
    bot.poll(Queue=60)
    bot.restart()
    bot.poll(Queue=60)
    bot.restart()
    bot.poll(Queue=10)

    assert len(bot.chat.standing) == 1
    assert bot.chat.titles()[0].startswith("Resolved")


def test_a_threshold_with_hysteresis_survives_a_restart(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [long_queue(50, clear_below=40)])
    bot.poll(Queue=60)
    bot.restart()
    bot.poll(Queue=45)

    with reading(engine) as db:
        assert len(alerts.open_alerts(db)) == 1


def test_a_breach_that_is_held_too_short_is_nobodys_business(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [long_queue(50, hold_for="5m")])
    for queue in (60, 60, 10, 10):
        bot.poll(Queue=queue)

    assert bot.chat.standing == {}


def test_what_is_told_is_said_in_the_transaction_that_made_it_true(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)

    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
        assert outbox.posted_at(db, alert.id, OPS) is not None
        assert [made.after for made in alerts.moves(db, alert.id)] == [State.FIRING]


def test_a_reading_that_could_not_be_stored_was_not_learnt_either(
    emulator: Emulator, modelarts: ModelArts, tmp_path: Path
) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'busy.db'}?timeout=0.05")
    upgrade(engine)
    bot = Bot(emulator, modelarts, engine, [long_queue(5, metric="Failed")])
    bot.poll(Failed=10)

    with closing(sqlite3.connect(tmp_path / "busy.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            bot.poll(Failed=30)

    assert bot.poll(Failed=30).told == 1
    engine.dispose()


def test_readings_that_come_together_are_each_kept_and_judged_though_one_of_them_cannot_be_kept(
    emulator: Emulator, modelarts: ModelArts, tmp_path: Path
) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'together.db'}")
    upgrade(engine)
    pools = [Pool(made.id, made.name) for name in "abcdefgh" for made in [emulator.set_counts(name, {"train": {}})]]
    judges = Judges(engine, [long_queue(50)])

    def tick(minute: int, **queues: int) -> list[Polled | BaseException]:
        """All pools at once, a minute later."""
        for pool in pools:
            emulator.set_counts(pool.id, {"train": {"Queue": queues.get(pool.name[0], minute)}})
        at = Moment(NOON + minute * MINUTE, NOON + minute * MINUTE)
        threads = ThreadPoolExecutor(len(pools))
        made = [
            threads.submit(
                poll, pool, modelarts=modelarts, engine=engine, judges=judges, routes=[Route((OPS,))],
                stale_after=STALE_AFTER, at=at,
            )
            for pool in pools
        ]  # fmt: skip
        threads.shutdown()
        return [each.exception() or each.result() for each in made]

    tick(1)
    with writing(engine) as db:
        # What one pool says of this minute no database can keep.
        db.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON samples WHEN NEW.queue = 13 BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    for minute in range(2, 7):
        made = tick(minute, c=13)
        assert [type(each) for each in made] == [Polled, Polled, StoreError, *[Polled] * 5]
    made = tick(7, c=60, d=61)

    assert [each.told for each in made if isinstance(each, Polled)] == [0, 0, 1, 1, 0, 0, 0, 0]
    with reading(engine) as db:
        kept = [[each.count(JobStatus.QUEUE) for each in samples.readings(db, pool.id, since=NOON)] for pool in pools]
        assert sorted(alert.pool.name for alert in alerts.open_alerts(db)) == ["c-pool", "d-pool"]
    calm = [*range(1, 8)]
    assert kept == [calm, calm, [1, 60], [*range(1, 7), 61], *[calm] * 4]
    engine.dispose()


def test_statuses_that_were_not_reported_reach_the_store_as_such(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=3)

    with reading(engine) as db:
        stats = samples.latest(db, bot.pool.id)
    assert stats is not None
    assert stats.count(JobStatus.QUEUE) == 3


def test_an_alert_whose_rule_is_gone_after_a_restart_is_closed_in_place(bot: Bot) -> None:
    bot.poll(Queue=60)
    bot.rules = [long_queue(500, name="another")]
    bot.restart()
    bot.poll(Queue=60)

    (message,) = bot.chat.standing.values()
    assert message.title.startswith("Closed")
    assert "not watched any more" in to_json(message)


def test_a_channel_that_never_heard_of_an_alert_does_not_hear_of_its_end(bot: Bot) -> None:
    bot.poll(Queue=60)
    bot.routes = [Route((Place("slack", "#elsewhere"),))]
    bot.poll(Queue=10)

    assert {posted.channel for posted in bot.chat.standing} == {"#ops"}
    assert bot.chat.titles()[0].startswith("Resolved")


def test_a_level_that_stays_high_edits_nothing(bot: Bot) -> None:
    told = [bot.poll(Queue=queue).told for queue in (60, 60, 55, 60, 59)]

    assert told == [1, 0, 0, 0, 0]


def test_a_new_peak_is_told_in_place_without_an_entry(bot: Bot) -> None:
    for queue in (60, 80, 90):
        bot.poll(Queue=queue)

    ((posted, message),) = bot.chat.standing.items()
    assert "90" in message.summary
    assert bot.chat.threads.get(posted) is None


def test_a_silenced_alert_that_clears_is_resolved_in_place(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)
    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
    now = NOON + bot.minute * MINUTE
    asker = Asker("slack", "T1", "C1", "U1")
    act(Verb.SILENCE, f"{alert.id} 2h", asker, Doing(engine, Access(), bot.routes, Moment(now, now)))

    bot.poll(Queue=10)

    assert len(bot.chat.standing) == 1
    assert bot.chat.titles()[0].startswith("Resolved")


def test_of_a_pool_that_is_not_read_any_more_nothing_is_remembered(bot: Bot) -> None:
    gone = Pool("gone", "gone")
    stays, goes = (bot.judges.of(pool, now=NOON) for pool in (bot.pool, gone))
    bot.judges.keep_only([bot.pool])

    assert bot.judges.of(bot.pool, now=NOON) is stays
    assert bot.judges.of(gone, now=NOON) is not goes


def test_a_pending_alert_goes_on_waiting_over_a_restart_and_failed_polls(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [long_queue(50, hold_for="5m")])
    bot.poll(Queue=60)
    bot.emulator.misbehave("status", status=503, times=6)
    bot.poll()
    bot.poll()
    bot.restart()
    assert bot.poll(Queue=60).told == 0
    assert bot.chat.standing == {}
    bot.poll(Queue=60)
    bot.poll(Queue=60)

    assert len(bot.chat.standing) == 1


def test_a_pool_that_is_called_otherwise_is_judged_by_the_rules_for_its_new_name(
    emulator: Emulator, modelarts: ModelArts, engine: Engine
) -> None:
    bot = Bot(emulator, modelarts, engine, [long_queue(50, pools=["research-*"])])
    assert bot.poll(Queue=60).told == 0

    bot.pool = Pool(bot.pool.id, "research-a100")
    assert bot.poll(Queue=60).told == 1


def leave(bot: Bot, read: Sequence[Pool] = (), *, wanted: bool = True) -> int:
    """The bot lists its pools, and these are left."""
    now = NOON + bot.minute * MINUTE
    told = leave_pools(
        read,
        wanted=lambda _: wanted,
        modelarts=bot.modelarts,
        engine=bot.engine,
        routes=bot.routes,
        stale_after=STALE_AFTER,
        at=Moment(now, now),
    )
    deliver(bot.engine, {"slack": bot.chat}, now=now, lease=timedelta(seconds=30))
    return told


def test_an_alert_about_a_pool_that_is_not_found_stays_open_at_first(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)
    bot.emulator.engine.remove_pool(bot.pool.id)

    assert leave(bot) == 0
    with reading(engine) as db:
        assert len(alerts.open_alerts(db)) == 1
        assert [failure.kind for failure in samples.failures(db, bot.pool.id, since=NOON)] == ["UnknownPool"]


def test_an_alert_about_a_pool_that_the_configuration_no_longer_names_is_closed(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)

    leave(bot, wanted=False)

    with reading(engine) as db:
        assert alerts.open_alerts(db) == []


def test_an_alert_about_a_pool_that_is_only_missing_from_the_list_stays_open_and_is_marked(
    bot: Bot, engine: Engine
) -> None:
    bot.poll(Queue=60)
    assert leave(bot) == 0
    bot.minute += 5
    leave(bot)

    with reading(engine) as db:
        (alert,) = alerts.open_alerts(db)
    assert (alert.state, alert.stale_since) == (State.FIRING, NOON + MINUTE)


def test_an_alert_about_a_pool_that_is_read_is_left_alone(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=60)
    bot.minute += 5

    assert leave(bot, [bot.pool]) == 0
    with reading(engine) as db:
        assert alerts.open_alerts(db)[0].stale_since is None


def test_the_pools_that_were_read_lately_are_known_without_a_list(bot: Bot, engine: Engine) -> None:
    bot.poll(Queue=1)

    assert pools_read_before(engine, lambda _: True, now=NOON + 60 * MINUTE) == (bot.pool,)
    assert pools_read_before(engine, lambda _: False, now=NOON + 60 * MINUTE) == ()
    assert pools_read_before(engine, lambda _: True, now=NOON + timedelta(days=2)) == ()
