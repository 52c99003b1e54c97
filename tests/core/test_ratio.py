"""Ratio rules: is a count many times another?"""

import pytest

from bot.core.rules.model import RatioRule
from bot.core.rules.ratio import RatioWatch
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from tests.building import MINUTE, NOON, crowded, stats, told


def verdict(queue: int | None, running: int | None, rule: RatioRule | None = None) -> Verdict:
    """What is said of one reading."""
    counts = {"Queue": queue, "Running": running}
    reading = stats(train={name: count for name, count in counts.items() if count is not None})
    return RatioWatch(rule or crowded(), None).see(reading)


@pytest.mark.parametrize(
    ("queue", "running", "seen"),
    [
        pytest.param(84, 12, Breach(84, "Queue 84, 7.0 times Running 12; above 2"), id="above"),
        pytest.param(24, 12, Clear(24, "Queue 24, 2.0 times Running 12; not above 2"), id="exactly the limit"),
        pytest.param(25, 12, Breach(25, "Queue 25, 2.1 times Running 12; above 2"), id="one more"),
        pytest.param(3, 0, Breach(3, "Queue 3 beside Running 0; above 2"), id="nothing to divide by"),
        pytest.param(0, 0, Clear(0, "Queue 0 beside Running 0; less than 1 Queue is too few to tell"), id="nothing"),
        pytest.param(None, 12, Unknown("Queue was not reported"), id="the count is not reported"),
        pytest.param(84, None, Unknown("Running was not reported"), id="what it is compared with is not reported"),
    ],
)
def test_a_reading(queue: int | None, running: int | None, seen: Verdict) -> None:
    assert verdict(queue, running) == seen


def test_the_limit_is_the_number_that_was_written() -> None:
    assert 100 * 0.29 < 29
    assert isinstance(verdict(29, 100, crowded(above=0.29)), Clear)


def test_too_few_jobs_are_not_told_however_many_times_nothing_they_are() -> None:
    assert isinstance(verdict(4, 0, crowded(at_least=5)), Clear)
    assert isinstance(verdict(5, 0, crowded(at_least=5)), Breach)


def test_between_clear_below_and_above_the_last_verdict_stands() -> None:
    queue = [10, 21, 18, 15, 14, 18]
    readings = [stats(NOON + index * MINUTE, train={"Queue": n, "Running": 10}) for index, n in enumerate(queue)]
    (alert,) = told([crowded(clear_below=1.5)], readings)
    watch = RatioWatch(crowded(clear_below=1.5), None)

    assert (alert.fired_at, alert.resolved_at) == (NOON + MINUTE, NOON + 4 * MINUTE)
    assert [watch.see(reading) for reading in readings][2].why == "Queue 18, 1.8 times Running 10; not yet below 1.5"


def test_an_empty_pool_ends_it_even_where_nothing_was_running() -> None:
    readings = [stats(train={"Queue": 9, "Running": 0}), stats(NOON + MINUTE)]

    assert told([crowded()], readings)[0].resolved_at == NOON + MINUTE


def test_each_type_is_compared_with_itself() -> None:
    reading = stats(train={"Queue": 9, "Running": 1}, infer={"Queue": 0, "Running": 90})

    assert told([crowded()], [reading]) == []
    assert [alert.job_type for alert in told([crowded(types=["infer", "train"])], [reading])] == ["train"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"metric": "Failed"}, "jobs that are Failed have ended", id="an amount compared with a level"),
        pytest.param({"to": "Completed"}, "jobs that are Completed have ended", id="a level compared with an amount"),
        pytest.param({"to": "Queue"}, "always once itself", id="a count compared with itself"),
        pytest.param({"clear_below": 3}, "must not be larger than above", id="limits the wrong way round"),
        pytest.param({"above": 0}, "greater than 0", id="no times"),
        pytest.param({"above": float("inf")}, "finite number", id="endless times"),
    ],
)
def test_what_means_nothing_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        crowded(**changed)
