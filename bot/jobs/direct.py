"""How does one process read all pools itself? As a worker of a cluster reads a shard, with no queue between."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from bot.clock import A_LEAP, Clock, Leaps
from bot.core.stats import Pool
from bot.jobs.followed import Followed
from bot.jobs.shard import Shard, places, read_shard
from bot.jobs.slicing import Slicing

_P = ParamSpec("_P")
_T = TypeVar("_T")

# The interval has so many slices, or more that are so long, or fewer. A new pool, which is read at once, has its next
# reading after an interval and a slice at most; another interval is kept once the slice is over that is being read.
_SLICES = 8
_LONGEST = timedelta(seconds=2)
_SHORTEST = timedelta(seconds=0.25)
# How far apart the first readings are in the mean, unless there are too many pools for the interval.
FIRST_APART = timedelta(milliseconds=100)


class Direct:
    """Has each pool read at its place in the interval, on few threads, and waits for none of them.

    Args:
        see: Read a pool once; whatever is wrong with it, it tells.
        followed: Which pools there are.
        clock: What time it is.
        workers: How many are read at once.
        may: Whether it is for us to read them.
        stop: Set when no reading shall begin any more.
        skipped: So many readings did not begin that should have, because what was before them took too long.
    """

    def __init__(
        self,
        see: Callable[[Pool], object],
        followed: Followed,
        clock: Clock,
        *,
        workers: int,
        may: Callable[[], bool],
        stop: threading.Event,
        skipped: Callable[[int], object],
    ) -> None:
        self._see = see
        self._followed = followed
        self._clock = clock
        self._may = may
        self._stop = stop
        self._skipped = skipped
        self._threads = _Threads(workers)
        self._slicing: Slicing | None = None
        self._leaps = Leaps(clock)

    def follow(self, every: timedelta, *, anew: bool) -> Callable[[], None] | None:
        """Read what is followed by now, all of it `anew` as after a start; what is to be done for it at once."""
        if self._slicing is None or anew:
            number = min(max(_SLICES, every // _LONGEST), max(1, every // _SHORTEST))
            self._slicing = Slicing(every, number, missed=self._skipped)
        new = self._slicing.follow(self._followed.pools)
        if not new:
            return None
        now = self._clock.wall()
        over = min(FIRST_APART * (len(new) - 1), every)
        shard = Shard("0/1", tuple(new), begins=now, over=over, since=now - every)
        return partial(self._read_shard, shard, self._slicing)

    def next_at(self, now: datetime) -> datetime | None:
        """When the turn of the next slice comes that has any pools."""
        return None if self._slicing is None else self._slicing.next_at(now)

    def read_due(self) -> None:
        """Have the slices read whose turn has come; returns when the last reading has begun."""
        while (slicing := self._slicing) is not None:
            if abs(self._leaps.newest()) >= A_LEAP:
                # Else all that would have come by another time of day was read at once, and then anew.
                slicing.go_on()
            shard = slicing.turn(self._clock.wall())
            if shard is None:
                return
            self._read_shard(shard, slicing)

    def _read_shard(self, shard: Shard, slicing: Slicing) -> None:
        since = self._clock.monotonic() - (self._clock.wall() - shard.since).total_seconds()
        # What was late for the turn before does not count for this one.
        at_soonest = {pool.id: since + offset.total_seconds() for offset, pool in places(shard)}
        # Nobody waits for its end: a pool that hangs holds up itself.
        read_shard(
            shard,
            self._read,
            is_read=lambda pool: self._followed.is_read(pool.id, since=at_soonest[pool.id]),
            threads=self._threads,
            clock=self._clock,
            stop=self._stop,
            is_ours=lambda: self._slicing is slicing and self._may(),
        )

    def close(self) -> None:
        """Wait for the readings that are under way."""
        self._threads.shutdown()

    def _read(self, pool: Pool) -> None:
        taken = self._followed.take(pool.id, at=self._clock.monotonic())
        if taken is None:
            self._skipped(1)
            return
        try:
            self._see(taken)
        finally:
            self._followed.done(taken)


class _Threads(ThreadPoolExecutor):
    """Threads that nothing is queued up for: who has something for them waits until one is free."""

    def __init__(self, number: int) -> None:
        super().__init__(number, thread_name_prefix="poll")
        self._free = threading.Semaphore(number)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        self._free.acquire()
        try:
            done = super().submit(fn, *args, **kwargs)
        except RuntimeError:
            self._free.release()
            raise
        done.add_done_callback(lambda _: self._free.release())
        return done
