"""A long past judged at once tells what its readings would have told one by one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.alerts import Alert, Event
from bot.core.judge import Change, PoolJudge, replay
from bot.core.rules.looking import looked_at
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, SpikeRule, StuckRule, ThresholdRule
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from tests.building import MINUTE, NOON, long_queue, minutes

POOLS = (Pool("train-a100", "train"), Pool("infer-910b", "infer"))
TYPES = ("train", "infer", "notebook")
# Longer than any past.
FAR = timedelta(days=999)
# Queue is a level, Failed is counted up; the others are evidence to some rules.
METRICS = (JobStatus.QUEUE, JobStatus.FAILED)
STATUSES = (*METRICS, JobStatus.RUNNING, JobStatus.COMPLETED)

_waits = st.sampled_from((0, 1, 3, 10)).map(lambda number: number * MINUTE)
_about = {
    "metric": st.sampled_from(METRICS),
    "pools": st.sampled_from((("*",), ("train*",))),
    "types": st.sampled_from((None, None, ("train",), ("infer", "train"))),
    "hold_for": _waits,
    "clear_after": _waits,
    "open_at_least": _waits,
}
# Every kind of rule with what it can be told.
KINDS: dict[type[AlertRule], st.SearchStrategy[AlertRule]] = {
    ThresholdRule: st.builds(
        lambda above, below, **more: ThresholdRule(
            name="r", above=above, clear_below=below and min(above, below), **more
        ),
        above=st.sampled_from((0, 2, 8, 40)),
        below=st.sampled_from((None, 0, 1, 6)),
        **_about,
    ),
    SpikeRule: st.builds(
        SpikeRule,
        name=st.just("r"),
        at_least=st.sampled_from((None, 1)),
        sensitivity=st.sampled_from(("high", "normal")),
        **_about,
    ),
    RatioRule: st.builds(
        RatioRule,
        name=st.just("r"),
        to=st.just(JobStatus.RUNNING),
        above=st.sampled_from((0.4, 2.5)),
        clear_below=st.sampled_from((None, 0.1)),
        **_about | {"metric": st.just(JobStatus.QUEUE)},
    ),
    AbsentRule: st.builds(
        lambda metric, types, **more: AbsentRule(name="r", metric=metric, types=types if metric else None, **more),
        after=st.sampled_from((1, 2, 10, 45)).map(lambda number: number * MINUTE),
        **_about | {"metric": st.sampled_from((None, *METRICS))},
    ),
    StuckRule: st.builds(
        StuckRule,
        name=st.just("r"),
        after=st.sampled_from((1, 3, 10)).map(lambda number: number * MINUTE),
        at_least=st.sampled_from((1, 9)),
        **_about | {"metric": st.just(JobStatus.QUEUE)},
    ),
}


@st.composite
def rules(draw: st.DrawFn) -> list[AlertRule]:
    """Some rules of any kinds, each with a name of its own."""
    drawn = draw(st.lists(st.one_of(*KINDS.values()), min_size=1, max_size=3))
    return [rule.model_copy(update={"name": f"rule {number}"}) for number, rule in enumerate(drawn)]


@st.composite
def pasts(draw: st.DrawFn) -> list[PoolStats]:
    """Readings of two pools with all that makes a past: levels that stay for a while, counts that grow and are reset.

    There are gaps, moments that come twice, types that come and go, and statuses that are not reported.
    """
    chance = draw(st.randoms(use_true_random=False))
    readings = []
    for pool in POOLS[: draw(st.integers(1, 2))]:
        at, failed = NOON, 0
        for _ in range(draw(st.integers(1, 12))):
            level = chance.choice((0, 1, 5, 9, 60, 400))
            growth = chance.choice((0, 0, 1, 12))
            there = [name for name in TYPES if chance.random() < 0.8]
            told = [status for status in STATUSES if chance.random() < 0.9]
            for _ in range(chance.choice((1, 2, 6, 15))):
                failed = 0 if chance.random() < 0.02 else failed + growth
                counts = dict(zip(STATUSES, (level + chance.randrange(3), failed, 20, 3 * failed), strict=True))
                counts = {status: number for status, number in counts.items() if status in told}
                readings.append(PoolStats(pool, at, {name: TypeCounts(counts) for name in there}))
                at += MINUTE * chance.choice((0, 1, 1, 1, 1, 1, 2, 45))
    return sorted(readings, key=lambda stats: stats.taken_at)


def one_by_one(rules: Sequence[AlertRule], readings: Sequence[PoolStats]) -> Iterator[Alert]:
    """What is told live: every reading changes the open alerts, and those that end are over."""
    judges: dict[str, PoolJudge] = {}
    standing: dict[str, dict[str, Alert]] = {}
    reasons: dict[str, str] = {}
    ids = count(1)

    def kept(changes: Sequence[Change]) -> Iterator[Alert]:
        for change in changes:
            for made in change.moves:
                if made.event is Event.HELD:
                    reasons[change.alert.id] = str(made.why)
            alerts = standing[change.alert.pool.id]
            alerts[change.alert.id] = change.alert
            if not change.alert.open:
                del alerts[change.alert.id]
                if change.alert.told:
                    yield replace(change.alert, why=reasons[change.alert.id])

    for stats in readings:
        judge = judges.setdefault(stats.pool.id, PoolJudge(stats.pool, rules))
        alerts = standing.setdefault(stats.pool.id, {})
        yield from kept(judge.see(stats, tuple(alerts.values()), new_id=lambda: str(next(ids))))
    for judge in judges.values():
        # At the moment of the newest of all readings the others are not read.
        at = max(stats.taken_at for stats in readings)
        alerts = standing[judge.pool.id]
        list(kept(judge.missed(tuple(alerts.values()), at=at, new_id=lambda: str(next(ids)), stale_after=FAR)))
        assert all(alert.open for alert in alerts.values())
    for alerts in standing.values():
        told = [replace(alert, why=reasons[alert.id]) for alert in alerts.values() if alert.told]
        yield from sorted(told, key=lambda alert: (alert.began_at, alert.rule, alert.job_type or ""))


def at_once(rules: Sequence[AlertRule], readings: Sequence[PoolStats]) -> list[Alert]:
    """What a replay tells."""
    ids = count(1)
    return list(replay(rules, readings, new_id=lambda: str(next(ids))))


@given(rules=rules(), readings=pasts())
@settings(max_examples=200, deadline=None)
def test_a_replay_tells_what_the_readings_would_have_told_one_by_one(
    rules: list[AlertRule], readings: list[PoolStats]
) -> None:
    assert at_once(rules, readings) == list(one_by_one(rules, readings))


@given(rules=rules(), readings=pasts())
@settings(max_examples=60, deadline=None)
def test_what_rules_do_not_look_at_changes_nothing(rules: list[AlertRule], readings: list[PoolStats]) -> None:
    statuses = looked_at(rules)
    less = [
        replace(stats, types={name: _only(each, statuses) for name, each in stats.types.items()}) for stats in readings
    ]

    assert at_once(rules, less) == at_once(rules, readings)


def _only(counts: TypeCounts, statuses: Collection[JobStatus] | None) -> TypeCounts:
    if statuses is None:
        return counts
    return TypeCounts({status: number for status, number in counts.status.items() if status in statuses})


def test_every_kind_of_rule_is_among_those_that_are_tried() -> None:
    assert set(KINDS) == set(get_args(get_args(AlertRule)[0]))


def test_the_peak_of_a_long_alert_is_told_though_it_was_no_turn() -> None:
    (alert,) = at_once([long_queue(hold_for="2m")], minutes("Queue", [60, 60, 60, 61, 90, 62, 10]))

    assert (alert.peak, alert.value, alert.began_at) == (90, 10, NOON)
    assert alert.resolved_at == NOON + timedelta(minutes=6)


def test_an_alert_that_is_still_open_stands_as_its_last_reading_left_it() -> None:
    (alert,) = at_once([long_queue()], minutes("Queue", [60, 90, 70, None, 65]))

    assert (alert.peak, alert.value, alert.seen_at) == (90, 65, NOON + 4 * MINUTE)
    assert alert.why == "Queue 60, above 50"
