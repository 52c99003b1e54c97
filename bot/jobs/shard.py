"""Which pools make a shard, and how is one read? By pool, each at its own place in the interval.

A shard is a slice of the interval: all pools whose place is in it. The leader of a cluster has each slice read by a
worker; one process reads all of them itself, by the same function.
"""

import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for_all
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.store.fencing import NotLeading


@dataclass(frozen=True, slots=True)
class Shard:
    """Pools that are to be read over a stretch of time.

    Attributes:
        name: The same for the same slice of the interval: `3/64`.
        pools: What is to be read.
        begins: When the stretch begins.
        over: How long it lasts; nothing: everything is read at once.
        since: What was read since then need not be read again.
        share: Which part of the rate that the account allows is for the worker that reads it.
    """

    name: str
    pools: tuple[Pool, ...]
    begins: datetime
    over: timedelta
    since: datetime
    share: float = 1.0


class BrokenOff(Exception):  # noqa: N818 - named for what happened
    """Not every pool of the shard was read: somebody else shall."""


def place(pool_id: str) -> float:
    """Where in the interval a pool is read: always the same place, spread evenly over the pools."""
    return zlib.crc32(pool_id.encode("utf-8", "replace")) / 2**32


def slices(pools: Sequence[Pool], number: int) -> dict[int, tuple[Pool, ...]]:
    """The pools by which of so many slices of the interval their place is in, without the empty ones."""
    found: dict[int, list[Pool]] = {}
    for pool in pools:
        found.setdefault(int(place(pool.id) * number), []).append(pool)
    return {index: tuple(found[index]) for index in sorted(found)}


def places(shard: Shard) -> list[tuple[timedelta, Pool]]:
    """The pools in their order, each with how long after the beginning of the stretch it is read."""
    index, _, number = shard.name.partition("/")
    offsets = [(place(pool.id) * int(number) - int(index), pool) for pool in shard.pools]
    offsets.sort(key=lambda each: each[0])
    return [(shard.over * min(max(offset, 0.0), 1.0), pool) for offset, pool in offsets]


def read_shard(
    shard: Shard,
    read: Callable[[Pool], object],
    *,
    is_read: Callable[[Pool], bool],
    threads: Executor,
    clock: Clock,
    stop: threading.Event,
    is_ours: Callable[[], bool],
) -> list[Future[bool]]:
    """Have each pool read at its place in the interval, at once where that is past; of each that was begun, if it was.

    Who waits for none of them is not held up by a pool that hangs.

    Args:
        shard: What is to be read.
        read: Read one pool; whatever is wrong with it, it tells.
        is_read: Whether the pool needs no reading any more.
        threads: Who reads.
        clock: What time it is.
        stop: Set when no reading shall begin any more.
        is_ours: Whether nobody else is to read the shard by now.
    """
    # Only how late it is counts on the other machine's clock.
    late = min(max((clock.wall() - shard.begins).total_seconds(), 0.0), shard.over.total_seconds())
    began = clock.monotonic() - late
    under_way: list[Future[bool]] = []

    def read_one(pool: Pool) -> bool:
        if stop.is_set() or not is_ours() or is_read(pool):
            return False
        read(pool)
        return True

    for offset, pool in places(shard):
        remains = began + offset.total_seconds() - clock.monotonic()
        if stop.is_set() or (remains > 0 and wait(remains, stop)) or not is_ours():
            break
        under_way.append(threads.submit(read_one, pool))
    return under_way


def ended(
    shard: Shard, under_way: Sequence[Future[bool]], *, stop: threading.Event, is_ours: Callable[[], bool]
) -> int:
    """Wait until the last of the readings of `shard` is over; how many there were.

    Raises:
        BrokenOff: We are to stop.
        NotLeading: The shard was given to somebody else.
    """
    # Whatever became of one: with the shard given back, nothing would be kept of those that are still being read.
    wait_for_all(under_way)
    done = sum(future.result() for future in under_way)
    if not is_ours():
        raise NotLeading(f"shard {shard.name} was given to another worker")
    if stop.is_set():
        raise BrokenOff(shard.name)
    return done


def assigned(indices: Sequence[int], workers: Sequence[int]) -> dict[int, int]:
    """Which of the workers reads which slice: nearly as many each, and the same as before where it can be.

    Every slice ranks the workers in an order of its own, and takes the first that has room.
    """
    if not workers:
        return {}
    room = dict.fromkeys(workers, -(-len(indices) // len(workers)))
    found: dict[int, int] = {}
    for index in indices:
        free = (worker for worker in workers if room[worker])
        chosen = max(free, key=lambda worker: zlib.crc32(f"{index} {worker}".encode()))
        room[chosen] -= 1
        found[index] = chosen
    return found
