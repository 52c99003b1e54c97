"""What does a person read who asks for the jobs of a pool?"""

from datetime import datetime, timedelta

import pytest

from bot.core.alerts import Alert, State
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.messages.all_pools import all_pools_message
from bot.messages.model import Bold, Chart, Message, Paragraph, Table, Tone, Verb
from bot.messages.pool_stats import pool_stats_message
from tests.building import MINUTE, NOON, POOL, an_alert, stats
from tests.messages.reading import codes, lines, moments, only, presses, text

HOUR = timedelta(hours=1)


def shown(
    reading: PoolStats, earlier: PoolStats | None = None, *, now: datetime = NOON, alerts: tuple[Alert, ...] = ()
) -> Message:
    return pool_stats_message(reading, now=now, earlier=earlier, open_alerts=alerts)


def alert(**changed: object) -> Alert:
    since = NOON - 12 * MINUTE
    made = {"id": "7", "began_at": since, "fired_at": since, "value": 94, "peak": 94, "why": "Queue 94; usual here 2–9"}
    return an_alert(**(made | changed))


def test_the_answer_is_named_after_the_pool_and_gives_its_id_as_code() -> None:
    message = shown(stats(train={"Queue": 1}))

    assert message.title == "train-a100"
    assert POOL.id in codes(message)


