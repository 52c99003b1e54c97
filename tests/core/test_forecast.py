"""When those who wait will have started: a range that the past bears out, or a reason why there is none."""

import itertools
import random
import time
from datetime import timedelta

import pytest

from bot.core.forecast import LOOKED_AT, Drain, Forecast, NoForecast, Seen, drain, is_high
from bot.core.stats import JobStatus
from tests.building import MINUTE, NOON
from tests.queues import DAY, STEP, counts, pool


def asked(past: list[Seen]) -> Forecast:
    """The forecast at the last reading."""
    return drain(past, now=past[-1][0])


def busiest(past: list[Seen], *, after: timedelta) -> int:
    """Where the most wait, once so much is known."""
    first = next(index for index, (at, _) in enumerate(past) if at - past[0][0] >= after)
    return max(range(first, len(past) - 200), key=lambda index: past[index][1][0] or 0)


def test_a_range_is_told_with_what_it_is_worth() -> None:
    past = pool(14)
    here = busiest(past, after=9 * DAY)

    said = asked(past[: here + 1])

    assert isinstance(said, Drain)
    assert said.waiting == past[here][1][0]
    assert timedelta() < said.least <= said.most < DAY
    assert said.right <= said.scored <= said.cases
    assert said.started > 0


def test_four_of_five_outcomes_lie_in_the_range() -> None:
    inside = made = 0
    for seed in range(4):
        past = pool(10, seed=seed)
        started = [0]
        for (_, before), (_, now) in itertools.pairwise(past):
            ended = (now[6] or 0) - (before[6] or 0)
            started.append(started[-1] + (now[3] or 0) - (before[3] or 0) + ended)
        for here in range(len(past) // 2, len(past) - 300, 45):
            said = asked(past[: here + 1])
            if not isinstance(said, Drain):
                continue
            over = next(i for i in range(here, len(past)) if started[i] >= started[here] + said.waiting)
            made += 1
            inside += said.least <= past[over][0] - past[here][0] <= said.most
    assert made > 50
    assert 0.7 <= inside / made <= 0.92


def test_what_comes_after_the_question_changes_nothing() -> None:
    past = pool(12)
    here = busiest(past, after=9 * DAY)

    assert asked(past[: here + 1]) == drain(list(past[: here + 1]), now=past[here][0])


@pytest.mark.parametrize(
    ("past", "why"),
    [
        pytest.param([], "no recent reading", id="never read"),
        pytest.param([(NOON, counts(Queue=None))], "no recent reading", id="Queue is not reported"),
        pytest.param([(NOON, counts())], "nothing waits", id="nothing waits"),
        pytest.param([(NOON, counts(Queue=2))], "only 2 wait", id="hardly anything waits"),
        pytest.param([*pool(1)[:-1], (NOON + DAY, counts(Queue=9))], "3 days of readings", id="history too short"),
        pytest.param([*pool(6, ends=False)[:-1], (NOON + 6 * DAY, counts(Queue=9))], "ended", id="ends not told"),
        pytest.param([*pool(6)[:-20], (NOON + 6 * DAY, counts(Queue=9))], "without a gap", id="a gap just now"),
        pytest.param([*pool(6)[:-1], (NOON + 6 * DAY, counts(Queue=900))], "too seldom", id="never so many"),
    ],
)
def test_no_forecast_is_made_and_why(past: list[Seen], why: str) -> None:
    said = drain(past, now=past[-1][0] if past else NOON)

    assert isinstance(said, NoForecast)
    assert why in str(said.why)


def test_a_reading_of_an_hour_ago_is_no_ground_for_a_forecast() -> None:
    past = pool(6)

    assert isinstance(drain(past, now=past[-1][0] + timedelta(hours=1)), NoForecast)


def test_a_pool_that_has_become_another_is_not_forecast_from_what_it_was() -> None:
    """Half of its days it starts nothing for hours after each burst, which its past does not announce."""
    luck = random.Random(3)
    past: list[Seen] = []
    queue, completed = 30, 0
    for step in range(int(8 * DAY / STEP)):
        day = step * STEP // DAY
        starts = 4 if day < 4 else (luck.random() < 0.004) * 200
        starts = min(starts, queue)
        completed += starts
        queue += 4 - starts if queue < 60 else -starts
        past.append((NOON + step * STEP, counts(Queue=max(queue, 12), Running=20, Completed=completed)))

    said = asked(past)

    assert isinstance(said, NoForecast), said


def test_statuses_that_are_not_reported_are_as_they_were() -> None:
    past = pool(12)
    here = busiest(past, after=9 * DAY)
    whole = asked(past[: here + 1])

    holes = [(at, told if index % 3 else (told[0], None, *told[2:])) for index, (at, told) in enumerate(past)]

    assert asked(holes[: here + 1]) == whole


def test_fourteen_days_of_minutes_take_a_twentieth_of_a_second_of_work() -> None:
    coarse = pool(14)
    past = [(at + minute * MINUTE, told) for at, told in coarse for minute in range(5)]
    here = max(range(len(past) - 300, len(past)), key=lambda index: past[index][1][0] or 0)
    spent = []
    for _ in range(3):
        began = time.process_time()
        asked(past[: here + 1])
        spent.append(time.process_time() - began)

    # Five times the aim: a shared machine measures badly, and the benchmark prints what it really is.
    assert min(spent) < 0.25


def test_all_that_is_looked_at_is_in_the_order_in_which_it_is_counted() -> None:
    assert LOOKED_AT[0] is JobStatus.QUEUE
    assert LOOKED_AT[6:] == (JobStatus.COMPLETED, JobStatus.TERMINATED, JobStatus.FAILED)
    assert set(LOOKED_AT) == set(JobStatus)


@pytest.mark.parametrize(
    ("waiting", "lately", "high"),
    [
        pytest.param(9, (1, 2, 3, 9), True, id="more than in three quarters of the last hours"),
        pytest.param(9, (9, 9, 9, 9), False, id="as many as always"),
        pytest.param(4, (0, 0, 0, 0), False, id="hardly anybody"),
        pytest.param(9, (None, None), True, id="nothing to compare with"),
        pytest.param(None, (1, 2), False, id="not reported"),
    ],
)
def test_a_queue_is_high_beside_the_last_hours(waiting: int | None, lately: tuple[int | None, ...], high: bool) -> None:
    assert is_high(waiting, lately) is high
