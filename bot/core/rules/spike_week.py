"""What is usual for a level in this hour, going by the hours of the last week?"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median

from bot.core.rules.spike_constants import LevelConstants

# A week holds every habit of a day and of a weekday; the shares below need some hundred hours to mean anything.
HOURS = 168
# The level of a day: the median of its hours. Of an hour past, its day is half before and half after it.
DAY = 24
HALF_DAY = 12
# A queue that stands high for this many hours, `lately` hours ago, is the usual.
LATELY = 3
# More jobs than that are kept and compared as so many.
MOST = 65534
# What was not read.
UNREAD = 65535
_UNREAD = array("H", [UNREAD] * 4)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in one hour.

    Attributes:
        known: How many hours it is learnt from.
        level: The level of the day, or of the last hours where that is higher. `lowest`: of the day's hours.
        excess, jump, starved: How far an ordinary hour goes in each view.
        of_this_hour: Whether `excess` is what this hour of the day showed before.
        starts: Jobs that start in an hour.
        then: The level some hours ago, where it is known.
        missing: How many fewer jobs than usual have started in the hours since then that are known.
    """

    known: int = 0
    level: float = 0.0
    lowest: float = 0.0
    excess: float = 0.0
    jump: float = 0.0
    starved: float = 0.0
    of_this_hour: bool = False
    starts: float = 0.0
    then: int | None = None
    missing: float = 0.0


class Week:
    """The hours of the last week by hour modulo `HOURS`: four small numbers each."""

    __slots__ = ("_constants", "_hours")

    def __init__(self, constants: LevelConstants) -> None:
        self._constants = constants
        # One column after the other: the middle level of each hour, its highest, its largest jump, the jobs started.
        self._hours = array("H", [UNREAD] * (4 * HOURS))

    def close(self, hour: int, following: int, levels: Sequence[int], jump: int, starts: int) -> None:
        """Keep what was seen in `hour`; the hours from there to `following` were not seen."""
        slot = hour % HOURS
        self._hours[slot::HOURS] = array("H", (int(median(levels)), max(levels), min(jump, MOST), min(starts, MOST)))
        for missed in range(hour + 1, min(following, hour + HOURS) + 1):
            self._hours[missed % HOURS :: HOURS] = _UNREAD

    def levels(self, hour: int) -> list[int]:
        """The highest level of each hour that was read before `hour`."""
        return self._read(1, hour)

    def jumps(self, hour: int) -> list[int]:
        """The largest jump of each hour that was read before `hour`."""
        return self._read(2, hour)

    def ramps(self, hour: int) -> list[float]:
        """For each hour that was read before `hour`: how much of a rise was there because jobs did not start."""
        middle, _, _, starts = self._columns(hour)
        read = [each != UNREAD for each in middle]
        known = [each for each in starts[:-1] if each != UNREAD]
        return _starved(read, middle, starts, sum(known) / len(known), self._constants.ramp_hours) if known else []

    def _columns(self, hour: int) -> list["array[int]"]:
        """Each column, oldest first; the last one is the hour that begins, which is not known yet."""
        first = (hour + 1) % HOURS
        columns = [self._hours[start : start + HOURS] for start in range(0, 4 * HOURS, HOURS)]
        return [each[first:] + each[:first] for each in columns]

    def _read(self, column: int, hour: int) -> list[int]:
        every = self._hours[column * HOURS : (column + 1) * HOURS]
        del every[hour % HOURS]
        return [each for each in every if each != UNREAD]

    def usual(self, hour: int, level: int) -> Usual:
        """What is usual in `hour`, which begins with `level`."""
        constants = self._constants
        middle, highest, jump, starts = self._columns(hour)
        read = [each != UNREAD for each in middle]
        known = [index for index in range(HOURS - 1) if read[index]]
        if not known:
            return Usual(level=level, lowest=level)
        day = [middle[index] for index in known if index >= HOURS - 1 - DAY] or [level]
        lately = [middle[-1 - ago] for ago in range(constants.lately, constants.lately + LATELY) if read[-1 - ago]]
        usual = median(day)
        excesses = _excesses(known, middle, highest)
        ordinary = _share([excess for _, excess in excesses], constants.ordinary_excess)
        same = max((excess for index, excess in excesses if _is_this_hour(HOURS - 1 - index)), default=0.0)
        started = sum(starts[index] for index in known)
        pace = started / len(known)
        then, missing = None, 0.0
        if read[-2 - constants.ramp_hours]:
            then = middle[-2 - constants.ramp_hours]
            since = [index for index in range(HOURS - 1 - constants.ramp_hours, HOURS - 1) if read[index]]
            missing = pace * len(since) - sum(starts[index] for index in since)
        return Usual(
            known=len(known),
            level=max(usual, sum(lately) / len(lately)) if lately else usual,
            lowest=min(day),
            excess=max(ordinary, same),
            jump=max(
                _share([jump[index] for index in known], constants.ordinary_rise),
                _habit([(index, jump[index]) for index in known]),
            ),
            starved=_share(_starved(read, middle, starts, pace, constants.ramp_hours), constants.ordinary_rise),
            of_this_hour=same > ordinary,
            starts=pace,
            then=then,
            missing=missing,
        )


def _is_this_hour(ago: int) -> bool:
    """Whether the hour so long ago was this hour of an earlier day, or one beside it."""
    return ago >= DAY - 1 and (ago + 1) % DAY <= 2


def _habit(values: Sequence[tuple[int, float]]) -> float:
    """What this hour showed on at least half of the earlier days: once is no habit."""
    days: dict[int, float] = {}
    for index, value in values:
        ago = HOURS - 1 - index
        if _is_this_hour(ago):
            day = (ago + 1) // DAY
            days[day] = max(days.get(day, 0.0), value)
    return sorted(days.values())[(len(days) - 1) // 2] if len(days) > 1 else 0.0


def _excesses(known: Sequence[int], middle: Sequence[int], highest: Sequence[int]) -> list[tuple[int, float]]:
    """How far each hour went above its day, half of it before and half after the hour."""
    window: list[int] = []
    excesses = []
    entering = leaving = 0
    for index in known:
        while entering < len(known) and known[entering] <= index + HALF_DAY:
            insort(window, middle[known[entering]])
            entering += 1
        while known[leaving] < index - HALF_DAY:
            del window[bisect_left(window, middle[known[leaving]])]
            leaving += 1
        half = len(window) // 2
        of_day = window[half] if len(window) % 2 else (window[half - 1] + window[half]) / 2
        excesses.append((index, highest[index] - of_day))
    return excesses


def _starved(
    read: Sequence[int], middle: Sequence[int], starts: Sequence[int], pace: float, ramp_hours: int
) -> list[float]:
    """How much of each rise over some hours is there because jobs did not start."""
    hours = list(accumulate(read, initial=0))
    begun = list(accumulate((n if known else 0 for n, known in zip(starts, read, strict=True)), initial=0))
    return [
        min(
            middle[index] - middle[index - ramp_hours],
            pace * (hours[index + 1] - hours[index + 1 - ramp_hours])
            - begun[index + 1]
            + begun[index + 1 - ramp_hours],
        )
        for index in range(ramp_hours, HOURS - 1)
        if read[index] and read[index - ramp_hours]
    ]


def _share(values: list[float] | list[int], share: float) -> float:
    """The value that this share of `values` does not exceed; nothing where there are none."""
    return float(sorted(values)[int((len(values) - 1) * share)]) if values else 0.0
