"""Has nothing been heard of a pool, or of one of its counts, for too long?

This is the one question that no reading answers: it turns bad while nothing is read. So a watch says from which moment
on the silence is too long, and whoever knows what time it is compares.
"""

from datetime import datetime

from bot.core.durations import spoken
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
            said = "the pool is read again"
        elif stats.count(metric, self._job_type) is not None:
            said = f"{metric} is reported again"
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
        what = "No reading" if metric is None else f"{metric} not reported"
        since = "" if at is None else f" since {at:%Y-%m-%d %H:%M} UTC"
        began = "" if self._ever else ", when watching it began"
        return Breach(0, f"{what}{since}{began}; longer than {spoken(self._rule.after)}")
