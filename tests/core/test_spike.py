"""Spike rules: what they must tell and must not."""

import itertools
import random
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.rules.model import SpikeRule
from bot.core.rules.spike import SpikeWatch
from bot.core.rules.spike_constants import AddedConstants, LevelConstants
from bot.core.rules.verdict import Breach, Clear, Unknown
from bot.core.stats import PoolStats
from tests.benchmarks.rules import state_size
from tests.building import MINUTE, NOON, failures_spike, minutes, queue_spike, stats, told

_CHANCE = random.Random(7)
# Half a day of a pool with a few jobs waiting.
USUAL = [_CHANCE.randint(2, 8) for _ in range(720)]


def test_a_queue_far_above_the_usual_is_told_with_its_numbers() -> None:
    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, 20, 45, *[84] * 6]))

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + 725 * MINUTE
    assert str(alert.why).startswith("Queue 84; usual here ")


def test_it_is_over_once_the_queue_is_usual_again() -> None:
    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, *[84] * 10, *USUAL[:20]]))

    assert alert.resolved_at == NOON + timedelta(minutes=720 + 10 + 5)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(USUAL, id="the usual"),
        pytest.param([200] * 600 + [206] * 20, id="six more of two hundred"),
        pytest.param([200_000] * 600 + [210_000] * 20, id="more than can be compared"),
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
    assert told([queue_spike(at_least=100)], minutes("Queue", [*USUAL, *[84] * 10])) == []


def seconds(queue: list[int], running: list[int]) -> list[PoolStats]:
    """A reading a second."""
    return [
        stats(NOON + timedelta(seconds=index), train={"Queue": waiting, "Running": run})
        for index, (waiting, run) in enumerate(zip(queue, running, strict=True))
    ]


def test_who_reads_every_second_sees_a_stark_jump_within_seconds() -> None:
    (alert,) = told([queue_spike()], seconds([3] * 60 + [100] * 30, [20] * 90))

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + timedelta(seconds=60 + 12)


def test_a_stark_jump_whose_jobs_start_is_not_told_within_seconds() -> None:
    started = list(range(20, 50))

    assert told([queue_spike()], seconds([3] * 60 + [100 - each for each in range(30)], [20] * 60 + started)) == []


def test_a_lower_sensitivity_tells_less() -> None:
    rise = minutes("Queue", [*USUAL, *[13] * 30])

    assert len(told([queue_spike(sensitivity="high")], rise)) == 1
    assert told([queue_spike(sensitivity="low")], rise) == []


def test_a_burst_of_failures_is_told_by_what_was_added() -> None:
    steps = [100 + index // 90 for index in range(720)]
    (alert,) = told([failures_spike()], minutes("Failed", [*steps, 120, 125]))

    assert alert.why == (
        "13 more Failed within 3 minutes; usual here 0–2; more than in any of the 12 hours read in the last week"
    )


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


def served(queue: list[int], starts_a_minute: list[int]) -> list[PoolStats]:
    """A reading a minute of jobs that wait, with those that have started among the running and completed ones."""
    readings, completed = [], 0
    for index, (waiting, started) in enumerate(zip(queue, starts_a_minute, strict=True)):
        completed += started
        readings.append(stats(NOON + index * MINUTE, train={"Queue": waiting, "Running": 20, "Completed": completed}))
    return readings


@pytest.mark.parametrize("minutes_to_drain", [6, 12, 20])
def test_a_batch_that_drains_within_minutes_is_not_told(minutes_to_drain: int) -> None:
    batch = [200 - 200 * index // minutes_to_drain for index in range(minutes_to_drain)]

    assert told([queue_spike()], minutes("Queue", [*USUAL, *batch, *USUAL[:60]])) == []


def test_a_flood_that_takes_hours_is_told_within_ten_minutes() -> None:
    flood = [100 - index // 3 for index in range(240)]

    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, *flood]))

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + 730 * MINUTE


