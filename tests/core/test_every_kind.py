"""What holds for every kind of rule, whatever the past."""

import io
import pickle
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.core.judge import Watch, watch
from bot.core.rules.model import KINDS, SHIPPED, AlertRule
from bot.core.rules.verdict import Breach, Clear
from bot.core.silence import Silence
from bot.core.stats import JobStatus, PoolStats, TypeCounts
from tests.building import MINUTE, NOON, POOL, absent, crowded, long_queue, queue_spike, stats, stuck

# One of each, quick to speak.
RULES: Sequence[AlertRule] = (
    long_queue(2),
    queue_spike(at_least=1, sensitivity="high"),
    crowded(),
    stuck(after="2m"),
    absent(metric="Queue", after="2m"),
)
JUDGING = [rule for rule in RULES if rule.kind != "absent"]

_counts = st.dictionaries(st.sampled_from(JobStatus), st.sampled_from((0, 1, 4, 60, 900)))
_pasts = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(("train", "infer")), _counts),
        st.sampled_from((1, 2, 3, 40)),
        st.sampled_from((1, 1, 1, 7, 90)),
    ),
    max_size=8,
)
Past = list[tuple[Mapping[str, Mapping[JobStatus, int]], int, int]]


def readings(past: Past) -> list[PoolStats]:
    """So many readings of each answer, so many minutes apart."""
    at, found = NOON, []
    for answer, times, apart in past:
        for _ in range(times):
            at += apart * MINUTE
            found.append(PoolStats(POOL, at, {name: TypeCounts(counts) for name, counts in answer.items()}))
    return found


def after(rule: AlertRule, past: Past) -> Watch:
    """A watch that has seen the past."""
    made = watch(rule, POOL, None)
    assert not isinstance(made, Silence)
    for reading in readings(past):
        made.see(reading)
    return made


def test_every_kind_is_here() -> None:
    assert {rule.kind for rule in RULES} == KINDS
    assert len(get_args(get_args(AlertRule)[0])) == len(KINDS)
    assert {rule.kind for rule in SHIPPED} <= KINDS


@pytest.mark.parametrize("rule", JUDGING, ids=lambda rule: rule.kind)
@given(past=_pasts, left=_counts)
@settings(max_examples=60)
def test_a_reading_that_does_not_report_the_count_never_clears(
    rule: AlertRule, past: Past, left: Mapping[JobStatus, int]
) -> None:
    counts: dict[JobStatus, int] = {status: count for status, count in left.items() if status is not JobStatus.QUEUE}
    sparse = PoolStats(POOL, NOON + timedelta(days=9), {"train": TypeCounts(counts)})

    assert not isinstance(after(rule, past).see(sparse), Clear | Breach)


@pytest.mark.parametrize("rule", JUDGING, ids=lambda rule: rule.kind)
@given(past=_pasts)
@settings(max_examples=60)
def test_an_empty_pool_is_never_in_trouble(rule: AlertRule, past: Past) -> None:
    made = after(rule, past)
    end = NOON + timedelta(days=1)

    assert not any(isinstance(made.see(stats(end + minute * MINUTE)), Breach) for minute in range(5))


@given(past=_pasts)
@settings(max_examples=60)
def test_an_empty_pool_is_heard(past: Past) -> None:
    silence = watch(absent(metric="Queue", after="2m"), POOL, None)
    assert isinstance(silence, Silence)
    for reading in readings(past):
        silence.learn(reading)
    silence.learn(stats(NOON + timedelta(days=1)))

    assert silence.last(NOON + timedelta(days=1, minutes=1), None, str) == (None, ())


class _Remembered(pickle.Pickler):
    """What a watch keeps for itself: neither its rule, nor the last answer, which all rules on a pool share."""

    def persistent_id(self, value: object) -> str | None:
        return "shared" if isinstance(value, BaseModel | TypeCounts) else None


@pytest.mark.parametrize("rule", [crowded(), stuck()], ids=lambda rule: rule.kind)
def test_what_is_remembered_is_less_than_two_kilobytes(rule: AlertRule) -> None:
    made = watch(rule, POOL, None)
    assert not isinstance(made, Silence)
    for number in range(200):
        counts = {status.value: 1000 * number for status in JobStatus}
        made.see(stats(NOON + number * MINUTE, POOL, **{f"a-new-type-{index}": counts for index in range(20)}))
    held = io.BytesIO()
    _Remembered(held).dump(made)

    assert 100 < len(held.getvalue()) < 2048
