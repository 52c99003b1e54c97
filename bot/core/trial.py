"""What would a rule have told of the last days, and which limit would make it at most one alert a day?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from bot.core.alerts import Alert
from bot.core.judge import replay
from bot.core.rule_text import ChatRule
from bot.core.rules.model import Sensitivity, SpikeRule, ThresholdRule
from bot.core.stats import Pool, PoolStats
from bot.core.steps import Step, Steps, alerts_at, alike

# What is over within this was hardly worth a person's look.
SHORT = timedelta(minutes=5)
DAY = timedelta(days=1)
_LESS = {Sensitivity.HIGH: Sensitivity.NORMAL, Sensitivity.NORMAL: Sensitivity.LOW}


@dataclass(frozen=True, slots=True)
class PoolTrial:
    """What a rule would have told of one pool.

    Attributes:
        pool: Which.
        readings: How many were judged.
        start, end: The first and the last of them.
        alerts: What would have been told, oldest first.
        beside: How many alerts the less sensitive rule would have told; `None` where that was not tried.
        past: What the counts were, one for each job type that is judged.
    """

    pool: Pool
    readings: int
    start: datetime
    end: datetime
    alerts: tuple[Alert, ...]
    beside: int | None = None
    past: tuple[Steps, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that would have told at most one alert a day, and how many it would have told."""

    rule: ChatRule
    alerts: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have told.

    Attributes:
        rule: Which.
        since, until: Of which time.
        pools: What was looked at.
        unread: Pools that the rule covers of which nothing was read then.
        left_out: How many pools there was no time for.
        suggestion: What would be calmer, or what would tell anything at all; `None` where there is nothing to suggest.
    """

    rule: ChatRule
    since: datetime
    until: datetime
    pools: tuple[PoolTrial, ...] = ()
    unread: tuple[Pool, ...] = ()
    left_out: int = 0
    suggestion: Suggestion | None = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All that would have been told, oldest first."""
        return tuple(
            sorted(
                (alert for each in self.pools for alert in each.alerts), key=lambda alert: (told_at(alert), alert.id)
            )
        )

    @property
    def looked_at(self) -> timedelta:
        """Of how much time there are readings."""
        if not self.pools:
            return timedelta()
        return max(each.end for each in self.pools) - min(each.start for each in self.pools)

    @property
    def one_a_day(self) -> int:
        """How many alerts are one a day."""
        return max(1, round(self.looked_at / DAY))


def told_at(alert: Alert) -> datetime:
    """When people would have been told."""
    return alert.fired_at or alert.began_at


def lasted(alert: Alert) -> timedelta:
    """How long it would have stood, until now where it is not over."""
    return (alert.resolved_at or alert.seen_at) - told_at(alert)


def tried(rule: ChatRule, pool: Pool, readings: Iterable[PoolStats], *, since: datetime) -> PoolTrial | None:
    """Replay the readings of one pool, oldest first; those before `since` are learnt from. `None` without any since."""
    past = tuple(Steps(rule.metric, subject) for subject in rule.subjects)
    start: datetime | None = None
    end, judged = since, 0

    def noted() -> Iterator[PoolStats]:
        nonlocal start, end, judged
        for stats in readings:
            at = stats.taken_at
            if at >= since:
                start, end, judged = start or at, at, judged + 1
            for each in past:
                each.see(stats)
            yield stats

    numbers = count(1)
    found = list(replay([rule], noted(), new_id=lambda: f"{pool.id} {next(numbers)}"))
    if start is None:
        return None
    lasting = (alert for alert in found if alert.resolved_at is None or alert.resolved_at > since)
    return PoolTrial(pool, judged, start, end, tuple(sorted(lasting, key=told_at)), None, past)


def less_sensitive(rule: ChatRule) -> SpikeRule | None:
    """The same spike rule, the next less sensitive."""
    if not isinstance(rule, SpikeRule) or rule.sensitivity not in _LESS:
        return None
    return rule.model_copy(update={"sensitivity": _LESS[rule.sensitivity]})


def suggested(trial: Trial) -> Suggestion | None:
    """What would have told something, and at most one alert a day, of the pools that were looked at.

    There is none where the rule itself does. A limit is sought above that of a rule that is too lively, and below that
    of one that told nothing, but not below the middle of what was counted: there it would be in alert most of the time.
    Of a spike rule that is too lively it is the next less sensitive.
    """
    most = trial.one_a_day
    match trial.rule:
        case ThresholdRule() as rule:
            told = len(trial.alerts)
            if 0 < told <= most:
                return None
            return _limit(rule, [each for pool in trial.pools for each in pool.past], trial.since, most, up=told > 0)
        case SpikeRule() as rule:
            less = _LESS.get(rule.sensitivity)
            others = [pool.beside for pool in trial.pools if pool.beside is not None]
            if less is None or not others or len(others) < len(trial.pools) or len(trial.alerts) <= most:
                return None
            return Suggestion(rule.model_copy(update={"sensitivity": less}), sum(others))


def _limit(rule: ThresholdRule, past: Sequence[Steps], since: datetime, most: int, *, up: bool) -> Suggestion | None:
    steps = [step for each in past for step in each.steps if step.last >= since]
    if not steps:
        return None
    middle = _middle(steps)
    values = {step.value for step in steps}
    limits = sorted(value for value in values if (value > rule.above if up else middle <= value < rule.above))
    # The lowest limit at which it is calm, if there is one; what cannot tell those apart that are left is put together.
    first, end, told = 0, len(limits), 0
    while first < end:
        at = (first + end) // 2
        past = _narrowed(rule, past, limits[first], limits[end - 1])
        number = alerts_at(_at(rule, limits[at]), past, since=since, most=most)
        if number <= most:
            end, told = at, number
        else:
            first = at + 1
    if end == len(limits):
        return None
    better = _at(rule, limits[end])
    # At the highest count of all nothing is above: that is calm, but no use.
    return Suggestion(better, told) if told or up else None


def _narrowed(rule: ThresholdRule, past: Sequence[Steps], lowest: int, highest: int) -> list[Steps]:
    below = max(lowest if rule.clear_below is None else min(rule.clear_below, lowest), 1)
    return [Steps(each.metric, each.job_type, alike(each.steps, below=below, above=highest)) for each in past]


def _at(rule: ThresholdRule, limit: int) -> ThresholdRule:
    below = None if rule.clear_below is None else min(rule.clear_below, limit)
    return rule.model_copy(update={"above": limit, "clear_below": below})


def _middle(steps: Sequence[Step]) -> int:
    """The count that half of the readings were at or below."""
    by_value: dict[int, int] = {}
    for step in steps:
        by_value[step.value] = by_value.get(step.value, 0) + step.readings
    left = sum(by_value.values()) / 2
    for value in sorted(by_value):
        left -= by_value[value]
        if left <= 0:
            return value
    raise AssertionError("there is always a middle")
