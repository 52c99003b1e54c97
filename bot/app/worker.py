"""What does a worker of a cluster do? It takes shards of pools from the queue, reads and judges what is in them.

What people shall hear it puts into the outbox; the leader sends it.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Any

from procrastinate import JobContext
from sqlalchemy import Engine

from bot.app import helping
from bot.app.connecting import connect_modelarts
from bot.app.plan import fixed, planned
from bot.app.reader import Reader
from bot.app.sharing_out import SHARDS
from bot.app.taking import Taking
from bot.app.traces import connect_traces
from bot.clock import Clock, wait
from bot.core.stats import Pool
from bot.jobs.lately import Lately
from bot.jobs.poll import Polled
from bot.jobs.seeing import Seeing
from bot.jobs.shard import BrokenOff, Shard, ended, read_shard
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.modelarts.portions import Portions
from bot.settings.reading import Configured
from bot.store import queue
from bot.store.engine import StoreError, is_current, open_store, reading
from bot.store.fencing import NotLeading, proven
from bot.store.leading import seat_of
from bot.store.queue_schema import is_prepared
from bot.web import Checks, WebServer, web_app

log = logging.getLogger(__name__)

_NOT_MADE = "the database is not at this version's schema: start the bot, or run pool-stats db upgrade"
# So many seconds later it is looked at again; one look takes at most so long when we are to stop.
_AGAIN = 2.0
_TO_LOOK = 1.0
# What it was not given for so many intervals, and so many seconds, others read now.
_LEFT_AFTER = 3
_LEFT_AFTER_SECONDS = 600.0


class Worker:
    """One process that reads shards.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The database cannot be used.
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
        self._beginning = threading.Thread(target=self._begin, name="beginning", daemon=True)
        self._troubles = Troubles(log)
        self._held = queue.Held()
        # When this process kept the newest reading of each pool; who finds another one in the store is not up to date.
        self._kept: dict[str, datetime] = {}
        self._lately = Lately()
        with ExitStack() as opened:
            self._open(opened, port)
            self._release = opened.pop_all()

    def _open(self, opened: ExitStack, port: int | None) -> None:
        config, settings = self._config, self._config.settings
        lease = settings.scale.lease
        url = config.database_url.get_secret_value() if config.database_url else None
        self.engine: Engine = open_store(url, make=False, abandoned_after=lease)
        opened.callback(self.engine.dispose)
        self._is_made()  # whether it can be reached at all
        self.modelarts = connect_modelarts(config, self._clock, self._leaving)
        opened.callback(self.modelarts.close)
        tracer = connect_traces(config)
        if tracer is not None:
            opened.callback(tracer.close)
        self.plan = planned(settings, self.engine)
        self._reader = Reader(self.modelarts, self.engine, self._clock, lambda: self.plan, tracer)
        self._seat = seat_of(self.engine, name="worker", lease=lease)
        opened.callback(self._seat.leave)
        pause = partial(wait, stop=self._leaving)
        self._portions = Portions(self.modelarts, monotonic=self._clock.monotonic, wait=pause)
        tasks = {queue.TASK: self._take_shard, helping.TASK: self._help}
        self._taking = Taking(self.engine, tasks, concurrency=self._concurrency, lease=lease, troubles=self._troubles)
        self._seeing = Seeing(self._poll, self.metrics, self._works, self._told, self._escaped)
        self._threads = ThreadPoolExecutor(settings.poll.workers, thread_name_prefix="reading")
        opened.callback(self._threads.shutdown)
        self.web: WebServer | None = None
        if port is not None:
            app = web_app(self.metrics, self.checks, lambda: None, ())
            self.web = WebServer(app, settings.web.host, port)
            opened.callback(self.web.stop)

    def start(self) -> None:
        """Begin to take shards, as soon as the database is at this version's schema."""
        if self.web is not None:
            self.web.start()
        self._beginning.start()

    def stop(self) -> bool:
        """Take no shard any more, give back what was begun, and let go of everything; whether that was done in time."""
        log.info("stopping")
        self._leaving.set()
        if self._beginning.ident is not None:
            self._beginning.join(_TO_LOOK)
        if not self._taking.stop():
            log.warning("ModelArts does not answer; what was asked is left, and others will ask again")
            return False
        self._release.close()
        return True

    def reload(self, config: Configured) -> None:
        """Use another configuration for what is judged and told; the rest takes effect at the next start.

        Raises:
            StoreError: The database cannot be used now; nothing is used but other credentials.
        """
        self.modelarts.renew_credentials()
        plan = planned(config.settings, self.engine)
        # Whoever judged by it before that would end the alerts of the rules made in chat.
        self._reader.take_over_rules(plan)
        self.plan = plan
        for key in fixed(self._config.settings, config.settings):
            log.warning("%s has changed, which takes effect when the worker is started again", key)

    def checks(self) -> Checks:
        """What this process needs, with what is wrong with it, if anything is."""
        standing = {about: why for about, why in self._troubles.standing.items() if not about.startswith("pool ")}
        return {"queue": None if self._taking.is_there else "not connected", "database": None, **standing}

    # The database

    def _begin(self) -> None:
        """Wait for the leader to bring the database up to date, then take shards."""
        while not self._leaving.is_set():
            try:
                if self._is_made():
                    self._troubles.over("schema")
                    self._taking.start()
                    return
                self._troubles.begin("database", "schema", _NOT_MADE, by="schema")
            except StoreError as error:
                self._troubles.begin("database", type(error).__name__, str(error), by="schema")
            wait(_AGAIN, self._leaving)

    def _is_made(self) -> bool:
        # Both are the leader's to bring up to date: a worker of an older version must not find them changed by a newer.
        return is_prepared(self.engine) and is_current(self.engine)

    # The shards

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

    def _help(self, context: JobContext, question: dict[str, Any]) -> None:
        """Look into what a rule would have told of some pools; in a thread."""
        try:
            helping.answer(self.engine, self._clock, int(context.job.id or 0), question)
        except Exception as error:  # noqa: BLE001 - whoever asked looks at the pools of who does not answer
            log.info("what a rule would have told was not looked into: %r", error)

    # The pools

    def _leave_to_others(self, given: Sequence[Pool]) -> None:
        """Forget of the pools that others read by now what was known here: it fills the memory, and is not so any more.

        Whether they can be read, say those who read them.
        """
        every = self._clock.lasts(self.plan.settings.poll.every).total_seconds()
        longest = max(_LEFT_AFTER * every, _LEFT_AFTER_SECONDS)
        for pool in self._lately.given(given, at=self._clock.monotonic(), longest=longest):
            self.plan.judges.forget(pool)
            self._kept.pop(pool.id, None)
            self._troubles.forget(f"poll {pool.id}")

    def _read(self, shard: Shard, number: int) -> int:
        self._leave_to_others(shard.pools)
        self._reader.take_over_rules()
        with reading(self.engine) as db:
            newest = queue.newest_of(db, [pool.id for pool in shard.pools])
        for pool in shard.pools:
            if self._kept.get(pool.id) != newest.get(pool.id):
                # Another one has read it since, or we never did.
                self.plan.judges.forget(pool)
        self._portions.use(shard.share)

        def is_read(pool: Pool) -> bool:
            at = newest.get(pool.id)
            return at is not None and at >= shard.since

        def read(pool: Pool) -> None:
            self._portions.turn(pool)
            with proven(self._held.prove):
                self._seeing.see(pool, self._troubles)

        def is_ours() -> bool:
            return self._held.is_ours(number)

        stop = self._taking.ending
        under_way = read_shard(
            shard, read, is_read=is_read, threads=self._threads, clock=self._clock, stop=stop, is_ours=is_ours
        )
        return ended(shard, under_way, stop=stop, is_ours=is_ours)

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
