"""What people ask about pools, and what it means."""

import pytest

from bot.core.command import Compare, Help, ShowAllPools, ShowChart, ShowPool, parse
from bot.core.stretch import Stretch


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("train-*", ShowAllPools("train-*"), id="a glob"),
        pytest.param("train-* infer-?", ShowAllPools("train-* infer-?"), id="two globs"),
        pytest.param("page 2", ShowAllPools("", 2), id="a page"),
        pytest.param("train-* page 3", ShowAllPools("train-*", 3), id="a page of some"),
        pytest.param("train page 3", ShowAllPools("train*", 3), id="a page of those that begin so"),
        pytest.param("train chart", ShowChart("train", Stretch.DAY), id="a chart"),
        pytest.param("train CHART 7D", ShowChart("train", Stretch.WEEK), id="a chart in capitals"),
        pytest.param("train chart 1d", ShowChart("train", Stretch.DAY), id="a day by another name"),
        pytest.param("train chart 30d", ShowChart("train", Stretch.MONTH), id="a month"),
        pytest.param("compare a b", Compare(("a", "b")), id="two pools"),
        pytest.param("compare a b c d 7d", Compare(("a", "b", "c", "d"), Stretch.WEEK), id="four pools over a week"),
        pytest.param("compare a and b", Compare(("a", "b")), id="as people say it"),
        pytest.param("page", ShowPool("page"), id="a pool named page"),
        pytest.param("compare", ShowPool("compare"), id="a pool named compare"),
        pytest.param("compare chart", ShowChart("compare"), id="the chart of a pool named compare"),
        pytest.param("chart chart", ShowChart("chart"), id="the chart of a pool named chart"),
    ],
)
def test_what_is_asked_about_pools(text: str, asked: object) -> None:
    assert parse("/pool-stats", text) == asked


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("train chart 2y", "a chart goes back 1h, 6h, 24h, 7d or 30d, not “2y”", id="too far back"),
        pytest.param("train chart 7d x", "a chart goes back 1h, 6h, 24h, 7d or 30d, not “7d x”", id="too much"),
        pytest.param("compare a a", "name two to 4 different pools to compare", id="one pool twice"),
        pytest.param("compare a b c d e", "name two to 4 different pools to compare", id="too many pools"),
        pytest.param("page 0", "one pool at a time, please: “page 0” is more than one word", id="no such page"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_the_reason(text: str, problem: str) -> None:
    assert parse("/pool-stats", text) == Help("/pool-stats", problem)


def test_four_ids_of_full_length_can_be_compared() -> None:
    ids = [f"p{number}-{'x' * 60}" for number in range(4)]

    assert parse("/pool-stats", f"compare {' '.join(ids)} 7d") == Compare(tuple(ids), Stretch.WEEK)
