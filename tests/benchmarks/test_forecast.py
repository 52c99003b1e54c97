"""Does the benchmark of the forecast count what it says it counts?"""

from datetime import timedelta

from tests.benchmarks.forecast import score
from tests.queues import counts, pool


def test_every_question_is_counted_once() -> None:
    found = score(pool(9), every=timedelta(hours=3))

    assert found.asked == len(found.seconds)
    assert found.made + sum(found.refused.values()) <= found.asked
    assert found.made > 10
    assert found.inside > found.sooner + found.later


def test_a_pool_that_stops_after_every_forecast_proves_them_wrong() -> None:
    """The benchmark can tell a bad forecast: what comes after the last question takes far longer than ever before."""
    past = pool(9)
    here = max(range(len(past) - 600, len(past)), key=lambda index: past[index][1][0] or 0)
    stopped = [(at, counts(Queue=told[0], Running=20, Completed=past[here][1][6])) for at, told in past[here + 1 :]]
    held = [(at, (past[here][1][0], *told[1:])) for at, told in stopped]

    honest, stalled = score(past[: here + 300]), score([*past[: here + 1], *held])

    assert stalled.later > honest.later


def test_a_line_of_the_table_says_what_was_seen() -> None:
    found = score(pool(6), every=timedelta(hours=6))

    assert found.line("made up").split()[:3] == ["made", "up", str(found.asked)]
