"""Stuck rules: do jobs wait while none is started?"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

import pytest

from bot.core.rules.model import StuckRule
from bot.core.rules.stuck import StuckWatch
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import PoolStats
from tests.building import MINUTE, NOON, POOL, stats, stuck, told

FULL = {"Queue": 10, "Running": 20, "Completed": 100, "Terminated": 3, "Failed": 5}
EMPTY: dict[str, int] = {}


def lasting(*stretches: tuple[Mapping[str, int] | None, int], types: tuple[str, ...] = ("train",)) -> list[PoolStats]:
    """A reading a minute: the full pool with changes, each for so many minutes; `None` is a failed poll."""
    counts = [changed for changed, times in stretches for _ in range(times)]
    return [
        stats(NOON + index * MINUTE, POOL, **{name: {**FULL, **changed} for name in types if changed is not EMPTY})
        for index, changed in enumerate(counts)
        if changed is not None
    ]


def verdicts(readings: Iterable[PoolStats], rule: StuckRule | None = None) -> Iterator[Verdict]:
    """What a watch says of each."""
    watch = StuckWatch(rule or stuck(), None)
    return (watch.see(reading) for reading in readings)


def test_a_queue_of_which_nothing_starts_for_as_long_as_the_rule_says_is_told() -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 60)))

    assert (alert.fired_at, alert.value) == (NOON + 30 * MINUTE, 10)
    assert alert.why == "Queue 10; nothing has started for 30 min; Running 20"


@pytest.mark.parametrize(
    "start",
    [
        pytest.param({"Queue": 9, "Running": 21}, id="one more runs"),
        pytest.param({"Queue": 9, "Completed": 101}, id="one takes the place of one that is completed"),
        pytest.param({"Completed": 101}, id="and another is queued meanwhile"),
        pytest.param({"Failed": 6}, id="or of one that failed"),
        pytest.param({"Queue": 9}, id="one takes the place of one that is forgotten at once (a snapshot)"),
        pytest.param({"Running": 21, "Completed": 0}, id="while those that ended are purged"),
    ],
)
def test_a_start_winds_the_clock_back(start: dict[str, int]) -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 20), (start, 60)))

    assert alert.fired_at == NOON + 50 * MINUTE


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param({"Running": 19, "Completed": 101}, id="a job completes"),
        pytest.param({"Running": 15, "Failed": 10}, id="five jobs fail"),
        pytest.param({"Running": 19, "Terminating": 1}, id="a job is being terminated"),
        pytest.param({"Running": 19, "Abnormal": 1}, id="a job becomes abnormal"),
        pytest.param({"Completed": 0, "Failed": 0}, id="finished jobs are purged"),
        pytest.param({"Running": 19}, id="a job ends and is forgotten at once (a snapshot)"),
        pytest.param({"Queue": 30}, id="more jobs come"),
        pytest.param({"Running": 19, "Queue": 11}, id="a job is put back into the queue"),
        pytest.param({"Queue": 6, "Creating": 4}, id="jobs are being created, and no further"),
    ],
)
def test_what_is_no_start_does_not_wind_the_clock_back(ending: dict[str, int]) -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 20), (ending, 60)))

    assert alert.fired_at == NOON + 30 * MINUTE


def test_a_job_that_is_terminated_in_steps_is_no_start() -> None:
    steps = [({}, 10), ({"Running": 19, "Terminating": 1}, 5), ({"Running": 19, "Terminated": 4}, 30)]

    assert told([stuck(after="30m")], lasting(*steps))[0].fired_at == NOON + 30 * MINUTE


def test_it_is_over_when_jobs_start_again() -> None:
    flowing = [({"Running": 20 + more}, 1) for more in range(1, 20)]
    (alert,) = told([stuck(after="30m", clear_after="5m")], lasting(({}, 40), *flowing))

    assert alert.resolved_at == NOON + 45 * MINUTE


def test_it_is_over_when_nothing_waits() -> None:
    (alert,) = told([stuck(after="30m", clear_after="5m")], lasting(({}, 40), ({"Queue": 0}, 20)))

    assert alert.resolved_at == NOON + 45 * MINUTE


def test_a_single_start_in_a_flood_does_not_end_it() -> None:
    trickle = [({"Queue": 200 - index, "Running": 20 + index}, 40) for index in range(5)]
    readings = lasting(*trickle)
    (alert,) = told([stuck(after="30m")], readings)
    watch = StuckWatch(stuck(after="30m"), None)
    seen = [watch.see(reading) for reading in readings]

    assert alert.resolved_at is None
    assert seen[40] == Clear(199, "Queue 199; 1 job has started")
    assert seen[45] == Breach(199, "Queue 199; a single job has started in 45 min; Running 21")
    assert seen[90] == Breach(198, "Queue 198; only 2 jobs have started in 1 h 30 min; Running 22")


def test_without_a_time_to_clear_the_first_start_ends_it() -> None:
    (alert,) = told([stuck(after="30m", clear_after="0s")], lasting(({}, 40), ({"Running": 21}, 20)))

    assert alert.resolved_at == NOON + 40 * MINUTE


def test_time_unseen_is_not_time_stuck() -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 20), (None, 20), ({}, 40)))

    assert alert.fired_at == NOON + 70 * MINUTE


def test_a_few_failed_polls_do_not_wind_the_clock_back() -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 20), (None, 10), ({}, 40)))

    assert alert.fired_at == NOON + 30 * MINUTE


def test_a_gap_neither_ends_it_nor_is_it_counted_as_time_without_a_start() -> None:
    (alert,) = told([stuck(after="30m")], lasting(({}, 40), (None, 60), ({}, 10)))
    last = list(verdicts(lasting(({}, 40), (None, 60), ({}, 10))))[-1]

    assert alert.resolved_at is None
    assert last == Breach(10, "Queue 10; nothing has started for 48 min; Running 20")


@pytest.mark.parametrize("missing", ["Queue", "Running"])
def test_what_is_not_reported_says_nothing(missing: str) -> None:
    sparse = [
        stats(NOON + (40 + index) * MINUTE, train={key: value for key, value in FULL.items() if key != missing})
        for index in range(30)
    ]
    (alert,) = told([stuck(after="30m")], [*lasting(({}, 40)), *sparse])

    assert alert.resolved_at is None


def test_a_count_that_is_left_out_and_comes_back_is_no_start() -> None:
    sparse = [stats(NOON + 20 * MINUTE, train={"Queue": 10, "Running": 20})]
    readings = [*lasting(({}, 20)), *sparse, *lasting(({}, 60))[21:]]

    assert told([stuck(after="30m")], readings)[0].fired_at == NOON + 30 * MINUTE


def test_an_empty_answer_after_a_busy_one_is_not_believed_at_once() -> None:
    (alert,) = told([stuck(after="30m", clear_after="0s")], lasting(({}, 40), (EMPTY, 2), ({}, 20)))

    assert alert.resolved_at is None


def test_an_empty_pool_is_never_stuck() -> None:
    seen = list(verdicts(lasting(({}, 40), (EMPTY, 90))))

    assert all(isinstance(verdict, Clear) for verdict in seen[42:])


def test_less_than_the_rule_asks_for_is_not_told() -> None:
    assert told([stuck(after="10m", at_least=11)], lasting(({}, 60))) == []


def test_each_type_listed_is_judged_by_its_own_starts() -> None:
    readings = [stats(NOON + index * MINUTE, train=FULL, infer={"Queue": 5, "Running": index}) for index in range(60)]

    assert [alert.job_type for alert in told([stuck(types=["train", "infer"])], readings)] == ["train"]
    assert told([stuck()], readings) == []


def test_a_bot_that_has_seen_too_little_cannot_say() -> None:
    seen = list(verdicts(lasting(({}, 31)), stuck(after="30m")))

    assert all(isinstance(verdict, Unknown) for verdict in seen[:30])
    assert isinstance(seen[30], Breach)


def test_more_than_a_week_is_told_as_that() -> None:
    readings = [stats(NOON + 10 * index * MINUTE, POOL, train=FULL) for index in range(6 * 24 * 8)]

    assert "next to nothing has started for more than 7 d" in str(list(verdicts(readings))[-1].why)


def test_a_metric_of_jobs_that_do_not_wait_is_refused() -> None:
    with pytest.raises(
        ValueError, match="jobs that are Running do not wait to start: choose Queue, Pending or Creating"
    ):
        stuck(metric="Running")


@pytest.mark.parametrize("after", ["0s", "8d"])
def test_no_time_at_all_is_refused_and_more_than_is_remembered(after: str) -> None:
    with pytest.raises(ValueError, match="from 1s to 7d"):
        stuck(after=after)


def test_the_default_is_half_an_hour_of_queue() -> None:
    assert (stuck().after, stuck().metric) == (timedelta(minutes=30), "Queue")
