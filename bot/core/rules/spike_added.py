"""Were more jobs added to a status in which jobs end than this pool's usual rate explains?

Positive steps only, so that a reset, a purge or finished jobs that grew too old are never a spike, whether the counts
are cumulative, kept for a while or a snapshot. What was added is counted at once (a node that takes its jobs
along), within some minutes (a batch, jobs that fail as they start) and within an hour (a creeping rise). The hours of
the last week say how many are usual in each and how unevenly they come: failures come in bursts, as a job is tried
again, so the spread is measured and not taken from chance (Poisson) alone.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from functools import partial

from bot.core.because import Because
from bot.core.rules.spike_added_usual import AddedUsual
from bot.core.rules.spike_constants import ADDED, AddedConstants
from bot.core.rules.spike_usual import HOURS, MOST, UNREAD
from bot.core.rules.unlikely import unlikely
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import JobStatus

# After a silence longer than this two readings are not compared as if nothing had happened between them. Minutes.
GAP = 30
_NOTHING = array("H", bytes(2 * 60))


class AddedWatch:
    """Judges one count, oldest first. The state is three numbers an hour for a week and the steps of an hour."""

    __slots__ = ("_added", "_at_least", "_calm", "_constants", "_count", "_highest", "_metric", "_minute", "_small",
                 "_steps", "_stretch", "_told", "_usual", "_within")  # fmt: skip

    def __init__(self, metric: JobStatus, stretch: float, at_least: int, constants: AddedConstants = ADDED) -> None:
        self._metric = metric
        self._stretch = stretch
        self._at_least = at_least
        self._constants = constants
        self._small = at_least * min(1.0, constants.new)
        self._within = constants.within
        # For each stretch of time: the most that was added within one that ended in an hour, by hour modulo `HOURS`.
        self._highest = array("H", [UNREAD] * (HOURS * len(self._within)))
        # What was added, by minute modulo 60; and within each stretch of time that ends now.
        self._steps = array("H", _NOTHING)
        self._added = array("L", [0] * len(self._within))
        self._count: int | None = None
        self._minute: int | None = None
        self._usual = self._learn(0)
        self._told = False
        # The last verdict of this hour, where it was calm and still holds if nothing is added nor grows too old.
        self._calm: Clear | None = None

    def see(self, count: int, minute: int) -> Verdict:
        """Judge the next reading.

        Args:
            count: The jobs that ended so, as reported.
            minute: When, in minutes since 1970.
        """
        last, before = self._minute, self._count
        self._minute, self._count = minute, count
        if last != minute:
            self._pass(last, minute)
        if last is None or before is None or minute - last > GAP:
            self._told, self._calm = False, None
            return Unknown(Because("the first reading of {status} is the baseline", status=self._metric.value))
        if count > before:
            self._add(count - before, minute)
        return self._calm or self._judge(minute)

    def _add(self, number: int, minute: int) -> None:
        was = self._steps[minute % 60]
        now = min(was + number, MOST)
        self._steps[minute % 60] = now
        for stretch in range(len(self._added)):
            self._added[stretch] += now - was
        self._calm = None

    def _pass(self, last: int | None, minute: int) -> None:
        """Make room for the minutes and hours since the last reading."""
        hour = minute // 60
        if last is None:
            self._turn(hour, ())
            return
        if self._added[-1]:
            self._leave(last, minute)
        if hour != last // 60:
            self._turn(hour, range(max(last // 60, hour - HOURS) + 1, hour))

    def _leave(self, last: int, minute: int) -> None:
        """What was added too long before `minute` counts no more."""
        steps, added = self._steps, self._added
        if minute - last >= 60:
            self._steps, self._calm = array("H", _NOTHING), None
            for stretch in range(len(added)):
                added[stretch] = 0
            return
        for passed in range(last + 1, minute + 1):
            for stretch, minutes in enumerate(self._within):
                step = steps[(passed - minutes) % 60]
                if step:
                    added[stretch] -= step
                    self._calm = None
            steps[(passed - self._within[-1]) % 60] = 0

    def _turn(self, hour: int, missed: Iterable[int]) -> None:
        # What was usual in the last hour can still be asked for, so that week stays as it is.
        self._highest = self._highest[:]
        for each in missed:
            self._write(each, UNREAD)
        self._write(hour, 0)
        self._usual = self._learn(hour)
        self._calm = None

    def _write(self, hour: int, value: int) -> None:
        slot = hour % HOURS
        for start in range(0, len(self._highest), HOURS):
            self._highest[start + slot] = value

    def _learn(self, hour: int) -> AddedUsual:
        return AddedUsual(self._constants, self._stretch, self._at_least, self._highest, hour)

    def _judge(self, minute: int) -> Verdict:
        added, usual = self._added, self._usual
        if not added[-1]:
            # Nothing is never too much.
            self._told = False
            self._calm = Clear(0, partial(_nothing, self._metric, usual))
            return self._calm
        slot = minute // 60 % HOURS
        for stretch, number in enumerate(added):
            where = stretch * HOURS + slot
            if number > self._highest[where]:
                self._highest[where] = min(number, MOST)
        if not self._told and added[-1] < self._small:
            # No stretch of time holds more than the longest, and no limit is lower.
            seen = tuple(added)
            self._calm = Clear(partial(_strongest, usual, seen), partial(_seen_strongest, self._metric, usual, seen))
            return self._calm
        of, strongest = usual.strongest(added)
        self._told = strongest >= (self._constants.still_high if self._told else 1.0)
        value = added[of]
        if not self._told:
            self._calm = Clear(value, partial(_seen, self._metric, usual, value, of))
            return self._calm
        odds = unlikely(value, usual.hours(of))
        why = _seen(self._metric, usual, value, of)
        return Breach(value, Because("{why}; {unlikely}", why=why, unlikely=odds))


def _nothing(metric: JobStatus, usual: AddedUsual) -> Because:
    return _seen_strongest(metric, usual, [0] * len(usual.within))


def _strongest(usual: AddedUsual, added: Sequence[int]) -> int:
    return added[usual.strongest(added)[0]]


def _seen_strongest(metric: JobStatus, usual: AddedUsual, added: Sequence[int]) -> Because:
    of = usual.strongest(added)[0]
    return _seen(metric, usual, added[of], of)


def _seen(metric: JobStatus, usual: AddedUsual, value: int, stretch: int) -> Because:
    most = math.ceil(usual.most(stretch))
    return Because(
        "{value} more {status} within {minutes} minutes; usual here {usual}",
        value=value,
        status=metric.value,
        minutes=usual.within[stretch],
        usual=f"0–{most}" if most else "0",
    )
