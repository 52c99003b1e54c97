"""Which job runs when? The scheduler is APScheduler's; what to remember is in our tables, never in a job store."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock, Leaps, wait
from bot.core.because import Because, Explained, Why
from bot.core.durations import spoken
from bot.core.stats import Pool
from bot.jobs.deliver import Delivered
from bot.jobs.poll import Polled
from bot.jobs.seeing import REFUSED, Seeing, lasting
from bot.jobs.shard import place
from bot.jobs.turns import Turns
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.store.engine import StoreError
from bot.store.fencing import NotLeading, fenced

log = logging.getLogger(__name__)

# In real time: people wait for these.
DELIVER_EVERY = timedelta(seconds=1)
# Where nothing waits to be sent, whoever has something says so; this often it is looked for what nobody has said.
LOOK_FOR_UNSAID_EVERY = timedelta(seconds=5)
AT_LEAST_APART = timedelta(milliseconds=2)
# In the product's time.
DUE_EVERY = timedelta(seconds=5)
POOLS_EVERY = timedelta(minutes=5)
PRUNE_EVERY = timedelta(hours=1)
REPEATS_EVERY = timedelta(seconds=20)
EVIDENCE_EVERY = timedelta(seconds=5)
# The list of pools is asked for again this soon after it could not be had.
POOLS_AGAIN = timedelta(seconds=20)
# Who does not lead looks this often into the store for what the leader has found, and while there is nothing, so often.
FOLLOW_EVERY = timedelta(seconds=30)
FOLLOW_AGAIN = timedelta(seconds=2)
# The clock is looked at this often, and this much is more than it is ever put right by without anybody's doing.
LOOK_AT_CLOCK_EVERY = timedelta(seconds=5)
A_LEAP = timedelta(seconds=5)
# How far apart the first readings after a start are, unless there are too many pools for the interval.
FIRST_APART = timedelta(milliseconds=100)
# A poll that was stored shows that the database works again, for the jobs too that come less often.
_SELDOM = ("poll", "pools", "due", "repeats", "evidence", "prune", "clock")

# What is done by who does not lead.
_OF_FOLLOWERS = ("known pools", "follow")


@dataclass(frozen=True, slots=True)
class Work:
    """The jobs, bound to everything they need.

    Attributes:
        pools: The pools that are to be read.
        known_pools: Those that were read before, for when they cannot be listed.
        leave: Given the pools that are read, end what is open about any other; how many messages that makes.
        poll: Read one pool; `None` where workers read them.
        platforms: Those that messages are sent to.
        deliver: Send what is due on a platform.
        repeats: Take back what stands twice; the platform of each.
        due: What the clock alone brings about; how many messages that makes.
        prune: Forget what is old.
        evidence: Ask what stands behind the alerts that were told; how many messages that changes.
        leapt: The clock has leapt so far ahead (negative: back).
        follow: Take over what the leader, or people by way of another replica, have changed.
        call: Tell the leader that there is something to send.
    """

    pools: Callable[[], Sequence[Pool]]
    known_pools: Callable[[], Sequence[Pool]]
    leave: Callable[[Sequence[Pool]], int]
    poll: Callable[[Pool], Polled] | None
    platforms: Sequence[str]
    deliver: Callable[[str], Delivered]
    repeats: Callable[[], Sequence[str]]
    due: Callable[[], int]
    prune: Callable[[], object]
    evidence: Callable[[], int] = lambda: 0
    leapt: Callable[[timedelta], object] = lambda _: None
    follow: Callable[[], object] = lambda: None
    call: Callable[[], object] = lambda: None


class Schedule:
    """Runs the jobs: each pool once in the interval, spread over it, on few threads, and never twice at once.

    A poll that comes too late is skipped and counted, not queued up. Where there is not time for all pools, each is
    read less often and none is left out. What goes wrong again and again is told once.

    Of several processes that share a store only the one that leads runs the jobs; what any other puts into the outbox,
    the leader is told of.
    """

    def __init__(self, work: Work, clock: Clock, metrics: Metrics, *, every: timedelta, workers: int) -> None:
        self._work = work
        self._clock = clock
        self._metrics = metrics
        self._every = clock.lasts(every)
        self._turns = Turns()
        # Whoever changes which pools are read does so alone.
        self._following = threading.Lock()
        self._running = 0
        self._stopping = False
        self._leads = True
        self._holds: Callable[[], bool] = lambda: True
        self._idle = threading.Condition()
        self._troubles = Troubles(log)
        self._seeing = work.poll and Seeing(work.poll, metrics, self.works_again, self._told, self._escaped)
        self._stopped = threading.Event()
        self._watching = threading.Thread(target=self._watch_clock, name="clock", daemon=True)
        # A platform that hangs holds up no other.
        self._delivering = {platform: threading.Event() for platform in work.platforms}
        # Who sends already is told of more by the event, for the scheduler looks at all jobs for each that it wakes. A
        # turn that begins before the scheduler has seen the last one end may find that there is nothing left to do.
        self._sending = {platform: threading.Lock() for platform in work.platforms}
        self.pools_known_at: datetime | None = None
        self.pools_problem: Why | None = Because("the pools have not been listed yet")
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={
                "poll": ThreadPoolExecutor(workers),
                "deliver": ThreadPoolExecutor(max(1, len(work.platforms))),
                # It waits for answers, and nothing waits for it.
                "evidence": ThreadPoolExecutor(1),
                "default": ThreadPoolExecutor(3),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 30},
        )
        self._scheduler.add_listener(self._late, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that are read."""
        return self._turns.pools

    def waiting(self, longer_than: timedelta) -> int:
        """How many pools have waited longer than that for a reading even to begin, where they are read here."""
        if self._seeing is None:
            return 0
        return self._turns.waiting(self._clock.lasts(longer_than), at=self._clock.monotonic())

    @property
    def problems(self) -> dict[str, str]:
        """What goes wrong now, by what it is about: `database`, or a job. Pools and their list are told elsewhere."""
        standing = self._troubles.standing.items()
        return {about: why for about, why in standing if about != "pools" and not about.startswith(("pool ", "pools "))}

    @property
    def leads(self) -> bool:
        """Whether the jobs are run here."""
        return self._leads

    def start(self, *, leads: bool = True) -> None:
        """Begin: list the pools, read each of them soon, then keep to the interval; or only follow until `lead`."""
        self._leads = leads
        self._plan_jobs()
        self._scheduler.start()
        self._watching.start()

    def lead(self, holds: Callable[[], bool]) -> None:
        """Run the jobs from now on, each only while it `holds` that we lead."""
        with self._following:
            self._leads, self._holds = True, holds
            # What comes no more cannot say that its trouble is over.
            self._troubles.over(*_OF_FOLLOWERS)
            self._turns.begin_anew(at=self._clock.monotonic())
            self._scheduler.remove_all_jobs()
            self._plan_jobs()
            self._follow(self.pools, anew=True)

    def follow(self) -> None:
        """Run none of the jobs from now on; those that are running keep nothing of what they do."""
        with self._following:
            self._leads = False
            for woken in self._delivering.values():
                woken.set()
            self._scheduler.remove_all_jobs()
            self._troubles = Troubles(log)
            self.pools_known_at, self.pools_problem = None, Because("the pools have not been listed yet")
            self._plan_jobs()

    def _plan_jobs(self) -> None:
        if not self._leads:
            # Under a name of its own: where it still runs when the lead is taken, the list of pools must not wait for
            # another turn.
            self._repeat("known pools", self._look_for_known, FOLLOW_EVERY)
            self._repeat("follow", self._work.follow, self._clock.lasts(DUE_EVERY))
            return
        for platform in self._delivering:
            run = partial(self._deliver, platform)
            self._repeat(f"deliver {platform}", run, LOOK_FOR_UNSAID_EVERY, executor="deliver")
        self._repeat("pools", self._list_pools, self._clock.lasts(POOLS_EVERY))
        self._repeat("due", self._due, self._clock.lasts(DUE_EVERY))
        self._repeat("repeats", self._repeats, REPEATS_EVERY)
        self._repeat("evidence", self._evidence, EVIDENCE_EVERY, executor="evidence")
        self._repeat("prune", self._work.prune, self._clock.lasts(PRUNE_EVERY), first=False)

    def leave(self) -> None:
        """Take what fails from now on for broken off: `stop` is about to be called."""
        self._stopped.set()

    def stop(self) -> None:
        """Start nothing new and wait for what is running."""
        if not self._scheduler.running:
            return
        self._stopped.set()
        self._watching.join()
        with self._idle:
            self._stopping = True
            for woken in self._delivering.values():
                woken.set()
            # The scheduler waits for its jobs with its lock held, so a job that adds another one would wait for ever.
            self._idle.wait_for(lambda: self._running == 0)
        # Else a shutdown in the middle of its round makes the scheduler look for a job where it keeps none any more.
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)

    def wake_delivery(self) -> None:
        """Something was put into the outbox: send it now, or have it sent."""
        if not self._leads:
            try:
                self._work.call()
            except StoreError as error:
                log.info("the leader was not told that there is something to send, and looks by itself: %s", error)
            return
        for platform, woken in self._delivering.items():
            woken.set()
            if not self._sending[platform].locked():
                self._soon(f"deliver {platform}", timedelta())

    def look_for_pools(self) -> None:
        """List the pools now: what is wanted may have changed."""
        self._soon("pools" if self._leads else "known pools", timedelta())

    def change_interval(self, every: timedelta) -> None:
        """Read the pools at another interval from now on."""
        with self._following:
            self._every = self._clock.lasts(every)
            self._follow(self.pools, anew=True)

    def _watch_clock(self) -> None:
        """The scheduler goes by the time of day: set back by an hour it would do nothing for an hour."""
        leaps = Leaps(self._clock)
        while not wait(LOOK_AT_CLOCK_EVERY.total_seconds(), self._stopped):
            leap = leaps.newest()
            if abs(leap) >= A_LEAP:
                self._leapt(leap)

    def _leapt(self, leap: timedelta) -> None:
        """Begin anew, as after a start: what was planned was planned by another time of day."""
        way = "ahead: it was set, or the machine slept" if leap > timedelta() else "back"
        log.warning("the clock has leapt %s %s; everything is read and looked at anew", spoken(abs(leap)), way)
        with self._following:
            self._plan_jobs()
            self._follow(self.pools, anew=True)
        if not self._leads:
            return
        try:
            with fenced(self._may):
                self._work.leapt(leap)
        except StoreError as error:
            self._escaped("clock", error)

    def _repeat(
        self, name: str, run: Callable[[], object], every: timedelta, *, executor: str = "default", first: bool = True
    ) -> None:
        now = self._clock.wall()
        seconds = max(every.total_seconds(), 0.05)
        self._scheduler.add_job(
            self._guarded(name, run),
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=name,
            executor=executor,
            next_run_time=now if first else now + every,
            replace_existing=True,
            max_instances=2 if executor == "deliver" else 1,
        )

    def _guarded(self, name: str, run: Callable[[], object]) -> Callable[[], None]:
        """Run the job unless we are stopping; what escapes it is told, counted, and comes again."""
        may = self._may if self._leads else _anyone_may

        def job() -> None:
            if not may() or not self._begins():
                return
            try:
                with fenced(may):
                    run()
            except Exception as error:  # noqa: BLE001 - whatever escapes a job is counted here and the job comes again
                self._escaped(name, error)
            else:
                self._troubles.over(name)
            finally:
                self._ends()

        return job

    def _may(self) -> bool:
        """Whether what is for the leader to do may be done here."""
        return self._leads and self._holds()

    def _begins(self) -> bool:
        with self._idle:
            self._running += not self._stopping
            return not self._stopping

    def _ends(self) -> None:
        with self._idle:
            self._running -= 1
            self._idle.notify_all()

    def _soon(self, name: str, after: timedelta) -> None:
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

    def _list_pools(self) -> None:
        try:
            pools = self._work.pools()
        except Exception as error:
            self.pools_problem = error.why if isinstance(error, Explained) else str(error)
            self._soon("pools", self._clock.lasts(POOLS_AGAIN))
            if not self.pools:
                # A list that cannot be had is no reason to be blind.
                with self._following:
                    self._follow(self._work.known_pools())
            raise
        with self._following:
            self._follow(pools)
        self.pools_known_at, self.pools_problem = self._clock.now(), None
        if self._work.leave(pools):
            self.wake_delivery()

    def _look_for_known(self) -> None:
        """The pools that the leader reads, for whoever asks about them here."""
        try:
            known = self._work.known_pools()
        except Exception:
            self._soon("known pools", FOLLOW_AGAIN)
            raise
        with self._following:
            if not self._leads:
                self._follow(known)
        if not known:
            self._soon("known pools", FOLLOW_AGAIN)

    def _follow(self, pools: Sequence[Pool], *, anew: bool = False) -> None:
        """Read exactly these pools from now on, if we lead; `anew` those too that were read before."""
        new, gone = self._turns.follow(pools, self._every, at=self._clock.monotonic())
        if not self._leads or self._seeing is None:
            return
        for pool_id in gone:
            self._scheduler.remove_job(f"poll {pool_id}")
            self._troubles.over(f"poll {pool_id}")
        if anew:
            new = [pool.id for pool in pools]
        now = self._clock.wall()
        apart = min(FIRST_APART, self._every / max(1, len(new)))
        for index, pool_id in enumerate(new):
            soon = now + apart * index
            self._scheduler.add_job(
                self._poll,
                args=[pool_id],
                id=f"first {pool_id}",
                executor="poll",
                next_run_time=soon,
                replace_existing=True,
            )
            self._scheduler.add_job(
                self._poll,
                IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC),
                args=[pool_id],
                id=f"poll {pool_id}",
                executor="poll",
                # Within the interval after the first reading, where the pool's place in it is.
                next_run_time=soon + self._every * place(pool_id),
                misfire_grace_time=max(1, int(self._every.total_seconds())),
                replace_existing=True,
            )

    def _poll(self, pool_id: str) -> None:
        pool = self._turns.take(pool_id, at=self._clock.monotonic())
        if pool is None or self._seeing is None:
            self._metrics.polls.labels("skipped").inc()
            return
        try:
            if self._may() and self._begins():
                try:
                    with fenced(self._may):
                        self._seeing.see(pool, self._troubles)
                finally:
                    self._ends()
        finally:
            self._turns.done(pool)

    def works_again(self) -> None:
        """Something was stored: the database can be used."""
        self._troubles.over(*_SELDOM, about="database")

    def _told(self) -> None:
        self.wake_delivery()
        self._soon("evidence", timedelta())

    def _deliver(self, platform: str) -> None:
        woken, sending = self._delivering[platform], self._sending[platform]
        woken.set()
        while woken.is_set() and not self._stopping and self._may() and sending.acquire(blocking=False):
            try:
                self._send(platform, woken)
            finally:
                sending.release()

    def _send(self, platform: str, woken: threading.Event) -> None:
        """Send until nothing comes due before the next turn, looking again just when something does."""
        while not self._stopping and self._may():
            woken.clear()
            try:
                done = self._work.deliver(platform)
            except StoreError:
                self._soon(f"deliver {platform}", DELIVER_EVERY)
                raise
            self._troubles.over(f"deliver {platform}")
            for of, outcome in done.outcomes:
                self._metrics.deliveries.labels(of, outcome).inc()
            for lag in done.lags:
                self._metrics.delivery_lag.observe(lag.total_seconds())
            if done.more:
                continue
            if done.again_in is None or done.again_in > LOOK_FOR_UNSAID_EVERY:
                return
            woken.wait(max(min(done.again_in, DELIVER_EVERY), AT_LEAST_APART).total_seconds())

    def _repeats(self) -> None:
        for platform in self._work.repeats():
            self._metrics.deliveries.labels(platform, "repeated").inc()

    def _evidence(self) -> None:
        if self._work.evidence():
            self.wake_delivery()

    def _due(self) -> None:
        if self._work.due():
            self.wake_delivery()

    def _escaped(self, name: str, error: Exception) -> None:
        is_left = (name in _OF_FOLLOWERS) == self._leads
        if self._stopped.is_set() or is_left or isinstance(error, NotLeading):
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
        self._troubles.begin(about, type(error).__name__, why, by=name, error=None if is_ours else error, quiet=quiet)

    def _late(self, event: JobExecutionEvent) -> None:
        if event.job_id.startswith(("poll ", "first ")):
            self._metrics.polls.labels("skipped").inc()


def _anyone_may() -> bool:
    return True
