"""What is told live, after any restarts, and by a replay of what was stored is the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.core.alerts import Alert, Event
from bot.core.judge import Change, replay
from bot.core.rules.model import AlertRule
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.jobs.poll import Judges
from bot.store import samples
from bot.store.engine import open_store, reading, upgrade, writing
from tests.building import MINUTE, NOON, POOL, absent, crowded, failures_spike, long_queue, queue_spike, stuck

RULES: Sequence[AlertRule] = (
    long_queue(8, clear_below=4, hold_for="2m"),
    crowded(clear_below=1.5, at_least=2, clear_after="2m"),
    crowded(name="crowded by type", types=["train", "infer"]),
    stuck(after="6m", clear_after="2m"),
    stuck(name="stuck infer", after="4m", types=["infer"], at_least=2),
    absent(after="4m"),
    absent(name="no data for long", after="6m", hold_for="3m", clear_after="2m"),
    absent(name="no queue", metric="Queue", after="3m", types=["train"]),
    queue_spike(at_least=2, sensitivity="high"),
    failures_spike(at_least=1, sensitivity="high"),
)
STALE_AFTER = timedelta(minutes=3)
FAILED = None
Answer = Mapping[str, Mapping[JobStatus, int]]
# So many minutes of one answer, or of none; and whether the bot is started anew before them.
Stretch = tuple[Answer | None, int, bool]

_counts = st.dictionaries(
    st.sampled_from((JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CREATING)),
    st.sampled_from((0, 1, 3, 9, 40)),
    min_size=2,
)
_answers = st.one_of(st.just(FAILED), st.dictionaries(st.sampled_from(("train", "infer")), _counts))
_stretches = st.lists(st.tuples(_answers, st.sampled_from((1, 2, 3, 5, 9)), st.booleans()), min_size=2, max_size=9)

BUSY: Answer = {"train": {JobStatus.QUEUE: 40, JobStatus.RUNNING: 3}}
CALM: Answer = {"train": {JobStatus.QUEUE: 0, JobStatus.RUNNING: 3}}
_numbers = count(1)


def polls(stretches: Sequence[Stretch]) -> Iterator[tuple[int, Answer | None, bool]]:
    """A poll a minute: its number, what it answered, and whether the bot is started anew before it."""
    number = 0
    for answer, times, anew in stretches:
        for repeat in range(times):
            yield number, answer, anew and repeat == 0
            number += 1


def live(stretches: Sequence[Stretch], engine: Engine, pool: Pool, *, restarts: bool) -> list[Alert]:
    """Every alert that was told, with the reason for which it was."""
    judges, ids = Judges(engine, RULES), count(1)
    found: dict[str, Alert] = {}
    reasons: dict[str, str] = {}
    for number, answer, anew in polls(stretches):
        now = NOON + number * MINUTE
        if anew and restarts:
            judges = Judges(engine, RULES)
        judge = judges.of(pool, now=now)
        standing = [alert for alert in found.values() if alert.open]
        changes: tuple[Change, ...]
        with writing(engine) as db:
            if answer is None:
                samples.save_failure(db, pool, at=now, kind="Unavailable", why="it is down")
                changes = judge.missed(standing, at=now, new_id=lambda: str(next(ids)), stale_after=STALE_AFTER)
            else:
                stats = PoolStats(pool, now, {name: TypeCounts(counts) for name, counts in answer.items()})
                samples.save_reading(db, stats)
                changes = judge.see(stats, standing, new_id=lambda: str(next(ids)), stale_after=STALE_AFTER)
        for change in changes:
            found[change.alert.id] = change.alert
            for made in change.moves:
                if made.event is Event.HELD:
                    reasons[change.alert.id] = str(made.why)
            if answer is None:
                assert change.alert.open, "a failed poll ends nothing"
    return compared([replace(alert, why=reasons[alert.id]) for alert in found.values() if alert.told])


def replayed(stretches: Sequence[Stretch], engine: Engine, pool: Pool) -> list[Alert]:
    """The same of a replay of what is stored now."""
    ids, last = count(1), list(polls(stretches))[-1][0]
    with reading(engine) as db:
        stored = list(samples.readings(db, pool.id, since=NOON))
    until = NOON + last * MINUTE
    return compared(replay(RULES, stored, new_id=lambda: str(next(ids)), until=until, watched={pool: NOON}))


def compared(alerts: Iterator[Alert] | Sequence[Alert]) -> list[Alert]:
    """The alerts in order, without their names and what only live ones have."""
    alike = [replace(alert, id="", pool=POOL, changed_at=NOON, stale_since=None) for alert in alerts]
    return sorted(alike, key=lambda alert: (alert.rule, alert.job_type or "", alert.began_at))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database for all of them: each past is that of a pool of its own."""
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'bot.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


def a_pool() -> Pool:
    """A pool that there was not before."""
    number = next(_numbers)
    return Pool(f"pool-{number}", f"pool-{number}")


@given(stretches=_stretches)
@settings(max_examples=60, deadline=None)
@example(stretches=[(FAILED, 5, False), (BUSY, 9, True), (FAILED, 9, True), (BUSY, 5, False), (CALM, 9, True)])
@example(stretches=[(FAILED, 3, True), (FAILED, 3, True), (CALM, 1, False)])
@example(stretches=[(BUSY, 9, False), ({}, 2, True), (BUSY, 5, True), ({}, 5, False)])
def test_live_equals_restarted_equals_replay(store: Engine, stretches: Sequence[Stretch]) -> None:
    lasting, restarted = a_pool(), a_pool()

    told = live(stretches, store, lasting, restarts=False)

    assert told == live(stretches, store, restarted, restarts=True)
    assert told == replayed(stretches, store, lasting)
