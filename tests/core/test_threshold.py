"""Threshold rules, by the sentences of the contract."""

from datetime import timedelta

import pytest

from bot.core.rules.threshold import ThresholdWatch
from bot.core.rules.verdict import Breach, Clear, Unknown
from tests.building import MINUTE, NOON, long_queue, minutes, stats, told


def test_a_threshold_fires_at_the_first_reading_strictly_above_its_limit() -> None:
    (alert,) = told([long_queue(50)], minutes("Queue", [50, 50, 51, 60]))

    assert (alert.fired_at, alert.peak) == (NOON + 2 * MINUTE, 60)


def test_it_clears_at_the_first_reading_below_clear_below() -> None:
    (alert,) = told([long_queue(50, clear_below=40)], minutes("Queue", [60, 45, 40, 39, 10]))

    assert alert.resolved_at == NOON + 3 * MINUTE


def test_without_clear_below_it_clears_at_the_first_reading_below_the_limit_itself() -> None:
    (alert,) = told([long_queue(50)], minutes("Queue", [60, 51, 50, 49]))

    assert alert.resolved_at == NOON + 3 * MINUTE


def test_a_limit_of_zero_is_cleared_by_zero() -> None:
    (alert,) = told([long_queue(0)], minutes("Queue", [0, 1, 0]))

    assert alert.resolved_at == NOON + 2 * MINUTE


def test_it_fires_only_once_held_for_as_long_as_the_rule_wants() -> None:
    (alert,) = told([long_queue(50, hold_for="3m")], minutes("Queue", [60, 10, 60, 60, 60, 60, 60]))

    assert alert.began_at == NOON + 2 * MINUTE
    assert alert.fired_at == NOON + 5 * MINUTE


def test_a_breach_shorter_than_hold_for_is_never_told() -> None:
    assert told([long_queue(50, hold_for="3m")], minutes("Queue", [60, 60, 10, 60, 60, 10])) == []


def test_clear_after_and_open_at_least_keep_an_alert_open() -> None:
    patient = long_queue(50, clear_after="2m", open_at_least="6m")
    (alert,) = told([patient], minutes("Queue", [60, 10, 60, 10, 10, 10, 10, 10]))

    assert alert.resolved_at == NOON + 6 * MINUTE


def test_hold_for_may_be_zero() -> None:
    assert long_queue(1, hold_for="0s").hold_for == timedelta()


def test_each_job_type_listed_is_judged_by_itself() -> None:
    readings = [stats(train={"Queue": 60}, infer={"Queue": 70}, notebook={"Queue": 80})]

    found = told([long_queue(50, types=["train", "infer"])], readings)

    assert sorted((alert.job_type, alert.peak) for alert in found) == [("infer", 70), ("train", 60)]


def test_without_a_list_all_job_types_are_judged_together() -> None:
    (alert,) = told([long_queue(50)], [stats(train={"Queue": 30}, infer={"Queue": 30})])

    assert (alert.job_type, alert.peak) == (None, 60)


@pytest.mark.parametrize(
    ("counts", "verdicts"),
    [
        pytest.param((100, 103), [Unknown, Clear], id="the first reading is a baseline"),
        pytest.param((0, 6), [Unknown, Breach], id="what was added counts, not the whole"),
        pytest.param((100, 6, 7), [Unknown, Unknown, Clear], id="a fall is a reset"),
        pytest.param((100, 6, 12), [Unknown, Unknown, Breach], id="after a reset what is added counts again"),
    ],
)
def test_a_status_in_which_jobs_end_is_judged_by_what_was_added(counts: tuple[int, ...], verdicts: list[type]) -> None:
    watch = ThresholdWatch(long_queue(5, metric="Failed"), None)

    assert [type(watch.see(reading)) for reading in minutes("Failed", counts)] == verdicts


def test_a_fall_is_a_reset_and_not_a_recovery() -> None:
    (alert,) = told([long_queue(5, metric="Failed")], minutes("Failed", [0, 10, 2]))

    assert alert.open


def test_what_was_not_reported_is_unknown_and_no_recovery() -> None:
    readings = [stats(train={"Queue": 60}), stats(NOON + MINUTE, train={"Running": 3})]
    (alert,) = told([long_queue(50)], readings)

    assert alert.open


def test_an_empty_pool_has_no_queue_and_ends_the_alert() -> None:
    (alert,) = told([long_queue(50)], [stats(train={"Queue": 60}), stats(NOON + MINUTE)])

    assert alert.resolved_at == NOON + MINUTE
