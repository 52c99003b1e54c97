"""What would a rule have told of the last days, as far as there is time to look?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.rule_text import ChatRule
from bot.core.rules.looking import looked_at
from bot.core.rules.model import SpikeRule
from bot.core.stats import Pool, PoolStats
from bot.core.trial import PoolTrial, Trial, suggested, tried
from bot.jobs.past import OutOfTime
from bot.jobs.poll import LEARN_FROM
from bot.store import samples
from bot.store.engine import reading

LOOKS_BACK = timedelta(days=14)
# For so long a person waits gladly.
ENOUGH = timedelta(seconds=4)
# What a rule with a limit must have seen before, beside the time for which it must last.
_BEFORE = timedelta(hours=1)
# The clock is not asked for every reading.
_ASKED_EVERY = 256


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
    for number, pool in enumerate(covered):
        if passed() >= within:
            left_out = len(covered) - number
            break
        with reading(engine) as db:
            past = samples.readings(db, pool.id, since=learnt_from, until=now, statuses=looked_at([rule]))
            try:
                one = tried(rule, pool, _in_time(past, passed, within), since=since)
            except OutOfTime:
                left_out = len(covered) - number
                break
        if one is None:
            unread.append(pool)
        else:
            found.append(one)
    trial = Trial(rule, since, now, tuple(found), tuple(unread), left_out)
    return replace(trial, suggestion=suggested(trial))


def _in_time(readings: Iterator[PoolStats], passed: Callable[[], timedelta], within: timedelta) -> Iterator[PoolStats]:
    for number, stats in enumerate(readings):
        if number % _ASKED_EVERY == 0 and passed() >= within:
            raise OutOfTime
        yield stats
