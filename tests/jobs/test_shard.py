"""Are pools shared out evenly, read at their places in the interval, and read once?"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.jobs.shard import BrokenOff, Shard, assigned, ended, place, places, read_shard, slices
from bot.store.fencing import NotLeading

POOLS = tuple(Pool(f"pool-{number}", f"pool-{number}") for number in range(500))
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
WORKERS = st.lists(st.integers(1, 10_000), min_size=1, max_size=12, unique=True)


def shard(*pools: Pool, over: float = 0.0, begins: datetime | None = None) -> Shard:
    """The whole interval as one shard, from now on."""
    begins = begins or Clock().wall()
    return Shard("0/1", pools, begins, timedelta(seconds=over), begins)


def read_all(
    wanted: Shard,
    read: Callable[[Pool], object],
    threads: Executor,
    *,
    is_read: Callable[[Pool], bool] = lambda _: False,
    stop: threading.Event | None = None,
    is_ours: bool = True,
) -> int:
    """Read the shard, as a worker does, to its end."""
    stop = stop or threading.Event()
    under_way = read_shard(
        wanted, read, is_read=is_read, threads=threads, clock=Clock(), stop=stop, is_ours=lambda: is_ours
    )
    return ended(wanted, under_way, stop=stop, is_ours=lambda: is_ours)


@given(st.integers(1, 300))
def test_every_pool_is_in_one_slice_and_is_read_at_the_same_place_in_the_interval_whatever_their_number(
    number: int,
) -> None:
    made = slices(POOLS, number)
    every = timedelta(minutes=1)

    assert Counter(pool for pools in made.values() for pool in pools) == Counter(POOLS)
    for index, pools in made.items():
        one = Shard(f"{index}/{number}", pools, BEGINS, every / number, BEGINS)
        for offset, pool in places(one):
            at = (index * (every / number) + offset) / every
            assert at == pytest.approx(place(pool.id), abs=1e-4)


@given(WORKERS, st.integers(1, 64))
def test_slices_are_given_to_all_workers_alike(workers: list[int], number: int) -> None:
    given_to = assigned(range(number), sorted(workers))
    each = Counter(given_to.values())

    assert set(given_to) == set(range(number))
    assert max(each.values()) <= -(-number // len(workers))


def test_a_worker_that_comes_or_goes_moves_few_slices_of_others() -> None:
    before = assigned(range(64), [1, 2, 3, 4])
    one_gone = assigned(range(64), [1, 2, 3])
    moved = [index for index in before if before[index] != 4 and before[index] != one_gone[index]]

    assert len(moved) <= 16


def test_what_was_read_already_is_not_read_again_and_nothing_is_left_out() -> None:
    read: list[Pool] = []
    with ThreadPoolExecutor(4) as threads:
        number = read_all(shard(*POOLS), read.append, threads, is_read=lambda pool: pool.id.endswith("7"))

    assert number == len(read) == 450
    assert set(read) == {pool for pool in POOLS if not pool.id.endswith("7")}


def test_where_one_pool_breaks_the_others_are_read_before_the_shard_is_given_back() -> None:
    read: list[Pool] = []

    def breaks(pool: Pool) -> None:
        if not read:
            read.append(pool)
            raise ZeroDivisionError
        wait(0.05)
        read.append(pool)

    with ThreadPoolExecutor(2) as threads:
        with pytest.raises(ZeroDivisionError):
            read_all(shard(*POOLS[:4]), breaks, threads)
        assert len(read) == 4


def test_who_stops_breaks_off_at_once_and_who_lost_the_shard_reads_nothing_more() -> None:
    stop, read = threading.Event(), list[Pool]()

    def read_first(pool: Pool) -> None:
        read.append(pool)
        stop.set()

    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(BrokenOff):
            read_all(
                shard(*POOLS, over=3600, begins=Clock().wall() - timedelta(seconds=60)), read_first, threads, stop=stop
            )
        with pytest.raises(NotLeading):
            read_all(shard(*POOLS), read_first, threads, is_ours=False)
    assert len(read) == 1
