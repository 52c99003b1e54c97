"""How does what a rule would have told of a pool travel between processes? As JSON; what comes back is equal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.core.alerts import Alert, State
from bot.core.because import from_kept, kept
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool
from bot.core.steps import Step, Steps
from bot.core.trial import PoolTrial

_PLAIN = ("id", "rule", "job_type", "value", "peak", "held_by", "kind")
_MOMENTS = (
    *("began_at", "changed_at", "seen_at", "fired_at", "resolved_at", "clear_since", "stale_since"),
    "silenced_until",
)


def plain_pool(pool: Pool) -> list[str]:
    """A pool."""
    return [pool.id, pool.name, pool.account, pool.region]


def plain_trial(one: PoolTrial) -> dict[str, Any]:
    """What JSON can hold; all that `trial_of` cannot know by itself."""
    return {
        "readings": one.readings,
        "start": _said(one.start),
        "end": _said(one.end),
        "alerts": [_plain(alert) for alert in one.alerts],
        "past": [[each.metric.value, each.job_type, [_step(step) for step in each.steps]] for each in one.past],
    }


def trial_of(pool: Pool, plain: Mapping[str, Any]) -> PoolTrial:
    """The same again."""
    past = tuple(
        Steps(JobStatus(metric), kind, [_of_step(each) for each in steps]) for metric, kind, steps in plain["past"]
    )
    alerts = tuple(_alert(pool, each) for each in plain["alerts"])
    start, end = datetime.fromisoformat(plain["start"]), datetime.fromisoformat(plain["end"])
    return PoolTrial(pool, plain["readings"], start, end, alerts, None, past)


def _plain(alert: Alert) -> dict[str, Any]:
    return {
        **{name: getattr(alert, name) for name in _PLAIN},
        **{name: _said(getattr(alert, name)) for name in _MOMENTS},
        "metric": alert.metric.value if alert.metric else None,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "why": kept(alert.why),
    }


def _alert(pool: Pool, plain: Mapping[str, Any]) -> Alert:
    moments: dict[str, Any] = {name: datetime.fromisoformat(plain[name]) if plain[name] else None for name in _MOMENTS}
    return Alert(
        **{name: plain[name] for name in _PLAIN},
        **moments,
        metric=JobStatus(plain["metric"]) if plain["metric"] else None,
        severity=Severity(plain["severity"]),
        state=State(plain["state"]),
        why=from_kept(plain["why"]),
        pool=pool,
    )


def _step(step: Step) -> list[Any]:
    return [step.value, _said(step.first), _said(step.last), step.readings, step.after_gap]


def _of_step(plain: Sequence[Any]) -> Step:
    value, first, last, readings, after_gap = plain
    return Step(value, datetime.fromisoformat(first), datetime.fromisoformat(last), readings, after_gap)


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
