"""Is a count many times another, such as ten jobs queued for each that runs?"""

from fractions import Fraction

from bot.core.because import Because
from bot.core.language import N_
from bot.core.rules.model import RatioRule
from bot.core.rules.reported import Reported, not_reported
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import PoolStats


class RatioWatch:
    """Judges the readings of one pool, oldest first, by two counts of the same reading.

    Nothing is divided, so that nothing running is as good a count as any. Between `clear_below` and `above` the last
    verdict stands (hysteresis): that is all the state.
    """

    __slots__ = ("_above", "_at_least", "_below", "_breached", "_count", "_judged", "_limit", "_other", "_rule",
                 "_way_back")  # fmt: skip

    def __init__(self, rule: RatioRule, job_type: str | None) -> None:
        self._rule = rule
        self._count = Reported(rule.metric, job_type)
        self._other = Reported(rule.to, job_type)
        self._at_least = rule.at_least
        # Whole numbers, because 100 times 0.29 is less than 29.
        self._above = _exactly(rule.above)
        self._below = _exactly(rule.above if rule.clear_below is None else rule.clear_below)
        self._limit = f"{rule.above:g}"
        self._way_back = f"{rule.above if rule.clear_below is None else rule.clear_below:g}"
        self._breached = False
        # The last counts and the verdict on them: the same counts are judged alike until others were seen.
        self._judged: tuple[int, int, Verdict] | None = None

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        rule = self._rule
        count = self._count.count(stats)
        other = self._other.count(stats)
        if count is None or other is None:
            return Unknown(not_reported(rule.metric if count is None else rule.to))
        judged = self._judged
        if judged is None or judged[0] != count or judged[1] != other:
            judged = self._judged = count, other, self._judge(count, other)
        return judged[2]

    def _judge(self, count: int, other: int) -> Verdict:
        rule = self._rule
        above, below = self._above, self._below
        over = count >= self._at_least and count * above.denominator > other * above.numerator
        if over:
            self._breached = True
        elif count < self._at_least or count * below.denominator < other * below.numerator:
            self._breached = False
        seen = self._seen(count, other)
        if self._breached and over:
            return Breach(count, Because("{seen}; above {limit}", seen=seen, limit=self._limit))
        if self._breached:
            return Breach(count, Because("{seen}; not yet below {limit}", seen=seen, limit=self._way_back))
        if count < self._at_least:
            said = N_("{seen}; less than {number} {status} is too few to tell")
            return Clear(count, Because(said, seen=seen, number=self._at_least, status=rule.metric.value))
        return Clear(count, Because("{seen}; not above {limit}", seen=seen, limit=self._limit))

    def _seen(self, count: int, other: int) -> Because:
        metric, to = self._rule.metric.value, self._rule.to.value
        if not other:
            return Because("{status} {count} beside {to} {other}", status=metric, count=count, to=to, other=other)
        return Because(
            "{status} {count}, {times:.1f} times {to} {other}",
            status=metric,
            count=count,
            times=count / other,
            to=to,
            other=other,
        )


def _exactly(number: float) -> Fraction:
    """The number as it was written."""
    return Fraction(str(number))
