"""What an answer leaves out, where another job type of the same answer says how many: neither zero nor news."""

from collections.abc import Mapping

from bot.core.rules.model import AlertRule, ThresholdRule
from bot.core.rules.reported import Reported
from bot.core.stats import JobStatus, PoolStats
from tests.building import MINUTE, NOON, POOL, crowded, failures_spike, long_queue, stats, told

_USUAL = {"train": {"Queue": 80, "Running": 20, "Failed": 200}, "notebook": {"Queue": 1, "Running": 2, "Failed": 3}}


def _readings(then: Mapping[str, Mapping[str, int]], *, length: int = 1) -> list[PoolStats]:
    answers = [_USUAL] * 60 + [then] * length + [_USUAL] * 60
    return [stats(NOON + index * MINUTE, POOL, **answer) for index, answer in enumerate(answers)]


def test_a_type_that_leaves_the_queue_out_ends_no_alert_where_another_type_reports_its_own() -> None:
    partial = {"train": {"Running": 20}, "notebook": {"Queue": 1, "Running": 2, "Failed": 3}}
    rules: list[AlertRule] = [long_queue(50), crowded()]

    assert [alert.resolved_at for alert in told(rules, _readings(partial))] == [None, None]


def test_a_type_without_jobs_has_no_queue() -> None:
    (alert,) = told([long_queue(50)], _readings({"notebook": {"Queue": 1, "Running": 2, "Failed": 3}}))[:1]

    assert alert.resolved_at == NOON + 60 * MINUTE


def test_ended_jobs_that_were_left_out_and_come_back_have_not_failed_again() -> None:
    rules: list[AlertRule] = [failures_spike(), ThresholdRule(name="failures", metric=JobStatus.FAILED, above=5)]

    for partial in (
        {"train": {"Running": 20}, "notebook": {"Queue": 1, "Running": 2, "Failed": 3}},
        {"notebook": {"Queue": 1, "Running": 2, "Failed": 3}},
    ):
        assert told(rules, _readings(partial, length=20)) == []


def test_answers_without_a_single_job_are_no_burst_of_failures_when_the_jobs_are_back() -> None:
    nothing = {"train": {"Queue": 0, "Running": 0, "Failed": 0}}

    assert told([failures_spike()], _readings(nothing, length=10)) == []
    assert told([failures_spike()], _readings({}, length=10)) == []


def test_more_failures_than_before_are_a_burst_all_the_same() -> None:
    answers = [_USUAL] * 60 + [{}] * 10 + [{**_USUAL, "train": {"Queue": 80, "Running": 20, "Failed": 230}}] * 20
    (alert,) = told(
        [failures_spike()], [stats(NOON + index * MINUTE, POOL, **answer) for index, answer in enumerate(answers)]
    )

    assert alert.peak == 30


def test_what_is_left_out_for_longer_than_half_an_hour_is_gone() -> None:
    reported = Reported(JobStatus.QUEUE, None)
    reported.count(stats(NOON, train={"Queue": 80}, notebook={"Queue": 1}))

    assert reported.count(stats(NOON + 30 * MINUTE, train={"Running": 20}, notebook={"Queue": 1})) == 81
    assert reported.count(stats(NOON + 31 * MINUTE, train={"Running": 20}, notebook={"Queue": 1})) == 1


def test_a_status_that_no_type_reports_is_not_known() -> None:
    reported = Reported(JobStatus.QUEUE, None)
    reported.count(stats(NOON, train={"Queue": 80}))

    assert reported.count(stats(NOON + MINUTE, train={"Running": 20})) is None
    assert reported.count(stats(NOON + 2 * MINUTE)) == 0
