"""Are the figures of a digest those of its readings?"""

from datetime import datetime, timedelta

import pytest

from bot.core.digest import Gap, PoolDigest, digest
from bot.core.stats import JobStatus, PoolStats
from tests.building import MINUTE, NOON, POOL, stats

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def series(status: str, *counts: int | None, start: datetime = NOON) -> list[PoolStats]:
    """A reading every ten minutes; `None` is a failed one."""
    return [
        stats(start + index * 10 * MINUTE, train={status: count, "Running": 1})
        for index, count in enumerate(counts)
        if count is not None
    ]


def figures(readings: list[PoolStats], *, since: datetime = NOON, until: datetime = NOON + HOUR) -> PoolDigest:
    return digest(readings, since=since, until=until)


def test_queue_is_told_with_its_first_last_least_and_most() -> None:
    queue = figures(series("Queue", 4, 94, 2, 16)).queue

    assert queue is not None
    assert (queue.first, queue.last, queue.least, queue.most) == (4, 16, 2, 94)
    assert queue.most_at == NOON + 10 * MINUTE


def test_the_latest_reading_is_kept_whatever_the_order() -> None:
    readings = series("Queue", 4, 94, 2, 16)

    assert digest(reversed(readings), since=NOON, until=NOON + HOUR).last == readings[-1]


@pytest.mark.parametrize("status", ["Failed", "Completed", "Terminated"])
def test_jobs_that_ended_are_the_positive_steps(status: str) -> None:
    assert figures(series(status, 3, 3, 5, 5, 9)).added[JobStatus(status)] == 6


def test_a_reset_is_told_and_never_negative() -> None:
    told = figures(series("Failed", 9, 0, 2))

    assert told.added[JobStatus.FAILED] == 2
    assert told.reset == {JobStatus.FAILED}


def test_a_reset_of_one_type_does_not_hide_what_another_added() -> None:
    told = figures(
        [
            stats(NOON, train={"Failed": 9}, infer={"Failed": 1}),
            stats(NOON + 10 * MINUTE, train={"Failed": 0}, infer={"Failed": 6}),
        ]
    )

    assert told.added[JobStatus.FAILED] == 5
    assert JobStatus.FAILED in told.reset


def test_a_type_that_appears_adds_its_jobs() -> None:
    told = figures([stats(NOON, train={"Failed": 1}), stats(NOON + MINUTE, train={"Failed": 1}, infer={"Failed": 4})])

    assert told.added[JobStatus.FAILED] == 4


def test_a_status_that_was_never_reported_has_no_figure() -> None:
    told = figures(series("Failed", 1, 2))

    assert JobStatus.COMPLETED not in told.added
    assert told.queue is None


def test_a_reading_that_does_not_report_the_status_is_skipped_over() -> None:
    told = figures(
        [
            stats(NOON, train={"Failed": 1}),
            stats(NOON + MINUTE, train={"Queue": 1}),
            *series("Failed", 3, start=NOON + 2 * MINUTE),
        ]
    )

    assert told.added[JobStatus.FAILED] == 2


def test_an_empty_answer_in_between_counts_no_job_twice() -> None:
    told = figures([*series("Failed", 9), stats(NOON + 5 * MINUTE), *series("Failed", 9, start=NOON + 10 * MINUTE)])

    assert told.added[JobStatus.FAILED] == 0
    assert told.reset == frozenset()


def test_the_last_reading_before_the_window_is_what_it_is_compared_with() -> None:
    readings = [*series("Failed", 1, 5, start=NOON - 20 * MINUTE), *series("Failed", 8, start=NOON + MINUTE)]

    told = figures(readings)
    assert told.added[JobStatus.FAILED] == 3
    assert told.readings == 1
    assert told.first == readings[1]


def test_later_readings_are_left_out() -> None:
    assert figures(series("Failed", 1, 2, 30), until=NOON + 15 * MINUTE).added[JobStatus.FAILED] == 1


def test_where_nothing_was_read_is_a_gap() -> None:
    readings = [stats(NOON, train={"Queue": 1}), stats(NOON + 3 * HOUR, train={"Queue": 1})]

    assert figures(readings, since=NOON - HOUR, until=NOON + 3 * HOUR + MINUTE).gaps == (
        Gap(NOON - HOUR, NOON),
        Gap(NOON, NOON + 3 * HOUR),
    )


def test_a_failed_reading_or_two_are_no_gap() -> None:
    assert figures(series("Queue", 1, None, 1, 1, 1, 1, 1)).gaps == ()


def test_a_pool_without_readings_has_no_figures_and_one_gap() -> None:
    told = digest([], since=NOON, until=NOON + DAY, pool=POOL)

    assert told == PoolDigest(POOL, gaps=(Gap(NOON, NOON + DAY),))


def test_a_reading_from_before_the_window_is_no_figure_of_it() -> None:
    assert figures(series("Queue", 5, start=NOON - HOUR)).last is None


def test_no_readings_without_a_pool_are_refused() -> None:
    with pytest.raises(ValueError, match="needs its pool"):
        digest([], since=NOON, until=NOON + DAY)
