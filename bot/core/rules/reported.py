"""How many jobs are in a status, where an answer leaves out what the one before it had?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.because import Because
from bot.core.stats import ENDED, JobStatus, PoolStats, TypeCounts

# What is left out for longer than this is believed to be gone.
KEPT = timedelta(minutes=30)


def not_reported(metric: JobStatus) -> Because:
    """Why nothing can be said, where the answer leaves out `metric`."""
    return Because("{status} was not reported", status=metric.value)


class Reported:
    """Counts the jobs in one status, of one type or of all together, reading by reading, oldest first.

    What was not reported is not zero: a type that is there and leaves the status out counts for what it reported last.
    Where jobs end, so does a type that is not there: ended jobs that come back have not ended again. The state is a
    count and a moment for each job type, and the last answer, which the next one nearly always repeats.
    """

    __slots__ = ("_at", "_ended", "_job_type", "_left", "_metric", "_now", "_said", "_total")

    def __init__(self, metric: JobStatus, job_type: str | None) -> None:
        self._metric = metric
        self._job_type = job_type
        self._ended = metric in ENDED
        # What the last answer that said anything reported, together too, and when.
        self._now: dict[str, int] = {}
        self._total = 0
        self._at: datetime | None = None
        # What it left out, if anything: the count and when it was reported.
        self._left: dict[str, tuple[int, datetime]] | None = None
        # The last answer that was given to `count`, if it said anything.
        self._said: Mapping[str, TypeCounts] | None = None

    def count(self, stats: PoolStats) -> int | None:
        """The jobs in the status; `None` where the answer says of none of the types how many."""
        types = stats.types
        if types is self._said or types == self._said:
            return self.again(stats.taken_at)
        count = self.anew(stats)
        self._said = None if count is None else types
        return count

    def anew(self, stats: PoolStats, *, empty: bool = False) -> int | None:
        """The same for who knows that the answer is another than the one before it.

        Args:
            stats: The next reading.
            empty: Whether it is known to be without a single job, so that what it says of those that ended is not news.
        """
        metric, types = self._metric, stats.types
        if empty and self._ended:
            self._take({}, stats.taken_at)
            return self.again(stats.taken_at)
        if self._job_type is not None:
            types = {self._job_type: types[self._job_type]} if self._job_type in types else {}
        now = {name: n for name, counts in types.items() if (n := counts.status.get(metric)) is not None}
        if types and not now:
            return None
        self._take(now, stats.taken_at)
        if self._left and not self._ended:
            self._left = {name: left for name, left in self._left.items() if name in types}
        return self.again(stats.taken_at)

    def again(self, at: datetime) -> int:
        """The jobs in the status where an answer says at `at` what the one before said, which was counted."""
        self._at = at
        return self._total + self._left_out(self._left, at) if self._left else self._total

    def _take(self, now: dict[str, int], at: datetime) -> None:
        before, since, left = self._now, self._at, self._left
        if left or (since is not None and now.keys() != before.keys()):
            gone = {name: (number, since) for name, number in before.items() if since is not None}
            self._left = {name: each for name, each in {**(left or {}), **gone}.items() if name not in now}
        self._now, self._total, self._at = now, sum(now.values()), at

    def _left_out(self, left: Mapping[str, tuple[int, datetime]], at: datetime) -> int:
        """The jobs that are counted although the answer does not report them."""
        self._left = {name: each for name, each in left.items() if at - each[1] <= KEPT}
        return sum(number for number, _ in self._left.values())
