"""Series in short."""

import pytest

from bot.replay.notation import Gap, parse_series

FAILED, NOT_REPORTED = Gap.FAILED, Gap.NOT_REPORTED


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("5", (5,), id="a count"),
        pytest.param("5x3 60x2", (5, 5, 5, 60, 60), id="so many times"),
        pytest.param("5 +2x3 -1x2", (5, 7, 9, 11, 10, 9), id="steps"),
        pytest.param("5 _x2 +1 ? +1", (5, FAILED, FAILED, 6, NOT_REPORTED, 7), id="steps go on from the last count"),
        pytest.param("1 2x*", (1, 2, 2, 2, 2), id="to the end"),
        pytest.param("1 +2x*", (1, 3, 5, 7, 9), id="steps to the end"),
        pytest.param("_x*", (FAILED,) * 5, id="failing to the end"),
    ],
)
def test_a_series_stands_for_its_counts(text: str, values: tuple[object, ...]) -> None:
    assert parse_series(text).reaching(5) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "at least one reading", id="nothing"),
        pytest.param("5 sixty", "word 2 of the series: 'sixty' is none of", id="a word"),
        pytest.param("5x0", "stands for nothing", id="no times"),
        pytest.param("+2x3", "no count before it", id="a step from nowhere"),
        pytest.param("3 -2x2", "steps to -1", id="below zero"),
        pytest.param("5x* 6", "nothing may follow", id="after the end"),
        pytest.param("5x999999 6x2", "at most 1,000,000", id="too long"),
        pytest.param("9999999999", "from 0 to", id="too large"),
        pytest.param(5, "in quotes", id="a number"),
    ],
)
def test_a_broken_series_says_which_word_is_wrong(text: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_series(text)


def test_a_step_that_leads_below_zero_on_the_way_to_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="steps to -1"):
        parse_series("3 -2x*").reaching(4)
