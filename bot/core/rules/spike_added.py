"""Were more jobs added to a status in which jobs end than this pool's usual rate explains?

Positive steps only, so that a reset, a purge or finished jobs that grew too old are never a spike, whether the counts
are cumulative, kept for a while or a snapshot. A burst is judged over some minutes, a creeping one over an hour. The
hours of the last week say how many are usual and how unevenly they come: failures come in bursts, as a job is tried
again, so the spread is measured and not taken from chance (Poisson) alone.
"""

import math
from array import array

from bot.core.rules.spike_constants import ADDED, AddedConstants
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus

# A week holds every habit of a day and of a weekday; with three days F1 falls by 0.03.
HOURS = 168
# A burst is counted over a third of an hour, so that the hours that are kept can say what is usual in such a stretch.
STRETCH_MINUTES = 20
STRETCHES = 60 // STRETCH_MINUTES
# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30
_MOST = 65535


class AddedWatch:
    """Judges one count, oldest first. The state is three numbers an hour for a week and the steps of an hour."""

    def __init__(self, metric: JobStatus, stretch: float, at_least: int, constants: AddedConstants = ADDED) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        self._constants = constants
        self._node_within = constants.node_within
        # By hour modulo HOURS: whether it was read, and what was added in each third of it.
        self._read = bytearray(HOURS)
        self._added = array("H", bytes(2 * HOURS * STRETCHES))
        # By minute modulo 60: what was added, and how many jobs ran.
        self._steps = array("H", bytes(2 * 60))
        self._running = array("i", [-1] * (self._node_within + 1))
        self._count: int | None = None
        self._minute: int | None = None
        # What is usual in a stretch and in an hour, and its spread.
        self._usual: tuple[float, float, float, float] | None = None
        self._told = False

    def see(self, count: int, running: int | None, minute: int) -> Verdict:
        """Judge the next reading.

        Args:
            count: The jobs that ended so, as reported.
            running: The jobs that run.
            minute: When, in minutes since 1970.
        """
        last, before = self._minute, self._count
        self._minute, self._count = minute, count
        self._forget(last, minute)
        self._running[minute % (self._node_within + 1)] = -1 if running is None else min(running, 2**31 - 1)
        if last is None or before is None or minute - last > GAP:
            self._told = False
            return Unknown(f"the first reading of {self._metric} is the baseline")
        if count > before:
            self._add(count - before, minute)
        return self._judge(minute)

    def _forget(self, last: int | None, minute: int) -> None:
        """Make room for the minutes and hours since the last reading."""
        hour = minute // 60
        if last is None:
            self._read[hour % HOURS] = 1
            return
        for missed in range(max(last, minute - 60) + 1, minute + 1):
            self._steps[missed % 60] = 0
            self._running[missed % (self._node_within + 1)] = -1
        if hour == last // 60:
            return
        for missed in range(max(last // 60, hour - HOURS) + 1, hour + 1):
            slot = missed % HOURS
            self._read[slot] = missed == hour
            self._added[slot * STRETCHES : (slot + 1) * STRETCHES] = array("H", bytes(2 * STRETCHES))
        self._learn(hour)

    def _add(self, step: int, minute: int) -> None:
        at = minute % 60
        self._steps[at] = min(self._steps[at] + step, _MOST)
        third = minute // 60 % HOURS * STRETCHES + at // STRETCH_MINUTES
        self._added[third] = min(self._added[third] + step, _MOST)

    def _learn(self, hour: int) -> None:
        """Find what is usual by the hours before `hour`."""
        known = [slot for slot in range(HOURS) if self._read[slot] and slot != hour % HOURS]
        if not known:
            return
        thirds = [self._added[slot * STRETCHES : (slot + 1) * STRETCHES] for slot in known]
        share = self._constants.ordinary
        hours = _ordinary([sum(each) for each in thirds], share)
        squares = _ordinary([sum(n * n for n in each) for each in thirds], share)
        mean = sum(hours) / len(hours)
        spread = math.sqrt(max(sum(n * n for n in hours) / len(hours) - mean * mean, 0.0))
        part = mean / STRETCHES
        part_spread = math.sqrt(max(sum(squares) / len(squares) / STRETCHES - part * part, 0.0))
        self._usual = (part, part_spread, mean, spread)

    def _judge(self, minute: int) -> Verdict:
        at = minute % 60
        burst = self._within(STRETCH_MINUTES, at)
        hour = sum(self._steps)
        sudden = self._within(self._node_within, at) if burst else 0
        part, part_spread, mean, spread = self._usual or (0.0, 0.0, 0.0, 0.0)
        limit, hour_limit = self._limit(part, part_spread), self._limit(mean, spread)
        node = sudden > 0 and self._fell(sudden, self._running[minute % (self._node_within + 1)])
        strongest = max(burst / limit, hour / hour_limit)
        if node:
            strongest = max(strongest, sudden / max(self._at_least, self._constants.node_lost * limit))
        self._told = strongest >= (self._constants.still_high if self._told else 1.0)
        creeping = hour / hour_limit > burst / limit
        value, usual, minutes = (hour, mean + spread, 60) if creeping else (burst, part + part_spread, STRETCH_MINUTES)
        why = f"{value} more {self._metric} within {minutes} minutes; usual here {_range(usual)}"
        if not self._told:
            return Clear(value, why)
        return Breach(value, f"{why}; as many jobs stopped running" if node else why)

    def _limit(self, mean: float, spread: float) -> float:
        constants = self._constants
        rise = max(constants.times * spread, constants.chance * math.sqrt(mean)) * self._stretch
        return max(float(self._at_least), mean + rise) * (1.0 if self._usual else constants.new)

    def _within(self, minutes: int, at: int) -> int:
        """What was added in the last minutes."""
        first = at - minutes + 1
        steps = self._steps
        return sum(steps[first : at + 1]) if first >= 0 else sum(steps[first:]) + sum(steps[: at + 1])

    def _fell(self, failed: int, running: int) -> bool:
        """Whether about as many jobs run less as have failed."""
        return running >= 0 and min(failed, max(self._running) - running) >= self._constants.taken_along * failed


def _ordinary(values: list[int], share: float) -> list[int]:
    """The values, none larger than the rarest ordinary one."""
    most = sorted(values)[int((len(values) - 1) * share)]
    return [min(value, most) for value in values]


def _range(usual: float) -> str:
    return f"0–{math.ceil(usual)}" if usual > 0 else "0"
