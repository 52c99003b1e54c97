"""At what of a reading do rules look? Whoever reads a long past for them may leave out the rest."""

from collections.abc import Iterable
from typing import assert_never

from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.stats import JobStatus


def looked_at(rules: Iterable[AlertRule]) -> frozenset[JobStatus] | None:
    """The statuses that are all the rules look at in a reading; `None` where one of them looks at everything."""
    statuses: set[JobStatus] = set()
    for rule in rules:
        match rule:
            case ThresholdRule():
                statuses.add(rule.metric)
            case RatioRule():
                statuses |= {rule.metric, rule.to}
            case AbsentRule():
                statuses |= set() if rule.metric is None else {rule.metric}
            case SpikeRule() | StuckRule():
                return None
            case _:
                assert_never(rule)
    return frozenset(statuses)
