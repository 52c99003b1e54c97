"""Is a count many times another, such as ten jobs queued for each that runs?"""

from fractions import Fraction

from bot.core.rules.model import RatioRule
from bot.core.rules.reported import Reported
from bot.core.rules.verdict import Breach, Clear, Unknown, Verdict
from bot.core.stats import PoolStats


class RatioWatch:
    """Judges the readings of one pool, oldest first, by two counts of the same reading.

    Nothing is divided, so that nothing running is as good a count as any. Between `clear_below` and `above` the last
    verdict stands (hysteresis): that is all the state.
    """

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

    def see(self, stats: PoolStats) -> Verdict:
        """Judge the next reading."""
        rule = self._rule
        count = self._count.count(stats)
        other = self._other.count(stats)
        if count is None or other is None:
            return Unknown(f"{rule.metric if count is None else rule.to} was not reported")
        above, below = self._above, self._below
        over = count >= self._at_least and count * above.denominator > other * above.numerator
        if over:
            self._breached = True
        elif count < self._at_least or count * below.denominator < other * below.numerator:
            self._breached = False
        seen = f"{rule.metric} {count}{_times(count, other)} {rule.to} {other}"
        if self._breached:
            limit = f"above {self._limit}" if over else f"not yet below {self._way_back}"
            return Breach(count, f"{seen}; {limit}")
        if count < self._at_least:
            return Clear(count, f"{seen}; less than {self._at_least} {rule.metric} is too few to tell")
        return Clear(count, f"{seen}; not above {self._limit}")


def _exactly(number: float) -> Fraction:
    """The number as it was written."""
    return Fraction(str(number))


def _times(count: int, other: int) -> str:
    return f", {count / other:.1f} times" if other else " beside"
