"""Is a line of readings drawn so that it tells the truth?"""

import itertools
from datetime import datetime, timedelta

from bot.messages.model import Chart
from bot.messages.trend import MOST_POINTS, trend_chart
from tests.building import MINUTE, NOON

HOUR = timedelta(hours=1)


def every(step: timedelta, since: datetime, until: datetime, value: int = 3) -> list[tuple[datetime, int | None]]:
    return [(since + number * step, value) for number in range((until - since) // step)]


def drawn(points: list[tuple[datetime, int | None]]) -> Chart:
    chart = trend_chart("Queue", points, now=NOON)
    assert chart is not None
    return chart


def minutes(chart: Chart) -> list[int]:
    return [int(label[:2]) * 60 + int(label[3:]) for label in chart.labels]


def test_points_are_equally_far_apart_in_time_however_often_readings_came() -> None:
    rare, often = every(5 * MINUTE, NOON - 6 * HOUR, NOON - HOUR), every(MINUTE, NOON - HOUR, NOON)

    shown = minutes(drawn([*rare, *often, (NOON, 3)]))

    stretch = 360 / (MOST_POINTS - 1)
    assert len(shown) == MOST_POINTS
    assert all(0 < later - earlier < 2 * stretch for earlier, later in itertools.pairwise(shown))


def test_a_spike_of_one_reading_is_never_thinned_away() -> None:
    points = every(MINUTE, NOON - 6 * HOUR, NOON)
    for number in range(len(points)):
        spiked = [*points[:number], (points[number][0], 94), *points[number + 1 :]]
        assert 94 in drawn(spiked).series[0].values


def test_a_time_without_readings_is_a_gap_as_long_as_it_was() -> None:
    chart = drawn([*every(5 * MINUTE, NOON - 6 * HOUR, NOON - 4 * HOUR), *every(5 * MINUTE, NOON - HOUR, NOON)])

    values = chart.series[0].values
    assert len(values) == MOST_POINTS
    assert 7 <= sum(value is None for value in values) <= 10


def test_the_title_says_a_round_length_of_time() -> None:
    assert drawn(every(MINUTE, NOON - 357 * MINUTE, NOON)).title == "Queue, last 6 h (UTC)"
    assert drawn(every(MINUTE, NOON - 37 * MINUTE, NOON)).title == "Queue, last 36 min (UTC)"


def test_a_line_that_never_changes_has_no_highest_moment() -> None:
    assert drawn(every(MINUTE, NOON - HOUR, NOON)).summary == "Queue 3 all the time since 11:00 UTC."


def test_readings_of_one_moment_are_drawn_without_a_crash() -> None:
    assert drawn([(NOON, 3)] * 40).series[0].values[-1] == 3
