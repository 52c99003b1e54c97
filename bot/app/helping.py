"""Who helps to try a rule on many pools? The workers of a cluster: each is asked about some, and answers by a row."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from bot.clock import Clock
from bot.core.rule_text import checked_rule
from bot.core.stats import Pool
from bot.core.trial import PoolTrial
from bot.jobs.trial import Found, Question, looked_into
from bot.jobs.trial_text import plain_pool, plain_trial, trial_of
from bot.store import asked, queue
from bot.store.engine import StoreError, reading, writing

log = logging.getLogger(__name__)

TASK = "try_rule"
# Who asks hears of what was found out so often.
_SAID_EVERY = 0.2
_MOMENTS = ("learnt_from", "since", "until")


class Helpers:
    """Asks the workers that are there; where they, or their database, do not answer, nothing has been lost."""

    def __init__(self, engine: Engine, clock: Clock, *, lease: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._lease = lease

    @contextmanager
    def asked(self, question: Question, within: timedelta) -> Iterator[Callable[[], Found]]:
        """Ask them; gives what says all that is answered so far."""
        of = {pool.id: pool for pool in question.pools}
        numbers = self._ask(question, self._clock.wall() + within)
        known: set[int] = set()

        def answered() -> Found:
            found: dict[str, PoolTrial | None] = {}
            for number, said in self._answers(numbers, known):
                known.add(number)
                found |= {each: None if one is None else trial_of(of[each], one) for each, one in said.items()}
            return found

        try:
            yield answered
        finally:
            self._take_away(numbers)

    def _ask(self, question: Question, by: datetime) -> list[int]:
        try:
            with writing(self._engine) as db:
                workers = queue.there(db, within=self._lease)
                # All of them begin with the first pools, and who asks begins with the last.
                parts = (question.pools[index :: len(workers)] for index in range(len(workers)))
                return asked.put(db, TASK, workers, [_plain(question, part, by) for part in parts])
        except StoreError as error:
            log.info("workers cannot be asked: %s", error)
            return []

    def _answers(self, questions: Sequence[int], known: set[int]) -> list[tuple[int, Mapping[str, Any]]]:
        if not questions:
            return []
        with reading(self._engine) as db:
            return list(asked.answers(db, questions, known))

    def _take_away(self, questions: Sequence[int]) -> None:
        if not questions:
            return
        try:
            with writing(self._engine) as db:
                asked.take_away(db, TASK, questions)
        except StoreError as error:
            log.info("what was asked of workers stays for some minutes: %s", error)


def answer(engine: Engine, clock: Clock, number: int, plain: Mapping[str, Any]) -> None:
    """Answer a question that was put to this worker.

    Raises:
        StoreError: The database cannot be used.
    """
    by = datetime.fromisoformat(plain["by"])

    def late() -> bool:
        return clock.wall() >= by

    learnt_from, since, until = (datetime.fromisoformat(plain[name]).astimezone(UTC) for name in _MOMENTS)
    question = Question(checked_rule(plain["rule"]), (), learnt_from, since, until)
    found: dict[str, Any] = {}
    said_at = clock.monotonic()
    pools = [Pool(*each) for each in plain["pools"]]
    for pool in pools:
        one = looked_into(replace(question, pools=(pool,)), engine, late)
        found |= {each: None if trial is None else plain_trial(trial) for each, trial in one.items()}
        if found and (pool == pools[-1] or late() or clock.monotonic() - said_at >= _SAID_EVERY):
            with writing(engine) as db:
                asked.answer(db, number, found)
            found, said_at = {}, clock.monotonic()
        if late():
            return


def _plain(question: Question, pools: Sequence[Pool], by: datetime) -> dict[str, Any]:
    moments = {name: getattr(question, name).isoformat() for name in _MOMENTS}
    rule = question.rule.model_dump(mode="json", exclude_none=True)
    return {"rule": rule, "pools": [plain_pool(pool) for pool in pools], "by": by.isoformat(), **moments}
