"""Is a count far above what is usual for this pool?

A level (Queue) is judged as it is. A status in which jobs end (Failed) is judged by what was added in the last quarter
of an hour: positive steps only, so that a reset, a purge or finished jobs growing too old are never a spike. What is
usual is learnt as readings come: an average and a typical distance from it, both fading over a day, with spikes cut to
the edge of the usual before they are learnt. The state is a handful of numbers and the steps of a quarter of an hour.
"""

import math
from collections import deque
from datetime import datetime, timedelta

from bot.core.rules.model import Sensitivity, SpikeRule
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import ENDED, PoolStats

# How many typical distances above the average a reading must be. Three is the usual control limit; queues have
# longer tails than chance gives, hence more.
REACH = {Sensitivity.HIGH: 3.0, Sensitivity.NORMAL: 4.5, Sensitivity.LOW: 7.0}
# A spike that is still this share of the way up is not over.
STILL_HIGH = 0.5
# The smallest change worth a message, in jobs, where the rule does not say: two jobs more are noise in any pool.
AT_LEAST = 5
# Habits are those of a day; the first readings count for more, so that a new pool is known within the hour.
MEMORY = timedelta(days=1)
FIRST_MEMORY = timedelta(minutes=30)
# What was added is counted over this window.
WINDOW = timedelta(minutes=15)
# After a silence longer than this two readings are not compared as if nothing had happened between them.
GAP = timedelta(minutes=30)
# An answer without a single job after a busy one is taken for a failed poll this many times before it is believed.
EMPTY_BELIEVED_AFTER = 3
BUSY = 5


class SpikeWatch:
    """Judges the readings of one pool, oldest first, by what is usual for it."""

    def __init__(self, rule: SpikeRule, job_type: str | None) -> None:
        self._rule = rule
        self._job_type = job_type
        self._at_least = rule.at_least or AT_LEAST
        self._reach = REACH[rule.sensitivity]
        self._seen_at: datetime | None = None
        self._first_at: datetime | None = None
        self._busy = False
        self._empty = 0
        self._count: int | None = None
        self._steps: deque[tuple[datetime, int]] = deque()
        self._mean = 0.0
        self._distance = 0.0
        self._above_since: datetime | None = None

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        metric = self._rule.metric
        if self._doubtful(stats):
            return Unknown("an answer without a single job after a busy one is not believed at once")
        count = stats.count(metric, self._job_type)
        if count is None:
            return Unknown(f"{metric} was not reported")
        at = stats.taken_at
        value = self._added(count, at) if metric in ENDED else count
        self._count = count
        if value is None:
            self._seen_at = at
            return Unknown(f"the first reading of {metric} is the baseline")
        verdict = self._judge(value, at)
        self._learn(value, at)
        return verdict

    def _doubtful(self, stats: PoolStats) -> bool:
        """Whether the reading is empty straight after a busy one."""
        if stats.jobs:
            self._busy, self._empty = stats.jobs >= BUSY, 0
            return False
        self._empty += 1
        return self._busy and self._empty < EMPTY_BELIEVED_AFTER

    def _added(self, count: int, at: datetime) -> int | None:
        """The jobs that were added within the window; `None` where there is nothing to compare with."""
        last, seen_at = self._count, self._seen_at
        if last is None or seen_at is None or at - seen_at > GAP:
            self._steps.clear()
            return None
        if count > last:
            self._steps.append((at, count - last))
        while self._steps and at - self._steps[0][0] >= WINDOW:
            self._steps.popleft()
        return sum(step for _, step in self._steps)

    @property
    def _spread(self) -> float:
        """The typical distance from the average, never below that of jobs that come at random."""
        return max(1.25 * self._distance, math.sqrt(max(self._mean, 0.0)), 1.0)

    def _judge(self, value: int, at: datetime) -> Verdict:
        if self._first_at is None:
            return Clear(value, f"{self._seen(value)}; the first reading is the baseline")
        rise = max(self._reach * self._spread, self._at_least)
        if self._above_since is not None:
            rise *= STILL_HIGH
        # A level that falls back with the pool's own habit must not be told because the habit fell faster.
        if value - self._mean >= rise:
            self._above_since = self._above_since or at
            return Breach(value, f"{self._seen(value)}; usual here {self._usual()}")
        self._above_since = None
        return Clear(value, f"{self._seen(value)}; usual here {self._usual()}")

    def _seen(self, value: int) -> str:
        metric = self._rule.metric
        if metric in ENDED:
            return f"{value} more {metric} within {WINDOW // timedelta(minutes=1)} minutes"
        return f"{metric} {value}"

    def _usual(self) -> str:
        low = max(0, math.floor(self._mean - self._spread))
        high = math.ceil(self._mean + self._spread)
        return f"{low}–{high}" if high > low else f"{high}"

    def _learn(self, value: int, at: datetime) -> None:
        """Let the reading move what is usual."""
        if self._first_at is None or self._seen_at is None:
            self._first_at, self._mean, self._distance = at, float(value), 0.0
        else:
            passed = min(at - self._seen_at, GAP)
            memory = min(MEMORY, max(FIRST_MEMORY, at - self._first_at))
            share = -math.expm1(-passed / memory)
            edge = self._reach * self._spread
            off = min(max(value - self._mean, -edge), edge)
            self._mean += share * off
            self._distance += share * (abs(off) - self._distance)
        self._seen_at = at
