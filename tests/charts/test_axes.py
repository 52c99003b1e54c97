"""The ticks of an axis."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.axes import MOST_TICKS, count_text, count_ticks, time_ticks
from tests.building import NOON


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=3000)), st.timedeltas(timedelta(), timedelta(days=400)))
def test_there_are_a_few_ticks_and_all_of_them_lie_within(length: timedelta, later: timedelta) -> None:
    start = NOON + later
    ticks = [at for at, _ in time_ticks(start, start + length)]

    assert len(ticks) <= MOST_TICKS
    assert all(start <= at <= start + length for at in ticks)
    assert ticks or length < timedelta(minutes=2)


def test_the_date_stands_where_it_is_a_new_one() -> None:
    texts = [text for _, text in time_ticks(NOON, NOON + timedelta(hours=18))]

    assert texts == ["12:00\nMar 2", "15:00", "18:00", "21:00", "00:00\nMar 3", "03:00", "06:00"]
    assert [text for _, text in time_ticks(NOON, NOON + timedelta(days=3))][:2] == ["12:00\nMar 2", "00:00\nMar 3"]


@pytest.mark.parametrize(
    ("most", "ticks"), [(1, (0, 1)), (3, (0, 1, 2, 3)), (7, (0, 5)), (50, (0, 20, 40)), (536, (0, 200, 400))]
)
def test_counts_are_whole_and_round(most: float, ticks: tuple[int, ...]) -> None:
    assert count_ticks(most) == ticks


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (950, "950"), (2000, "2,000"), (12_000, "12k"), (1_500_000, "1.5M"), (10**9, "1G")]
)
def test_a_count_is_written_shortly(count: float, text: str) -> None:
    assert count_text(count) == text
