"""Does the count of messages count what a person would see?"""

from datetime import timedelta
from typing import Any

from bot.core.stats import PoolStats
from tests.benchmarks.flapping import Count, Stretch, controlled_rules, crossings, stretches, tell
from tests.building import MINUTE, NOON, POOL, minutes

LABELS: dict[str, Any] = {"pools": {POOL.id: {"score_from": 0}}}
LIMITS = {(POOL.id, "Queue"): 50}


def flapping(times: int) -> list[PoolStats]:
    """A queue that is above 50 for half an hour, and below it for a bit more than one, again and again."""
    return minutes("Queue", ([60] * 30 + [10] * 70) * times + [10] * 60)


def test_what_is_above_a_limit_is_told_with_its_end() -> None:
    values = [(NOON + index * MINUTE, value) for index, value in enumerate([60, 60, 10, 10, 60])]

    assert stretches("p", "Queue", values, 50) == [
        Stretch("p", "Queue", NOON, NOON + 2 * MINUTE),
        Stretch("p", "Queue", NOON + 4 * MINUTE, NOON + 4 * MINUTE),
    ]


def test_flap_control_tells_a_queue_that_comes_back_in_one_post() -> None:
    counted = Count()

    tell(counted, controlled_rules(LIMITS), flapping(5), LABELS)

    plain = list(crossings(LABELS, flapping(5), LIMITS))
    assert len(plain) == 5
    assert counted.posts == 1
    # It is said aloud again when it comes back an hour after it was, and then two hours after that.
    assert counted.loud == 3
    assert all(counted.covers(each) for each in plain)


def test_what_was_never_told_is_missed() -> None:
    counted = Count()
    tell(counted, controlled_rules(LIMITS), minutes("Queue", [60] * 3 + [10] * 60), LABELS)

    assert not counted.covers(Stretch(POOL.id, "Queue", NOON, NOON + timedelta(minutes=3)))
