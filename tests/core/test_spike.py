"""Spike rules: what they must tell and must not."""

import random
from datetime import timedelta

import pytest

from bot.core.rules.spike import SpikeWatch
from bot.core.rules.verdict import Breach, Clear, Unknown
from tests.building import MINUTE, NOON, failures_spike, minutes, queue_spike, stats, told

_CHANCE = random.Random(7)
# Half a day of a pool with a few jobs waiting.
USUAL = [_CHANCE.randint(2, 8) for _ in range(720)]


def test_a_queue_far_above_the_usual_is_told_with_its_numbers() -> None:
    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, 20, 45, *[84] * 6]))

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + 725 * MINUTE
    assert alert.why.startswith("Queue 84; usual here ")


def test_it_is_over_once_the_queue_is_usual_again() -> None:
    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, *[84] * 10, *USUAL[:20]]))

    assert alert.resolved_at == NOON + timedelta(minutes=720 + 10 + 5)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(USUAL, id="the usual"),
        pytest.param([200] * 600 + [206] * 20, id="six more of two hundred"),
        pytest.param([2] * 600 + [4] * 20, id="two more of two"),
        pytest.param([0] * 600 + [3, 0, 0], id="three in an empty queue"),
    ],
)
def test_a_change_that_is_small_here_is_not_told(values: list[int]) -> None:
    assert told([queue_spike()], minutes("Queue", values)) == []


def test_two_to_nine_is_told_in_a_small_pool() -> None:
    assert len(told([queue_spike()], minutes("Queue", [2] * 120 + [9] * 10))) == 1


def test_the_first_hour_of_a_pool_is_watched_already() -> None:
    assert len(told([queue_spike()], minutes("Queue", [3, 4, 3, 4, 3, 40, *[60] * 4]))) == 1


def test_at_least_keeps_small_changes_quiet() -> None:
    assert told([queue_spike(at_least=100)], minutes("Queue", [*USUAL, 84, 84])) == []


def test_a_lower_sensitivity_tells_less() -> None:
    rise = minutes("Queue", [*USUAL, *[13] * 30])

    assert len(told([queue_spike(sensitivity="high")], rise)) == 1
    assert told([queue_spike(sensitivity="low")], rise) == []


def test_a_burst_of_failures_is_told_by_what_was_added() -> None:
    steps = [100 + index // 90 for index in range(720)]
    (alert,) = told([failures_spike()], minutes("Failed", [*steps, 120, 125]))

    assert alert.why.startswith("18 more Failed within 20 minutes")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([100 + index // 90 for index in range(720)], id="the usual rate"),
        pytest.param([50] * 300 + [51] + [51] * 30, id="a single failure"),
        pytest.param([90] * 300 + [0] * 30, id="a purge of finished jobs"),
        pytest.param([90] * 300 + [3] * 30 + [4] * 30, id="a counter reset"),
        pytest.param([40] * 300, id="a pool that had failures before it was first read"),
    ],
)
def test_failures_that_are_no_burst_are_not_told(values: list[int]) -> None:
    assert told([failures_spike()], minutes("Failed", values)) == []


def test_what_was_added_over_a_long_gap_is_no_burst() -> None:
    before = minutes("Failed", [10] * 300)
    after = minutes("Failed", [60] * 5, start=NOON + timedelta(hours=12))

    assert told([failures_spike()], before + after) == []


def test_an_answer_without_a_single_job_after_a_busy_one_is_not_believed_at_once() -> None:
    busy = minutes("Failed", [40] * 60)
    hole = stats(NOON + 60 * MINUTE, train={"Failed": 0, "Running": 0})
    again = minutes("Failed", [40] * 10, start=NOON + 61 * MINUTE)
    watch = SpikeWatch(failures_spike(), None)

    verdicts = [watch.see(reading) for reading in [*busy, hole, *again]]

    assert isinstance(verdicts[60], Unknown)
    assert not any(isinstance(verdict, Breach) for verdict in verdicts)


def test_an_empty_pool_is_believed_after_a_while() -> None:
    watch = SpikeWatch(queue_spike(), None)
    for reading in minutes("Queue", USUAL):
        watch.see(reading)

    empty = [watch.see(stats(NOON + (720 + index) * MINUTE)) for index in range(4)]

    assert [type(verdict) for verdict in empty] == [Unknown, Unknown, Clear, Clear]


def test_a_status_that_is_not_reported_is_unknown() -> None:
    assert isinstance(SpikeWatch(failures_spike(), None).see(stats(train={"Queue": 3})), Unknown)
