"""What does a person read in a digest?"""

from dataclasses import replace
from datetime import timedelta

from bot.core.alerts import State
from bot.core.digest import PoolDigest, digest
from bot.core.stats import Pool
from bot.messages.digest import digest_message, digests_message
from bot.messages.model import Message, Table, Tone
from tests.building import MINUTE, NOON, POOL, stats
from tests.messages.reading import lines, only, text
from tests.messages.test_alert import FAILURES, QUEUE, RESOLVED

SINCE = NOON - timedelta(days=1)
OTHER = Pool("other-0123456789abcdef0123456789abcdef", "other")


def figures(pool: Pool = POOL, *, failed: int = 7, queue: int = 16) -> PoolDigest:
    readings = [
        stats(SINCE, pool, train={"Queue": 4, "Running": 40, "Failed": 3, "Completed": 30, "Terminated": 0}),
        stats(NOON - MINUTE, pool, train={"Queue": 94, "Running": 40, "Failed": 3, "Completed": 90, "Terminated": 0}),
        stats(NOON, pool, train={"Queue": queue, "Running": 42, "Failed": failed, "Completed": 90, "Terminated": 1}),
    ]
    return digest(readings, since=SINCE, until=NOON, gap=timedelta(days=2))


def told(*each: PoolDigest, **more: object) -> Message:
    return digest_message(each, **{"since": SINCE, "until": NOON, "alerts": [], **more})  # type: ignore[arg-type]


def test_a_digest_has_the_counts_and_what_changed_since_the_last_one() -> None:
    table = only(told(figures()), Table)

    assert dict(zip(table.header, table.rows[0], strict=True)) == {
        "Pool": "train-a100",
        "Queue": 16,
        "Change": "+12",
        "Range": "4–94",
        "Running": 42,
        "More Failed": 4,
        "More Completed": 60,
        "More Terminated": 1,
        "Total": 156,
    }


def test_the_summary_of_a_digest_stands_alone() -> None:
    assert told(figures(), figures(OTHER, failed=3, queue=0)).summary == (
        "2 pools from 2026-03-01 12:00 UTC to 12:00 UTC: Queue 16 (+8), Running 84, 4 more Failed, 120 more Completed, "
        "2 more Terminated. No alerts."
    )


def test_the_pool_with_the_most_failures_comes_first() -> None:
    table = only(told(figures(OTHER, failed=3, queue=90), figures()), Table)

    assert [row[0] for row in table.rows] == ["train-a100", "other"]


def test_a_pool_without_data_is_named_so() -> None:
    message = told(figures(), digest([], since=SINCE, until=NOON, pool=Pool("x", "quiet")), unseen=[OTHER])

    assert "quiet: no data in this time; nothing can be said about it." in lines(message)
    assert "other: no data in this time; nothing can be said about it." in lines(message)
    assert message.title == "Digest: 3 pools, 1 d"
    assert "No data: quiet, other." in message.summary


def test_a_digest_of_nothing_but_pools_without_data_shows_no_table() -> None:
    message = told(unseen=[OTHER])

    assert not any(isinstance(block, Table) for block in message.blocks)
    assert message.summary == "1 pool from 2026-03-01 12:00 UTC to 12:00 UTC. No data: other. No alerts."


def test_alerts_are_counted_and_the_open_ones_come_first() -> None:
    message = told(figures(), alerts=[RESOLVED, FAILURES])

    assert "2 alerts, 1 still open." in lines(message)
    assert text(message).index("failures spike") < text(message).index("queue spike")
    assert "resolved 12:00" in text(message)
    assert message.tone is Tone.CRITICAL


def test_many_alerts_are_counted_and_not_all_listed() -> None:
    message = told(figures(), alerts=[replace(QUEUE, id=str(number), state=State.RESOLVED) for number in range(9)])

    assert "+4 more alerts." in lines(message)


def test_a_time_without_readings_is_told() -> None:
    holed = digest(
        [stats(NOON - timedelta(hours=8), train={"Queue": 1}), stats(train={"Queue": 1})], since=SINCE, until=NOON
    )

    assert "train-a100: no readings from 12:00 to 04:00 and 1 shorter time." in lines(told(holed))


def test_a_reset_is_told_because_there_may_be_more() -> None:
    assert "train-a100: the count of Failed was reset; there may be more than is said." in lines(
        told(figures(failed=1))
    )


def test_more_pools_than_fit_are_counted() -> None:
    message = told(*(figures(Pool(f"pool-{number}", f"lab-{number}")) for number in range(42)))

    assert len(only(message, Table).rows) == 30
    assert "+12 more pools with less in Queue and fewer failures." in lines(message)


def test_the_planned_digests_are_listed_with_when_and_about_what() -> None:
    message = digests_message([("slack:#ml-platform", "0 9 * * mon-fri", "Asia/Shanghai", "all")])

    assert lines(message) == ["slack:#ml-platform: 0 9 * * mon-fri in Asia/Shanghai, pools: all"]
    assert message.summary == "1 digest; the first: slack:#ml-platform, 0 9 * * mon-fri in Asia/Shanghai."


def test_no_digest_says_where_one_is_planned() -> None:
    assert "under digests" in text(digests_message([]))
