"""What a chart of a pool says, and pools beside each other."""

from datetime import timedelta

import pytest

from bot.core.rules.model import ThresholdRule
from bot.core.stats import JobStatus, Pool
from bot.core.stretch import Stretch
from bot.messages.chart import History, chart_message
from bot.messages.compare import compare_message
from bot.messages.model import Chart, Table, Verb
from bot.messages.slots import slot_labels, slots
from bot.messages.sparkline import sparkline
from bot.messages.trend import Point
from tests.building import MINUTE, NOON, POOL, an_alert, long_queue, stats
from tests.messages.reading import lines, only, presses

DAY = timedelta(days=1)


def past(*queue: int | None, limits: tuple[ThresholdRule, ...] = (), **more: object) -> History:
    """A reading an hour until noon."""
    return History(POOL, NOON - DAY, NOON, {JobStatus.QUEUE: hourly(*queue)}, limits=limits, **more)  # type: ignore[arg-type]


def hourly(*queue: int | None) -> list[Point]:
    return [(NOON - (len(queue) - place) * 60 * MINUTE, value) for place, value in enumerate(queue)]


def test_a_chart_tells_its_figures_in_words_and_numbers() -> None:
    message = chart_message(past(3, 90, 4, added={JobStatus.FAILED: 2}), Stretch.DAY, now=NOON)

    assert message.summary == "train-a100, last 24 hours: Queue 3 to 90, highest at 10:00 UTC, last 4; Failed +2."
    table = only(message, Table)
    assert table.rows[0] == ("Queue", 3, 90, "10:00 UTC", 4)
    assert table.rows[1] == ("Failed added", None, None, None, 2)


def test_no_spike_is_lost_between_the_points_of_a_chart() -> None:
    chart = only(chart_message(past(*([1] * 10), 99, *([1] * 10)), Stretch.DAY, now=NOON), Chart)

    assert max(value for value in chart.series[0].values if value is not None) == 99


def test_a_limit_is_a_line_of_its_own_and_told_in_words() -> None:
    message = chart_message(
        past(3, 90, 4, limits=(long_queue(50), long_queue(20, types=["train"]))), Stretch.DAY, now=NOON
    )

    assert [series.name for series in only(message, Chart).series] == ["Queue", "Limit 50 Queue"]
    assert "Limits: Queue above 50 (long queue); Queue of train jobs above 20 (long queue)." in lines(message)


def test_the_alerts_of_that_time_are_told_with_their_moments() -> None:
    alerts = (
        an_alert(began_at=NOON - 60 * MINUTE),
        an_alert(resolved_at=NOON - 5 * MINUTE, began_at=NOON - 9 * MINUTE),
    )

    message = chart_message(past(3, 90, 4, alerts=alerts), Stretch.DAY, now=NOON)

    assert "Warning: queue spike · 11:00, still open · peak 84" in lines(message)
    assert "Warning: queue spike · 11:51 to 11:55 · peak 84" in lines(message)
    assert message.summary.endswith("2 alerts.")
    plot = only(message, Chart).plot
    assert plot is not None
    assert [(shade.start, shade.end) for shade in plot.rows[0].shades] == [
        (alert.began_at, alert.resolved_at) for alert in alerts
    ]


@pytest.mark.parametrize("queue", [(), (3, 4), (None, None, None, 5)])
def test_too_few_readings_are_said_and_not_drawn(queue: tuple[int | None, ...]) -> None:
    message = chart_message(past(*queue), Stretch.DAY, now=NOON)

    assert not any(isinstance(block, Chart) for block in message.blocks)
    assert "too few for a chart" in message.summary
    assert (Verb.SHOW, f"{POOL.id} chart 7d") in presses(message)


@pytest.mark.parametrize(("stretch", "is_finer"), [(Stretch.DAY, False), (Stretch.WEEK, True)])
def test_a_picture_is_wanted_where_the_points_of_a_chart_are_too_few(stretch: Stretch, is_finer: bool) -> None:
    plot = only(chart_message(past(3, 90, 4), stretch, now=NOON), Chart).plot

    assert plot is not None
    assert plot.is_finer is is_finer


