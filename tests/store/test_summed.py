"""The sums of all job types are enough for a spike rule, or are not told."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.core.rules.model import SpikeRule
from bot.core.rules.spike import SpikeWatch
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.core.trial import tried
from bot.core.trial_on_counts import tried_on_sums
from bot.store import samples
from bot.store.engine import reading, writing
from bot.store.summed import summed
from tests.building import MINUTE, NOON, failures_spike, queue_spike, stats
from tests.core.test_spike import life

_pools = count()
RULES = (queue_spike(at_least=1, sensitivity="high"), failures_spike(at_least=1, sensitivity="high"))
ALWAYS = NOON - timedelta(days=1), NOON + timedelta(days=99)
# Mostly whole answers of two types; now and then a type or a status is left out, or there is hardly a job.
_whole = st.lists(st.sampled_from((0, 1, 3, 9, 40)), min_size=9, max_size=9).map(
    lambda numbers: TypeCounts(dict(zip(JobStatus, numbers, strict=True)))
)
_part = st.dictionaries(st.sampled_from(JobStatus), st.sampled_from((0, 1, 40)), min_size=7).map(TypeCounts)
_answers = st.fixed_dictionaries({"train": _whole, "infer": _whole})
_others = st.dictionaries(st.sampled_from(("train", "infer")), _part)
_pasts = st.lists(st.tuples(_answers, st.integers(1, 30)), min_size=1, max_size=8)


def verdicts(rule: SpikeRule, engine: Engine, pool: Pool) -> tuple[list[object], list[object] | None]:
    """What is judged of the readings, and of their sums."""
    whole, sums = SpikeWatch(rule, None), SpikeWatch(rule, None)
    with reading(engine) as db:
        told = summed(db, pool.id, rule.metric, since=ALWAYS[0], until=ALWAYS[1])
        seen = [whole.see(each) for each in samples.readings(db, pool.id, since=ALWAYS[0])]
        return list(seen), None if told is None else [sums.judge(jobs, begun, at // 60) for at, jobs, begun in told]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(past=_pasts, other=st.none() | _others)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.metric))
def test_sums_are_judged_like_the_readings_or_not_told(
    engine: Engine, rule: SpikeRule, past: list[tuple[dict[str, TypeCounts], int]], other: dict[str, TypeCounts] | None
) -> None:
    pool = Pool(f"pool-{next(_pools)}", "")
    answers = [types for types, times in past for _ in range(times)]
    answers += [] if other is None else [other, answers[0]]
    with writing(engine) as db:
        samples.save_many(db, [PoolStats(pool, NOON + minute * MINUTE, types) for minute, types in enumerate(answers)])

    of_readings, of_sums = verdicts(rule, engine, pool)

    assert of_sums is None or of_sums == of_readings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.metric))
def test_a_busy_past_is_told_in_sums(engine: Engine, rule: SpikeRule) -> None:
    past = [each for each in life(1, days=2) if each.jobs]
    with writing(engine) as db:
        samples.save_many(db, past)

    of_readings, of_sums = verdicts(rule, engine, past[0].pool)

    assert of_sums == of_readings
    assert len(of_readings) == len(past)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.metric))
def test_a_rule_tried_on_sums_tells_what_it_tells_of_the_readings(engine: Engine, rule: SpikeRule) -> None:
    # An hour in which nobody looked, and a time before that is only learnt from.
    past = [each for number, each in enumerate(life(3, days=2)) if each.jobs and not 2000 <= number < 2060]
    since = past[600].taken_at
    with writing(engine) as db:
        samples.save_many(db, past)
    with reading(engine) as db:
        sums = summed(db, past[0].pool.id, rule.metric, since=ALWAYS[0], until=ALWAYS[1])
        assert sums is not None
        found = tried_on_sums(rule, past[0].pool, sums, since=since)

    expected = tried(rule, past[0].pool, past, since=since)
    assert found is not None
    assert expected is not None
    assert found.alerts
    assert [each.steps for each in found.past] == [each.steps for each in expected.past]
    assert replace(found, past=()) == replace(expected, past=())


def test_what_is_told_now_and_then_is_not_summed(engine: Engine) -> None:
    past = [stats(NOON, train={"Failed": 9}, infer={"Failed": 9}), stats(NOON + MINUTE, train={"Failed": 9})]
    with writing(engine) as db:
        samples.save_many(db, past)
    with reading(engine) as db:
        assert summed(db, past[0].pool.id, JobStatus.FAILED, since=ALWAYS[0], until=ALWAYS[1]) is None
        assert list(summed(db, "nobody", JobStatus.FAILED, since=ALWAYS[0], until=ALWAYS[1]) or "?") == []