def test_the_table_is_job_type_by_status_with_totals_of_rows_and_columns() -> None:
    table = only(shown(stats(notebook={"Running": 2, "Failed": 1}, train={"Queue": 3, "Running": 40})), Table)

    assert table.header == ("Status", "train", "notebook", "All types")
    assert [row[0] for row in table.rows] == [*(status.value for status in JobStatus), "Total"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["Queue"] == (3, None, 3)
    assert rows["Running"] == (40, 2, 42)
    assert rows["Failed"] == (None, 1, 1)
    assert rows["Creating"] == (None, None, None)
    assert rows["Total"] == (43, 3, 46)


def test_not_reported_is_told_apart_from_zero() -> None:
    message = shown(stats(train={"Queue": 0, "Running": 1}))

    queue, pending = only(message, Table).rows[:2]
    assert queue[1:] == (0, 0)
    assert pending[1:] == (None, None)
    assert "Failed not reported" in message.summary
    assert "a dash means not reported, which is not zero" in text(message)


def test_a_status_the_documents_do_not_know_has_its_own_row_behind_the_others() -> None:
    reading = PoolStats(POOL, NOON, {"train": TypeCounts({JobStatus.QUEUE: 1}, {"Evicted": 4})})

    table = only(shown(reading), Table)
    assert table.rows[-2:] == (("Evicted", 4, 4), ("Total", 5, 5))


def test_a_type_the_documents_do_not_know_has_its_own_column_behind_the_others() -> None:
    reading = PoolStats(
        POOL, NOON, {name: TypeCounts({JobStatus.QUEUE: 1}) for name in ("warmUpTask", "infer", "train")}
    )

    assert only(shown(reading), Table).header == ("Status", "train", "infer", "warmUpTask", "All types")


def test_more_jobs_than_statuses_are_counted_and_told() -> None:
    reading = PoolStats(POOL, NOON, {"train": TypeCounts({JobStatus.QUEUE: 234}, total=240)})

    message = shown(reading)
    assert only(message, Table).rows[-1] == ("Total", 240, 240)
    assert "train: a status is reported for 234 of 240" in text(message)


def test_the_summary_carries_the_numbers() -> None:
    message = shown(
        stats(train={"Queue": 16, "Running": 42, "Failed": 3}),
        stats(NOON - HOUR, train={"Queue": 4, "Running": 42, "Failed": 0}),
    )

    assert message.summary == (
        "train-a100: Queue 16, Running 42, Failed 3, 61 jobs in all. Queue +12, Failed +3 since 11:00 UTC."
    )


def test_what_changed_is_told_with_its_hour() -> None:
    message = shown(stats(train={"Queue": 4, "Failed": 3}), stats(NOON - HOUR, train={"Queue": 16, "Failed": 0}))

    assert "Queue −12, Failed +3 since 11:00" in lines(message)
    assert NOON - HOUR in moments(message)


@pytest.mark.parametrize("status", ["Failed", "Completed", "Terminated"])
def test_fewer_ended_jobs_are_a_reset_and_not_negative_jobs(status: str) -> None:
    message = shown(stats(train={status: 2}), stats(NOON - HOUR, train={status: 9}))

    assert f"{status} reset since 11:00" in lines(message)
    assert "−" not in text(message)


def test_a_reset_of_one_type_does_not_hide_the_failures_of_another() -> None:
    message = shown(
        stats(train={"Failed": 5}, infer={"Failed": 0}), stats(NOON - HOUR, train={"Failed": 1}, infer={"Failed": 9})
    )

    assert "Failed reset, then +4 since 11:00" in lines(message)


@pytest.mark.parametrize("status", ["Pending", "Failed"])
def test_a_status_that_was_not_reported_before_did_not_change(status: str) -> None:
    message = shown(stats(train={"Queue": 4, status: 3}), stats(NOON - HOUR, train={"Queue": 4}))

    assert "Nothing changed since 11:00" in lines(message)


@pytest.mark.parametrize(
    "earlier", [pytest.param(None, id="none"), pytest.param(stats(NOON, train={"Queue": 9}), id="the same moment")]
)
def test_without_an_earlier_reading_nothing_is_compared(earlier: PoolStats | None) -> None:
    message = shown(stats(train={"Queue": 4}), earlier)

    assert "There is no reading from an hour ago to compare with." in lines(message)
    assert "since" not in message.summary


def test_an_empty_pool_has_no_jobs_at_all() -> None:
    message = shown(stats())

    assert message.summary == "train-a100: no jobs at all."
    assert "No jobs at all in this pool." in lines(message)
    assert not any(isinstance(block, Table) for block in message.blocks)


def test_the_age_of_the_data_is_in_the_small_print_and_in_the_summary_once_it_is_old() -> None:
    fresh = shown(stats(train={"Queue": 1}), now=NOON + timedelta(seconds=12))
    old = shown(stats(train={"Queue": 1}), now=NOON + 2 * HOUR)

    assert "read 12 s ago, 12:00" in lines(fresh)[-1]
    assert "ago" not in fresh.summary
    assert old.summary.endswith("Read 2 h ago.")


def test_the_answer_can_be_refreshed_and_shared_and_leads_to_why_and_which_jobs() -> None:
    assert presses(shown(stats(train={"Queue": 1}))) == [
        (Verb.REFRESH, POOL.id),
        (Verb.SHARE, POOL.id),
        (Verb.SHOW, f"{POOL.id} chart 24h"),
        (Verb.SHOW, f"{POOL.id} why"),
        (Verb.SHOW, f"{POOL.id} jobs"),
    ]


def test_an_open_alert_is_one_line_and_gives_the_answer_its_tone() -> None:
    message = shown(stats(train={"Queue": 94}), alerts=(alert(),))

    assert "Warning: queue spike · Queue 94; usual here 2–9 · since 11:48" in lines(message)
    assert message.tone is Tone.WARNING
    assert "1 open alert." in message.summary


def test_the_most_severe_alert_comes_first() -> None:
    alerts = (alert(), alert(id="8", severity=Severity.CRITICAL, rule="failures spike"))

    message = shown(stats(train={"Queue": 94}), alerts=alerts)
    bold = [
        span.text
        for block in message.blocks
        if isinstance(block, Paragraph)
        for span in block.spans
        if isinstance(span, Bold)
    ]
    assert bold[1:3] == ["Critical: failures spike", "Warning: queue spike"]
    assert message.tone is Tone.CRITICAL


def test_an_alert_that_nobody_was_told_of_or_that_is_over_is_not_mentioned() -> None:
    silent = (alert(state=State.PENDING, fired_at=None), alert(state=State.RESOLVED))

    assert "spike" not in text(shown(stats(train={"Queue": 94}), alerts=silent))


def test_many_alerts_are_counted_and_not_listed() -> None:
    message = shown(stats(train={"Queue": 94}), alerts=tuple(alert(id=str(n)) for n in range(9)))

    assert sum("queue spike" in line for line in lines(message)) == 5
    assert "+4 more open alerts: /pool-alerts" in lines(message)


def trend(*values: int | None) -> list[tuple[datetime, int | None]]:
    return [(NOON - (len(values) - 1 - index) * 10 * MINUTE, value) for index, value in enumerate(values)]


def test_two_points_make_no_chart_and_three_do() -> None:
    reading = stats(train={"Queue": 3})
    two = pool_stats_message(reading, now=NOON, earlier=None, trend=trend(1, None, 3))
    three = pool_stats_message(reading, now=NOON, earlier=None, trend=trend(1, 2, 3))

    assert not any(isinstance(block, Chart) for block in two.blocks)
    assert only(three, Chart).series[0].values == (1, 2, 3)
    assert only(three, Chart).labels == ("11:40", "11:50", "12:00")


def test_a_chart_says_in_words_what_it_shows() -> None:
    message = pool_stats_message(stats(train={"Queue": 3}), now=NOON, earlier=None, trend=trend(1, 94, 3))

    assert only(message, Chart).summary == "Queue between 1 and 94 since 11:40 UTC, highest at 11:50 UTC, last 3."
    assert only(message, Chart).title == "Queue, last 20 min (UTC)"


def test_a_failed_reading_is_a_gap_in_the_chart_and_never_a_zero() -> None:
    message = pool_stats_message(stats(train={"Queue": 3}), now=NOON, earlier=None, trend=trend(5, None, 4, 3))

    assert only(message, Chart).series[0].values == (5, None, 4, 3)


def test_a_long_trend_is_thinned_to_twenty_points_and_keeps_its_spike_and_its_end() -> None:
    values = [3] * 360
    values[123] = 94
    values[-1] = 7
    message = pool_stats_message(stats(train={"Queue": 7}), now=NOON, earlier=None, trend=trend(*values))

    drawn = only(message, Chart)
    assert len(drawn.labels) == len(drawn.series[0].values) == 20
    assert max(value or 0 for value in drawn.series[0].values) == 94
    assert drawn.series[0].values[-1] == 7
    assert len(set(drawn.labels)) == 20


def pool(name: str) -> Pool:
    return Pool(f"{name}-0123456789abcdef0123456789abcdef", name)


def names(message: Message) -> list[object]:
    return [row[0] for row in only(message, Table).rows]


def test_the_worst_pool_comes_first() -> None:
    readings = [
        stats(pool=pool("calm"), train={"Running": 9}),
        stats(pool=pool("failing"), train={"Queue": 0, "Failed": 50}),
        stats(pool=pool("broken"), train={"Queue": 0, "Abnormal": 1}),
        stats(pool=pool("long"), train={"Queue": 90}),
        stats(pool=pool("warned"), train={"Queue": 2}),
        stats(pool=pool("burning"), train={"Queue": 1}),
    ]
    alerts = [alert(pool=pool("warned")), alert(id="8", pool=pool("burning"), severity=Severity.CRITICAL)]

    message = all_pools_message(readings, now=NOON, open_alerts=alerts)
    assert names(message) == ["burning", "warned", "long", "broken", "failing", "calm"]
    assert message.summary.startswith("6 pools: Queue 93, Running 9, Failed 50 in all. Worst: burning (Queue 1,")


def test_equally_bad_pools_stand_in_order_of_their_names() -> None:
    readings = [stats(pool=pool(name), train={"Queue": 1}) for name in ("b", "A", "c")]

    assert names(all_pools_message(readings, now=NOON)) == ["A", "b", "c"]


def test_more_pools_than_fit_on_a_page_are_turned_to() -> None:
    readings = [stats(pool=pool(f"lab-{number:02}"), train={"Queue": number}) for number in range(32)]

    message = all_pools_message(readings, now=NOON)
    assert len(only(message, Table).rows) == 20
    assert (Verb.SHOW, "page 2") in presses(message)
    assert any("1–20 of 32" in line for line in lines(message))
    last = all_pools_message(readings, now=NOON, page=2)
    assert names(last) == [f"lab-{number:02}" for number in reversed(range(12))]
    assert last == all_pools_message(readings, now=NOON, page=99)
    assert (Verb.SHOW, "") in presses(last)


def test_the_table_of_pools_has_the_counts_that_matter() -> None:
    table = only(all_pools_message([stats(train={"Queue": 3, "Running": 40, "Failed": 2})], now=NOON), Table)

    assert table.header == ("Pool", "Queue", "Running", "Failed", "Abnormal", "Total")
    assert table.rows == (("train-a100", 3, 40, 2, None, 45),)


def test_pools_of_the_same_name_are_told_apart_by_their_ids() -> None:
    readings = [stats(pool=Pool(f"pool-{number}", "lab"), train={"Queue": 1}) for number in range(2)]

    assert names(all_pools_message(readings, now=NOON)) == ["lab (pool-0)", "lab (pool-1)"]


def test_a_pool_that_could_not_be_read_is_named_with_the_reason() -> None:
    message = all_pools_message([], now=NOON, failures={"research": "ModelArts did not answer within 10 s"})

    assert "Could not be read: research · ModelArts did not answer within 10 s" in lines(message)
    assert message.summary == "1 pool could not be read."
    assert message.title == "1 pool"


def test_no_pool_at_all_is_said() -> None:
    message = all_pools_message([], now=NOON)

    assert message.title == "No pools"
    assert lines(message) == ["There are no pools in this project, or the bot’s account may not see them."]


def test_all_pools_can_be_refreshed() -> None:
    assert presses(all_pools_message([], now=NOON)) == [(Verb.REFRESH, "")]


def test_an_outage_is_said_once_for_all_pools_it_is_about() -> None:
    down = {f"pool-{number:02}": "ModelArts cannot be reached" for number in range(12)}

    said = text(all_pools_message([], now=NOON, failures=down | {"other": "ModelArts refused"}))

    assert said.count("ModelArts cannot be reached") == 1
    assert "and 2 more" in said
    assert "other · ModelArts refused" in said
