"""Is a rule tried on many pools by workers with the very same outcome, and without them where they do not answer?"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from bot.app import helping
from bot.app.taking import Taking
from bot.clock import Clock
from bot.core.rule_text import ChatRule, parse_rule
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.core.trial import Trial
from bot.jobs.trial import MANY, Found, Question, try_rule
from bot.logs import Troubles
from bot.store import queue
from bot.store.engine import open_store, reading, writing
from bot.store.queue_schema import ANSWERS, SCHEMA, prepare
from bot.store.samples import save_many
from tests.building import MINUTE, NOON
from tests.databases import PostgreSQL
from tests.running import eventually

pytestmark = pytest.mark.postgresql
LEASE = timedelta(seconds=5)
POOLS = tuple(Pool(f"pool-{number}", f"Pool {number}") for number in range(MANY + 2))
RULES = ("Queue above 6 for 2m", "Queue above 6 of train", "Queue spike high")


@pytest.fixture
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A store with two days of lively pools; of the last one nothing was read."""
    engine = open_store(postgresql.new_store())
    prepare(engine)
    luck = random.Random(1)
    with writing(engine) as db:
        for pool in POOLS[:-1]:
            waiting, found = 0, []
            for minute in range(0, 2 * 1440, 10):
                waiting = max(0, waiting + luck.choice((-2, -1, 0, 1, 2)) + (luck.random() < 0.01) * 30)
                counts = {name: TypeCounts({JobStatus.QUEUE: waiting}) for name in ("train", "infer")}
                found.append(PoolStats(pool, NOON - (2 * 1440 - minute) * MINUTE, counts))
            save_many(db, found)
    yield engine
    engine.dispose()


class Patient:
    """Asks workers, and waits until they have answered everything."""

    def __init__(self, engine: Engine) -> None:
        self._helpers = helping.Helpers(engine, Clock(), lease=LEASE)
        self.answered = 0

    @contextmanager
    def asked(self, question: Question, within: timedelta) -> Iterator[Callable[[], Found]]:
        """As the workers of a cluster."""
        with self._helpers.asked(question, within) as answered:
            found = dict(answered())

            def look() -> bool:
                found.update(answered())
                return len(found) == len(question.pools)

            eventually(look, what="the answers")
            self.answered += len(found)
            yield lambda: found


@contextmanager
def working(engine: Engine) -> Iterator[None]:
    """A worker that answers."""

    def help_(context: object, question: dict[str, object]) -> None:
        helping.answer(engine, Clock(), context.job.id, question)  # type: ignore[attr-defined] # Procrastinate's

    troubles = Troubles(logging.getLogger(__name__))
    taking = Taking(engine, {helping.TASK: help_}, concurrency=2, lease=LEASE, troubles=troubles)
    taking.start()
    try:
        eventually(lambda: taking.is_there, what="the worker")
        yield
    finally:
        assert taking.stop()


def tried(engine: Engine, rule: ChatRule, others: Patient | helping.Helpers | None) -> tuple[Trial, list[object]]:
    """What the rule would have told; how counts were taken is nothing that anybody sees, only what they were."""
    found = try_rule(
        rule,
        POOLS,
        engine=engine,
        now=NOON,
        passed=timedelta,
        over=timedelta(days=1),
        within=timedelta(minutes=1),
        others=others,
    )
    past: list[object] = [(each.metric, each.job_type, each.steps) for one in found.pools for each in one.past]
    return replace(found, pools=tuple(replace(one, past=()) for one in found.pools)), past


def left(engine: Engine) -> int:
    """What nobody has taken away."""
    asked = f"SELECT (SELECT count(*) FROM {ANSWERS}) + (SELECT count(*) FROM {SCHEMA}.procrastinate_jobs)"  # noqa: S608 - our constants
    with reading(engine) as db:
        return int(db.scalar(text(asked)) or 0)


def test_what_workers_find_out_is_what_is_found_out_without_them(engine: Engine) -> None:
    with working(engine):
        for rule in map(parse_rule, RULES):
            patient = Patient(engine)
            alone = tried(engine, rule, None)
            assert tried(engine, rule, patient) == alone
            assert patient.answered >= len(POOLS)
            trial, past = alone
            assert trial.alerts, "there is something to tell"
            assert past
            assert trial.unread == POOLS[-1:]
        eventually(lambda: left(engine) == 0, what="nothing that is left")


def test_a_worker_that_answers_nothing_leaves_nothing_out(engine: Engine) -> None:
    with writing(engine) as db:
        db.execute(text(f"INSERT INTO {SCHEMA}.procrastinate_workers DEFAULT VALUES"))
        assert len(queue.there(db, within=LEASE)) == 1
    rule = parse_rule(RULES[0])
    assert tried(engine, rule, helping.Helpers(engine, Clock(), lease=LEASE)) == tried(engine, rule, None)
    assert left(engine) == 0
