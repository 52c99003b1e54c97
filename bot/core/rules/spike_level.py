"""Does a level, the jobs that wait, stand far above what is usual for the pool, and is it trouble?

Three views, each against what the same view showed in the ordinary hours of the last week: how far the level is above
its day (`excess`), how far it rose within minutes or, where many starts are overdue, since the last one (`jump`), and
how much of a rise over hours is explained by jobs that did not start (`starved`, a slow ramp). A batch that is drained
soon is not told, whatever its size.
"""

import math
from array import array
from functools import partial

from bot.core.because import Because
from bot.core.language import N_
from bot.core.rules.spike_constants import LEVEL, LevelConstants
from bot.core.rules.spike_usual import MOST, UNREAD, Usual
from bot.core.rules.spike_week import Week
from bot.core.rules.starts import Begun, starts
from bot.core.rules.unlikely import unlikely
from bot.core.rules.verdict import Breach, Clear, Verdict
from bot.core.stats import JobStatus

# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30
_UNREAD_HOUR = array("H", [UNREAD] * 60)
# The views, in the order in which one is named as the reason.
_EXCESS, _JUMP, _STARVED = range(3)


class LevelWatch:
    """Judges one count, oldest first. The state is four numbers an hour for a week and the levels of an hour."""

    __slots__ = ("_above_since", "_at_least", "_before", "_calm", "_constants", "_flat", "_foot", "_hours", "_jump",
                 "_last_start", "_levels", "_low", "_low_at", "_metric", "_minute", "_near", "_stark", "_started",
                 "_stretch", "_told", "_usual", "_week")  # fmt: skip

    def __init__(self, metric: JobStatus, stretch: float, at_least: int, constants: LevelConstants = LEVEL) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        self._constants = constants
        # Less above the usual is calm whatever else is true.
        self._near = min(constants.above, at_least)
        self._week = Week(constants)
        # By minute modulo 60.
        self._levels = array("H", _UNREAD_HOUR)
        self._minute: int | None = None
        # Of this hour: the largest jump, and the jobs that started.
        self._jump = 0
        self._started = 0
        # When a job started last, and the level then.
        self._last_start = 0
        self._foot = 0
        self._before: Begun | None = None
        self._usual = self._week.usual(0, 0)
        # The lowest of the last levels, and when it was; the last verdict of this hour that was calm.
        self._low, self._low_at = UNREAD, 0
        self._calm: Clear | None = None
        # The last level, if it alone made the last verdict calm.
        self._flat = -1
        # Since when it is above the limit.
        self._above_since: int | None = None
        # How many readings in a row were stark.
        self._stark = 0
        # Whence it rose, how far and in which view when it was told.
        self._told: tuple[float, float, int] | None = None
        # While it is told: the view that is its reason, this hour, and how far each hour of the last week went in it.
        self._hours: tuple[int, int, array[float]] | None = None

    def see(self, level: int, begun: Begun | None, minute: int) -> Verdict:
        """Judge the next reading.

        Args:
            level: The count.
            begun: Running, completed, terminated and failed jobs, where starts are evidence.
            minute: When, in minutes since 1970.
        """
        last = self._minute
        if level == self._flat and begun is self._before and last is not None and self._calm is not None:
            at = minute % 60
            if at and last <= minute <= last + 1:
                # Nothing has happened, and the hour is the same.
                self._levels[at] = min(level, MOST)
                self._minute = minute
                return self._calm
        count = min(level, MOST)
        if last is None or minute // 60 != last // 60:
            self._turn(count, last, minute)
        if last is None or minute - last > GAP:
            # What happened in a silence is not known, nor whether jobs started in it.
            self._last_start, self._foot = minute, count
        elif self._count_starts(begun) > 0:
            self._last_start, self._foot, self._stark = minute, count, 0
        elif count < self._levels[last % 60]:
            self._stark = 0
        self._before = begun
        if last is None or minute - last > 1:
            for missed in range(minute - 59 if last is None else max(last + 1, minute - 59), minute):
                self._levels[missed % 60] = UNREAD
        self._levels[minute % 60] = count
        self._minute = minute
        return self._judge(level, count, minute)

    def _turn(self, level: int, last: int | None, minute: int) -> None:
        """Close the last hour and learn what is usual in the one that begins."""
        if last is not None:
            read = [each for each in self._levels[: last % 60 + 1] if each != UNREAD]
            self._week.close(last // 60, minute // 60, read, self._jump, self._started)
        self._jump = self._started = 0
        self._usual = self._week.usual(minute // 60, level)
        self._calm, self._flat = None, -1

    def _count_starts(self, begun: Begun | None) -> int:
        """Add the jobs that started since the last reading: more run, or more have ended."""
        before = self._before
        if begun is before or begun is None or before is None:
            return 0
        more = starts(before, begun)
        if more > 0:
            self._started += more
        return more

    def _judge(self, level: int, count: int, minute: int) -> Verdict:
        jump = self._risen(count, minute)
        if jump > self._jump:
            self._jump = jump
        usual, constants = self._usual, self._constants
        excess = count - usual.level
        self._flat = -1
        if self._told is not None:
            foot, rise, view = self._told
            if count - max(usual.level, foot) >= constants.still_high * rise:
                return Breach(level, self._why(level, minute, count - foot, view))
            self._told = self._above_since = self._hours = None
        if excess < self._near:
            self._flat = level
            return self._clear(level)
        if self._due(minute) > constants.overdue:
            # Not kept as usual: what is kept must follow from the readings alone, or a restart would learn otherwise.
            jump = max(jump, count - self._foot)
        starved = self._starved(count, minute)
        if self._is_small(excess, jump, starved, minute):
            return self._clear(level)
        views = self._views(excess, jump, starved, minute)
        strength = max(views)
        if strength < 1.0:
            return self._clear(level)
        if self._above_since is None:
            self._above_since = minute
        self._stark = self._stark + 1 if strength >= constants.stark_case else 0
        hold = constants.hold_if_clear if strength >= constants.clear_case else constants.hold
        if minute - self._above_since < hold and self._stark < constants.stark_readings:
            said = N_("{seen}; above it for less than {minutes} minutes")
            return Clear(level, Because(said, seen=self._seen(level), minutes=hold))
        if _served(count, max(excess, jump), self._recent(minute), constants.served_within):
            return Clear(
                level, Because("{seen}; falling at a pace that ends it within the hour", seen=self._seen(level))
            )
        view = next(number for number, strong in enumerate(views) if strong >= 1.0)
        rise = (excess, jump, starved)[view]
        self._told = (count - rise, rise, view)
        return Breach(level, self._why(level, minute, rise, view))

    def _clear(self, level: int) -> Clear:
        self._above_since = None
        self._stark = 0
        calm = self._calm
        if calm is None or calm.value != level:
            calm = self._calm = Clear(level, partial(_seen, self._metric, self._usual, level))
        return calm

    def _risen(self, count: int, minute: int) -> int:
        """How far the level is above the lowest of the last minutes."""
        if count <= self._low:
            self._low, self._low_at = count, minute
        elif self._low_at == minute or minute - self._low_at > self._constants.jump_within:
            # Another reading of that minute took its place, or it is too long ago. What was not read is larger than
            # anything.
            recent = self._recent(minute)
            self._low = min(recent)
            self._low_at = minute - recent[::-1].index(self._low)
        return count - self._low

    def _recent(self, minute: int) -> "array[int]":
        """The levels of the last minutes, oldest first."""
        last = minute % 60
        first = last - self._constants.jump_within
        levels = self._levels
        return levels[first : last + 1] if first >= 0 else levels[first:] + levels[: last + 1]

    def _starved(self, level: int, minute: int) -> float:
        """How much of the rise over the last hours is there because jobs did not start."""
        usual = self._usual
        if usual.then is None:
            return 0.0
        return min(level - usual.then, self._missing(minute))

    def _missing(self, minute: int) -> float:
        """How many fewer jobs than usual have started over the last hours."""
        usual = self._usual
        return usual.missing + usual.starts * (minute % 60) / 60 - self._started

    def _is_small(self, excess: float, jump: float, starved: float, minute: int) -> bool:
        """Whether no view can be as much as its limit, whatever the ordinary hours were like."""
        chance = self._constants.chance * math.sqrt(self._usual.level)
        starved_by_chance = self._constants.chance_starved * math.sqrt(self._usual.level)
        at_least, stretch = self._at_least, self._stretched(minute)
        limit = max(at_least, stretch * max(at_least, chance))
        return max(excess, jump) < limit and starved < max(at_least, stretch * max(at_least, starved_by_chance))

    def _stretched(self, minute: int) -> float:
        stretch = self._stretch if self._usual.known else self._constants.new * self._stretch
        return stretch * self._constants.stalled if self._due(minute) > self._constants.starts_due else stretch

    def _views(self, excess: float, jump: float, starved: float, minute: int) -> tuple[float, float, float]:
        """How many times its limit each view is; nothing for those after one that is so much that it alone decides."""
        at_least, constants = self._at_least, self._constants
        usual = self._usual
        stretch = self._stretched(minute)
        times, root = constants.times, math.sqrt(usual.level)
        chance = max(at_least, constants.chance * root)
        chance_starved = max(at_least, constants.chance_starved * root)
        far = excess / max(at_least, stretch * max(chance, times * usual.excess))
        if far >= max(constants.stark_case, constants.clear_case, 1.0):
            # The first view is the reason, and no more of the others makes a difference: what is usual in them is not
            # found, which matters where many pools fire at once.
            return far, 0.0, 0.0
        return (
            far,
            jump / max(at_least, stretch * max(chance, times * usual.jump)),
            starved / max(at_least, stretch * max(chance_starved, times * usual.starved)),
        )

    def _due(self, minute: int) -> float:
        """How many jobs should have started since the last one did."""
        return self._usual.starts * (minute - self._last_start) / 60

    def _seen(self, level: int) -> Because:
        return _seen(self._metric, self._usual, level)

    def _why(self, level: int, minute: int, rise: float, view: int) -> Because:
        why = self._seen(level)
        if self._above_since is not None and minute > self._above_since:
            why = Because("{why}; above it for {length}", why=why, length=lasting(minute - self._above_since))
        if self._due(minute) > self._constants.starts_due:
            length = lasting(minute - self._last_start)
            why = Because("{why}; no job has started for {length}", why=why, length=length)
        hour = minute // 60
        if view == _JUMP:
            odds = unlikely(rise, self._hours_of(view, hour))
            return Because("{why}; a rise by {rise}, {unlikely}", why=why, rise=f"{rise:.0f}", unlikely=odds)
        starved = self._starved(min(level, MOST), minute) if view == _STARVED else 0.0
        if starved >= self._at_least:
            return Because(
                "{why}; {number} more than {hours} hours ago for fewer jobs than usual started, {unlikely}",
                why=why,
                number=f"{starved:.0f}",
                hours=self._constants.ramp_hours,
                unlikely=unlikely(starved, self._hours_of(_STARVED, hour)),
            )
        return Because("{why}; {unlikely}", why=why, unlikely=unlikely(level, self._hours_of(_EXCESS, hour)))

    def _hours_of(self, view: int, hour: int) -> "array[float]":
        """How far each hour of the last week went in a view: while it is told, that is asked for every reading."""
        known = self._hours
        if known is None or known[:2] != (view, hour):
            week = self._week
            found = week.jumps(hour) if view == _JUMP else week.ramps(hour) if view == _STARVED else week.levels(hour)
            known = self._hours = view, hour, array("d", found)
        return known[2]


def _seen(metric: JobStatus, usual: Usual, level: int) -> Because:
    low, high = math.floor(usual.lowest), math.ceil(usual.level + max(usual.excess, 0.0))
    span = f"{low}–{high}" if high > low else str(high)
    if usual.of_this_hour:
        said = N_("{status} {level}; usual here at this hour {usual}")
    else:
        said = N_("{status} {level}; usual here {usual}")
    return Because(said, status=metric.value, level=level, usual=span)


def _served(level: int, rise: float, recent: "array[int]", within: int) -> bool:
    """Whether the level falls from its last peak at a pace that ends the rise within so many minutes."""
    peak = max(each for each in recent if each != UNREAD)
    if peak <= level:
        return False
    ago = next(ago for ago, each in enumerate(reversed(recent)) if each == peak)
    return rise * ago <= within * (peak - level)


def lasting(minutes: int) -> Because:
    """A stretch of time as people say it."""
    if minutes == 1:
        return Because("{number} minute", number=minutes)
    if minutes < 120:
        return Because("{number} minutes", number=minutes)
    return Because("{number} hours", number=minutes // 60)
