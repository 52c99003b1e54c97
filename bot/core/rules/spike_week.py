"""What was a level like in each hour of the last week?"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from statistics import median

from bot.core.rules.spike_constants import LevelConstants
from bot.core.rules.spike_usual import HIGHEST, HOURS, JUMP, MIDDLE, MOST, STARTS, UNREAD, Usual, starved

_UNREAD = array("H", [UNREAD] * 4)


class Week:
    """The hours of the last week by hour modulo `HOURS`: four small numbers each."""

    __slots__ = ("_constants", "_hours")

    def __init__(self, constants: LevelConstants) -> None:
        self._constants = constants
        # One column after the other: the middle level of each hour, its highest, its largest jump, the jobs started.
        self._hours = array("H", [UNREAD] * (4 * HOURS))

    def close(self, hour: int, following: int, levels: Sequence[int], jump: int, starts: int) -> None:
        """Keep what was seen in `hour`; the hours from there to `following` were not seen."""
        # What is usual in the last hour can still be asked for, so that week stays as it is.
        hours = self._hours[:]
        hours[hour % HOURS :: HOURS] = array(
            "H", (int(median(levels)), max(levels), min(jump, MOST), min(starts, MOST))
        )
        for missed in range(hour + 1, min(following, hour + HOURS) + 1):
            hours[missed % HOURS :: HOURS] = _UNREAD
        self._hours = hours

    def levels(self, hour: int) -> list[int]:
        """The highest level of each hour that was read before `hour`, sorted."""
        return self._read(HIGHEST, hour)

    def jumps(self, hour: int) -> list[int]:
        """The largest jump of each hour that was read before `hour`, sorted."""
        return self._read(JUMP, hour)

    def ramps(self, hour: int) -> list[float]:
        """How much of a rise was there because jobs did not start, for each hour read before `hour`; sorted."""
        starts = self._before(STARTS, hour)
        known = [each for each in starts if each != UNREAD]
        if not known:
            return []
        return sorted(starved(self._before(MIDDLE, hour), starts, sum(known) / len(known), self._constants.ramp_hours))

    def usual(self, hour: int, level: int) -> Usual:
        """What is usual in `hour`, which begins with `level`."""
        return Usual(self._constants, self._hours, hour, level)

    def _read(self, column: int, hour: int) -> list[int]:
        found = sorted(self._before(column, hour))
        # What was not read is larger than anything.
        return found[: bisect_left(found, UNREAD)]

    def _before(self, column: int, hour: int) -> "array[int]":
        """A column without `hour`, oldest first."""
        every, here = self._hours[column * HOURS : (column + 1) * HOURS], hour % HOURS
        return every[here + 1 :] + every[:here]
