"""Were more jobs added to a status in which jobs end than this pool's usual rate explains?

Positive steps only, so that a reset, a purge or finished jobs that grew too old are never a spike, whether the counts
are cumulative, kept for a while or a snapshot. What was added is counted at once (a node that takes its jobs
along), within some minutes (a batch, jobs that fail as they start) and within an hour (a creeping rise). The hours of
the last week say how many are usual in each and how unevenly they come: failures come in bursts, as a job is tried
again, so the spread is measured and not taken from chance (Poisson) alone.
"""

import math
from array import array
from collections.abc import Sequence

from bot.core.because import Because
from bot.core.rules.spike_constants import ADDED, AddedConstants
from bot.core.rules.unlikely import unlikely
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus

# A week holds every habit of a day and of a weekday.
HOURS = 168
DAY = 24
# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30
_MOST = 65534
_UNREAD = 65535
_NOTHING = array("H", bytes(2 * 60))


class AddedWatch:
    """Judges one count, oldest first. The state is three numbers an hour for a week and the steps of an hour."""

    __slots__ = ("_at_least", "_constants", "_count", "_highest", "_metric", "_minute", "_steps", "_stretch", "_told",
                 "_usual")  # fmt: skip

    def __init__(self, metric: JobStatus, stretch: float, at_least: int, constants: AddedConstants = ADDED) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        self._constants = constants
        # For each stretch of time: the most that was added within one that ended in an hour, by hour modulo `HOURS`.
        self._highest = array("H", [_UNREAD] * (HOURS * len(constants.within)))
        # What was added, by minute modulo 60.
        self._steps = array("H", _NOTHING)
        self._count: int | None = None
        self._minute: int | None = None
        # For each stretch of time: the mean, how far above it the limit is, and what is usual at most.
        self._usual = self._learn(0)
        self._told = False

    def see(self, count: int, minute: int) -> Verdict:
        """Judge the next reading.

        Args:
            count: The jobs that ended so, as reported.
            minute: When, in minutes since 1970.
        """
        last, before = self._minute, self._count
        self._minute, self._count = minute, count
        self._pass(last, minute)
        if last is None or before is None or minute - last > GAP:
            self._told = False
            return Unknown(Because("the first reading of {status} is the baseline", status=self._metric.value))
        if count > before:
            self._steps[minute % 60] = min(self._steps[minute % 60] + count - before, _MOST)
        return self._judge(minute)

    def _pass(self, last: int | None, minute: int) -> None:
        """Make room for the minutes and hours since the last reading."""
        hour = minute // 60
        if last is None:
            self._open(hour)
            return
        if minute - last >= 60:
            self._steps = array("H", _NOTHING)
        for passed in range(max(last, minute - 60) + 1, minute + 1):
            self._steps[passed % 60] = 0
        if hour == last // 60:
            return
        for missed in range(max(last // 60, hour - HOURS) + 1, hour):
            self._write(missed, _UNREAD)
        self._open(hour)
        self._usual = self._learn(hour)

    def _open(self, hour: int) -> None:
        self._write(hour, 0)

    def _write(self, hour: int, value: int) -> None:
        slot = hour % HOURS
        for start in range(0, len(self._highest), HOURS):
            self._highest[start + slot] = value

    def _hours(self, stretch: int, hour: int) -> list[int]:
        """The most that was added within such a stretch in each hour that was read before `hour`."""
        every = self._highest[stretch * HOURS : (stretch + 1) * HOURS]
        del every[hour % HOURS]
        return [each for each in every if each != _UNREAD]

    def _habit(self, stretch: int, hour: int) -> int:
        """What this hour showed on at least half of the earlier days: once is no habit."""
        slots = (stretch * HOURS + (hour - ago) % HOURS for ago in range(DAY, HOURS, DAY))
        days = sorted(each for slot in slots if (each := self._highest[slot]) != _UNREAD)
        return days[(len(days) - 1) // 2] if len(days) > 1 else 0

    def _learn(self, hour: int) -> "array[float]":
        """Find what is usual by the hours before `hour`."""
        constants = self._constants
        usual = array("d")
        for stretch in range(len(self._constants.within)):
            known = self._hours(stretch, hour)
            if not known:
                usual.extend((0.0, constants.new * self._at_least, 0.0))
                continue
            mean, spread = _ordinary(known, constants.ordinary)
            mean = max(mean, self._habit(stretch, hour))
            # By chance alone the spread is that of a Poisson count.
            rise = self._stretch * constants.spreads * max(spread, math.sqrt(mean))
            usual.extend((mean, max(self._at_least - mean, rise), mean + spread))
        return usual

    def _judge(self, minute: int) -> Verdict:
        slot, at, steps, usual = minute // 60 % HOURS, minute % 60, self._steps, self._usual
        strongest, of = -math.inf, 0
        counts = []
        for stretch, minutes in enumerate(self._constants.within):
            first = at - minutes + 1
            added = sum(steps[first : at + 1]) if first >= 0 else sum(steps[first:]) + sum(steps[: at + 1])
            counts.append(added)
            where = stretch * HOURS + slot
            if added > self._highest[where]:
                self._highest[where] = min(added, _MOST)
            strength = (added - usual[3 * stretch]) / usual[3 * stretch + 1]
            # The shortest stretch that is too much is the reason.
            if strength > strongest and strongest < 1.0:
                strongest, of = strength, stretch
        self._told = strongest >= (self._constants.still_high if self._told else 1.0)
        value = counts[of]
        why = self._seen(value, of)
        if not self._told:
            return Clear(value, why)
        odds = unlikely(value, self._hours(of, minute // 60))
        return Breach(value, Because("{why}; {unlikely}", why=why, unlikely=odds))

    def _seen(self, value: int, stretch: int) -> Because:
        most = math.ceil(self._usual[3 * stretch + 2])
        return Because(
            "{value} more {status} within {minutes} minutes; usual here {usual}",
            value=value,
            status=self._metric.value,
            minutes=self._constants.within[stretch],
            usual=f"0–{most}" if most else "0",
        )


def _ordinary(values: Sequence[int], share: float) -> tuple[float, float]:
    """The mean and the spread of the values, none larger than the rarest ordinary one."""
    most = sorted(values)[int((len(values) - 1) * share)]
    kept = [min(value, most) for value in values]
    mean = sum(kept) / len(kept)
    return mean, math.sqrt(max(sum(each * each for each in kept) / len(kept) - mean * mean, 0.0))
