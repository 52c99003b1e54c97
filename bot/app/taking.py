"""How does a worker take what is in the queue for it, whatever becomes of the database? Procrastinate's side of it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.worker import Worker as Taker
from psycopg.errors import RaiseException
from sqlalchemy import Engine, text

from bot.clock import wait
from bot.jobs.shard import BrokenOff
from bot.logs import Troubles
from bot.store import queue
from bot.store.engine import StoreError, patience, reading
from bot.store.queue_schema import SCHEMA

log = logging.getLogger(__name__)

# The queue is looked at so often even if nobody says that there is something in it.
_LOOK = 1.0
# After a failure of the database the queue is opened again.
_AGAIN = 2.0
# What is under way when we are to stop may take so long to end; the operating system is asked to wait for ten.
_TO_END = 8.0
# So many seconds a connection is waited for. Who needs one has lost the database, and begins anew sooner than it comes.
_CONNECTION = 5.0
_THERE = "SELECT id FROM procrastinate_workers WHERE id = %(number)s"
# A worker says so often within the lease that it is there.
_SAYS = 4


class Taking:
    """Takes what is in the queue until it is to stop, and again after each failure of the database.

    Args:
        engine: The database.
        tasks: What is done for each task of the queue, in a thread.
        concurrency: How many of them at once.
        lease: Who is silent for that long is believed gone.
        troubles: Where it is told that the queue cannot be used.
        patience: For so many seconds a connection is waited for.
    """

    def __init__(
        self,
        engine: Engine,
        tasks: Mapping[str, Callable[..., None]],
        *,
        concurrency: int,
        lease: timedelta,
        troubles: Troubles,
        patience: float = _CONNECTION,
    ) -> None:
        self._engine = engine
        self._tasks = tasks
        self._concurrency = concurrency
        self._lease = lease
        self._troubles = troubles
        self._patience = patience
        self._leaving = threading.Event()
        self._taker: Taker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._take()), name="queue", daemon=True)
        # Set when what was taken over this connection shall be broken off: we stop, or the queue has lost us.
        self.ending = threading.Event()

    @property
    def is_there(self) -> bool:
        """Whether the queue knows us."""
        return self._taker is not None and self._taker.worker_id is not None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> bool:
        """Take nothing any more, and give back what was begun; whether that was done in time."""
        self._leaving.set()
        self.ending.set()
        loop, taker = self._loop, self._taker
        if loop is not None and taker is not None:
            loop.call_soon_threadsafe(taker.stop)
        if self._thread.ident is not None:
            self._thread.join(_TO_END)
        return not self._thread.is_alive()

    async def _take(self) -> None:
        queue.be_quiet()
        self._loop = loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._concurrency + 2, thread_name_prefix="shard"))
        # That a shard was taken from us is found when its end is to be noted; it was told by then.
        loop.set_exception_handler(lambda _, what: log.debug("%s", what.get("exception") or what.get("message")))
        while not self._leaving.is_set():
            try:
                # Procrastinate's pool of connections tries ever less often: it is opened when there is something there.
                await asyncio.to_thread(self._look)
                await self._take_while_connected()
            except Exception as error:  # noqa: BLE001 - whatever it was, the pools must be read
                if self._leaving.is_set():
                    return
                why = f"the queue cannot be used: {_reason(error)}"
                self._troubles.begin("queue", type(error).__name__, why, by="queue")
            await asyncio.to_thread(wait, _AGAIN, self._leaving)

    def _look(self) -> None:
        with reading(self._engine) as db:
            db.execute(text("SELECT 1"))

    async def _take_while_connected(self) -> None:
        says = self._lease / _SAYS
        self.ending = ending = threading.Event()
        app = App(connector=self._connector())
        for name, run in self._tasks.items():
            app.task(name=name, pass_context=True, retry=_GivenBack())(run)
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
        app.job_manager = known = _Registering(app.connector, taker, lambda: self._troubles.over("queue"), ending.set)
        async with app.open_async():
            self._taker = taker
            try:
                if not self._leaving.is_set():
                    await taker.run()  # type: ignore[no-untyped-call] # Procrastinate's
            finally:
                self._taker = None
        if known.silenced is not None:
            raise known.silenced

    def _connector(self) -> PsycopgConnector:
        _, known = self._engine.dialect.create_connect_args(self._engine.url)
        found: dict[str, Any] = {**patience(self._engine.url), **known}
        found |= {"connect_timeout": int(_CONNECTION), "application_name": "pool-stats worker"}
        # Who is paused while it takes a shard must not keep it from others.
        longest = self._lease // timedelta(milliseconds=1)
        mine = f"-c search_path={SCHEMA} -c idle_in_transaction_session_timeout={longest}"
        found["options"] = f"{found.get('options', '')} {mine}".strip()
        most = 2 + self._concurrency
        return PsycopgConnector(kwargs=found, min_size=1, max_size=most, timeout=self._patience, num_workers=1)


class _Registering(JobManager):
    """Has a worker take from the queue that is named by the number it is registered under."""

    def __init__(self, connector: Any, taker: Taker, done: Callable[[], object], lost: Callable[[], object]) -> None:
        super().__init__(connector)
        self._taker = taker
        self._done = done
        self._lost = lost
        # Why the queue does not know any more how it is with us.
        self.silenced: Exception | None = None

    async def register_worker(self) -> int:
        number = await super().register_worker()
        self._taker.queues = [queue.address(number)]
        log.info("this is worker %d: it takes shards of pools from the queue", number)
        self._done()
        return number

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        try:
            return await super().fetch_job(queues, worker_id)
        except Exception:
            # The taker ends, and waits for what is under way.
            self._lost()
            raise

    async def update_heartbeat(self, worker_id: int) -> None:
        try:
            await super().update_heartbeat(worker_id)
            known = await self.connector.execute_query_all_async(query=_THERE, number=worker_id)
        except Exception as error:
            # The taker would go on without ever saying again that it is there: where it has no periodic tasks, it looks
            # after none of what it does beside.
            self._begin_anew(error)
            raise
        if not known:
            # We were silent for so long that the leader has forgotten us. What we have begun is others' by now.
            self._taker.worker_id = await self.register_worker()

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        try:
            await super().finish_job(job, status, delete_job)
        except Exception as error:
            self._not_noted(error)
            raise

    async def retry_job(self, job: Job, *args: Any, **how: Any) -> None:
        try:
            await super().retry_job(job, *args, **how)
        except Exception as error:
            self._not_noted(error)
            raise

    def _not_noted(self, error: Exception) -> None:
        """It could not be noted what became of a shard; where it is not ours any more, that is as it should be."""
        if not isinstance(error.__cause__, RaiseException):
            # As long as we are there it would pass for being read, and nobody would read its pools again.
            self._begin_anew(error)

    def _begin_anew(self, error: Exception) -> None:
        self.silenced = error
        self._lost()
        self._taker.stop()  # type: ignore[no-untyped-call] # Procrastinate's


class _GivenBack(BaseRetryStrategy):
    """What is broken off because we stop is for somebody else, at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002 - Procrastinate's
        return RetryDecision() if isinstance(exception, BrokenOff) else None


def _reason(error: BaseException) -> str:
    """The first line of what the database said, which holds no password."""
    if isinstance(error, StoreError):
        return str(error)
    cause = error.__cause__ or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
