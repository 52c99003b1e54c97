"""The timeline of a backtest."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.core.rules.model import ThresholdRule
from bot.core.stats import JobStatus, PoolStats
from bot.replay.timeline import WIDTH, Times, summary
from tests.building import MINUTE, NOON, minutes, told

LONG = ThresholdRule(name="long queue", metric=JobStatus.QUEUE, above=50)


def lines(readings: Iterable[PoolStats]) -> list[str]:
    """What is said of these readings under one rule."""
    times = Times()
    return list(summary(told([LONG], times.of(list(readings))), [LONG], times))


def marks(readings: Iterable[PoolStats]) -> str:
    """The marks of the only pool."""
    return lines(readings)[3][len("  train-a100-0123456789abcdef0123456789abcdef  ") :]


def test_a_mark_says_how_much_of_its_stretch_was_in_alert() -> None:
    assert marks(minutes("Queue", [1, 60, 60, 1])) == "·██·"
    # An alert of six minutes within stretches of ten.
    assert marks(minutes("Queue", [1] * 102 + [60] * 6 + [1] * 500)) == "·" * 10 + "▅" + "·" * 50


def test_what_was_not_read_is_blank() -> None:
    assert marks(minutes("Queue", [1, 1, None, None, None, 1])) == "··   ·"


def test_an_alert_that_is_still_open_reaches_to_the_end() -> None:
    assert marks(minutes("Queue", [1, 60, 60])) == "·██"


@pytest.mark.parametrize("days", [0.01, 0.2, 1, 3, 30, 400, 4000])
def test_a_line_is_never_longer_than_it_may_be(days: float) -> None:
    some = minutes("Queue", [1, 60]) + minutes("Queue", [1, 1], start=NOON + timedelta(days=days))

    assert 1 <= len(marks(some)) <= WIDTH


def test_counts_stand_by_pool_and_rule_and_short_alerts_are_counted() -> None:
    said = lines(minutes("Queue", [1, 60, 1, *[60] * 9, 1]))

    assert said[-4].split() == ["train-a100-0123456789abcdef0123456789abcdef", "2"]
    assert said[-3].split() == ["all", "2"]
    assert said[-1] == "2 alerts, 1 shorter than 5 min"


def test_nothing_read_is_nothing_drawn() -> None:
    assert lines([]) == ["0 alerts, 0 shorter than 5 min"]


def test_a_year_of_minutes_is_kept_in_a_few_thousand_moments() -> None:
    times = Times()
    (template,) = minutes("Queue", [1])
    for number in range(100_000):
        times.note(template.pool.id, NOON + number * MINUTE)

    assert times.apart < 86_400
    assert sum(map(len, times._ticks.values())) <= 4096
    assert len(times.read_within(template.pool.id, NOON.timestamp(), 86_400, 70)) == 70
