"""After a time in which nobody looked, nothing is compared and nothing has lasted."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.core.pace import Pace
from bot.core.rules.model import AlertRule
from tests.building import MINUTE, NOON, failures_spike, long_queue, minutes, queue_spike, stats, told

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("moments", "gaps"),
    [
        pytest.param((0, 1, 2, 3), (0, 0, 0, 0), id="every minute"),
        pytest.param((0, 1, 30, 31), (0, 0, 0, 0), id="half an hour is none"),
        pytest.param((0, 1, 33, 34), (0, 0, 1, 0), id="more is one"),
        pytest.param((0, 60, 120, 180), (0, 1, 0, 0), id="who always reads every hour has none"),
        pytest.param((0, 20, 80, 100), (0, 0, 0, 0), id="three times the usual is none"),
        pytest.param((0, 5, 5, 3, 6), (0, 0, 0, 0, 0), id="what came before is not after a gap"),
    ],
)
def test_a_gap(moments: Sequence[int], gaps: Sequence[int]) -> None:
    pace = Pace()

    assert [pace.gap(NOON + moment * MINUTE) for moment in moments] == [bool(gap) for gap in gaps]


@pytest.mark.parametrize("rule", [long_queue(5, metric="Failed"), failures_spike()])
def test_what_ended_while_nobody_looked_is_not_added_since_the_last_reading(rule: AlertRule) -> None:
    before = minutes("Failed", [3] * 120)
    after = minutes("Failed", [500] * 60, start=NOON + 12 * HOUR)

    assert told([rule], [*before, *after]) == []


def test_a_queue_that_grew_while_nobody_looked_did_not_jump() -> None:
    before = minutes("Queue", [3] * 24 * 60)
    after = minutes("Queue", [9] * 3, start=NOON + 36 * HOUR)

    assert told([queue_spike()], [*before, *after]) == []


def test_a_breach_before_and_after_a_gap_has_not_lasted_meanwhile() -> None:
    rule = long_queue(50, hold_for="10m")
    before = minutes("Queue", [60, 60])
    after = minutes("Queue", [60] * 12, start=NOON + 8 * HOUR)

    (alert,) = told([rule], [*before, *after])
    assert (alert.began_at, alert.fired_at) == (NOON + 8 * HOUR, NOON + 8 * HOUR + 10 * MINUTE)


def test_a_recovery_before_and_after_a_gap_has_not_lasted_meanwhile() -> None:
    rule = long_queue(50, clear_after="10m")
    before = minutes("Queue", [60, 60, 10])
    after = minutes("Queue", [10] * 5, start=NOON + 8 * HOUR)

    (alert,) = told([rule], [*before, *after])
    assert alert.open
    later = minutes("Queue", [10] * 12, start=NOON + 8 * HOUR)
    (alert,) = told([rule], [*before, *later])
    assert alert.resolved_at == NOON + 8 * HOUR + 10 * MINUTE


def test_who_reads_every_hour_is_told_what_was_added_in_it() -> None:
    counts = [0, 0, 0, 40, 40]
    readings = [stats(NOON + index * HOUR, train={"Failed": count}) for index, count in enumerate(counts)]

    (alert,) = told([long_queue(5, metric="Failed")], readings)
    assert alert.began_at == NOON + 3 * HOUR
