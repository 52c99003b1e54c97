"""What is usual for a level in one hour? Found when it is asked for: in a calm hour nobody asks for most of it."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, chain, repeat

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
# The columns of a week.
MIDDLE, HIGHEST, JUMP, STARTS = range(4)


class Usual:
    """What is usual in one hour.

    Attributes:
        level: The level of the day, or of the last hours where that is higher. `lowest`: of the day's hours.
    """

    __slots__ = ("_constants", "_excess", "_first", "_jump", "_pace", "_ramp", "_starved", "_week", "level", "lowest")

    def __init__(self, constants: LevelConstants, week: "array[int]", hour: int, level: int) -> None:
        """What is usual in `hour`, which begins with `level`.

        Args:
            constants: What a level is judged by.
            week: The columns of the hours, by hour modulo `HOURS`; nobody changes them. `hour` itself is not known yet.
            hour: Which hour.
            level: The first level that was seen in it.
        """
        self._constants = constants
        self._week = week
        # Where the oldest hour stands.
        self._first = (hour + 1) % HOURS
        self._pace: tuple[int, float] | None = None
        self._ramp: tuple[int | None, float] | None = None
        self._excess: tuple[float, bool] | None = None
        self._jump: float | None = None
        self._starved: float | None = None
        lately = constants.lately
        recent = self._newest(MIDDLE, max(DAY, lately + LATELY - 1))
        day = _read(recent[-DAY:]) or [level]
        self.lowest = min(day)
        usual = _middle(sorted(day))
        before = _read(recent[len(recent) - lately - LATELY + 1 : len(recent) - lately + 1])
        self.level = max(usual, sum(before) / len(before)) if before else usual

    @property
    def known(self) -> int:
        """How many hours it is learnt from."""
        return self._known_and_pace()[0]

    @property
    def starts(self) -> float:
        """Jobs that start in an hour."""
        return self._known_and_pace()[1]

    @property
    def then(self) -> int | None:
        """The level some hours ago, where it is known."""
        return self._before()[0]

    @property
    def missing(self) -> float:
        """How many fewer jobs than usual have started in the hours since then that are known."""
        return self._before()[1]

    @property
    def excess(self) -> float:
        """How far an ordinary hour goes above its day."""
        return self._above()[0]

    @property
    def of_this_hour(self) -> bool:
        """Whether `excess` is what this hour of the day showed before."""
        return self._above()[1]

    @property
    def jump(self) -> float:
        """How far an ordinary hour rises within minutes."""
        if self._jump is None:
            jumps = self._column(JUMP)
            self._jump = max(_share(_read(jumps), self._constants.ordinary_rise), _habit(jumps))
        return self._jump

    @property
    def starved(self) -> float:
        """How much an ordinary hour is above the hours before because jobs did not start."""
        if self._starved is None:
            ramps = starved(self._column(MIDDLE), self._column(STARTS), self.starts, self._constants.ramp_hours)
            self._starved = _share(ramps, self._constants.ordinary_rise)
        return self._starved

    def _known_and_pace(self) -> tuple[int, float]:
        if self._pace is None:
            begun = _read(self._newest(STARTS, HOURS - 1))
            self._pace = len(begun), sum(begun) / len(begun) if begun else 0.0
        return self._pace

    def _before(self) -> tuple[int | None, float]:
        if self._ramp is None:
            hours = self._constants.ramp_hours
            then = self._newest(MIDDLE, hours + 1)[0]
            if then == UNREAD:
                self._ramp = None, 0.0
            else:
                since = _read(self._newest(STARTS, hours))
                self._ramp = then, self.starts * len(since) - sum(since)
        return self._ramp

    def _above(self) -> tuple[float, bool]:
        if self._excess is None:
            found = _excesses(self._column(MIDDLE), self._column(HIGHEST))
            ordinary = _share(found.values(), self._constants.ordinary_excess)
            same = max((found[index] for index in _THIS_HOUR if index in found), default=0.0)
            self._excess = max(ordinary, same), same > ordinary
        return self._excess

    def _column(self, column: int) -> "array[int]":
        """A column without this hour, oldest first."""
        return self._newest(column, HOURS - 1)

    def _newest(self, column: int, hours: int) -> "array[int]":
        """The last hours of a column, oldest first."""
        start = column * HOURS
        end = start + (self._first - 1) % HOURS
        first = end - hours
        if first >= start:
            return self._week[first:end]
        return self._week[first + HOURS : start + HOURS] + self._week[start:end]


def starved(middle: Sequence[int], begun: Sequence[int], pace: float, ramp_hours: int) -> list[float]:
    """How much of each rise over some hours is there because jobs did not start; hours, oldest first."""
    read = [each != UNREAD for each in middle]
    hours = list(accumulate(read, initial=0))[1:]
    started = list(accumulate((n if known else 0 for n, known in zip(begun, read, strict=True)), initial=0))[1:]
    # From one hour to another so many hours later.
    steps = zip(middle, middle[ramp_hours:], hours, hours[ramp_hours:], started, started[ramp_hours:], strict=False)
    found: list[float] = []
    for before, now, hours_before, hours_now, started_before, started_now in steps:
        if before != UNREAD and now != UNREAD:
            rise, missing = now - before, pace * (hours_now - hours_before) - started_now + started_before
            found.append(min(rise, missing))
    return found


def is_this_hour(ago: int) -> bool:
    """Whether the hour so long ago was this hour of an earlier day, or one beside it."""
    return ago >= DAY - 1 and (ago + 1) % DAY <= 2


# The places of these hours in a column without this hour.
_THIS_HOUR = tuple(index for index in range(HOURS - 1) if is_this_hour(HOURS - 1 - index))


def _habit(column: Sequence[int]) -> int:
    """What this hour showed on at least half of the earlier days: once is no habit."""
    days: dict[int, int] = {}
    for index in _THIS_HOUR:
        if column[index] != UNREAD:
            day = (HOURS - index) // DAY
            days[day] = max(days.get(day, 0), column[index])
    return sorted(days.values())[(len(days) - 1) // 2] if len(days) > 1 else 0


def _excesses(middle: "array[int]", highest: "array[int]") -> dict[int, float]:
    """How far each hour that was read went above its day, half of it before and half after the hour; by its place."""
    window = sorted(_read(middle[:HALF_DAY]))
    entering = chain(middle[HALF_DAY:], repeat(UNREAD))
    leaving = chain(repeat(UNREAD, HALF_DAY + 1), middle)
    excesses: dict[int, float] = {}
    for index, (level, most, new, old) in enumerate(zip(middle, highest, entering, leaving, strict=False)):
        if new != old:
            if new != UNREAD:
                insort(window, new)
            if old != UNREAD:
                del window[bisect_left(window, old)]
        if level != UNREAD:
            half = len(window) // 2
            # As `_middle`, which would take as long to call.
            excesses[index] = most - (window[half] if len(window) % 2 else (window[half - 1] + window[half]) / 2)
    return excesses


def _read(hours: Iterable[int]) -> list[int]:
    return [each for each in hours if each != UNREAD]


def _middle(values: Sequence[int]) -> float:
    """The median of sorted values."""
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _share(values: Collection[float], share: float) -> float:
    """The value that this share of `values` does not exceed; nothing where there are none."""
    return float(sorted(values)[int((len(values) - 1) * share)]) if values else 0.0
