"""Does a level, the jobs that wait, stand far above what is usual for the pool, and is it trouble?

Three views, each against what the same view showed in the ordinary hours of the last week: how far the level is above
its day (`excess`), how far it rose within minutes (`jump`), and how much of a rise over hours is explained by jobs that
did not start (`starved`, a slow ramp). A batch that is drained soon is not told, whatever its size.
"""

import math
from array import array

from bot.core.rules.spike_constants import LEVEL, LevelConstants
from bot.core.rules.spike_week import MOST, Usual, Week
from bot.core.rules.starts import Begun, starts
from bot.core.rules.verdict import Breach, Clear, Verdict
from bot.core.stats import JobStatus

# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30


class LevelWatch:
    """Judges one count, oldest first. The state is four numbers an hour for a week and the levels of an hour."""

    def __init__(self, metric: JobStatus, stretch: float, at_least: int, constants: LevelConstants = LEVEL) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        self._constants = constants
        self._week = Week(constants)
        # By minute modulo 60; what was not read is negative.
        self._levels = array("i", [-1] * 60)
        self._minute: int | None = None
        self._level = 0
        self._jump = 0
        self._started = 0
        self._last_start = 0
        self._before: Begun | None = None
        self._usual = Usual()
        # Since when it is above the limit; whence it rose and how far when it was told.
        self._above_since: int | None = None
        # How many readings in a row were stark.
        self._stark = 0
        self._told: tuple[float, float] | None = None

    def see(self, level: int, begun: Begun | None, minute: int) -> Verdict:
        """Judge the next reading.

        Args:
            level: The count.
            begun: Running, completed, terminated and failed jobs, where starts are evidence.
            minute: When, in minutes since 1970.
        """
        last = self._minute
        if last is None or minute // 60 != last // 60:
            self._turn(min(level, MOST), last, minute)
        started = self._started
        if last is not None and minute - last <= GAP:
            self._count_starts(begun, minute)
        self._before = begun
        if self._started > started or level < self._level:
            self._stark = 0
        self._level = level
        for missed in range(minute - 59 if last is None else max(last + 1, minute - 59), minute):
            self._levels[missed % 60] = -1
        self._levels[minute % 60] = min(level, MOST)
        self._minute = minute
        return self._judge(level, minute)

    def _turn(self, level: int, last: int | None, minute: int) -> None:
        """Close the last hour and learn what is usual in the one that begins."""
        if last is None:
            self._last_start = minute
        else:
            read = [each for each in self._levels[: last % 60 + 1] if each >= 0]
            self._week.close(last // 60, minute // 60, read, self._jump, self._started)
        self._jump = self._started = 0
        self._usual = self._week.usual(minute // 60, level)

    def _count_starts(self, begun: Begun | None, minute: int) -> None:
        """Add the jobs that started since the last reading: more run, or more have ended."""
        before = self._before
        if begun is None or before is None or begun == before:
            return
        more = starts(before, begun)
        if more > 0:
            self._started += more
            self._last_start = minute

    def _judge(self, level: int, minute: int) -> Verdict:
        recent = self._recent(minute)
        usual, constants = self._usual, self._constants
        count = min(level, MOST)
        jump = count - min(each for each in recent if each >= 0)
        if jump > self._jump:
            self._jump = jump
        excess = count - usual.level
        if self._told is not None:
            foot, rise = self._told
            if count - max(usual.level, foot) >= constants.still_high * rise:
                return Breach(level, self._why(level, minute))
            self._told = self._above_since = None
        starved = self._starved(count, minute)
        views = self._views(excess, jump, starved, minute)
        strength = max(views)
        if strength < 1.0:
            self._above_since = None
            self._stark = 0
            return Clear(level, self._seen(level))
        if self._above_since is None:
            self._above_since = minute
        self._stark = self._stark + 1 if strength >= constants.stark_case else 0
        hold = constants.hold_if_clear if strength >= constants.clear_case else constants.hold
        if minute - self._above_since < hold and self._stark < constants.stark_readings:
            return Clear(level, f"{self._seen(level)}; above it for less than {hold} minutes")
        rise = max(excess, jump)
        if _served(count, rise, recent, constants):
            return Clear(level, f"{self._seen(level)}; falling at a pace that ends it within the hour")
        rise = excess if views[0] >= 1.0 else jump if views[1] >= 1.0 else starved
        self._told = (count - rise, rise)
        return Breach(level, self._why(level, minute))

    def _recent(self, minute: int) -> "array[int]":
        """The levels of the last minutes, oldest first."""
        last = minute % 60
        first = last - self._constants.jump_within
        levels = self._levels
        return levels[first : last + 1] if first >= 0 else levels[first:] + levels[: last + 1]

    def _starved(self, level: int, minute: int) -> float:
        """How much of the rise over the last hours is there because jobs did not start."""
        usual = self._usual
        if usual.ramp is None:
            return 0.0
        then, hours, started = usual.ramp
        due = usual.starts * (hours + minute % 60 / 60)
        return min(level - then, due - started - self._started)

    def _views(self, excess: float, jump: float, starved: float, minute: int) -> tuple[float, float, float]:
        """How many times its limit each view is."""
        at_least, constants = self._at_least, self._constants
        if excess < min(constants.above, at_least):
            return (0.0, 0.0, 0.0)
        usual = self._usual
        stretch = self._stretch if usual.known else constants.new * self._stretch
        if self._idle(minute):
            stretch *= constants.stalled
        times = constants.times
        chance = max(at_least, constants.chance * math.sqrt(max(usual.level, 0.0)))
        return (
            excess / max(at_least, stretch * max(chance, times * usual.excess)),
            jump / max(at_least, stretch * max(chance, times * usual.jump)),
            starved / max(at_least, stretch * max(chance, times * usual.starved)),
        )

    def _idle(self, minute: int) -> bool:
        """Whether jobs should have started by now."""
        return self._usual.starts / 60 * (minute - self._last_start) > self._constants.starts_due

    def _seen(self, level: int) -> str:
        usual = self._usual
        low, high = math.floor(usual.lowest), math.ceil(usual.level + max(usual.excess, 0.0))
        when = " at this hour" if usual.of_this_hour else ""
        return (
            f"{self._metric} {level}; usual here{when} {low}–{high}"
            if high > low
            else f"{self._metric} {level}; usual here{when} {high}"
        )

    def _why(self, level: int, minute: int) -> str:
        why = self._seen(level)
        if self._above_since is not None and minute > self._above_since:
            why += f"; above it for {spoken(minute - self._above_since)}"
        if self._idle(minute):
            why += f"; no job has started for {spoken(minute - self._last_start)}"
        return why


def _served(level: int, rise: float, recent: "array[int]", constants: LevelConstants) -> bool:
    """Whether the level falls from its last peak at a pace that ends the rise soon."""
    tail = recent[-constants.peak_within - 1 :]
    peak = max(tail)
    if peak <= level:
        return False
    ago = next(ago for ago, each in enumerate(reversed(tail)) if each == peak)
    return rise * ago <= constants.served_within * (peak - level)


def spoken(minutes: int) -> str:
    """A stretch of time as people say it."""
    if minutes < 120:
        return f"{minutes} minute" if minutes == 1 else f"{minutes} minutes"
    return f"{minutes // 60} hours"
