"""Has every slice of the interval its turn, once, in one order, and whether or not it is asked for in time?"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.stats import Pool
from bot.jobs.shard import Shard, place
from bot.jobs.slicing import Slicing

POOLS = tuple(Pool(f"pool-{number}", f"pool-{number}") for number in range(40))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def turns(slicing: Slicing, now: datetime) -> list[Shard]:
    """Every slice that is due."""
    return list(iter(lambda: slicing.turn(now), None))


def begun(number: int = 4, pools: tuple[Pool, ...] = POOLS, *, missed: Counter[str] | None = None) -> Slicing:
    """Slices of a minute, asked for at noon."""
    counts = Counter[str]() if missed is None else missed
    slicing = Slicing(MINUTE, number, missed=lambda lost: counts.update(lost=lost))
    slicing.follow(pools)
    assert turns(slicing, NOON) == []
    return slicing


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=30), st.integers(1, 30))
def test_however_seldom_it_is_asked_no_slice_has_more_than_one_turn_before_any_other(
    waits: list[int], number: int
) -> None:
    now, had, missed = NOON, list[str](), Counter[str]()
    slicing = begun(number, missed=missed)
    for wait in waits:
        now += timedelta(milliseconds=wait)
        had += [shard.name for shard in turns(slicing, now)]
    order = [f"{index % number}/{number}" for index in range(1, 1 + len(had) * number)]

    there = {f"{index}/{number}" for index in slicing.of}
    assert had == [name for name in order if name in there][: len(had)]
    # Whatever had no turn is counted, by the interval.
    assert missed["lost"] % len(POOLS) == 0
    turns_had = sum((now - NOON) >= (index / number) * MINUTE for index in range(1, 100 * number))
    assert abs(turns_had - missed["lost"] // len(POOLS) * number - len(had)) <= number


def test_a_pool_is_in_the_slice_of_its_place_and_its_turn_comes_at_the_same_time_of_day_whoever_asks() -> None:
    first, second = begun(), begun()
    (one,), (same,) = turns(first, NOON + 16 * SECOND), turns(second, NOON + 29 * SECOND)

    assert one == same
    assert (one.name, one.begins, one.over, one.since) == ("1/4", NOON + MINUTE / 4, MINUTE / 4, NOON + MINUTE / 4)
    assert set(one.pools) == {pool for pool in POOLS if 0.25 <= place(pool.id) < 0.5}


def test_it_is_looked_next_when_the_first_pool_of_a_slice_has_its_place_and_never_without_pools() -> None:
    alone = begun(pools=POOLS[:1])
    (index,) = alone.of
    at = alone.next_at(NOON)

    assert at is not None
    assert at == NOON + place(POOLS[0].id) * MINUTE
    assert turns(alone, NOON + index * MINUTE / 4 - SECOND) == []
    assert [shard.pools for shard in turns(alone, at)] == [POOLS[:1]]
    assert alone.next_at(at) == at + MINUTE
    assert begun(pools=()).next_at(NOON) is None


def test_what_is_new_is_said_once_and_is_not_new_to_another_interval() -> None:
    slicing = begun(pools=POOLS[:2])
    assert slicing.follow(POOLS[1:4]) == list(POOLS[2:4])
    assert slicing.follow(POOLS[1:4]) == []

    other = slicing.into(2 * MINUTE, 3)
    assert (other.every, other.number) == (2 * MINUTE, 3)
    assert other.follow(POOLS[1:5]) == [POOLS[4]]


def test_after_a_leap_of_the_clock_nothing_of_the_other_time_of_day_is_due_or_missed() -> None:
    missed = Counter[str]()
    slicing = begun(missed=missed)
    slicing.go_on()

    assert turns(slicing, NOON + 60 * MINUTE) == []
    assert [shard.name for shard in turns(slicing, NOON + 60 * MINUTE + 16 * SECOND)] == ["1/4"]
    # Back by less than what would be called a leap.
    assert turns(slicing, NOON + 60 * MINUTE + 12 * SECOND) == []
    assert [shard.name for shard in turns(slicing, NOON + 60 * MINUTE + 31 * SECOND)] == ["1/4", "2/4"]
    assert missed["lost"] == 0
