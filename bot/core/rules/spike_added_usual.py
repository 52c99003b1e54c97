"""How many jobs are usually added within some minutes? Found when it is asked for, by the hours of the last week."""

import math
import operator
from array import array
from bisect import bisect_left
from collections.abc import Sequence

from bot.core.rules.spike_constants import AddedConstants
from bot.core.rules.spike_usual import DAY, HOURS, UNREAD


class AddedUsual:
    """What is usual in one hour, for each stretch of time."""

    __slots__ = ("_at_least", "_constants", "_found", "_hour", "_stretch", "_week", "within")

    def __init__(self, constants: AddedConstants, stretch: float, at_least: int, week: "array[int]", hour: int) -> None:
        """What is usual in `hour`.

        Args:
            constants: What is added is judged by these.
            stretch: By how much what is far is stretched.
            at_least: The smallest number worth a message.
            week: For each stretch of time: the most that was added in each hour, by hour modulo `HOURS`. Only `hour`
                may change in it.
            hour: Which hour.
        """
        self._constants = constants
        self.within = constants.within
        self._stretch = stretch
        self._at_least = at_least
        self._week = week
        self._hour = hour
        # For each stretch of time: the mean, how far above it the limit is, and what is usual at most.
        self._found: array[float] | None = None

    def strongest(self, added: Sequence[int]) -> tuple[int, float]:
        """The stretch in which `added` is the most times its limit, and how many times."""
        usual = self._usual()
        strongest, of = -math.inf, 0
        for stretch, number in enumerate(added):
            strength = (number - usual[3 * stretch]) / usual[3 * stretch + 1]
            # The shortest stretch that is too much is the reason.
            if strength > strongest and strongest < 1.0:
                strongest, of = strength, stretch
        return of, strongest

    def most(self, stretch: int) -> float:
        """What is usual at most within a stretch of time."""
        return self._usual()[3 * stretch + 2]

    def hours(self, stretch: int) -> list[int]:
        """The most that was added within such a stretch in each hour that was read before, sorted."""
        every = self._week[stretch * HOURS : (stretch + 1) * HOURS]
        del every[self._hour % HOURS]
        found = sorted(every)
        # What was not read is larger than anything.
        return found[: bisect_left(found, UNREAD)]

    def _usual(self) -> "array[float]":
        if self._found is None:
            found = self._found = array("d")
            for stretch in range(len(self.within)):
                found.extend(self._of(stretch))
        return self._found

    def _of(self, stretch: int) -> tuple[float, float, float]:
        known, constants, at_least = self.hours(stretch), self._constants, self._at_least
        if not known:
            return 0.0, constants.new * at_least, 0.0
        mean, spread = _ordinary(known, constants.ordinary)
        mean = max(mean, self._habit(stretch))
        # By chance alone the spread is that of a Poisson count.
        rise = self._stretch * constants.spreads * max(spread, math.sqrt(mean))
        return mean, max(at_least - mean, rise), mean + spread

    def _habit(self, stretch: int) -> int:
        """What this hour showed on at least half of the earlier days: once is no habit."""
        slots = (stretch * HOURS + (self._hour - ago) % HOURS for ago in range(DAY, HOURS, DAY))
        days = sorted(each for slot in slots if (each := self._week[slot]) != UNREAD)
        return days[(len(days) - 1) // 2] if len(days) > 1 else 0


def _ordinary(values: Sequence[int], share: float) -> tuple[float, float]:
    """The mean and the spread of sorted values, none larger than the rarest ordinary one."""
    last = int((len(values) - 1) * share)
    most, more = values[last], len(values) - last - 1
    kept = values[bisect_left(values, 1) : last + 1]
    mean = (sum(kept) + more * most) / len(values)
    squares = sum(map(operator.mul, kept, kept)) + more * most * most
    return mean, math.sqrt(max(squares / len(values) - mean * mean, 0.0))
