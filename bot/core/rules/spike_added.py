"""Were more jobs added to a status in which jobs end than this pool's usual rate explains?

Positive steps only, so that a reset, a purge or finished jobs that grew too old are never a spike, whether the counts
are cumulative, kept for a while or a snapshot. A burst is judged over some minutes, a creeping one over an hour. The
hours of the last week say how many are usual and how unevenly they come: failures come in bursts, as a job is tried
again, so the spread is measured and not taken from chance (Poisson) alone.
"""

import math
from array import array

from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus

# A week holds every habit of a day and of a weekday; with three days F1 falls by 0.03.
HOURS = 168
# A burst is counted over a third of an hour, so that the hours that are kept can say what is usual in such a stretch.
STRETCH_MINUTES = 20
STRETCHES = 60 // STRETCH_MINUTES
# The rarest hours do not count for more than the rarest ordinary one: an incident a day must not become the usual.
ORDINARY = 0.95
# How many standard deviations above the usual: the tails of failures are long, three would
# be the usual control limit. On the recorded clusters F1 is 0.97, and with five or seven above 0.95.
TIMES = 6.0
# No less than four standard deviations of a Poisson count, where there is hardly anything to measure a spread by.
CHANCE = 4.0
# A failing node takes its jobs along: within minutes as many run less as have failed. Then less will do.
NODE_MINUTES = 8
TAKEN_ALONG = 0.8
NODE_LOST = 0.8
# Still this share of the limit is not over.
STILL_HIGH = 0.7
# In the first hour of a pool's life nothing is known, hence more than the least change.
NEW = 1.5
# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30
_MOST = 65535


class AddedWatch:
    """Judges one count, oldest first. The state is three numbers an hour for a week and the steps of an hour."""

    def __init__(self, metric: JobStatus, stretch: float, at_least: int) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        # By hour modulo HOURS: whether it was read, and what was added in each third of it.
        self._read = bytearray(HOURS)
        self._added = array("H", bytes(2 * HOURS * STRETCHES))
        # By minute modulo 60: what was added, and how many jobs ran.
        self._steps = array("H", bytes(2 * 60))
        self._running = array("i", [-1] * (NODE_MINUTES + 1))
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
        self._running[minute % (NODE_MINUTES + 1)] = -1 if running is None else min(running, 2**31 - 1)
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
            self._running[missed % (NODE_MINUTES + 1)] = -1
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
        hours = _ordinary([sum(each) for each in thirds])
        squares = _ordinary([sum(n * n for n in each) for each in thirds])
        mean = sum(hours) / len(hours)
        spread = math.sqrt(max(sum(n * n for n in hours) / len(hours) - mean * mean, 0.0))
        part = mean / STRETCHES
        part_spread = math.sqrt(max(sum(squares) / len(squares) / STRETCHES - part * part, 0.0))
        self._usual = (part, part_spread, mean, spread)

    def _judge(self, minute: int) -> Verdict:
        at = minute % 60
        burst = self._within(STRETCH_MINUTES, at)
        hour = sum(self._steps)
        sudden = self._within(NODE_MINUTES, at) if burst else 0
        part, part_spread, mean, spread = self._usual or (0.0, 0.0, 0.0, 0.0)
        limit, hour_limit = self._limit(part, part_spread), self._limit(mean, spread)
        node = sudden > 0 and self._fell(sudden, self._running[minute % (NODE_MINUTES + 1)])
        strongest = max(burst / limit, hour / hour_limit)
        if node:
            strongest = max(strongest, sudden / max(self._at_least, NODE_LOST * limit))
        self._told = strongest >= (STILL_HIGH if self._told else 1.0)
        creeping = hour / hour_limit > burst / limit
        value, usual, minutes = (hour, mean + spread, 60) if creeping else (burst, part + part_spread, STRETCH_MINUTES)
        why = f"{value} more {self._metric} within {minutes} minutes; usual here {_range(usual)}"
        if not self._told:
            return Clear(value, why)
        return Breach(value, f"{why}; as many jobs stopped running" if node else why)

    def _limit(self, mean: float, spread: float) -> float:
        rise = max(TIMES * spread, CHANCE * math.sqrt(mean)) * self._stretch
        return max(float(self._at_least), mean + rise) * (1.0 if self._usual else NEW)

    def _within(self, minutes: int, at: int) -> int:
        """What was added in the last minutes."""
        first = at - minutes + 1
        steps = self._steps
        return sum(steps[first : at + 1]) if first >= 0 else sum(steps[first:]) + sum(steps[: at + 1])

    def _fell(self, failed: int, running: int) -> bool:
        """Whether about as many jobs run less as have failed."""
        return running >= 0 and min(failed, max(self._running) - running) >= TAKEN_ALONG * failed


def _ordinary(values: list[int]) -> list[int]:
    """The values, none larger than the rarest ordinary one."""
    most = sorted(values)[int((len(values) - 1) * ORDINARY)]
    return [min(value, most) for value in values]


def _range(usual: float) -> str:
    return f"0–{math.ceil(usual)}" if usual > 0 else "0"
