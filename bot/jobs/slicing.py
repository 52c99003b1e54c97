"""Which slices of the interval are due? Asked by whoever has them read: by workers of a cluster, or in this process."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.core.stats import Pool
from bot.jobs.shard import Shard, place, slices


class Slicing:
    """Gives each slice of the interval its turn, by the time of day: whoever leads, it is the same.

    The turns go round in one order. Where they come quicker than they are asked for, they still do, more slowly: each
    slice has as many as any other.

    Args:
        every: How long the interval is.
        number: Of how many slices it is.
        missed: So many pools had no turn in an interval.
    """

    def __init__(self, every: timedelta, number: int, *, missed: Callable[[int], object] = lambda _: None) -> None:
        self.every = every
        self.number = number
        self._missed = missed
        self._pools: Sequence[Pool] = ()
        self._of: Mapping[int, tuple[Pool, ...]] = {}
        # Where in the slice its first pool has its place.
        self._first: Mapping[int, float] = {}
        self._last: int | None = None

    @property
    def of(self) -> Mapping[int, tuple[Pool, ...]]:
        """The pools by the slice that they are in."""
        return self._of

    def follow(self, pools: Sequence[Pool]) -> list[Pool]:
        """Slice exactly these pools from now on; those that are new."""
        if pools == self._pools:
            return []
        known = {pool.id for pool in self._pools}
        self._pools, self._of = pools, slices(pools, self.number)
        self._first = {
            index: min(place(pool.id) for pool in each) * self.number - index for index, each in self._of.items()
        }
        return [pool for pool in pools if pool.id not in known]

    def into(self, every: timedelta, number: int) -> "Slicing":
        """The same pools in so many slices of another interval; none of them is new."""
        made = Slicing(every, number, missed=self._missed)
        made.follow(self._pools)
        return made

    def go_on(self) -> None:
        """Leave out what came since this was asked last, as if it had not come: the time of day has leapt."""
        self._last = None

    def turn(self, now: datetime) -> Shard | None:
        """The slice whose turn it is, with the pools in it; `None` when none has come since this was asked last."""
        at = self._turn_at(now)
        last = at if self._last is None else min(self._last, at)
        # What is more than an interval late is left out, and the order kept: else some would never have a turn.
        if lost := max(0, (at - last - 1) // self.number):
            self._missed(lost * len(self._pools))
            last += lost * self.number
        of = self._of
        found = next((turn for turn in range(last + 1, at + 1) if turn % self.number in of), None)
        self._last = at if found is None else found
        if found is None:
            return None
        index, begins = found % self.number, self._begin(found)
        return Shard(f"{index}/{self.number}", of[index], begins, over=self.every / self.number, since=begins)

    def next_at(self, now: datetime) -> datetime | None:
        """When the place of the first pool of a slice comes after `now`; `None` where there are no pools."""
        at, first = self._turn_at(now), self._first
        coming = (turn for turn in range(at, at + 1 + self.number) if turn % self.number in first)
        return next(
            (moment for turn in coming if (moment := self._begin(turn + first[turn % self.number])) > now), None
        )

    def _turn_at(self, now: datetime) -> int:
        return int(now.timestamp() / self.every.total_seconds() * self.number)

    def _begin(self, turn: float) -> datetime:
        return datetime.fromtimestamp(turn / self.number * self.every.total_seconds(), UTC)
