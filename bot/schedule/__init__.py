"""Which job runs when? The scheduler is APScheduler's; what to remember is in our tables, never in a job store."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import A_LEAP, Clock, Leaps, wait
from bot.core.because import Why
from bot.core.durations import spoken
from bot.core.stats import Pool
from bot.jobs.seeing import Seeing
from bot.metrics import Metrics
from bot.schedule import delivering, reading
from bot.schedule.delivering import Delivering
from bot.schedule.jobs import FOLLOW, Jobs, log
from bot.schedule.reading import Reading
from bot.schedule.work import Work
from bot.store.fencing import fenced

__all__ = ["Schedule", "Work"]

# In the product's time.
DUE_EVERY = timedelta(seconds=5)
PRUNE_EVERY = timedelta(hours=1)
# In real time.
REPEATS_EVERY = timedelta(seconds=20)
EVIDENCE_EVERY = timedelta(seconds=5)
# The clock is looked at this often.
LOOK_AT_CLOCK_EVERY = timedelta(seconds=5)


class Schedule:
    """Runs the jobs: each pool once in the interval, spread over it, on few threads, and never twice at once.

    A reading that would come too late is skipped and counted, not queued up. Where there is not time for all pools,
    each is read less often and none is left out. What goes wrong again and again is told once.

    Of several processes that share a store only the one that leads runs the jobs; what any other puts into the outbox,
    the leader is told of.
    """

    def __init__(self, work: Work, clock: Clock, metrics: Metrics, *, every: timedelta, workers: int) -> None:
        self._work = work
        self._clock = clock
        self._metrics = metrics
        self._jobs = Jobs(
            clock,
            metrics,
            {
                reading.EXECUTOR: reading.THREADS,
                delivering.EXECUTOR: max(1, len(work.platforms)),
                # It waits for answers, and nothing waits for it.
                "evidence": 1,
                "default": 3,
            },
        )
        self._delivering = Delivering(work, self._jobs, metrics)
        seeing = work.poll and Seeing(work.poll, metrics, self.works_again, self._told, self._jobs.escaped)
        self._reading = Reading(
            work, self._jobs, clock, metrics, seeing, every=every, workers=workers, told=self.wake_delivery
        )
        self._watching = threading.Thread(target=self._watch_clock, name="clock", daemon=True)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that are read."""
        return self._reading.pools

    @property
    def pools_known_at(self) -> datetime | None:
        """When they were listed last."""
        return self._reading.known_at

    @property
    def pools_problem(self) -> Why | None:
        """Why they cannot be listed."""
        return self._reading.problem

    @property
    def problems(self) -> dict[str, str]:
        """What goes wrong now, by what it is about: `database`, or a job. Pools and their list are told elsewhere."""
        return self._jobs.problems

    @property
    def leads(self) -> bool:
        """Whether the jobs are run here."""
        return self._jobs.leads

    def waiting(self, longer_than: timedelta) -> int:
        """How many pools have waited longer than that for a reading even to begin, where they are read here."""
        return self._reading.waiting(longer_than)

    def start(self, *, leads: bool = True) -> None:
        """Begin: list the pools, read each of them soon, then keep to the interval; or only follow until `lead`."""
        self._jobs.leads = leads
        self._plan()
        self._jobs.start()
        self._watching.start()

    def lead(self, holds: Callable[[], bool]) -> None:
        """Run the jobs from now on, each only while it `holds` that we lead."""
        with self._reading.changing:
            self._jobs.lead(holds)
            self._plan()
            self._reading.begin_anew()

    def follow(self) -> None:
        """Run none of the jobs from now on; those that are running keep nothing of what they do."""
        with self._reading.changing:
            self._jobs.follow()
            self._delivering.interrupt()
            self._reading.forget_list()
            self._plan()

    def leave(self) -> None:
        """Take what fails from now on for broken off, and read nothing more: `stop` is about to be called."""
        self._jobs.stopped.set()

    def stop(self) -> None:
        """Start nothing new and wait for what is running."""
        if not self._jobs.cease():
            return
        self._watching.join()
        self._delivering.interrupt()
        self._jobs.stop()
        self._reading.close()

    def wake_delivery(self) -> None:
        """Something was put into the outbox: send it now, or have it sent."""
        self._delivering.wake()

    def look_for_pools(self) -> None:
        """List the pools now: what is wanted may have changed."""
        self._reading.look_for_pools()

    def change_interval(self, every: timedelta) -> None:
        """Read the pools at another interval from now on."""
        self._reading.change_interval(every)

    def works_again(self) -> None:
        """Something was stored: the database can be used."""
        self._jobs.works_again()

    def _plan(self) -> None:
        jobs, clock = self._jobs, self._clock
        self._reading.plan()
        if not jobs.leads:
            jobs.repeat(FOLLOW, self._work.follow, clock.lasts(DUE_EVERY))
            return
        self._delivering.plan()
        jobs.repeat("due", self._due, clock.lasts(DUE_EVERY))
        jobs.repeat("repeats", self._repeats, REPEATS_EVERY)
        jobs.repeat("evidence", self._evidence, EVIDENCE_EVERY, executor="evidence")
        jobs.repeat("prune", self._work.prune, clock.lasts(PRUNE_EVERY), first=False)

    def _watch_clock(self) -> None:
        """The scheduler goes by the time of day: set back by an hour it would do nothing for an hour."""
        leaps = Leaps(self._clock)
        while not wait(LOOK_AT_CLOCK_EVERY.total_seconds(), self._jobs.stopped):
            leap = leaps.newest()
            try:
                if abs(leap) >= A_LEAP:
                    self._leapt(leap)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next leap must be seen
                self._jobs.escaped("clock", error)
            else:
                self._jobs.troubles.over("clock")

    def _leapt(self, leap: timedelta) -> None:
        """Begin anew, as after a start: what was planned was planned by another time of day."""
        way = "ahead: it was set, or the machine slept" if leap > timedelta() else "back"
        log.warning("the clock has leapt %s %s; everything is read and looked at anew", spoken(abs(leap)), way)
        with self._reading.changing:
            self._plan()
            self._reading.begin_anew()
        if self._jobs.leads:
            with fenced(self._jobs.may):
                self._work.leapt(leap)

    def _told(self) -> None:
        self._delivering.wake()
        self._jobs.soon("evidence")

    def _repeats(self) -> None:
        for platform in self._work.repeats():
            self._metrics.deliveries.labels(platform, "repeated").inc()

    def _evidence(self) -> None:
        if self._work.evidence():
            self._delivering.wake()

    def _due(self) -> None:
        if self._work.due():
            self._delivering.wake()
