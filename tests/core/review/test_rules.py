"""Rules that can never tell anything, or nothing that another does not tell."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.review.model import Finding, Plan
from bot.core.review.rules import about_rules
from bot.core.rules.model import SHIPPED, AbsentRule, AlertRule, RatioRule, StuckRule
from bot.core.stats import JobStatus, Pool, PoolStats
from tests.building import NOON, failures_spike, long_queue, minutes, queue_spike, stats, told

TRAIN, DEV = Pool("train-1", "train-1"), Pool("dev-1", "dev-1")


def found(*rules: AlertRule, known: Sequence[Pool] = (TRAIN, DEV), every: int = 60) -> list[Finding]:
    """What is found about these rules."""
    return list(about_rules(Plan("all", timedelta(seconds=every), rules, (), (), ()), known))


def ratio(**more: object) -> RatioRule:
    """A queue out of proportion."""
    return RatioRule.model_validate({"name": "a", "metric": "Queue", "to": "Running", **more})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(long_queue(50), long_queue(100, name="b"), id="a higher limit of the same severity"),
        pytest.param(long_queue(50), long_queue(50, name="b", hold_for="5m"), id="the same limit, held for longer"),
        pytest.param(long_queue(50, severity="critical"), long_queue(90, name="b"), id="a higher limit, less severe"),
        pytest.param(queue_spike(), queue_spike(name="b", sensitivity="low"), id="a spike that is less sensitive"),
        pytest.param(queue_spike(), queue_spike(name="b", at_least=20), id="a spike of more jobs"),
        pytest.param(
            long_queue(5, types=["train", "infer"]), long_queue(6, name="b", types=["train"]), id="fewer types"
        ),
        pytest.param(StuckRule(name="a"), StuckRule(name="b", after=timedelta(hours=2)), id="stuck for longer"),
        pytest.param(AbsentRule(name="a"), AbsentRule(name="b", after=timedelta(hours=2)), id="silent for longer"),
        pytest.param(ratio(above=2), ratio(above=3, name="b"), id="a higher ratio"),
    ],
)
def test_a_rule_behind_another_is_named(first: AlertRule, second: AlertRule) -> None:
    (one,), (other,) = found(first, second), found(second, first)

    assert (one.loc, one.wrong) == (("rules", 1), False)
    assert other.loc == ("rules", 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(long_queue(50), long_queue(100, name="b", severity="critical"), id="a higher limit, more severe"),
        pytest.param(long_queue(50, hold_for="10m"), long_queue(100, name="b"), id="a higher limit, told sooner"),
        pytest.param(long_queue(50), long_queue(100, name="b", types=["train"]), id="one type beside all together"),
        pytest.param(long_queue(50), long_queue(100, name="b", metric="Pending"), id="another status"),
        pytest.param(long_queue(50), queue_spike(), id="another kind"),
        pytest.param(ratio(above=2), ratio(above=3, name="b", to=JobStatus.CREATING), id="another comparison"),
        pytest.param(AbsentRule(name="a"), AbsentRule(name="b", metric=JobStatus.QUEUE), id="one status beside any"),
        pytest.param(long_queue(50, pools=["dev-*"]), long_queue(100, name="b", pools=["train-*"]), id="other pools"),
        pytest.param(*SHIPPED, id="what is shipped"),
    ],
)
def test_rules_that_both_have_something_to_tell_are_left_alone(first: AlertRule, second: AlertRule) -> None:
    assert found(first, second) == []
    assert found(second, first) == []


def test_of_two_that_say_the_same_the_second_is_named_once() -> None:
    (finding,) = found(queue_spike(), queue_spike(name="b", pools=["train-*"]), queue_spike(name="c", metric="Pending"))

    assert finding.loc == ("rules", 1)
    assert finding.text == (
        "rule 'b' tells the same as 'queue spike' on train-1: "
        "drop one of them, or tell them apart by severity, pools or types"
    )


def test_without_any_known_pool_only_equal_globs_are_compared() -> None:
    assert found(long_queue(5), long_queue(9, name="b", pools=["a"]), known=())
    assert found(long_queue(5, pools=["a"]), long_queue(9, name="b", pools=["a"]), known=())
    assert not found(long_queue(5, pools=["a*"]), long_queue(9, name="b", pools=["a"]), known=())


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=40),
    st.tuples(st.integers(0, 10), st.integers(0, 10)),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_a_rule_that_is_called_hidden_never_tells_before_the_other(
    counts: list[int], above: tuple[int, int], hold: tuple[int, int]
) -> None:
    first, second = (
        long_queue(limit, name=name, hold_for=f"{minutes}m")
        for limit, minutes, name in zip(above, hold, ("a", "b"), strict=True)
    )
    if [finding.loc for finding in found(first, second)] != [("rules", 1)]:
        return
    alerts = told([first, second], minutes("Queue", counts))
    spans = {name: [(alert.fired_at, alert.resolved_at) for alert in alerts if alert.rule == name] for name in "ab"}
    for start, _ in spans["b"]:
        assert any(begun and start and begun <= start and (end is None or end > start) for begun, end in spans["a"])


def test_a_stuck_rule_that_readings_come_too_seldom_for_is_wrong() -> None:
    (finding,) = found(StuckRule(name="stalled", after=timedelta(seconds=90)))

    assert (finding.loc, finding.wrong) == (("rules", 0, "after"), True)
    assert "can never fire" in finding.text
    assert finding.text.endswith("write 3m or more")
    assert found(StuckRule(name="stalled", after=timedelta(minutes=3))) == []


def test_a_spike_of_failures_that_readings_come_too_seldom_for_is_wrong() -> None:
    (finding,) = found(failures_spike(), queue_spike(), every=3600)

    assert (finding.loc, finding.wrong) == (("rules", 0), True)
    assert "'failures spike' can never fire" in finding.text
    assert told([failures_spike()], every_hour(range(0, 4000, 40))) == []
    assert found(failures_spike(), every=1800) == []


def every_hour(failed: Iterable[int]) -> list[PoolStats]:
    """A reading an hour of failed jobs."""
    return [stats(NOON + timedelta(hours=hour), train={"Failed": each}) for hour, each in enumerate(failed)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(60, "would fire between any two readings", id="no longer than the interval"),
        pytest.param(90, "fires after a single failed reading", id="shorter than two"),
        pytest.param(120, None, id="longer"),
    ],
)
def test_a_silence_is_held_against_the_interval(seconds: int, said: str | None) -> None:
    findings = found(AbsentRule(name="silence", after=timedelta(seconds=seconds)))

    assert [said in finding.text for finding in findings if said] == ([True] if said else [])
    assert [finding.wrong for finding in findings] == ([] if said is None else [seconds <= 60])


def test_what_is_called_never_does_never_fire_and_what_is_advised_does() -> None:
    waiting = minutes("Queue", [50] * 60)

    assert told([StuckRule(name="stalled", after=timedelta(seconds=90))], waiting) == []
    assert len(told([StuckRule(name="stalled", after=timedelta(minutes=3))], waiting)) == 1
