"""Builders of the facts that tests speak about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.core.alerts import Alert, State
from bot.core.judge import replay
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, Severity, SpikeRule, StuckRule, ThresholdRule
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POOL = Pool("train-a100-0123456789abcdef0123456789abcdef", "train-a100")


def stats(at: datetime = NOON, pool: Pool = POOL, **types: Mapping[str, int]) -> PoolStats:
    """A reading: `stats(train={"Queue": 3})`."""
    return PoolStats(
        pool,
        at,
        {name: TypeCounts({JobStatus(key): value for key, value in counts.items()}) for name, counts in types.items()},
    )


def minutes(metric: str, values: Iterable[int | None], *, start: datetime = NOON, pool: Pool = POOL) -> list[PoolStats]:
    """A reading a minute of one status of training jobs, beside 20 running ones; `None` is a failed poll."""
    return [
        stats(start + index * MINUTE, pool, train={metric: value, "Running": 20})
        for index, value in enumerate(values)
        if value is not None
    ]


def an_alert(**changed: object) -> Alert:
    """An alert that has just fired, with changes."""
    made = Alert(
        id="a1",
        rule="queue spike",
        metric=JobStatus.QUEUE,
        severity=Severity.WARNING,
        pool=POOL,
        job_type=None,
        state=State.FIRING,
        began_at=NOON,
        changed_at=NOON,
        seen_at=NOON,
        value=84,
        peak=84,
        why="Queue 84; usual here 2–9",
        fired_at=NOON,
    )
    return replace(made, **changed)  # type: ignore[arg-type] # any field of the dataclass


def told(rules: Sequence[AlertRule], readings: Iterable[PoolStats]) -> list[Alert]:
    """The alerts that people would have been told about."""
    ids = count(1)
    return list(replay(rules, readings, new_id=lambda: str(next(ids))))


def long_queue(above: int = 50, **more: object) -> ThresholdRule:
    """A threshold rule on Queue."""
    return ThresholdRule.model_validate({"name": "long queue", "metric": "Queue", "above": above, **more})


def queue_spike(**more: object) -> SpikeRule:
    """The shipped rule on Queue, with changes."""
    return SpikeRule.model_validate({"name": "queue spike", "metric": "Queue", **more})


def failures_spike(**more: object) -> SpikeRule:
    """The shipped rule on Failed, with changes."""
    return SpikeRule.model_validate({"name": "failures spike", "metric": "Failed", "severity": "critical", **more})


def crowded(**more: object) -> RatioRule:
    """A rule on more than two queued jobs for each that runs."""
    return RatioRule.model_validate({"name": "crowded", "metric": "Queue", "to": "Running", "above": 2, **more})


def absent(**more: object) -> AbsentRule:
    """A rule on ten minutes without a reading."""
    return AbsentRule.model_validate({"name": "no data", **more})


def stuck(**more: object) -> StuckRule:
    """A rule on jobs that wait while none starts."""
    return StuckRule.model_validate({"name": "stuck", **more})
