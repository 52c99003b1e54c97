"""How many jobs are in a status, where an answer leaves out what the one before it had?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.because import Because
from bot.core.stats import ENDED, JobStatus, PoolStats

# What is left out for longer than this is believed to be gone.
KEPT = timedelta(minutes=30)


def not_reported(metric: JobStatus) -> Because:
    """Why nothing can be said, where the answer leaves out `metric`."""
    return Because("{status} was not reported", status=metric.value)


class Reported:
    """Counts the jobs in one status, of one type or of all together, reading by reading, oldest first.

    What was not reported is not zero: a type that is there and leaves the status out counts for what it reported last.
    Where jobs end, so does a type that is not there: ended jobs that come back have not ended again. The state is a
    count and a moment for each job type.
    """

    __slots__ = ("_ended", "_job_type", "_known", "_metric")

    def __init__(self, metric: JobStatus, job_type: str | None) -> None:
        self._metric = metric
        self._job_type = job_type
        self._ended = metric in ENDED
        self._known: dict[str, tuple[int, datetime]] = {}

    def count(self, stats: PoolStats, *, empty: bool = False) -> int | None:
        """The jobs in the status; `None` where the answer says of none of the types how many.

        Args:
            stats: The next reading.
            empty: Whether it is known to be without a single job, so that what it says of those that ended is not news.
        """
        known, metric, at = self._known, self._metric, stats.taken_at
        if empty and self._ended:
            return self._left_out(at, {})
        types = stats.types
        if self._job_type is not None:
            types = {self._job_type: types[self._job_type]} if self._job_type in types else {}
        now: dict[str, int] = {}
        for name, counts in types.items():
            number = counts.status.get(metric)
            if number is not None:
                now[name] = number
                known[name] = (number, at)
        if types and not now:
            return None
        if not self._ended:
            for name in [each for each in known if each not in types]:
                del known[name]
        total = sum(now.values())
        return total if len(known) == len(now) else total + self._left_out(at, now)

    def _left_out(self, at: datetime, now: Mapping[str, int]) -> int:
        """The jobs that are counted although this answer does not report them."""
        known = self._known
        for name in [each for each, (_, seen) in known.items() if at - seen > KEPT]:
            del known[name]
        return sum(number for name, (number, _) in known.items() if name not in now)
