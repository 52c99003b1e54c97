"""Pools of several accounts: what they are called, and by which names and globs they are found."""

import pytest

from bot.core.places import told_apart
from bot.core.stats import Pool

NORTH = Pool("id-1", "train-a100", "prod", "cn-north-4")
EAST = Pool("id-2", "Train-A100", "lab", "cn-east-3")
NEXT_DOOR = Pool("id-3", "train-a100", "test", "cn-north-4")
ALONE = Pool("id-4", "infer", "lab", "cn-east-3")


def test_where_names_are_unique_nothing_changes_and_where_not_the_region_follows() -> None:
    assert [pool.name for pool in told_apart([NORTH, ALONE])] == ["train-a100", "infer"]
    assert [pool.name for pool in told_apart([NORTH, EAST, ALONE])] == [
        "train-a100@cn-north-4",
        "Train-A100@cn-east-3",
        "infer",
    ]


def test_where_the_region_does_not_tell_them_apart_the_account_follows() -> None:
    found = told_apart([NORTH, NEXT_DOOR, EAST])

    assert [pool.name for pool in found] == ["train-a100@prod", "train-a100@test", "Train-A100@cn-east-3"]


def test_two_pools_of_one_account_are_told_apart_by_their_ids_as_ever() -> None:
    assert [pool.name for pool in told_apart([NORTH, Pool("id-9", "train-a100", "prod", "cn-north-4")])] == [
        "train-a100",
        "train-a100",
    ]


def test_a_name_is_plain_again_once_it_is_alone() -> None:
    assert told_apart(told_apart([NORTH, EAST])[:1]) == (NORTH,)


@pytest.mark.parametrize(
    ("glob", "north", "east"),
    [
        pytest.param("train-*", True, True, id="a plain glob means both"),
        pytest.param("train-a100", True, True, id="so does the plain name"),
        pytest.param("train-*@cn-north-4", True, False, id="with the region it means one"),
        pytest.param("*@lab", False, True, id="with the account, too"),
        pytest.param("ID-1", True, False, id="an id is an id"),
        pytest.param("train-*@cn-south-1", False, False, id="nowhere"),
    ],
)
def test_globs_may_say_where(glob: str, north: bool, east: bool) -> None:
    pools = told_apart([NORTH, EAST])

    assert [pool.named_by((glob,)) for pool in pools] == [north, east]
    assert [pool.named_by((glob,)) for pool in (NORTH, EAST)] == [north, east]
