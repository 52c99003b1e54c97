"""Is a count above a fixed limit?"""

from bot.core.pace import Pace
from bot.core.rules.model import ThresholdRule
from bot.core.rules.reported import Reported
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import ENDED, PoolStats


class ThresholdWatch:
    """Judges the readings of one pool, oldest first, by a fixed limit.

    Between `clear_below` and `above` the last verdict stands (hysteresis). A status in which jobs end is judged by what
    was added since the last reading: the first reading, also after a gap, is a baseline, and a fall is a reset.
    """

    def __init__(self, rule: ThresholdRule, job_type: str | None) -> None:
        self._rule = rule
        self._above = rule.above
        # There is nothing below zero, and an alert that cannot end is of no use.
        self._below = max(rule.above if rule.clear_below is None else rule.clear_below, 1)
        self._not_above = f", not above {rule.above}"
        self._breached = False
        self._last: int | None = None
        self._pace = Pace()
        self._reported = Reported(rule.metric, job_type)

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        metric = self._rule.metric
        count = self._reported.count(stats)
        if count is None:
            return Unknown(f"{metric} was not reported")
        if metric not in ENDED:
            return self._judge(count, f"{metric} {count}")
        last, self._last = self._last, count
        if self._pace.gap(stats.taken_at):
            return Unknown(f"nobody looked for long, so that this reading of {metric} is the baseline")
        if last is None:
            return Unknown(f"the first reading of {metric} is the baseline")
        added = count - last
        if added < 0:
            return Unknown(f"{metric} fell from {last} to {count}: a reset, which says nothing of what was added")
        return self._judge(added, f"{added} more {metric} since the last reading")

    def _judge(self, value: int, seen: str) -> Verdict:
        above, below = self._above, self._below
        if value > above:
            self._breached = True
        elif value < below:
            self._breached = False
        if self._breached:
            limit = f"above {above}" if value > above else f"not yet below {below}"
            return Breach(value, f"{seen}, {limit}")
        return Clear(value, seen + self._not_above)
