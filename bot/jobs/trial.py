"""What would a rule have told of the last days, as far as there is time to look?

Where others can be asked they look at pools too, each with the same function; who asks looks at whatever they have not
answered yet, so that nobody's silence costs more than their part of the work.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from bot.core.rule_text import ChatRule
from bot.core.rules.looking import looked_at
from bot.core.rules.model import SpikeRule
from bot.core.stats import Pool
from bot.core.trial import PoolTrial, Trial, less_sensitive, suggested, tried
from bot.core.trial_on_counts import is_about_a_level, tried_on_levels, tried_on_sums
from bot.jobs.past import OutOfTime
from bot.jobs.poll import LEARN_FROM
from bot.store import samples
from bot.store.engine import reading
from bot.store.summed import summed

LOOKS_BACK = timedelta(days=14)
# For so long a person waits gladly.
ENOUGH = timedelta(seconds=4)
# What a rule with a limit must have seen before, beside the time for which it must last.
_BEFORE = timedelta(hours=1)
# The clock is not asked for every reading.
_ASKED_EVERY = 256

# Fewer pools than this are looked at sooner than anybody is asked.
MANY = 12

_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule would have told of some pools.

    Attributes:
        rule: Which.
        pools: Which.
        learnt_from, since, until: From when on it learns, from when on it tells, and the end.
    """

    rule: ChatRule
    pools: tuple[Pool, ...]
    learnt_from: datetime
    since: datetime
    until: datetime


# By the id of each pool; `None` of which nothing was read then.
Found = Mapping[str, PoolTrial | None]


class Others(Protocol):
    """Those who can be asked."""

    def asked(self, question: Question, within: timedelta) -> AbstractContextManager[Callable[[], Found]]:
        """Ask them; gives what says all that is answered so far. They need not answer, and not later than `within`."""


def try_rule(
    rule: ChatRule,
    pools: Sequence[Pool],
    *,
    engine: Engine,
    now: datetime,
    passed: Callable[[], timedelta],
    over: timedelta = LOOKS_BACK,
    within: timedelta = ENOUGH,
    others: Others | None = None,
) -> Trial:
    """Replay the last days of those of `pools` that the rule covers, with the evaluator that runs live.

    Args:
        rule: Which rule.
        pools: Those that the asker may see.
        engine: The store.
        now: The end of the time that is looked at.
        passed: How much time has passed since somebody began to wait.
        over: How long the time is that is looked at.
        within: When to stop: what was not looked at by then is counted.
        others: Who can be asked where there are many.

    Raises:
        StoreError: The database cannot be read.
    """
    since = now - over
    learnt_from = since - (LEARN_FROM if isinstance(rule, SpikeRule) else rule.hold_for + _BEFORE)
    covered = tuple(pool for pool in pools if rule.covers(pool))
    question = Question(rule, covered, learnt_from, since, now)

    def left() -> timedelta:
        return within - passed()

    found = _found(question, engine, left, others)
    known = [(pool, found[pool.id]) for pool in covered if pool.id in found]
    told = tuple(one for _, one in known if one is not None)
    unread = tuple(pool for pool, one in known if one is None)
    trial = Trial(rule, since, now, told, unread, len(covered) - len(known))
    calmer = less_sensitive(rule)
    if calmer is not None and len(trial.alerts) > trial.one_a_day:
        # Only then is it worth a second replay.
        beside = replace(question, rule=calmer, pools=tuple(one.pool for one in told))
        trial = replace(trial, pools=_beside(told, _found(beside, engine, left, others)))
    return replace(trial, suggestion=suggested(trial))


def looked_into(question: Question, engine: Engine, late: Callable[[], bool]) -> dict[str, PoolTrial | None]:
    """What the rule would have told of each of the pools for which there was time."""
    found: dict[str, PoolTrial | None] = {}
    for pool in question.pools:
        if late():
            break
        try:
            with reading(engine) as db:
                found[pool.id] = _tried(db, question, pool, late)
        except OutOfTime:
            break
    return found


def _found(
    question: Question, engine: Engine, left: Callable[[], timedelta], others: Others | None
) -> dict[str, PoolTrial | None]:
    """The same, with the help of others where there are many pools."""

    def late() -> bool:
        return left() <= timedelta()

    if others is None or len(question.pools) < MANY:
        return looked_into(question, engine, late)
    found: dict[str, PoolTrial | None] = {}
    with others.asked(question, left()) as answered:
        # They begin at the front.
        for pool in reversed(question.pools):
            found |= answered()
            if pool.id not in found:
                found |= looked_into(replace(question, pools=(pool,)), engine, late)
            if late():
                found |= answered()
                break
    return found


def _beside(told: Sequence[PoolTrial], calmer: Found) -> tuple[PoolTrial, ...]:
    """With how many alerts the less sensitive rule would have told, where there was time to look."""
    others = ((one, calmer.get(one.pool.id)) for one in told)
    return tuple(one if other is None else replace(one, beside=len(other.alerts)) for one, other in others)


def _tried(db: Connection, question: Question, pool: Pool, late: Callable[[], bool]) -> PoolTrial | None:
    """What the rule would have told of a pool."""
    rule, since, learnt_from, until = question.rule, question.since, question.learnt_from, question.until
    if is_about_a_level(rule):
        levels = samples.levels(db, pool.id, rule.metric, since=learnt_from, until=until)
        if levels is not None:
            return tried_on_levels(rule, pool, _in_time(levels, late), since=since)
    if isinstance(rule, SpikeRule) and rule.types is None:
        sums = summed(db, pool.id, rule.metric, since=learnt_from, until=until)
        if sums is not None:
            return tried_on_sums(rule, pool, _in_time(sums, late), since=since)
    past = samples.readings(db, pool.id, since=learnt_from, until=until, statuses=looked_at([rule]))
    return tried(rule, pool, _in_time(past, late), since=since)


def _in_time(readings: Iterable[_Each], late: Callable[[], bool]) -> Iterator[_Each]:
    for number, each in enumerate(readings):
        if number % _ASKED_EVERY == 0 and late():
            raise OutOfTime
        yield each
