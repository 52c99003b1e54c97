"""Who reads which pools? The leader of a cluster gives each slice of the interval to a worker, when its time has come.

What a worker had that is there no more goes to another one. The order of things is in the database: whoever leads next
goes on where the last one stopped.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine

from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.shard import Shard, assigned, slices
from bot.jobs.slicing import Slicing
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.modelarts.portions import FOR_WORKERS
from bot.store import queue
from bot.store.engine import StoreError, writing
from bot.store.fencing import NotLeading, fenced

log = logging.getLogger(__name__)

SHARDS: TypeAdapter[Shard] = TypeAdapter(Shard)
# The leader looks at least and at most so often.
_OFTEN = timedelta(seconds=0.2)
_SELDOM = timedelta(seconds=2)
# A shard that nobody has begun to read after so many intervals is late.
_LATE = 2


@dataclass(frozen=True, slots=True)
class Terms:
    """How work is shared out: each pool so often, in so many shards; a worker is believed gone after `lease`."""

    every: timedelta
    shards: int
    lease: timedelta


class SharingOut:
    """Puts the shards into the queue while we lead.

    Args:
        engine: The database.
        clock: What time it is.
        pools: Those that are to be read.
        terms: How.
        metrics: Where it is counted.
        works: The database could be used.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        pools: Callable[[], Sequence[Pool]],
        terms: Callable[[], Terms],
        metrics: Metrics,
        works: Callable[[], object],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._pools = pools
        self._terms = terms
        self._metrics = metrics
        self._works = works
        self._troubles = Troubles(log)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: tuple[list[int], int] | None = None
        # Since when there has been no worker.
        self._alone_since: datetime | None = None
        self._forget()

    def _forget(self) -> None:
        terms = self._terms()
        # What is due is known to who has been asked for it: all pools are new to another one.
        self._slicing = Slicing(terms.every, terms.shards)
        self._put_at: dict[str, float] = {}

    def begin(self, holds: Callable[[], bool]) -> None:
        """Share out from now on, while it `holds` that we lead."""
        self.cease()
        self._forget()
        self._alone_since = None
        self._stopped = stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(holds, stopped), name="sharing", daemon=True)
        self._thread.start()

    def cease(self) -> None:
        """Share nothing out any more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._thread, self._seen = None, None
        self._metrics.workers.set(0)
        self._metrics.shards_late.set(0)

    @property
    def problem(self) -> str | None:
        """Why pools are not read, if it is for want of workers."""
        if self._seen is None:
            return "it is not known yet which workers there are"
        workers, late = self._seen
        if not workers:
            return "no worker is there to read the pools: start one with pool-stats worker"
        return f"{late} of {self._terms().shards} shards wait for a worker for too long" if late else None

    @property
    def note(self) -> str | None:
        """How many workers there are."""
        number = len(self._seen[0]) if self._seen else 0
        return f"{number} worker{' reads' if number == 1 else 's read'} the pools" if number else None

    def _run(self, holds: Callable[[], bool], stopped: threading.Event) -> None:
        while True:
            terms = self._terms()
            if holds():
                try:
                    with fenced(holds), writing(self._engine) as db:
                        self.share(db, terms, self._clock.wall())
                    self._troubles.over("shards")
                    self._works()
                except NotLeading:
                    self._forget()
                except StoreError as error:
                    # Nothing of it was kept: what has not been read by now is shared out anew.
                    self._forget()
                    self._troubles.begin("database", type(error).__name__, str(error), by="shards")
                except Exception as error:  # noqa: BLE001 - whatever it was, the pools must be read
                    self._forget()
                    self._troubles.begin("shards", type(error).__name__, f"{error!r}", by="shards", error=error)
            if stopped.wait(min(max(terms.every / terms.shards, _OFTEN), _SELDOM).total_seconds()):
                return

    def share(self, db: Connection, terms: Terms, now: datetime) -> None:
        """Put into the queue what is due, and what was taken from workers that are gone."""
        workers = queue.workers(db, within=terms.lease)
        if (self._slicing.every, self._slicing.number) != (terms.every, terms.shards):
            self._slicing = self._slicing.into(terms.every, terms.shards)
        new = self._slicing.follow(self._pools())
        of = self._slicing.of
        if not of:
            # Just started: what another leader has put there is good until we know better.
            self._tell(workers, 0)
            return
        standing = queue.queued(db)
        to = {f"{index}/{terms.shards}": worker for index, worker in assigned(sorted(of), workers).items()}
        lost = [each for each in standing if each.worker not in workers or each.shard not in to]
        waiting = {each.shard for each in standing if not each.is_read and each not in lost}
        taken = {name: args for name, args in queue.take_back(db, [each.id for each in lost]) if name in to}
        part = FOR_WORKERS / max(1, len(workers))
        for name, args in taken.items():
            if name not in waiting:
                self._put(db, name, {**args, "share": part}, to[name], waiting)
        if taken:
            log.warning("%d shards go to other workers: whoever had them is gone", len(taken))
        late = self._late(terms, standing)
        if workers:
            self._alone_since = None
            for shard in self._due(new, now):
                if shard.name not in waiting:
                    args = SHARDS.dump_python(replace(shard, share=part), mode="json")
                    self._put(db, shard.name, args, to[shard.name], waiting)
        else:
            late = self._unread(terms, of, now)
            self._forget()
        self._tell(workers, late)

    def _put(self, db: Connection, name: str, shard: Mapping[str, Any], worker: int, waiting: set[str]) -> None:
        queue.put(db, name, shard, worker)
        waiting.add(name)
        self._put_at[name] = self._clock.monotonic()

    def _due(self, new: Sequence[Pool], now: datetime) -> list[Shard]:
        """The slices whose time has come since this was asked last; at once, those with pools that are new."""
        slicing = self._slicing
        at_once = [
            Shard(f"{index}/{slicing.number}", slicing.of[index], now, over=timedelta(), since=now - slicing.every)
            for index in slices(new, slicing.number)
        ]
        names = {shard.name for shard in at_once}
        return [*at_once, *(shard for shard in iter(lambda: slicing.turn(now), None) if shard.name not in names)]

    def _late(self, terms: Terms, standing: Sequence[queue.Queued]) -> int:
        """How many shards have waited too long for being read."""
        before = self._clock.monotonic() - _LATE * terms.every.total_seconds()
        names = {each.shard for each in standing}
        now = self._clock.monotonic()
        self._put_at = {name: self._put_at.get(name, now) for name in names}
        return sum(at < before for at in self._put_at.values())

    def _unread(self, terms: Terms, of: Mapping[int, tuple[Pool, ...]], now: datetime) -> int:
        """How many slices have waited too long since their turn came, while there is no worker to put them to."""
        number, every = terms.shards, terms.every.total_seconds()
        self._alone_since = self._alone_since or now
        since, at = (int(each.timestamp() / every * number) for each in (self._alone_since, now))
        came = range(since + 1, at + 1 - _LATE * number)[:number]
        return len({turn % number for turn in came} & of.keys())

    def _tell(self, workers: list[int], late: int) -> None:
        before, self._seen = self._seen, (workers, late)
        if before is None or len(before[0]) != len(workers):
            level = logging.INFO if workers else logging.WARNING
            log.log(level, "%s", self.note or self.problem)
        self._metrics.workers.set(len(workers))
        self._metrics.shards_late.set(late)
