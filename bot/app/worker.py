"""What does a worker of a cluster do? It takes shards of pools from the queue, reads and judges what is in them.

What people shall hear it puts into the outbox; the leader sends it.
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker as Taker
from sqlalchemy import Engine

from bot.app.connecting import connect_modelarts
from bot.app.plan import planned
from bot.app.reader import Reader
from bot.app.sharing_out import SHARDS
from bot.app.traces import connect_traces
from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.jobs.poll import Polled
from bot.jobs.seeing import Seeing
from bot.jobs.shard import BrokenOff, Shard, read_shard
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.modelarts.rate import Rate
from bot.settings.reading import Configured
from bot.store import queue
from bot.store.engine import StoreError, is_current, open_store, reading
from bot.store.fencing import NotLeading, proven
from bot.store.leading import seat_of
from bot.store.queue_schema import SCHEMA, is_prepared
from bot.web import Checks, WebServer, web_app

log = logging.getLogger(__name__)

# The queue is looked at so often even if nobody says that there is something in it.
_LOOK = 1.0
# After a failure of the database the queue is opened again.
_AGAIN = 2.0
# What is under way when we are to stop may take so long to end; the operating system is asked to wait for ten.
_TO_END = 8.0
_THERE = "SELECT id FROM procrastinate_workers WHERE id = %(number)s"
# A worker says so often within the lease that it is there.
_SAYS = 4


class Worker:
    """One process that reads shards.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The database cannot be used, or is not at this version's schema.
        PortTaken: Something else listens on the port.
    """

    def __init__(self, config: Configured, clock: Clock, *, concurrency: int, port: int | None = None) -> None:
        if config.settings.scale.mode != "cluster":
            raise ValueError("there is nothing for a worker to do: set scale.mode: cluster, for the bot as well")
        self._clock = clock
        self._config = config
        self._concurrency = concurrency
        self.metrics = Metrics()
        self._leaving = threading.Event()
        self._troubles = Troubles(log)
        self._held = queue.Held()
        # When this process kept the newest reading of each pool; who finds another one in the store is not up to date.
        self._kept: dict[str, datetime] = {}
        self._gate_of: tuple[float, Rate] | None = None
        self._taker: Taker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)
        with ExitStack() as opened:
            self._open(opened, port)
            self._release = opened.pop_all()

    def _open(self, opened: ExitStack, port: int | None) -> None:
        config, settings = self._config, self._config.settings
        self._lease = settings.scale.lease
        url = config.database_url.get_secret_value() if config.database_url else None
        self.engine: Engine = open_store(url, make=False, abandoned_after=self._lease)
        opened.callback(self.engine.dispose)
        # Both are the leader's to bring up to date: a worker of an older version must not find them changed by a newer.
        if not (is_prepared(self.engine) and is_current(self.engine)):
            raise StoreError(
                "the database is not at this version's schema: start the bot, or run pool-stats db upgrade"
            )
        self.modelarts = connect_modelarts(config, self._clock, self._leaving)
        opened.callback(self.modelarts.close)
        tracer = connect_traces(config)
        if tracer is not None:
            opened.callback(tracer.close)
        self._plan = planned(settings, self.engine)
        self._reader = Reader(self.modelarts, self.engine, self._clock, lambda: self._plan, tracer)
        self._seat = seat_of(self.engine, name="worker", lease=self._lease)
        opened.callback(self._seat.leave)
        self._seeing = Seeing(self._poll, self.metrics, self._works, self._told, self._escaped)
        self._threads = ThreadPoolExecutor(settings.poll.workers, thread_name_prefix="reading")
        opened.callback(self._threads.shutdown)
        self.web: WebServer | None = None
        if port is not None:
            app = web_app(self.metrics, self.checks, lambda: None, ())
            self.web = WebServer(app, settings.web.host, port)
            opened.callback(self.web.stop)

    def start(self) -> None:
        """Begin to take shards."""
        if self.web is not None:
            self.web.start()
        self._thread.start()

    def stop(self) -> bool:
        """Take no shard any more, give back what was begun, and let go of everything; whether that was done in time."""
        log.info("stopping")
        self._leaving.set()
        loop, taker = self._loop, self._taker
        if loop is not None and taker is not None:
            loop.call_soon_threadsafe(taker.stop)
        if self._thread.ident is not None:
            self._thread.join(_TO_END)
        if self._thread.is_alive():
            log.warning("ModelArts does not answer; what was asked is left, and others will ask again")
            return False
        self._release.close()
        return True

    def reload(self, config: Configured) -> None:
        """Use another configuration for what is judged and told; the rest takes effect at the next start."""
        self._plan = planned(config.settings, self.engine)
        self.modelarts.renew_credentials()

    def checks(self) -> Checks:
        """What this process needs, with what is wrong with it, if anything is."""
        standing = {about: why for about, why in self._troubles.standing.items() if not about.startswith("pool ")}
        there = self._taker is not None and self._taker.worker_id is not None
        return {"queue": None if there else "not connected", "database": None, **standing}

    # The queue

    def _run(self) -> None:
        asyncio.run(self._take())

    async def _take(self) -> None:
        """Take shards until we are to stop, whatever becomes of the database meanwhile."""
        queue.be_quiet()
        self._loop = loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._concurrency + 2, thread_name_prefix="shard"))
        # That a shard was taken from us is found when its end is to be noted; it was told by then.
        loop.set_exception_handler(lambda _, what: log.debug("%s", what.get("exception") or what.get("message")))
        while not self._leaving.is_set():
            try:
                await self._take_while_connected()
            except Exception as error:  # noqa: BLE001 - whatever it was, the pools must be read
                if self._leaving.is_set():
                    return
                why = f"the queue cannot be used: {_reason(error)}"
                self._troubles.begin("queue", type(error).__name__, why, by="queue")
            await asyncio.to_thread(wait, _AGAIN, self._leaving)

    async def _take_while_connected(self) -> None:
        says = self._lease / _SAYS
        app = App(connector=self._connector())
        app.task(name=queue.TASK, pass_context=True, retry=_GivenBack())(self._take_shard)
        taker = Taker(
            app,
            queues=[],
            concurrency=self._concurrency,
            fetch_job_polling_interval=_LOOK,
            abort_job_polling_interval=600,
            shutdown_graceful_timeout=_TO_END,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=says.total_seconds(),
            # The leader forgets those that are gone.
            stalled_worker_timeout=86_400,
        )
        app.job_manager = _Registering(app.connector, taker, partial(self._troubles.over, "queue"))
        async with app.open_async():
            self._taker = taker
            try:
                if not self._leaving.is_set():
                    await taker.run()  # type: ignore[no-untyped-call] # Procrastinate's
            finally:
                self._taker = None

    def _connector(self) -> PsycopgConnector:
        _, known = self.engine.dialect.create_connect_args(self.engine.url)
        found: dict[str, Any] = {**known, "connect_timeout": 5, "application_name": "pool-stats worker"}
        # Who is paused while it takes a shard must not keep it from others.
        longest = self._lease // timedelta(milliseconds=1)
        mine = f"-c search_path={SCHEMA} -c idle_in_transaction_session_timeout={longest}"
        found["options"] = f"{found.get('options', '')} {mine}".strip()
        return PsycopgConnector(kwargs=found, min_size=1, max_size=2 + self._concurrency, timeout=10, num_workers=1)

    def _take_shard(self, context: JobContext, shard: dict[str, Any]) -> None:
        """Read one shard; in a thread."""
        number, wanted = int(context.job.id or 0), SHARDS.validate_python(shard)
        with self._held.holding(number):
            try:
                read = self._read(wanted, number)
            except BrokenOff:
                # For Procrastinate, which puts it back.
                raise
            except NotLeading:
                log.warning("shard %s was given to another worker; nothing more is kept of it", wanted.name)
            except StoreError as error:
                self._troubles.begin("database", type(error).__name__, str(error), by="shards")
            except Exception as error:  # noqa: BLE001 - whatever it was, the next shards must be read
                why = f"shard {wanted.name} cannot be read: {error!r}"
                self._troubles.begin("shards", type(error).__name__, why, by="shards", error=error)
            else:
                log.debug("shard %s: %d of %d pools were read", wanted.name, read, len(wanted.pools))
                self._troubles.over("shards")

    # The pools

    def _read(self, shard: Shard, number: int) -> int:
        self._reader.take_over_rules()
        with reading(self.engine) as db:
            newest = queue.newest_of(db, [pool.id for pool in shard.pools])
        for pool in shard.pools:
            if self._kept.get(pool.id) != newest.get(pool.id):
                # Another one has read it since, or we never did.
                self._plan.judges.forget(pool)
        gate = self._gate(shard.share)

        def is_read(pool: Pool) -> bool:
            at = newest.get(pool.id)
            return at is not None and at >= shard.since

        def read(pool: Pool) -> None:
            gate.turn(float("inf"))
            with proven(self._held.prove):
                self._seeing.see(pool, self._troubles)

        return read_shard(
            shard,
            read,
            is_read=is_read,
            threads=self._threads,
            clock=self._clock,
            stop=self._leaving,
            is_ours=lambda: self._held.is_ours(number),
        )

    def _gate(self, share: float) -> Rate:
        """What lets so many questions a second through that all workers together ask no more than is allowed."""
        if self._gate_of is None or self._gate_of[0] != share:
            rate = self._config.settings.modelarts.max_rate * share
            pause = partial(wait, stop=self._leaving)
            self._gate_of = share, Rate(rate, monotonic=self._clock.monotonic, wait=pause)
        return self._gate_of[1]

    def _poll(self, pool: Pool) -> Polled:
        polled = self._reader.poll(pool)
        if polled.stats is not None:
            self._kept[pool.id] = polled.stats.taken_at
        return polled

    def _works(self) -> None:
        self._troubles.over("poll", "shards", about="database")

    def _told(self) -> None:
        try:
            self._seat.call()
        except StoreError as error:
            log.info("the leader was not told that there is something to send, and looks by itself: %s", error)

    def _escaped(self, name: str, error: Exception) -> None:
        if self._leaving.is_set() or isinstance(error, NotLeading):
            log.info("%s was broken off: %s", name, error)
            return
        self.metrics.job_failures.labels(name.partition(" ")[0]).inc()
        is_ours = type(error).__module__.startswith("bot.")
        about = "database" if isinstance(error, StoreError) else name
        why = str(error) if is_ours else f"{name} failed: {error!r}"
        self._troubles.begin(about, type(error).__name__, why, by=name, error=None if is_ours else error)


class _Registering(JobManager):
    """Has a worker take from the queue that is named by the number it is registered under."""

    def __init__(self, connector: Any, taker: Taker, done: Any) -> None:
        super().__init__(connector)
        self._taker = taker
        self._done = done

    async def register_worker(self) -> int:
        number = await super().register_worker()
        self._taker.queues = [queue.address(number)]
        log.info("this is worker %d: it takes shards of pools from the queue", number)
        self._done()
        return number

    async def update_heartbeat(self, worker_id: int) -> None:
        await super().update_heartbeat(worker_id)
        if not await self.connector.execute_query_all_async(query=_THERE, number=worker_id):
            # We were silent for so long that the leader has forgotten us. What we have begun is others' by now.
            self._taker.worker_id = await self.register_worker()


class _GivenBack(BaseRetryStrategy):
    """What is broken off because we stop is for somebody else, at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002 - Procrastinate's
        return RetryDecision() if isinstance(exception, BrokenOff) else None


def _reason(error: BaseException) -> str:
    """The first line of what the database said, which holds no password."""
    cause = error.__cause__ or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
