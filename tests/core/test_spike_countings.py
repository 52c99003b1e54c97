"""Spike rules, however the jobs that ended are counted and however often they are read."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.core.rules.spike import SpikeWatch
from bot.core.rules.verdict import Breach, Clear, Unknown
from bot.core.stats import PoolStats
from tests.building import MINUTE, NOON, failures_spike, minutes, queue_spike, stats, told

DAY = 1440
# On the third day: jobs that fail within three minutes, and an hour and a half without a start. Minutes.
BURST, STALL, OVER = 2 * DAY + 600, 2 * DAY + 900, 2 * DAY + 990
KEPT = {"cumulative": 10**9, "kept for a day": DAY, "a snapshot": 15}


@dataclass(slots=True)
class Life:
    """When jobs came, started and ended, in minutes and in order."""

    came: list[int] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    completed: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def counts(self, minute: int, kept: int, dropped: int) -> dict[str, int]:
        """What a reading says, if ended jobs are kept for a while and those up to `dropped` were removed by hand."""
        came, started = bisect_right(self.came, minute), bisect_right(self.started, minute)
        ended = bisect_right(self.completed, minute) + bisect_right(self.failed, minute)
        since = max(minute - kept, dropped)
        return {
            "Queue": came - started,
            "Running": started - ended,
            "Completed": bisect_right(self.completed, minute) - bisect_right(self.completed, since),
            "Failed": bisect_right(self.failed, minute) - bisect_right(self.failed, since),
        }


def three_days() -> Life:
    """A pool of twenty places that jobs come to once in two minutes, with the two troubles of the third day."""
    chance = random.Random(5)
    life = Life()
    waiting: list[int] = []
    running: list[tuple[int, bool]] = []
    for minute in range(3 * DAY):
        for end, fails in [each for each in running if each[0] <= minute]:
            (life.failed if fails else life.completed).append(minute)
            running.remove((end, fails))
        if BURST <= minute < BURST + 3:
            for each in running[:4]:
                life.failed.append(minute)
                running.remove(each)
        if chance.random() < 0.5:
            life.came.append(minute)
            waiting.append(minute)
        while waiting and len(running) < 20 and not STALL <= minute < OVER:
            waiting.pop()
            life.started.append(minute)
            running.append((minute + chance.randint(10, 50), chance.random() < 0.01))
    return life


LIFE = three_days()


def read(kept: int, *, every: int = 1, purged: int = -1) -> list[PoolStats]:
    """The readings of it, if ended jobs are kept for a while and are all removed at a moment."""
    return [
        stats(NOON + minute * MINUTE, train=LIFE.counts(minute, kept, purged if minute >= purged else -1))
        for minute in range(0, 3 * DAY, every)
    ]


@pytest.mark.parametrize("purged", [pytest.param(-1, id="whole"), pytest.param(BURST - 20, id="purged")])
@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_a_burst_and_a_stall_are_told_once_however_ended_jobs_are_counted(kept: int, purged: int) -> None:
    alerts = told([failures_spike(), queue_spike()], read(kept, purged=purged))

    assert [str(alert.metric) for alert in alerts] == ["Failed", "Queue"]
    failed, queue = ((alert.began_at - NOON) / MINUTE for alert in alerts)
    assert BURST <= failed <= BURST + 3
    assert STALL <= queue <= STALL + 50


@pytest.mark.parametrize("every", [1, 5, 15])
def test_a_burst_and_a_stall_are_told_however_often_it_is_read(every: int) -> None:
    alerts = told([failures_spike(), queue_spike()], read(DAY, every=every))

    assert [str(alert.metric) for alert in alerts] == ["Failed", "Queue"]
    assert [alert.began_at >= NOON + at * MINUTE for alert, at in zip(alerts, (BURST, STALL), strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize("seconds", [1, 15])
def test_readings_that_are_dense_tell_no_more(seconds: int) -> None:
    """The hours before the burst, each count held until the next minute, and then the burst."""
    dense = [
        stats(
            NOON + minute * MINUTE + timedelta(seconds=second),
            train=LIFE.counts(minute, DAY, -1),
        )
        for minute in range(BURST - 180, BURST + 20)
        for second in range(0, 60, seconds)
    ]

    (alert,) = told([failures_spike(), queue_spike()], dense)

    assert str(alert.metric) == "Failed"
    assert BURST <= (alert.began_at - NOON) / MINUTE <= BURST + 3


def test_a_status_that_comes_and_goes_in_the_answers_adds_nothing() -> None:
    failed: Sequence[int | None] = [None if index % 7 else 40 for index in range(300)]
    readings = [
        stats(NOON + index * MINUTE, train={"Running": 20} | ({} if value is None else {"Failed": value}))
        for index, value in enumerate(failed)
    ]
    watch = SpikeWatch(failures_spike(), None)

    verdicts = [watch.see(reading) for reading in readings]

    assert not any(isinstance(verdict, Breach) for verdict in verdicts)
    assert all(isinstance(verdict, Unknown) for verdict, value in zip(verdicts, failed, strict=True) if value is None)


def test_the_queue_is_judged_where_nothing_else_is_reported() -> None:
    readings = [stats(NOON + index * MINUTE, train={"Queue": 4 if index < DAY else 90}) for index in range(DAY + 30)]

    (alert,) = told([queue_spike()], readings)

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + (DAY + 5) * MINUTE
    assert "no job has started" not in str(alert.why)


def test_jobs_that_started_in_a_silence_are_not_missed() -> None:
    """Whether a job started while nothing was read is not known: a stall is not older than the silence's end."""
    before = [stats(NOON + index * MINUTE, train=LIFE.counts(index, DAY, -1)) for index in range(DAY)]
    after = [
        stats(NOON + (DAY + 45 + index) * MINUTE, train={**LIFE.counts(DAY, DAY, -1), "Queue": 30})
        for index in range(8)
    ]

    (alert,) = told([queue_spike()], before + after)

    assert "no job has started" not in str(alert.why)


@pytest.mark.parametrize(
    ("failed", "alerts"),
    [
        pytest.param([0] * 5 + [8] * 5, 0, id="eight at once"),
        pytest.param([0] * 5 + [9] * 5, 1, id="nine at once"),
        pytest.param([400] * 10, 0, id="many before it was first read"),
    ],
)
def test_the_first_hour_of_failures_has_an_absolute_floor(failed: list[int], alerts: int) -> None:
    assert len(told([failures_spike()], minutes("Failed", failed))) == alerts


@pytest.mark.parametrize(
    ("queue", "alerts"),
    [
        pytest.param([0] * 5 + [11] * 20, 0, id="eleven in an empty queue"),
        pytest.param([0] * 5 + [12] * 20, 1, id="twelve in an empty queue"),
        pytest.param([500] * 30, 0, id="a queue that was long before it was first read"),
        pytest.param([500] * 5 + [530] * 20, 0, id="a few more in a long queue"),
    ],
)
def test_the_first_hour_of_a_queue_has_an_absolute_floor(queue: list[int], alerts: int) -> None:
    assert len(told([queue_spike()], minutes("Queue", queue))) == alerts


def test_a_first_reading_is_no_news() -> None:
    assert isinstance(SpikeWatch(failures_spike(), None).see(stats(train={"Failed": 50})), Unknown)
    assert isinstance(SpikeWatch(queue_spike(), None).see(stats(train={"Queue": 50})), Clear)
