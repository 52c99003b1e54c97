"""What would a rule have told of the last days, where its counts alone are all that it looks at?

It is the evaluator that runs live. Only what is calm while nothing is open is put before nobody else, and nothing is
made of a reading but its counts: several times as quick as `tried`, and a test proves it equal.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import TypeGuard

from bot.core.alerts import Alert
from bot.core.following import Followed
from bot.core.rule_text import ChatRule
from bot.core.rules.model import SpikeRule, ThresholdRule
from bot.core.rules.spike import SpikeWatch
from bot.core.rules.starts import Begun
from bot.core.rules.threshold import ThresholdWatch
from bot.core.rules.verdict import Clear
from bot.core.stats import ENDED, Pool, PoolStats, TypeCounts
from bot.core.steps import Steps
from bot.core.trial import PoolTrial, told_at

# Of a reading the Unix seconds, the jobs of all types in a status, and those that have started (the same object where
# they are the same).
Summed = tuple[int, int, Begun | None]


def is_about_a_level(rule: ChatRule) -> TypeGuard[ThresholdRule]:
    """Whether all that the rule judges is how many jobs of all types wait or run."""
    return isinstance(rule, ThresholdRule) and rule.metric not in ENDED and rule.types is None


def tried_on_levels(
    rule: ThresholdRule, pool: Pool, levels: Iterable[tuple[datetime, int | None]], *, since: datetime
) -> PoolTrial | None:
    """The same as `tried` for a rule that `is_about_a_level`, given its counts, oldest first."""
    past, numbers = Steps(rule.metric, None), count(1)
    followed = Followed(rule, None, ThresholdWatch(rule, None).see)
    clear_below = max(rule.above if rule.clear_below is None else rule.clear_below, 1)
    found: list[Alert] = []
    start: datetime | None = None
    end, judged = since, 0
    for at, level in levels:
        if past.take(at, level):
            followed.resume(at)
        if at >= since:
            start, end, judged = start or at, at, judged + 1
        if level is None or (level < clear_below and followed.calm):
            continue
        stats = PoolStats(pool, at, {"": TypeCounts({rule.metric: level})})
        ended = followed.see(stats, lambda: f"{pool.id} {next(numbers)}")
        if ended is not None:
            found.append(ended)
    if start is None:
        return None
    return PoolTrial(pool, judged, start, end, _lasting(found, followed, since), None, (past,))


def tried_on_sums(rule: SpikeRule, pool: Pool, sums: Iterable[Summed], *, since: datetime) -> PoolTrial | None:
    """The same as `tried` for a rule on all job types together, given their sums, oldest first."""
    past, watch, numbers = Steps(rule.metric, None), SpikeWatch(rule, None), count(1)
    followed = Followed(rule, None, watch.see)
    found: list[Alert] = []
    start: datetime | None = None
    told_from, end, judged = since.timestamp(), since, 0
    for seconds, number, begun in sums:
        at = datetime.fromtimestamp(seconds, UTC)
        if past.take(at, number):
            followed.resume(at)
        if seconds >= told_from:
            start, end, judged = start or at, at, judged + 1
        verdict = watch.judge(number, begun, seconds // 60)
        if followed.calm and isinstance(verdict, Clear):
            continue
        ended = followed.take(verdict, pool, at, lambda: f"{pool.id} {next(numbers)}")
        if ended is not None:
            found.append(ended)
    if start is None:
        return None
    return PoolTrial(pool, judged, start, end, _lasting(found, followed, since), None, (past,))


def _lasting(found: Iterable[Alert], followed: Followed, since: datetime) -> tuple[Alert, ...]:
    """The alerts that lasted until `since` or later, oldest first."""
    standing = () if followed.standing is None else (followed.standing,)
    lasting = (alert for alert in (*found, *standing) if alert.resolved_at is None or alert.resolved_at > since)
    return tuple(sorted(lasting, key=told_at))
