"""What rules would have told of what is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.core.review.history import Past, about_history, past, previews
from bot.core.review.model import Finding, Plan
from bot.core.rules.model import SHIPPED, AbsentRule, AlertRule, RatioRule
from bot.core.stats import JobStatus, Pool, PoolStats
from tests.building import MINUTE, NOON, POOL, long_queue, minutes, stats, told

DAY = timedelta(days=1)
OTHER = Pool("other", "other")


def seen(readings: Sequence[PoolStats], rules: Sequence[AlertRule], since: datetime = NOON) -> Past:
    """What became of a pool."""
    found = past(readings[0].pool, readings, rules, since=since)
    assert found is not None
    return found


def findings(rules: Sequence[AlertRule], pasts: Sequence[Past], types: Iterable[str] = ("train",)) -> list[Finding]:
    """What is found, where all pools were looked at."""
    plan = Plan("all", MINUTE, rules, (), (), ())
    return list(about_history(plan, [each.pool for each in pasts], pasts, types))


def test_a_preview_says_how_often_where_and_how_short() -> None:
    rule = long_queue(50)
    busy = seen(minutes("Queue", [5, 60, 5, *[60] * 10, 5, 60]), [rule])
    calm = seen(minutes("Queue", [5] * 15, pool=OTHER), [rule])

    assert list(previews([rule], [busy, calm])) == [
        "long queue: 3 times in 14 min on 1 of 2 pools, 1 of them shorter than 5 minutes, open at the end on 1"
    ]
    assert list(previews([rule], [calm])) == ["long queue: never in 14 min on 1 pool"]


def test_a_preview_is_what_a_backtest_tells() -> None:
    readings = minutes("Queue", [5] * 2000 + [400] * 60 + [5] * 500)

    assert list(seen(readings, SHIPPED).alerts) == told(SHIPPED, readings)
    assert len(told(SHIPPED, readings)) == 1


def test_what_was_over_before_is_only_learnt_from() -> None:
    rule = long_queue(50)
    readings = minutes("Queue", [60] * 10 + [5] * 10 + [60] * 10 + [5] * 10)

    assert len(seen(readings, [rule]).alerts) == 2
    later = seen(readings, [rule], since=NOON + 15 * MINUTE)
    assert len(later.alerts) == 1
    assert (later.start, later.end) == (NOON + 15 * MINUTE, NOON + 39 * MINUTE)
    assert past(POOL, readings, [rule], since=NOON + DAY) is None


def test_a_rule_that_covers_no_pool_has_no_preview() -> None:
    rule = long_queue(pools=["nowhere"])

    assert list(previews([rule], [seen(minutes("Queue", [5]), [rule])])) == []


def test_a_type_that_was_never_seen_is_told_with_the_nearest() -> None:
    rule = long_queue(50, types=["train", "trian", "inferr"])
    found = findings([rule], [seen(minutes("Queue", [5] * 3), [rule])])

    assert [(finding.loc, finding.text.partition("; ")[2], finding.wrong) for finding in found] == [
        (("rules", 0, "types", 1), "the nearest is 'train'", False),
        (("rules", 0, "types", 2), "the nearest is 'infer'", False),
    ]
    assert findings([rule], [], types=()) == []


def test_a_status_that_was_never_reported_is_told() -> None:
    rule = long_queue(50, metric="Pending")

    (found,) = findings([rule], [seen(minutes("Queue", [5] * 3), [rule])])

    assert (found.loc, found.wrong) == (("rules", 0, "metric"), False)
    assert "no pool it covers has reported Pending" in found.text


def test_what_a_ratio_compares_with_must_be_reported_too_and_what_is_missed_on_purpose_need_not() -> None:
    ratio = RatioRule(name="a", metric=JobStatus.QUEUE, to=JobStatus.CREATING, above=2)
    silent = AbsentRule(name="b", metric=JobStatus.PENDING)

    assert [finding.loc for finding in findings([ratio, silent], [seen(minutes("Queue", [5] * 3), [ratio])])] == [
        ("rules", 0, "to")
    ]


def test_a_status_of_empty_pools_is_zero_and_not_missing() -> None:
    rule = long_queue(50, metric="Pending")

    assert findings([rule], [seen([stats(NOON), stats(NOON + MINUTE)], [rule])]) == []


def test_where_pools_were_left_out_nothing_is_said_of_what_was_never_reported() -> None:
    rule = long_queue(50, metric="Pending")
    plan = Plan("all", MINUTE, [rule], (), (), ())

    assert list(about_history(plan, [POOL, OTHER], [seen(minutes("Queue", [5]), [rule])], ["train"])) == []


def test_a_rule_that_would_always_ring_is_told() -> None:
    rule = long_queue(0)
    day = timedelta(days=1) // MINUTE

    (found,) = findings([rule], [seen(minutes("Queue", [5] * day), [rule])])
    assert "would have been in alert all the time on train-a100" in found.text
    assert findings([rule], [seen(minutes("Queue", [5] * (day // 2) + [0] * (day // 2)), [rule])]) == []
    # An hour says nothing about always.
    assert findings([rule], [seen(minutes("Queue", [5] * 60), [rule])]) == []
