"""The picture of a backtest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.charts.model import Limit, Picture
from bot.core.rules.model import AbsentRule, AlertRule, RatioRule, ThresholdRule
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.replay.order import recording_of
from bot.replay.picture import MOST_ROWS, Traces
from tests.building import MINUTE, NOON, long_queue, minutes, queue_spike, stats, told


def pictured(rules: Sequence[AlertRule], readings: Sequence[PoolStats]) -> Picture:
    """The picture that a backtest of these readings draws."""
    keys = [(reading.pool.id, reading.taken_at.timestamp()) for reading in readings]
    traces = Traces(rules, [recording_of(Path("counts.csv"), keys)])
    return traces.picture(told(rules, traces.of(readings)))


def counts(picture: Picture) -> list[float | None]:
    """What the line of the first row shows."""
    return [value for _, value in picture.panels[0].lines[0].points]


def test_a_row_has_the_line_the_alerts_and_the_limits() -> None:
    picture = pictured([long_queue(50), long_queue(900, name="endless queue")], minutes("Queue", [5, 60, 70, 5, 80]))

    (panel,) = picture.panels
    assert panel.heading == "train-a100 · Queue"
    assert counts(picture) == [5, 60, 70, 5, 80]
    assert [(span.kind, span.start, span.end, span.text) for span in panel.spans] == [
        ("long queue", NOON + MINUTE, NOON + 3 * MINUTE, "70"),
        ("long queue", NOON + 4 * MINUTE, None, "80"),
    ]
    # The other limit lies so far above that it would press the line to the ground.
    assert panel.limits == [Limit(50, "above 50 (long queue)")]
    assert (picture.title, picture.note) == ("2 alerts on 1 of 1 pool", "")
    assert (picture.start, picture.end) == (NOON, NOON + 4 * MINUTE)


def test_each_type_that_a_rule_judges_has_its_own_row() -> None:
    rule = long_queue(50, types=["train", "infer"])
    readings = [stats(NOON + n * MINUTE, train={"Queue": 60}, infer={"Queue": 70}) for n in range(3)]

    assert [panel.heading for panel in pictured([rule], readings).panels] == [
        "train-a100 · infer · Queue",
        "train-a100 · train · Queue",
    ]


def test_endings_are_drawn_as_they_are_judged() -> None:
    failures = ThresholdRule.model_validate({"name": "failures", "metric": "Failed", "above": 3})
    picture = pictured([failures], minutes("Failed", [200, 200, 205, 205, 0, 1]))

    assert picture.panels[0].heading == "train-a100 · Failed added since the last reading"
    assert counts(picture) == [0, 5, 0, 0, 1]


def test_the_failures_of_ten_minutes_are_drawn_for_a_spike_rule() -> None:
    burst = [*[0] * 60, *range(0, 100, 5), *[95] * 40]
    picture = pictured([queue_spike(metric="Failed", name="failures")], minutes("Failed", burst))

    assert picture.panels[0].heading == "train-a100 · Failed added within 10 min"
    assert max(value for value in counts(picture) if value is not None) == 50
    assert counts(picture)[-1] == 0


def test_a_failed_poll_is_a_gap_in_the_line() -> None:
    unread = [5, 60, *[None] * 30, 60, 5]

    assert counts(pictured([long_queue(50)], minutes("Queue", unread))) == [5, 60, None, 60, 5]


def test_the_worst_rows_are_drawn_and_the_others_named() -> None:
    rules = [long_queue(50), long_queue(500, name="very long", severity="critical")]
    readings = [
        reading
        for number in range(MOST_ROWS + 2)
        for reading in minutes("Queue", [60] * (number + 1) + [5] * 9, pool=Pool(f"p{number}", f"p{number}"))
    ]
    bad = minutes("Queue", [5, 600, 5], pool=Pool("bad", "bad"))
    picture = pictured(rules, [*readings, *bad])

    longest_first = [f"p{number} · Queue" for number in reversed(range(MOST_ROWS + 2))]
    assert [panel.heading for panel in picture.panels] == ["bad · Queue", *longest_first[: MOST_ROWS - 1]]
    assert picture.note == "3 more with alerts: p2 · Queue, p1 · Queue, p0 · Queue"


def test_where_nothing_would_have_been_told_the_picture_says_so() -> None:
    picture = pictured([long_queue(50)], minutes("Queue", [1, 2, 3]))

    assert (picture.title, picture.panels) == ("No alert on 1 pool", [])
    assert replace(picture, title="").note == ""


def test_a_ratio_is_drawn_with_what_it_is_compared_with() -> None:
    rule = RatioRule(name="out of proportion", metric=JobStatus.QUEUE, to=JobStatus.RUNNING, above=2)
    (panel,) = pictured([rule], minutes("Queue", [5, 60, 5])).panels

    assert panel.heading == "train-a100 · Queue and Running"
    assert [(line.label, [value for _, value in line.points]) for line in panel.lines] == [
        ("Queue", [5, 60, 5]),
        ("Running", [20, 20, 20]),
    ]


def test_what_was_not_heard_of_is_drawn_as_a_gap_in_all_jobs() -> None:
    silent = minutes("Queue", [5] * 5 + [None] * 60 + [5] * 5)
    (panel,) = pictured([AbsentRule(name="silence")], silent).panels

    assert panel.heading == "train-a100 · all jobs"
    assert [value for _, value in panel.lines[0].points] == [25] * 5 + [None] + [25] * 5
    assert [span.text for span in panel.spans] == [""]
