"""Which rules can never tell anything, or nothing that another one does not tell?"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from bot.core.durations import duration_text
from bot.core.review.model import Finding, Plan, several
from bot.core.rules.model import (
    AbsentRule,
    AlertRule,
    RatioRule,
    Sensitivity,
    Severity,
    SpikeRule,
    StuckRule,
    ThresholdRule,
)
from bot.core.rules.spike import AT_LEAST
from bot.core.rules.spike_added import GAP
from bot.core.rules.stuck import SILENCE
from bot.core.stats import ENDED, Pool

_SEVERITIES = tuple(Severity)
_SENSITIVITIES = tuple(Sensitivity)


def about_rules(plan: Plan, known: Sequence[Pool]) -> Iterator[Finding]:
    """Rules that cannot work at this pace of readings, and rules behind others."""
    for number, rule in enumerate(plan.rules):
        yield from _pace(number, rule, plan.every)
    for number, rule in enumerate(plan.rules):
        for place, other in enumerate(plan.rules):
            # Of two that say the same, the second is named.
            if place == number or not _hides(other, rule) or (place > number and _hides(rule, other)):
                continue
            shared = _shared(other, rule, known)
            if shared is not None:
                yield Finding(("rules", number), f"rule {rule.name!r} {_hidden(rule, other, shared)}")
                break


def _pace(number: int, rule: AlertRule, every: timedelta) -> Iterator[Finding]:
    """What a rule makes of readings that come this seldom."""
    match rule:
        case SpikeRule(metric=metric) if metric in ENDED and every > timedelta(minutes=GAP):
            text = f"rule {rule.name!r} can never fire: what was added to {metric} is compared across {GAP}m at most, "
            text += f"and pools are read every {duration_text(every)} (poll.every)"
            yield Finding(("rules", number), text, wrong=True)
        case ThresholdRule() | SpikeRule() | RatioRule():
            return
        case AbsentRule(after=after) if after <= every:
            text = f"rule {rule.name!r} would fire between any two readings, for pools are read every "
            text += f"{duration_text(every)} (poll.every); write {duration_text(3 * every)} or more"
            yield Finding(("rules", number, "after"), text, wrong=True)
        case AbsentRule(after=after):
            if after < 2 * every:
                text = f"rule {rule.name!r} fires after a single failed reading, for pools are read every "
                text += f"{duration_text(every)} (poll.every); {duration_text(3 * every)} would wait for two"
                yield Finding(("rules", number, "after"), text)
        case StuckRule(after=after):
            if after * SILENCE < every:
                text = (
                    f"rule {rule.name!r} can never fire: to see that nothing has started for {duration_text(after)}, "
                )
                text += f"readings must be closer together than {duration_text(every)} (poll.every); "
                yield Finding(("rules", number, "after"), f"{text}write {duration_text(3 * every)} or more", wrong=True)
        case _:
            assert_never(rule)


def _hides(rule: AlertRule, other: AlertRule) -> bool:
    """Whether `rule` has always told already, and no less urgently, when `other` tells of the same pool."""
    return (
        _SEVERITIES.index(rule.severity) <= _SEVERITIES.index(other.severity)
        and rule.metric is other.metric
        and set(other.subjects) <= set(rule.subjects)
        and rule.hold_for <= other.hold_for
        and _as_strict(rule, other)
    )


def _as_strict(rule: AlertRule, other: AlertRule) -> bool:
    """Whether `rule` is breached by every reading that breaches `other`."""
    match rule:
        case ThresholdRule():
            return isinstance(other, ThresholdRule) and rule.above <= other.above
        case SpikeRule():
            return (
                isinstance(other, SpikeRule)
                and _SENSITIVITIES.index(rule.sensitivity) >= _SENSITIVITIES.index(other.sensitivity)
                and (rule.at_least or AT_LEAST) <= (other.at_least or AT_LEAST)
            )
        case RatioRule():
            return (
                isinstance(other, RatioRule)
                and rule.to is other.to
                and rule.above <= other.above
                and rule.at_least <= other.at_least
            )
        case AbsentRule():
            return isinstance(other, AbsentRule) and rule.after <= other.after
        case StuckRule():
            return isinstance(other, StuckRule) and rule.after <= other.after and rule.at_least <= other.at_least
        case _:
            assert_never(rule)


def _shared(rule: AlertRule, other: AlertRule, known: Sequence[Pool]) -> Sequence[Pool] | None:
    """The known pools on which `rule` hides `other`, which may be none; `None` where they are about different pools."""
    if set(rule.pools) == set(other.pools) or "*" in rule.pools:
        return [pool for pool in known if other.covers(pool)]
    shared = [pool for pool in known if other.covers(pool) and rule.covers(pool)]
    return shared or None


def _hidden(rule: AlertRule, other: AlertRule, shared: Sequence[Pool]) -> str:
    where = f" on {several([pool.name for pool in shared])}" if shared else ""
    if _hides(rule, other):
        return (
            f"tells the same as {other.name!r}{where}: drop one of them, or tell them apart by severity, pools or types"
        )
    return (
        f"tells nothing that {other.name!r} has not told before as {other.severity.value}{where}: "
        f"make it more severe than that, or drop it"
    )