def test_forgotten_readings_are_said_to_be_told_by_the_hour() -> None:
    message = chart_message(past(3, 90, 4, hourly_until=NOON - 60 * MINUTE), Stretch.WEEK, now=NOON)

    assert any("before 11:00 only the highest of each hour is kept" in line for line in lines(message))


def test_other_times_of_the_same_pool_are_one_press_away() -> None:
    asked = [subject for verb, subject in presses(chart_message(past(1, 2, 3), Stretch.WEEK, now=NOON))]

    assert asked[:3] == [f"{POOL.id} chart {stretch}" for stretch in ("1h", "24h", "30d")]
    assert asked[3:] == [POOL.id, f"{POOL.id} chart 7d", f"{POOL.id} chart 7d"]


def test_a_chart_begins_with_the_first_reading() -> None:
    history = History(POOL, NOON - 7 * DAY, NOON, {JobStatus.QUEUE: hourly(*range(24))})

    message = chart_message(history, Stretch.WEEK, now=NOON)

    chart = only(message, Chart)
    assert None not in chart.series[0].values
    assert chart.labels[0] == "Sun 12:00"
    assert any("the first reading is from 12:00" in line for line in lines(message))


def test_slots_have_gaps_where_nothing_was_read() -> None:
    assert slots([(NOON, 3), (NOON + 9 * MINUTE, 7)], NOON, NOON + 10 * MINUTE, 5) == [3, None, None, None, 7]


def test_the_end_belongs_to_the_last_slot_and_what_is_outside_to_none() -> None:
    points = [(NOON - MINUTE, 9), (NOON + 10 * MINUTE, 1), (NOON + 11 * MINUTE, 9)]

    assert slots(points, NOON, NOON + 10 * MINUTE, 2) == [None, 1]


@pytest.mark.parametrize("stretch", Stretch)
def test_the_labels_of_a_chart_are_told_apart_and_short(stretch: Stretch) -> None:
    labels = slot_labels(NOON - stretch.length, NOON)

    assert len(set(labels)) == 20
    assert max(map(len, labels)) <= 20


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((0, 0, 0), "▁▁▁"),
        ((0, 9, None, 1), "▁█·▂"),
        ((2, 2), "▃▃"),
        ((1_000_000, 1), "█▂"),
        ((None, None), ""),
        ((), ""),
    ],
)
def test_a_sparkline_begins_at_nothing_shows_gaps_and_makes_no_mountain_of_two_jobs(
    values: tuple[int | None, ...], bars: str
) -> None:
    assert sparkline(values) == bars


def test_pools_stand_side_by_side() -> None:
    other = Pool("pool-b", "train-b")
    readings = [stats(train={"Queue": 3, "Running": 9}), stats(pool=other, train={"Queue": 8})]

    message = compare_message(readings, [hourly(1, 2, 3), hourly(7, 9, 8)], Stretch.DAY, since=NOON - DAY, now=NOON)

    table = only(message, Table)
    assert table.header == ("Status", "train-a100", "train-b")
    assert table.rows == (("Queue", 3, 8), ("Running", 9, None), ("Total", 12, 8))
    assert [series.name for series in only(message, Chart).series] == ["train-a100", "train-b"]
    assert "train-b: Queue 8" in message.summary
    assert (Verb.SHOW, f"compare {POOL.id} pool-b 7d") in presses(message)


def test_pools_of_the_same_name_are_compared_by_their_ids() -> None:
    readings = [stats(pool=Pool(f"pool-{number}", "lab"), train={"Queue": 3}) for number in range(2)]

    message = compare_message(readings, [[], []], Stretch.DAY, since=NOON - DAY, now=NOON)

    assert only(message, Table).header == ("Status", "pool-0", "pool-1")
