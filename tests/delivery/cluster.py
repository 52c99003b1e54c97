"""A bot that reads no pool itself, and workers that read them for it: they are killed and paused like any other."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bot.clock import Clock
from bot.store import samples
from bot.store.engine import open_store, reading, writing
from tests.delivery.processes import Nursery, Process
from tests.delivery.scene import Scene

LEASE = "2s"
CLUSTER = {"POOL_STATS_SCALE__MODE": "cluster", "POOL_STATS_SCALE__LEASE": LEASE, "POOL_STATS_SCALE__SHARDS": "16"}


class Workers:
    """The workers of a scene."""

    def __init__(self, one: Scene, nursery: Nursery) -> None:
        self._one = one
        self._nursery = nursery
        self._engine = open_store(one.database)
        self.all: list[Process] = []

    def start(self, number: int = 1) -> None:
        """Start so many more; returns when they are there."""
        made = [self._nursery.start(self._one.env, "worker") for _ in range(number)]
        self.all += made
        self._one.eventually(lambda: all("this is worker" in each.said for each in made), what="workers", revive=False)

    @property
    def living(self) -> list[Process]:
        """Those that run."""
        return [each for each in self.all if each.alive]

    def forget(self) -> None:
        """The leader forgets them all, as it does with who was silent for long."""
        self._one.faults += 1
        with writing(self._engine) as db:
            db.execute(text("DELETE FROM pool_stats_queue.procrastinate_workers"))

    def kill(self, which: Process) -> None:
        """Kill it."""
        self._one.faults += 1
        which.stop(signal.SIGKILL)

    @contextmanager
    def paused(self, which: Process) -> Iterator[None]:
        """The process is stopped (SIGSTOP) and goes on afterwards."""
        self._one.faults += 1
        which.send(signal.SIGSTOP)
        yield
        which.send(signal.SIGCONT)

    def all_read(self, number: int, *, within: float) -> float:
        """Wait until each of so many pools was read anew; the seconds that took."""
        began, wall = time.monotonic(), Clock().wall().timestamp()

        def read() -> bool:
            with reading(self._engine) as db:
                newest = [stats.taken_at.timestamp() for stats in samples.latest_all(db)]
            return len(newest) == number and min(newest) > wall

        self._one.eventually(read, within=within, what="a new reading of every pool", revive=False)
        return time.monotonic() - began

    def close(self) -> None:
        """End them all."""
        for each in self.all:
            each.stop(signal.SIGKILL)
        self._engine.dispose()


@contextmanager
def workers(one: Scene, nursery: Nursery, number: int) -> Iterator[Workers]:
    """A bot that leads, and so many workers; returns when every pool is read."""
    made = Workers(one, nursery)
    try:
        one.start()
        one.eventually(lambda: "listening" in one.bots[-1].said, what="the bot", revive=False)
        made.start(number)
        one.eventually(one.is_ready, what="readiness", revive=False)
        yield made
    except AssertionError as error:
        said = "\n".join(f"--- worker {each.pid}:\n{each.said}" for each in made.all)
        raise AssertionError(f"{error}\n{said}") from error
    finally:
        made.close()
