"""Is a reading the next one, or the first after a time in which nobody looked?"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert, State

# What nobody saw for longer than this is not taken for a step between two readings, unless pools are always read so
# seldom: then it is three times as long as the step before.
GAP = timedelta(minutes=30)
STEPS = 3


class Pace:
    """How often a pool is read. Ask it about every reading, oldest first."""

    __slots__ = ("_at", "_longest", "_step")

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._step = timedelta()
        self._longest = GAP

    def gap(self, at: datetime) -> bool:
        """Whether nobody looked for long before `at`."""
        last = self._at
        if last is None or at <= last:
            self._at = last or at
            return False
        self._at, step, longest = at, at - last, self._longest
        if step == self._step:
            return False
        self._step, self._longest = step, max(GAP, STEPS * step)
        return step > longest


def resumed(alert: Alert, *, at: datetime) -> Alert:
    """The alert with its waits begun anew: whether a breach or a recovery lasted nobody can say of a gap.

    Nor of a time that is yet to come, by a clock that was set back.
    """
    return replace(
        alert,
        began_at=at if alert.state is State.PENDING else min(alert.began_at, at),
        fired_at=None if alert.fired_at is None else min(alert.fired_at, at),
        clear_since=None,
    )
