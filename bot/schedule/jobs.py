"""How is a job run? By APScheduler: not once we stop, nor for a lead that is lost; and what goes wrong is told once."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.jobs.seeing import REFUSED, lasting
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.store.engine import StoreError
from bot.store.fencing import NotLeading, fenced

log = logging.getLogger(__package__)

# What is done by who does not lead.
KNOWN_POOLS, FOLLOW = "known pools", "follow"
_OF_FOLLOWERS = (KNOWN_POOLS, FOLLOW)
# A reading that was stored shows that the database works again, for the jobs too that come less often.
_SELDOM = ("poll", "pools", "due", "repeats", "evidence", "prune", "clock")
# Sooner than that no job comes again.
_AT_LEAST = timedelta(seconds=0.05)
# Who asks by then what the time is hears that it has come, whatever is lost by rounding.
_SURELY = timedelta(microseconds=100)


class Jobs:
    """Runs jobs, those of the leader while we lead, those of a follower else.

    Args:
        clock: What time it is.
        metrics: Where failures are counted.
        threads: How many jobs run at once, by the executor; those of no other are run by `default`.
    """

    def __init__(self, clock: Clock, metrics: Metrics, threads: Mapping[str, int]) -> None:
        self._clock = clock
        self._metrics = metrics
        self._running = 0
        self._stopping = False
        self._idle = threading.Condition()
        self._holds: Callable[[], bool] = lambda: True
        # Set when what fails from now on is broken off because we stop.
        self.stopped = threading.Event()
        self.troubles = Troubles(log)
        self.leads = True
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(number) for name, number in threads.items()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 30},
        )

    @property
    def problems(self) -> dict[str, str]:
        """What goes wrong now, by what it is about: `database`, or a job. Pools and their list are told elsewhere."""
        standing = self.troubles.standing.items()
        return {about: why for about, why in standing if about != "pools" and not about.startswith(("pool ", "pools "))}

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def lead(self, holds: Callable[[], bool]) -> None:
        """Run none of those that were planned so far, and the next ones only while it `holds` that we lead."""
        self.leads, self._holds = True, holds
        # What comes no more cannot say that its trouble is over.
        self.troubles.over(*_OF_FOLLOWERS)
        self._scheduler.remove_all_jobs()

    def follow(self) -> None:
        """Run none of those that were planned so far; those that are running keep nothing of what they do."""
        self.leads = False
        self._scheduler.remove_all_jobs()
        self.troubles = Troubles(log)

    def may(self) -> bool:
        """Whether what is for the leader to do may be done here."""
        return self.leads and self._holds()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing new is begun any more."""
        return self._stopping

    def cease(self) -> bool:
        """Begin nothing new; whether there is anything to stop."""
        if not self._scheduler.running:
            return False
        self.stopped.set()
        with self._idle:
            self._stopping = True
        return True

    def stop(self) -> None:
        """Wait for what is running. Nothing new is begun by then."""
        with self._idle:
            # The scheduler waits for its jobs with its lock held, so a job that adds another one would wait for ever.
            self._idle.wait_for(lambda: self._running == 0)
        # Else a shutdown in the middle of its round makes the scheduler look for a job where it keeps none any more.
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)

    def repeat(
        self,
        name: str,
        run: Callable[[], object],
        every: timedelta,
        *,
        executor: str = "default",
        first: bool = True,
        at_once: int = 1,
    ) -> None:
        """Run it so often, the first time now or after that time."""
        now = self._clock.wall()
        self._scheduler.add_job(
            self._guarded(name, run),
            IntervalTrigger(seconds=max(every, _AT_LEAST).total_seconds(), timezone=UTC),
            id=name,
            executor=executor,
            next_run_time=now if first else now + every,
            replace_existing=True,
            max_instances=at_once,
        )

    def whenever(
        self, name: str, run: Callable[[], object], next_at: Callable[[datetime], datetime | None], *, executor: str
    ) -> None:
        """Run it now, and then each time that `next_at` names, given the time, until it names none."""
        self._scheduler.add_job(
            self._guarded(name, run),
            _Whenever(next_at),
            id=name,
            executor=executor,
            next_run_time=self._clock.wall(),
            replace_existing=True,
            max_instances=2,
            misfire_grace_time=None,
        )

    def once(self, name: str, run: Callable[[], object], *, executor: str) -> None:
        """Run it now."""
        self._scheduler.add_job(
            self._guarded(name, run), next_run_time=self._clock.wall(), executor=executor, misfire_grace_time=None
        )

    def soon(self, name: str, after: timedelta = timedelta()) -> None:
        """Let the job come after so long, not at its next turn. Only while no stop can wait for us: see `stop`."""
        if not self._begins():
            return
        try:
            if self._scheduler.running:
                self._scheduler.modify_job(name, next_run_time=self._clock.wall() + after)
        except JobLookupError:
            log.debug("%s is not done here any more", name)
        finally:
            self._ends()

    def escaped(self, name: str, error: Exception) -> None:
        """Count and tell what ended a job before its time."""
        is_left = (name in _OF_FOLLOWERS) == self.leads
        if self.stopped.is_set() or is_left or isinstance(error, NotLeading):
            log.info("%s was broken off: %s", name, error)
            return
        self._metrics.job_failures.labels(name.partition(" ")[0]).inc()
        about = "database" if isinstance(error, StoreError) else name
        is_ours = type(error).__module__.startswith("bot.")
        why = str(error) if is_ours else f"{name} failed: {error!r}"
        if type(error).__name__ == REFUSED:
            about, why = "credentials", lasting(why)
        # Of refused credentials the log hears where they are found to be refused.
        quiet = about == "credentials"
        self.troubles.begin(about, type(error).__name__, why, by=name, error=None if is_ours else error, quiet=quiet)

    def works_again(self) -> None:
        """Something was stored: the database can be used."""
        self.troubles.over(*_SELDOM, about="database")

    def _guarded(self, name: str, run: Callable[[], object]) -> Callable[[], None]:
        """Run the job unless we are stopping; what escapes it is told, counted, and comes again."""
        may = self.may if self.leads else _anyone_may

        def job() -> None:
            if not may() or not self._begins():
                return
            try:
                with fenced(may):
                    run()
            except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
                self.escaped(name, error)
            else:
                self.troubles.over(name)
            finally:
                self._ends()

        return job

    def _begins(self) -> bool:
        with self._idle:
            self._running += not self._stopping
            return not self._stopping

    def _ends(self) -> None:
        with self._idle:
            self._running -= 1
            self._idle.notify_all()


class _Whenever(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    def __init__(self, next_at: Callable[[datetime], datetime | None]) -> None:
        self._next_at = next_at

    def get_next_fire_time(self, _: datetime | None, now: datetime) -> datetime | None:
        """When the job comes next."""
        at = self._next_at(now)
        return None if at is None else at + _SURELY


def _anyone_may() -> bool:
    return True
