"""Has nothing been heard of a pool, or of one of its counts, for too long?

This is the one question that no reading answers: it turns bad while nothing is read. So a watch says from which moment
on the silence is too long, and whoever knows what time it is compares.
"""

from datetime import datetime

from bot.core.because import Because
from bot.core.language import N_
from bot.core.rules.model import AbsentRule
from bot.core.rules.verdict import Breach, Clear
from bot.core.stats import PoolStats


class AbsentWatch:
    """Follows the readings of one pool, oldest first. The state is one moment."""

    def __init__(self, rule: AbsentRule, job_type: str | None) -> None:
        self._rule = rule
        self._job_type = job_type
        self._heard_at: datetime | None = None
        # Whether it was heard then, or that is only when the watch began.
        self._ever = False

    def begin(self, at: datetime) -> None:
        """Count a silence from `at`, unless something was heard already."""
        if self._heard_at is None:
            self._heard_at = at

    def heard(self, stats: PoolStats) -> Clear | None:
        """Take in the next reading: what it says, where it ends the silence."""
        metric = self._rule.metric
        if metric is None:
            said = Because("the pool is read again")
        elif stats.count(metric, self._job_type) is not None:
            said = Because("{status} is reported again", status=metric.value)
        else:
            self.begin(stats.taken_at)
            return None
        self._heard_at, self._ever = stats.taken_at, True
        return Clear(0, said)

    @property
    def due_at(self) -> datetime | None:
        """From which moment on the silence is too long; `None` while it has not begun."""
        return None if self._heard_at is None else self._heard_at + self._rule.after

    @property
    def breach(self) -> Breach:
        """What is to be said from `due_at` on."""
        metric, at = self._rule.metric, self._heard_at
        since = "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
        if metric is None and self._ever:
            return Breach(0, Because("No reading since {at}; longer than {length}", at=since, length=self._rule.after))
        if metric is None:
            why = Because(
                "No reading since {at}, when watching it began; longer than {length}", at=since, length=self._rule.after
            )
            return Breach(0, why)
        said = N_("{status} not reported since {at}; longer than {length}")
        if not self._ever:
            said = N_("{status} not reported since {at}, when watching it began; longer than {length}")
        return Breach(0, Because(said, status=metric.value, at=since, length=self._rule.after))
