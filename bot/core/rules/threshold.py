"""Is a count above a fixed limit?"""

from bot.core.because import Because
from bot.core.language import N_
from bot.core.pace import Pace
from bot.core.rules.model import ThresholdRule
from bot.core.rules.reported import Reported, not_reported
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import ENDED, PoolStats

# What is said of a value that is not above the limit, above it, or on its way back.
_LEVEL = (
    N_("{status} {value}, not above {limit}"),
    N_("{status} {value}, above {limit}"),
    N_("{status} {value}, not yet below {limit}"),
)
_ADDED = (
    N_("{value} more {status} since the last reading, not above {limit}"),
    N_("{value} more {status} since the last reading, above {limit}"),
    N_("{value} more {status} since the last reading, not yet below {limit}"),
)


class ThresholdWatch:
    """Judges the readings of one pool, oldest first, by a fixed limit.

    Between `clear_below` and `above` the last verdict stands (hysteresis). A status in which jobs end is judged by what
    was added since the last reading: the first reading, also after a gap, is a baseline, and a fall is a reset.
    """

    __slots__ = ("_above", "_below", "_breached", "_judged", "_last", "_metric", "_pace", "_reported")

    def __init__(self, rule: ThresholdRule, job_type: str | None) -> None:
        self._metric = rule.metric
        self._above = rule.above
        # There is nothing below zero, and an alert that cannot end is of no use.
        self._below = max(rule.above if rule.clear_below is None else rule.clear_below, 1)
        self._breached = False
        # The last verdict on a value: the same value is judged alike until another one was seen.
        self._judged: Breach | Clear | None = None
        self._last: int | None = None
        # A level is judged by itself, whenever somebody looked before.
        self._pace = Pace() if rule.metric in ENDED else None
        self._reported = Reported(rule.metric, job_type)

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        count = self._reported.count(stats)
        if count is None:
            return Unknown(not_reported(self._metric))
        if self._pace is None:
            return self._judge(count, _LEVEL)
        metric = self._metric
        last, self._last = self._last, count
        if self._pace.gap(stats.taken_at):
            return Unknown(
                Because("nobody looked for long, so that this reading of {status} is the baseline", status=metric.value)
            )
        if last is None:
            return Unknown(Because("the first reading of {status} is the baseline", status=metric.value))
        added = count - last
        if added < 0:
            return Unknown(
                Because(
                    "{status} fell from {before} to {count}: a reset, which says nothing of what was added",
                    status=metric.value,
                    before=last,
                    count=count,
                )
            )
        return self._judge(added, _ADDED)

    def _judge(self, value: int, sentences: tuple[str, str, str]) -> Verdict:
        judged = self._judged
        if judged is None or judged.value != value:
            judged = self._judged = self._judged_anew(value, sentences)
        return judged

    def _judged_anew(self, value: int, sentences: tuple[str, str, str]) -> Breach | Clear:
        above, below, metric = self._above, self._below, self._metric.value
        if value > above:
            self._breached = True
        elif value < below:
            self._breached = False
        calm, high, still = sentences
        if self._breached and value > above:
            return Breach(value, Because(high, status=metric, value=value, limit=above))
        if self._breached:
            return Breach(value, Because(still, status=metric, value=value, limit=below))
        return Clear(value, Because(calm, status=metric, value=value, limit=above))
