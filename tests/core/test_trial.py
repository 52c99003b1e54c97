"""A rule tried on the past tells what it would have told, and which limit is calm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.rule_text import parse_rule
from bot.core.rules.model import ThresholdRule
from bot.core.stats import JobStatus, PoolStats
from bot.core.steps import Steps, alerts_at
from bot.core.trial import Trial, less_sensitive, suggested, tried
from bot.core.trial_on_counts import tried_on_levels
from tests.building import MINUTE, NOON, POOL, long_queue, minutes, queue_spike, told

EVER = NOON - timedelta(days=99)


def trial(rule: ThresholdRule, readings: Sequence[PoolStats]) -> Trial:
    one = tried(rule, POOL, readings, since=EVER)
    assert one is not None
    return Trial(rule, EVER, one.end, (one,))


def bumps(*heights: int, every: int = 60) -> list[PoolStats]:
    """For each height ten minutes of it, and calm until the hour is over."""
    return minutes("Queue", [value for height in heights for value in [height] * 10 + [2] * (every - 10)])


def test_a_trial_tells_what_the_replay_tells() -> None:
    readings = bumps(60, 80, 20)

    found = trial(long_queue(50), readings)

    assert [replace(alert, id="") for alert in found.alerts] == [
        replace(alert, id="") for alert in told([long_queue(50)], readings)
    ]
    assert [alert.peak for alert in found.alerts] == [60, 80]


def test_the_suggested_limit_makes_it_at_most_one_a_day() -> None:
    found = trial(long_queue(50), bumps(*range(51, 75)))
    calmer = suggested(found)

    assert len(found.alerts) == 24
    assert calmer is not None
    assert calmer.alerts == 1
    assert isinstance(calmer.rule, ThresholdRule)
    assert calmer.rule.above == 73
    assert len(told([calmer.rule], bumps(*range(51, 75)))) == 1


def test_a_rule_that_never_fired_is_told_the_limit_at_which_it_would() -> None:
    calmer = suggested(trial(long_queue(900), bumps(*range(51, 75))))

    assert calmer is not None
    assert (calmer.rule, calmer.alerts) == (long_queue(73), 1)


def test_nothing_is_suggested_for_a_rule_that_told_at_most_one_a_day() -> None:
    readings = bumps(60, 20, 20, 30, 30)

    assert len(trial(long_queue(50), readings).alerts) == 1
    assert suggested(trial(long_queue(50), readings)) is None


def test_days_before_the_time_asked_about_are_learnt_from_and_not_told() -> None:
    readings = bumps(60, 60, 60)

    one = tried(long_queue(50), POOL, readings, since=NOON + 90 * MINUTE)

    assert one is not None
    assert (len(one.alerts), one.start) == (1, NOON + 90 * MINUTE)


def test_nothing_is_said_of_a_pool_that_was_not_read() -> None:
    assert tried(long_queue(50), POOL, bumps(60), since=NOON + timedelta(days=1)) is None


def test_a_lively_spike_rule_is_told_what_the_next_less_sensitive_one_would_do() -> None:
    rule = queue_spike(sensitivity="high")
    calm = [2, 3, 2, 4, 3, 2] * 40
    readings = minutes("Queue", [*calm, *[9] * 20, *calm, *[60] * 20, *calm])
    one = tried(rule, POOL, readings, since=EVER)
    assert one is not None

    lesser = told([queue_spike(sensitivity="normal")], readings)
    calmer = less_sensitive(rule)
    assert calmer is not None
    other = tried(calmer, POOL, readings, since=EVER)
    assert other is not None
    assert len(other.alerts) == len(lesser)
    assert [alert.rule for alert in one.alerts] == ["queue spike"] * len(told([rule], readings))


@given(
    st.lists(st.integers(0, 6) | st.none(), min_size=1, max_size=120),
    st.integers(0, 6),
    st.none() | st.integers(0, 6),
    st.sampled_from(["0s", "2m", "5m"]),
    st.sampled_from(["Queue", "Failed"]),
    st.sampled_from(["0s", "3m"]),
)
def test_steps_tell_as_many_alerts_as_the_readings_they_are_made_of(
    values: list[int | None], above: int, below: int | None, hold_for: str, metric: str, clear_after: str
) -> None:
    rule = ThresholdRule.model_validate(
        {"name": "r", "metric": metric, "above": above, "hold_for": hold_for, "clear_after": clear_after}
        | ({} if below is None else {"clear_below": min(below, above)})
    )
    # Forty readings that failed in a row are a gap.
    readings = minutes(metric, [each for value in values for each in ([value] if value is not None else [None] * 40)])
    past = Steps(rule.metric, None)
    for stats in readings:
        past.see(stats)

    assert alerts_at(rule, [past], since=EVER, most=1000) == len(told([rule], readings))


def test_a_rule_in_words_is_tried_by_job_type() -> None:
    rule = parse_rule("Queue above 50 of train,infer")
    one = tried(rule, POOL, bumps(60), since=EVER)
    assert one is not None
    assert [alert.job_type for alert in one.alerts] == ["train"]


@given(
    st.lists(st.integers(0, 6) | st.none(), min_size=1, max_size=120),
    st.integers(0, 6),
    st.none() | st.integers(0, 6),
    st.sampled_from(["0s", "2m", "5m"]),
    st.sampled_from(["0s", "3m"]),
    st.integers(0, 60),
)
def test_counts_alone_tell_what_the_readings_tell_that_they_are_of(
    values: list[int | None], above: int, below: int | None, hold_for: str, clear_after: str, since: int
) -> None:
    rule = ThresholdRule.model_validate(
        {"name": "r", "metric": "Queue", "above": above, "hold_for": hold_for, "clear_after": clear_after}
        | ({} if below is None else {"clear_below": min(below, above)})
    )
    readings = minutes("Queue", [each for value in values for each in ([value] if value is not None else [None] * 40)])
    levels = [(each.taken_at, each.count(JobStatus.QUEUE)) for each in readings]
    moment = NOON + since * MINUTE

    found = tried_on_levels(rule, POOL, levels, since=moment)

    expected = tried(rule, POOL, readings, since=moment)
    if found is None or expected is None:
        assert found == expected
        return
    bare = replace(found, alerts=(), past=()), [each.steps for each in found.past]
    assert bare == (replace(expected, alerts=(), past=()), [each.steps for each in expected.past])
    assert [replace(each, id="") for each in found.alerts] == [replace(each, id="") for each in expected.alerts]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200), st.integers(0, 40), st.none() | st.integers(0, 40))
def test_the_suggested_limit_is_the_lowest_calm_one(values: list[int], above: int, below: int | None) -> None:
    rule = long_queue(above, **({} if below is None else {"clear_below": min(below, above)}))
    readings = minutes("Queue", values)
    found = trial(rule, readings)
    calmer = suggested(found)
    if calmer is None or len(found.alerts) <= 1:
        return

    assert isinstance(calmer.rule, ThresholdRule)
    lower = [value for value in set(values) if above < value < calmer.rule.above]
    assert calmer.alerts == len(told([calmer.rule], readings)) <= 1
    assert not lower or len(told([rule.model_copy(update={"above": max(lower)})], readings)) > 1
