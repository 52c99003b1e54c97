"""Is an answer without a single job to be believed?"""

from bot.core.because import Because
from bot.core.stats import PoolStats

# An answer without a single job after a busy one is taken for a failed poll this many times before it is believed:
# one or two such answers are a known fault of statistics APIs, a real end of so many jobs can wait two minutes.
EMPTY_BELIEVED_AFTER = 3
BUSY = 5
DOUBTED = Because("an answer without a single job after a busy one is not believed at once")


class EmptyAnswers:
    """Looks at the readings of one pool, oldest first."""

    __slots__ = ("_busy", "_empty")

    def __init__(self) -> None:
        self._busy = False
        self._empty = 0

    @property
    def empty(self) -> bool:
        """Whether the last reading was without a single job."""
        return self._empty > 0

    def doubtful(self, stats: PoolStats) -> bool:
        """Whether the next reading is empty straight after a busy one."""
        jobs = 0
        for counts in stats.types.values():
            jobs += counts.jobs
            if jobs >= BUSY:
                # How many more there are makes no difference.
                break
        if jobs:
            self._busy, self._empty = jobs >= BUSY, 0
            return False
        self._empty += 1
        return self._busy and self._empty < EMPTY_BELIEVED_AFTER
