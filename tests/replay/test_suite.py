"""What a test file stands for, as readings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.stats import JobStatus
from bot.replay.suite import START, Suite, mistakes, offset_text, parse_offset, readings_of


def a_suite(series: dict[str, Any], **more: Any) -> Suite:
    """A file with one test."""
    return Suite.model_validate({"tests": [{"name": "x", "series": series, "alerts": "none"}], **more})


def seen(suite: Suite) -> list[tuple[str, timedelta, int | None, int | None]]:
    """Pool, time, Queue and Running of every reading."""
    return [
        (stats.pool.id, stats.taken_at - suite.start, stats.count(JobStatus.QUEUE), stats.count(JobStatus.RUNNING))
        for stats in readings_of(suite.tests[0], suite)
    ]


def test_readings_are_an_interval_apart_from_the_start_on() -> None:
    suite = a_suite({"p": {"train": {"Queue": "1 2"}}}, interval="5m", start="2026-03-07T06:00:00+08:00")

    assert suite.start == datetime(2026, 3, 6, 22, tzinfo=UTC)
    assert seen(suite) == [("p", timedelta(0), 1, None), ("p", timedelta(minutes=5), 2, None)]
    assert a_suite({"p": {"train": {"Queue": "1"}}}).start == START


def test_a_failed_poll_reads_nothing_of_its_pool_and_all_of_the_others() -> None:
    suite = a_suite(
        {"p": {"train": {"Queue": "1 _ 3", "Running": "9x*"}}, "q": {"train": {"Queue": "7x*", "Running": "?x*"}}}
    )

    assert [(pool, at.seconds // 60, *counts) for pool, at, *counts in seen(suite)] == [
        ("p", 0, 1, 9), ("q", 0, 7, None), ("q", 1, 7, None), ("p", 2, 3, 9), ("q", 2, 7, None),
    ]  # fmt: skip


def test_types_are_counted_together_and_apart() -> None:
    suite = a_suite({"p": {"train": {"Queue": "3"}, "infer": {"Queue": "4"}}})

    (reading,) = readings_of(suite.tests[0], suite)

    assert (reading.count(JobStatus.QUEUE), reading.count(JobStatus.QUEUE, "infer")) == (7, 4)


@pytest.mark.parametrize(
    ("series", "more", "said"),
    [
        pytest.param({"p": {"train": {"Queue": "5x*"}}}, {}, "none says where that is", id="endless"),
        pytest.param({"p": {"train": {"Queue": "3 -1x*", "Running": "1x9"}}}, {}, "steps to -1", id="below zero"),
        pytest.param({"p": {"train": {"Queue": "3"}}}, {"interval": "0s"}, "at least 1s", id="no time between"),
        pytest.param({"p": {"train": {"Queue": "3"}}}, {"interval": "9000d"}, "at most 1d", id="an age between"),
        pytest.param({"p": {"train": {"Queue": "3"}}}, {"start": "9999-12-31T00:00:00Z"}, "to 2999", id="no time left"),
        pytest.param({"p": {"train": {"Queue": "3"}}}, {"rules": [], "rules_file": "x"}, "not both", id="rules twice"),
    ],
)
def test_what_makes_no_sense_is_said(series: dict[str, Any], more: dict[str, Any], said: str) -> None:
    assert any(said in text for _, text in mistakes(a_suite(series, **more), ()))


@pytest.mark.parametrize("text", ["0m", "12m", "1h 30m", "1d 2h", "45s"])
def test_times_are_written_as_they_are_read(text: str) -> None:
    assert offset_text(parse_offset(text)) == text


@pytest.mark.parametrize("text", ["", "soon", "1h x", "-5m", None, 5])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_offset(text)
