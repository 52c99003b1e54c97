"""Which pools are read, and when? The list is asked for again and again, and each pool read in its turn."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.core.because import Because, Explained, Why
from bot.core.stats import Pool
from bot.jobs.direct import Direct
from bot.jobs.followed import Followed
from bot.jobs.seeing import Seeing
from bot.metrics import Metrics
from bot.schedule.alone import Alone
from bot.schedule.jobs import KNOWN_POOLS, Jobs
from bot.schedule.work import Work
from bot.store.fencing import fenced

EXECUTOR = "read"
# One has the slices read, one what is new, and one comes while another just ends.
THREADS = 3
# In the product's time.
POOLS_EVERY = timedelta(minutes=5)
# The list of pools is asked for again this soon after it could not be had.
POOLS_AGAIN = timedelta(seconds=20)
# Who does not lead looks this often into the store for what the leader has found, and while there is nothing, so often.
FOLLOW_EVERY = timedelta(seconds=30)
FOLLOW_AGAIN = timedelta(seconds=2)
_NOT_LISTED = Because("the pools have not been listed yet")


class Reading:
    """Knows the pools, and has them read where no worker does it.

    Args:
        work: What there is to do.
        jobs: Who does it.
        clock: What time it is.
        metrics: Where it is counted.
        seeing: Reads a pool; `None` where workers do.
        every: How often each is read, in the product's time.
        workers: How many at once.
        told: Something was put into the outbox.
    """

    def __init__(
        self,
        work: Work,
        jobs: Jobs,
        clock: Clock,
        metrics: Metrics,
        seeing: Seeing | None,
        *,
        every: timedelta,
        workers: int,
        told: Callable[[], object],
    ) -> None:
        self._work = work
        self._jobs = jobs
        self._clock = clock
        self._every = clock.lasts(every)
        self._told = told
        self._followed = Followed()
        # Whoever changes which pools are read, or whether, does so alone.
        self.changing = threading.RLock()
        self._alone = Alone(jobs.may)
        self._direct = (
            None
            if seeing is None
            else Direct(
                partial(self._see, seeing),
                self._followed,
                clock,
                workers=workers,
                may=jobs.may,
                stop=jobs.stopped,
                skipped=metrics.polls.labels("skipped").inc,
            )
        )
        self.known_at: datetime | None = None
        self.problem: Why | None = _NOT_LISTED

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that are read."""
        return self._followed.pools

    def waiting(self, longer_than: timedelta) -> int:
        """How many pools have waited longer than that for a reading even to begin, where they are read here."""
        if self._direct is None:
            return 0
        return self._followed.waiting(self._clock.lasts(longer_than), at=self._clock.monotonic())

    def plan(self) -> None:
        """Have the pools looked for from now on."""
        if self._jobs.leads:
            self._jobs.repeat("pools", self._list, self._clock.lasts(POOLS_EVERY))
        else:
            # Under a name of its own: where it still runs when the lead is taken, the list of pools must not wait for
            # another turn.
            self._jobs.repeat(KNOWN_POOLS, self._look_for_known, FOLLOW_EVERY)

    def begin_anew(self) -> None:
        """Read them all soon: whatever was read and planned, was so by another process or another time of day."""
        with self.changing:
            self._followed.begin_anew(at=self._clock.monotonic())
            self._follow(self.pools, anew=True)

    def forget_list(self) -> None:
        """Who does not list the pools does not know what is wrong with their list."""
        self.known_at, self.problem = None, _NOT_LISTED

    def look_for_pools(self) -> None:
        """List the pools now: what is wanted may have changed."""
        self._jobs.soon("pools" if self._jobs.leads else KNOWN_POOLS)

    def change_interval(self, every: timedelta) -> None:
        """Read the pools at another interval from now on."""
        with self.changing:
            self._every = self._clock.lasts(every)
            self._followed.read_anew()
            self._follow(self.pools, anew=True)

    def close(self) -> None:
        """Wait for the readings that are under way."""
        if self._direct is not None:
            self._direct.close()

    def _list(self) -> None:
        try:
            pools = self._work.pools()
        except Exception as error:
            self.problem = error.why if isinstance(error, Explained) else str(error)
            self._jobs.soon("pools", self._clock.lasts(POOLS_AGAIN))
            if not self.pools:
                # A list that cannot be had is no reason to be blind.
                with self.changing:
                    self._follow(self._work.known_pools())
            raise
        with self.changing:
            self._follow(pools)
        self.known_at, self.problem = self._clock.now(), None
        if self._work.leave(pools):
            self._told()

    def _look_for_known(self) -> None:
        """The pools that the leader reads, for whoever asks about them here."""
        try:
            known = self._work.known_pools()
        except Exception:
            self._jobs.soon(KNOWN_POOLS, FOLLOW_AGAIN)
            raise
        with self.changing:
            if not self._jobs.leads:
                self._follow(known)
        if not known:
            self._jobs.soon(KNOWN_POOLS, FOLLOW_AGAIN)

    def _follow(self, pools: Sequence[Pool], *, anew: bool = False) -> None:
        """Read exactly these pools from now on, if we lead; `anew` those too that were read before."""
        gone = self._followed.follow(pools, self._every, at=self._clock.monotonic())
        if not self._jobs.leads or self._direct is None:
            return
        self._jobs.troubles.over(*(f"poll {pool_id}" for pool_id in gone))
        first = self._direct.follow(self._every, anew=anew)
        if first is not None:
            self._jobs.once("read", first, executor=EXECUTOR)
        read_due = partial(self._alone.do, self._direct.read_due)
        self._jobs.whenever("read", read_due, self._direct.next_at, executor=EXECUTOR)

    def _see(self, seeing: Seeing, pool: Pool) -> None:
        try:
            with fenced(self._jobs.may):
                seeing.see(pool, self._jobs.troubles)
        except Exception as error:  # noqa: BLE001 - nobody waits for what becomes of it: it is told here
            self._jobs.escaped(f"poll {pool.id}", error)
