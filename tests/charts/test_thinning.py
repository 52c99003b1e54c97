"""Many readings as few points."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.charts.model import Point
from bot.charts.thinning import Columns, thinned
from tests.building import MINUTE, NOON

values = st.lists(st.integers(0, 1000), min_size=1, max_size=300)


def every_minute(counts: list[int | None]) -> list[Point]:
    """One reading a minute."""
    return [(NOON + number * MINUTE, count) for number, count in enumerate(counts)]


@given(values, st.integers(1, 50))
def test_neither_the_highest_nor_the_lowest_is_lost_however_few_points_are_left(
    counts: list[int], columns: int
) -> None:
    points = thinned(every_minute(list(counts)), NOON, NOON + len(counts) * MINUTE, columns)
    kept = [value for _, value in points if value is not None]

    assert (min(kept), max(kept)) == (min(counts), max(counts))
    assert len(kept) <= 2 * columns
    assert points == sorted(points, key=lambda point: point[0])
    assert set(points) <= set(every_minute(list(counts)))


def test_a_reading_that_said_nothing_is_a_gap() -> None:
    points = thinned(every_minute([1, 2, None, 3]), NOON, NOON + 4 * MINUTE, 4)

    assert [value for _, value in points] == [1, 2, None, 3]


def test_a_long_silence_is_a_gap_and_a_slow_pace_is_none() -> None:
    silent = [(NOON, 1.0), (NOON + MINUTE, 1.0), (NOON + 60 * MINUTE, 1.0)]
    slow = [(NOON + number * timedelta(hours=1), 1.0) for number in range(5)]

    assert [value for _, value in thinned(silent, NOON, NOON + 60 * MINUTE, 100)] == [1, 1, None, 1]
    assert None not in [value for _, value in thinned(slow, NOON, slow[-1][0], 100)]


def test_what_lies_outside_is_left_out() -> None:
    assert thinned(every_minute([1, 2, 3, 4]), NOON + MINUTE, NOON + 2 * MINUTE, 10) == every_minute([1, 2, 3])[1:]


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 9)), unique_by=lambda each: each[0], max_size=60),
    st.none() | st.integers(0, 59),
    st.integers(1, 40),
    st.integers(0, 6000),
)
def test_bare_numbers_become_the_same_points(
    read: list[tuple[int, int]], silent: int | None, columns: int, length: int
) -> None:
    begin = int(NOON.timestamp()) + 100
    times = [begin - 100 + second for second, _ in sorted(read)]
    counts = [None if place == silent else count for place, (_, count) in enumerate(sorted(read))]
    start, end = NOON + timedelta(seconds=100), NOON + timedelta(seconds=100 + length)

    points = Columns(times, start, end, columns).thinned(counts)

    readings: list[Point] = [
        (NOON + timedelta(seconds=second), count) for (second, _), count in zip(sorted(read), counts, strict=True)
    ]
    assert points == thinned(readings, start, end, columns)
