"""Which pools are read in this process, and whose turn is it? Its own, unless another has waited for too long."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from bot.core.stats import Pool

log = logging.getLogger(__name__)

# A pool that has waited for so many intervals is overdue: it gets whatever turn comes next.
_OVERDUE = 1.25
# That pools are overdue is told, and that none is any more, once it has lasted for so many intervals and seconds.
_LASTING = 3
_LASTING_SECONDS = 5.0


class Followed:
    """Knows when the newest reading of each pool began, and lets none be read twice at once.

    Where there is not time for all, all are read equally often.

    Moments are monotonic seconds. A pool waits since its newest reading began, or since it is known.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._every = 0.0
        self._pools: dict[str, Pool] = {}
        # Who has waited longest stands first: to look at all of them at every reading would cost more than the reading.
        self._since: dict[str, float] = {}
        self._unread: set[str] = set()
        self._busy: set[str] = set()
        self._is_behind = False
        self._as_told_at: float | None = None

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that are followed."""
        with self._lock:
            return tuple(self._pools.values())

    def follow(self, pools: Sequence[Pool], every: timedelta, *, at: float) -> list[str]:
        """Follow exactly these pools; the ids of those that are gone."""
        with self._lock:
            before, self._pools = self._pools, {pool.id: pool for pool in pools}
            self._every = every.total_seconds()
            self._unread = {pool_id for pool_id in self._pools if pool_id in self._unread or pool_id not in before}
            since = {pool_id: self._since.get(pool_id, at) for pool_id in self._pools}
            self._since = dict(sorted(since.items(), key=lambda each: each[1]))
        return [pool_id for pool_id in before if pool_id not in self._pools]

    def begin_anew(self, *, at: float) -> None:
        """Nobody has waited for us until now, and nothing was read that we know of."""
        with self._lock:
            self._unread = set(self._pools)
            self._since = dict.fromkeys(self._pools, at)

    def read_anew(self) -> None:
        """Nothing was read that counts; who waits goes on waiting."""
        with self._lock:
            self._unread = set(self._pools)

    def is_read(self, pool_id: str, *, since: float) -> bool:
        """Whether a reading has begun since then; a pool that is gone needs none."""
        with self._lock:
            if pool_id not in self._pools:
                return True
            return pool_id not in self._unread and self._since[pool_id] >= since

    def take(self, pool_id: str, *, at: float) -> Pool | None:
        """The pool to read when it is the turn of `pool_id`, if any; it is busy until it is `done`."""
        with self._lock:
            overdue = self._overdue(at)
            self._tell(overdue, at)
            is_own = pool_id not in self._busy and (overdue is None or pool_id in self._unread)
            chosen = pool_id if is_own else overdue
            pool = None if chosen is None else self._pools.get(chosen)
            if pool is not None:
                self._busy.add(pool.id)
                self._unread.discard(pool.id)
                self._since.pop(pool.id, None)
                self._since[pool.id] = at
            return pool

    def done(self, pool: Pool) -> None:
        """The reading of `pool` is over."""
        with self._lock:
            self._busy.discard(pool.id)

    def waiting(self, longer_than: timedelta, *, at: float) -> int:
        """How many pools have waited longer than that for a reading even to begin."""
        with self._lock:
            before = at - longer_than.total_seconds()
            return sum(since < before and pool_id not in self._busy for pool_id, since in self._since.items())

    def _overdue(self, at: float) -> str | None:
        """The pool that has waited longest, if that is too long."""
        oldest = next((pool_id for pool_id in self._since if pool_id not in self._busy), None)
        return oldest if oldest is not None and at - self._since[oldest] > _OVERDUE * self._every else None

    def _tell(self, overdue: str | None, at: float) -> None:
        """Tell when pools begin to wait for too long, and when that is over: once it lasts, so not of every delay."""
        if self._as_told_at is None or (overdue is not None) == self._is_behind:
            self._as_told_at = at
        if at - self._as_told_at < max(_LASTING * self._every, _LASTING_SECONDS):
            return
        self._is_behind, self._as_told_at = overdue is not None, at
        if overdue is None:
            log.info("every pool is read once in the interval again")
            return
        log.warning(
            "the %d pools cannot all be read once in the interval, some wait for %.1f of it:"
            " raise poll.every, or modelarts.max_rate and poll.workers",
            len(self._pools),
            (at - self._since[overdue]) / self._every,
        )
