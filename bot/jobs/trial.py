"""What would a rule have told of the last days, as far as there is time to look?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

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

_Each = TypeVar("_Each")


def try_rule(
    rule: ChatRule,
    pools: Sequence[Pool],
    *,
    engine: Engine,
    now: datetime,
    passed: Callable[[], timedelta],
    over: timedelta = LOOKS_BACK,
    within: timedelta = ENOUGH,
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

    Raises:
        StoreError: The database cannot be read.
    """
    since = now - over
    learnt_from = since - (LEARN_FROM if isinstance(rule, SpikeRule) else rule.hold_for + _BEFORE)
    covered = [pool for pool in pools if rule.covers(pool)]
    found: list[PoolTrial] = []
    unread: list[Pool] = []
    left_out = 0

    def is_late() -> bool:
        return passed() >= within

    for number, pool in enumerate(covered):
        if is_late():
            left_out = len(covered) - number
            break
        with reading(engine) as db:
            try:
                one = _tried(db, rule, pool, (learnt_from, since, now), is_late)
            except OutOfTime:
                left_out = len(covered) - number
                break
        if one is None:
            unread.append(pool)
        else:
            found.append(one)
    trial = Trial(rule, since, now, tuple(found), tuple(unread), left_out)
    calmer = less_sensitive(rule)
    if calmer is not None and len(trial.alerts) > trial.one_a_day:
        # Only then is it worth a second replay.
        pools_beside = tuple(_beside(each, calmer, engine, (learnt_from, since, now), is_late) for each in found)
        trial = replace(trial, pools=pools_beside)
    return replace(trial, suggestion=suggested(trial))


def _beside(
    one: PoolTrial,
    calmer: SpikeRule,
    engine: Engine,
    moments: tuple[datetime, datetime, datetime],
    late: Callable[[], bool],
) -> PoolTrial:
    """With how many alerts the less sensitive rule would have told, if there is time to look."""
    try:
        with reading(engine) as db:
            other = _tried(db, calmer, one.pool, moments, late)
    except OutOfTime:
        return one
    return one if other is None else replace(one, beside=len(other.alerts))


def _tried(
    db: Connection, rule: ChatRule, pool: Pool, moments: tuple[datetime, datetime, datetime], late: Callable[[], bool]
) -> PoolTrial | None:
    """What the rule would have told of a pool; `moments` are from when on it learns, from when on it tells, the end."""
    learnt_from, since, until = moments
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