def test_a_queue_that_creeps_up_over_hours_is_told() -> None:
    ramp = [5 + index // 8 for index in range(240)]

    (alert,) = told([queue_spike()], minutes("Queue", [*USUAL, *USUAL, *ramp]))

    assert alert.fired_at is not None
    assert alert.fired_at <= NOON + (1440 + 150) * MINUTE


def test_less_is_told_when_no_job_starts_any_more() -> None:
    before = [int(5 + 2 * _CHANCE.random()) for _ in range(1440)] + [16] * 40
    busy = served([*before[:-40], *before[:40], *before[-40:]], [1] * 1480 + [1] * 40)
    idle = served([*before[:-40], *before[:40], *before[-40:]], [1] * 1480 + [0] * 40)

    (slow,) = told([queue_spike(sensitivity="low", at_least=8)], busy) or (None,)
    (quick,) = told([queue_spike(sensitivity="low", at_least=8)], idle)

    assert slow is None
    assert "no job has started for " in str(quick.why)


def test_a_daily_peak_is_learnt() -> None:
    day = [40 if 120 <= minute < 240 else 3 for minute in range(1440)]

    alerts = told([queue_spike()], minutes("Queue", day * 5))

    assert all(alert.began_at < NOON + timedelta(days=2) for alert in alerts)


def test_failures_that_come_together_are_told_where_as_many_in_an_hour_are_usual() -> None:
    usual = [index // 6 for index in range(2 * 1440)]
    together = [usual[-1] + 9] * 5

    *_, alert = told([failures_spike()], minutes("Failed", usual + together))

    assert alert.began_at == NOON + 2 * 1440 * MINUTE
    assert str(alert.why).startswith("9 more Failed within 3 minutes; usual here 0–1; ")


def test_failures_that_came_all_the_time_are_no_alert_that_never_ends() -> None:
    (alert,) = told([failures_spike()], minutes("Failed", [index // 6 for index in range(300)]))

    assert alert.resolved_at is not None


def test_failures_of_every_night_are_learnt_and_more_of_them_are_told() -> None:
    quiet, night, bad = [0] * 23 * 60, [0, 0, 0, 0, 0, 1] * 10, [0, 0, 1, 0, 1, 1] * 10
    days = [*quiet, *night] * 6
    usual, worse = ([*itertools.accumulate([*days, *quiet, *last, *[0] * 60])] for last in (night, bad))

    first, *later = told([failures_spike()], minutes("Failed", usual))
    assert [alert.began_at < NOON + timedelta(days=2) for alert in (first, *later)] == [True] * (1 + len(later))
    assert told([failures_spike()], minutes("Failed", worse))[-1].began_at > NOON + timedelta(days=6)


def test_failures_that_creep_are_told_by_the_hour() -> None:
    usual = [index // 60 for index in range(2 * 1440)]
    creeping = [usual[-1] + index // 6 for index in range(120)]

    (alert,) = told([failures_spike()], minutes("Failed", usual + creeping))

    assert str(alert.why).startswith("6 more Failed within 60 minutes; usual here 0–2; ")


def test_how_unlikely_a_queue_is_can_be_checked_against_its_history() -> None:
    once = [5] * 300 + [40] * 90 + [5] * 600

    (first, second) = told([queue_spike()], minutes("Queue", once + [30] * 30))

    assert str(first.why).endswith("; above it for 3 minutes; more than in any of the 5 hours read in the last week")
    assert "; as much in 2 of the 16 hours read in the last week" in str(second.why)


def test_an_alert_that_stays_open_keeps_saying_how_far_it_rose() -> None:
    # Once a day it climbs to thirty and down again, slowly.
    slow = [3 + max(0, 30 - abs(minute % 1440 - 720) // 4) for minute in range(3 * 1440)]
    watch = SpikeWatch(queue_spike(), None)

    verdicts = [watch.see(reading) for reading in minutes("Queue", [*slow, *[3] * 720, *[28] * 50])]
    said = {str(verdict.why).rpartition("; ")[2] for verdict in verdicts[-40:] if isinstance(verdict, Breach)}

    assert said == {"a rise by 25, more than in any of the 84 hours read in the last week"}


def test_a_pool_without_a_history_says_so() -> None:
    (alert,) = told([queue_spike()], minutes("Queue", [3] * 5 + [60] * 10))

    assert str(alert.why).endswith("; there is no history yet")


def life(seed: int, days: int) -> list[PoolStats]:
    """A pool's readings with everything that happens: floods, stalls, failures, purges, gaps and empty answers."""
    chance = random.Random(seed)
    queue = failed = completed = 0
    stalled = 0
    readings = []
    for minute in range(days * 1440):
        stalled = max(0, stalled - 1) or (90 if chance.random() < 0.0005 else 0)
        queue += chance.random() < 0.4
        queue += 60 if chance.random() < 0.0007 else 0
        started = 0 if stalled else min(queue, chance.choice([0, 0, 1, 2]))
        queue -= started
        completed = 0 if chance.random() < 0.0005 else completed + started
        failed += (chance.random() < 0.01) + (12 if chance.random() < 0.0007 else 0)
        if chance.random() < 0.0005:
            failed //= 2
        if chance.random() < 0.02 or (minute // 60) % 97 == 13:
            continue
        counts = {"Queue": queue, "Running": 20, "Completed": completed, "Failed": failed}
        readings.append(
            stats(NOON + minute * MINUTE, train=counts if chance.random() > 0.001 else dict.fromkeys(counts, 0))
        )
    return readings


@pytest.mark.parametrize("rule", [queue_spike(), failures_spike()], ids=lambda rule: str(rule.metric))
@pytest.mark.parametrize("seed", range(3))
def test_a_watch_that_read_the_last_week_again_judges_like_one_that_never_stopped(rule: SpikeRule, seed: int) -> None:
    readings = life(seed, days=10)
    stopped = NOON + timedelta(days=9, hours=seed * 7, minutes=37)
    live, again = SpikeWatch(rule, None), SpikeWatch(rule, None)

    verdicts = [live.see(reading) for reading in readings]
    for reading in readings:
        if stopped - timedelta(days=7, hours=2) <= reading.taken_at < stopped:
            again.see(reading)
    rest = [
        (verdict, again.see(reading))
        for verdict, reading in zip(verdicts, readings, strict=True)
        if reading.taken_at >= stopped
    ]

    assert any(isinstance(verdict, Breach) for verdict in verdicts)
    assert len(rest) > 500
    assert [mine for mine, _ in rest] == [theirs for _, theirs in rest]


@pytest.mark.parametrize("rule", [queue_spike(), failures_spike()], ids=lambda rule: str(rule.metric))
def test_a_reason_that_is_asked_for_late_is_that_of_its_time(rule: SpikeRule) -> None:
    readings = life(4, days=3)
    at_once, late = SpikeWatch(rule, None), SpikeWatch(rule, None)

    said = [str(at_once.see(reading).why) for reading in readings]

    assert [str(verdict.why) for verdict in [late.see(reading) for reading in readings]] == said


@pytest.mark.parametrize("rule", [queue_spike(), failures_spike()], ids=lambda rule: str(rule.metric))
def test_an_answer_that_says_the_same_again_is_judged_like_one_that_does_not(rule: SpikeRule) -> None:
    watch, other = SpikeWatch(rule, None), SpikeWatch(rule, None)
    readings = [
        reading for one in life(5, days=2) for reading in (one, replace(one, taken_at=one.taken_at + MINUTE / 2))
    ]
    # A stated total of nothing changes nothing, but the answer is another one.
    restated = [
        replace(
            reading,
            types={name: replace(counts, total=0 if number % 2 else None) for name, counts in reading.types.items()},
        )
        for number, reading in enumerate(readings)
    ]

    assert [watch.see(reading) for reading in readings] == [other.see(reading) for reading in restated]


def numbers(state: object, seen: set[int] | None = None) -> Iterator[int]:
    """The sizes in bytes of the numbers a watch holds, what all share apart; a number by itself counts as eight."""
    seen = set() if seen is None else seen
    if isinstance(state, array | bytearray):
        if id(state) not in seen:
            seen.add(id(state))
            yield memoryview(state).nbytes
    elif isinstance(state, tuple):
        for each in state:
            yield from numbers(each, seen)
    elif isinstance(state, str | SpikeRule | LevelConstants | AddedConstants):
        return
    elif hasattr(state, "__dict__"):
        for each in vars(state).values():
            yield from numbers(each, seen)
    elif isinstance(state, int | float):
        yield 8
    elif hasattr(state, "__slots__"):
        for name in state.__slots__:
            yield from numbers(getattr(state, name), seen)


@pytest.mark.parametrize("rule", [queue_spike(), failures_spike()], ids=lambda rule: str(rule.metric))
def test_what_a_watch_remembers_is_less_than_two_kilobytes_however_long_it_watches(rule: SpikeRule) -> None:
    watch = SpikeWatch(rule, None)
    for reading in life(1, days=9):
        watch.see(reading)

    assert 1000 < sum(numbers(watch)) < 2048


@pytest.mark.parametrize(("rule", "most"), [(queue_spike(), 4096), (failures_spike(), 4096)], ids=["Queue", "Failed"])
def test_what_a_watch_remembers_is_little_as_python_objects_too(rule: SpikeRule, most: int) -> None:
    watch = SpikeWatch(rule, None)
    for reading in life(1, days=9):
        watch.see(reading)

    assert 1500 < state_size(watch) < most
