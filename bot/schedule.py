"""Which job runs when? The scheduler is APScheduler's; what to remember is in our tables, never in a job store."""

import logging
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.deliver import Delivered
from bot.jobs.poll import Polled
from bot.metrics import Metrics

log = logging.getLogger(__name__)

# In real time: people wait for these.
DELIVER_EVERY = timedelta(seconds=1)
# In the product's time.
DUE_EVERY = timedelta(seconds=20)
POOLS_EVERY = timedelta(minutes=5)
PRUNE_EVERY = timedelta(hours=1)
# The list of pools is asked for again this soon after it could not be had.
POOLS_AGAIN = timedelta(seconds=20)
# How far apart the first readings after a start are.
FIRST_APART = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Work:
    """The jobs, bound to everything they need."""

    pools: Callable[[], Sequence[Pool]]
    poll: Callable[[Pool], Polled]
    deliver: Callable[[], Delivered]
    due: Callable[[], int]
    prune: Callable[[], object]


class Schedule:
    """Runs the jobs: each pool once in the interval, spread over it, on few threads, and never twice at once.

    A poll that comes too late is skipped and counted, not queued up.
    """

    def __init__(self, work: Work, clock: Clock, metrics: Metrics, *, every: timedelta, workers: int) -> None:
        self._work = work
        self._clock = clock
        self._metrics = metrics
        self._every = clock.lasts(every)
        self._pools: dict[str, Pool] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self.pools_known_at: datetime | None = None
        self.pools_problem: str | None = "the pools have not been listed yet"
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={
                "poll": ThreadPoolExecutor(workers),
                "deliver": ThreadPoolExecutor(1),
                "default": ThreadPoolExecutor(2),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 30},
        )
        self._scheduler.add_listener(self._late, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that are read."""
        with self._lock:
            return tuple(self._pools.values())

    def start(self) -> None:
        """Begin: list the pools, read each of them soon, then keep to the interval."""
        self._scheduler.start()
        self._repeat("deliver", self._deliver, DELIVER_EVERY, executor="deliver")
        self._repeat("pools", self._list_pools, self._clock.lasts(POOLS_EVERY))
        self._repeat("due", self._counted("due", self._due), self._clock.lasts(DUE_EVERY))
        self._repeat("prune", self._counted("prune", self._work.prune), self._clock.lasts(PRUNE_EVERY), first=False)

    def stop(self) -> None:
        """Start nothing new and wait for what is running."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wake_delivery(self) -> None:
        """Something was put into the outbox: send it now."""
        if self._scheduler.running:
            self._scheduler.modify_job("deliver", next_run_time=self._clock.wall())

    def look_for_pools(self) -> None:
        """List the pools now: what is wanted may have changed."""
        if self._scheduler.running:
            self._scheduler.modify_job("pools", next_run_time=self._clock.wall())

    def change_interval(self, every: timedelta) -> None:
        """Read the pools at another interval from now on."""
        self._every = self._clock.lasts(every)
        with self._lock:
            pools, self._pools = tuple(self._pools.values()), {}
        self._follow(pools)

    def _repeat(
        self, name: str, run: Callable[[], object], every: timedelta, *, executor: str = "default", first: bool = True
    ) -> None:
        now = self._clock.wall()
        seconds = max(every.total_seconds(), 0.05)
        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=name,
            executor=executor,
            next_run_time=now if first else now + every,
            replace_existing=True,
        )

    def _list_pools(self) -> None:
        try:
            pools = self._work.pools()
        except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
            self.pools_problem = str(error)
            self._escaped("pools", error)
            self._scheduler.modify_job("pools", next_run_time=self._clock.wall() + self._clock.lasts(POOLS_AGAIN))
            return
        self.pools_known_at, self.pools_problem = self._clock.now(), None
        self._follow(pools)

    def _follow(self, pools: Sequence[Pool]) -> None:
        """Read exactly these pools from now on."""
        wanted = {pool.id: pool for pool in pools}
        with self._lock:
            before, self._pools = self._pools, wanted
        for gone in before.keys() - wanted.keys():
            self._scheduler.remove_job(f"poll {gone}")
        now = self._clock.wall()
        for index, pool in enumerate(pool for pool in pools if pool.id not in before):
            soon = now + FIRST_APART * index
            self._scheduler.add_job(
                self._poll,
                args=[pool.id],
                id=f"first {pool.id}",
                executor="poll",
                next_run_time=soon,
                replace_existing=True,
            )
            self._scheduler.add_job(
                self._poll,
                IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC),
                args=[pool.id],
                id=f"poll {pool.id}",
                executor="poll",
                next_run_time=soon + self._every * (1 + _phase(pool.id)),
                misfire_grace_time=max(1, int(self._every.total_seconds())),
                replace_existing=True,
            )

    def _poll(self, pool_id: str) -> None:
        with self._lock:
            pool = self._pools.get(pool_id)
            if pool is None or pool_id in self._busy:
                if pool is not None:
                    self._metrics.polls.labels("skipped").inc()
                return
            self._busy.add(pool_id)
        try:
            polled = self._work.poll(pool)
        except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
            self._metrics.polls.labels("error").inc()
            self._escaped("poll", error)
        else:
            self._metrics.polls.labels(polled.outcome.value).inc()
            if polled.told:
                self.wake_delivery()
        finally:
            with self._lock:
                self._busy.discard(pool_id)

    def _deliver(self) -> None:
        try:
            while True:
                done = self._work.deliver()
                for platform, outcome in done.outcomes:
                    self._metrics.deliveries.labels(platform, outcome).inc()
                for lag in done.lags:
                    self._metrics.delivery_lag.observe(lag.total_seconds())
                if not done.more:
                    return
        except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
            self._escaped("deliver", error)

    def _due(self) -> None:
        if self._work.due():
            self.wake_delivery()

    def _counted(self, name: str, run: Callable[[], object]) -> Callable[[], None]:
        def job() -> None:
            try:
                run()
            except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
                self._escaped(name, error)

        return job

    def _escaped(self, name: str, error: Exception) -> None:
        self._metrics.job_failures.labels(name).inc()
        known = type(error).__module__.startswith("bot.")
        log.warning("%s failed and will be tried again: %s", name, error, exc_info=None if known else error)

    def _late(self, event: JobExecutionEvent) -> None:
        if event.job_id.startswith("poll "):
            self._metrics.polls.labels("skipped").inc()


def _phase(pool_id: str) -> float:
    """Where in the interval a pool is read: always the same place, spread evenly over the pools."""
    return zlib.crc32(pool_id.encode()) / 2**32
