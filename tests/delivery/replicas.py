"""Several bots on one PostgreSQL, each behind a wire of its own: who of them leads, and what befalls the leader."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import requests
from sqlalchemy import make_url

from tests.delivery.processes import Process
from tests.delivery.scene import Scene, time_passes
from tests.delivery.wire import Wire

_LEADER = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND a.datname = current_database()
"""
# A gone leader is replaced within this time.
REPLACED_WITHIN = 15.0


@dataclass(frozen=True, eq=False)
class Replica:
    """One bot, its port, and its way to the database."""

    bot: Process
    port: int
    wire: Wire

    @property
    def url(self) -> str:
        """Where people's requests reach it."""
        return f"http://127.0.0.1:{self.port}"

    def leads(self) -> bool:
        """Whether it says so."""
        try:
            page = requests.get(f"{self.url}/metrics", timeout=5).text
        except (requests.ConnectionError, requests.Timeout):
            return False
        return "pool_stats_leader 1.0" in page


class Replicas:
    """The bots of a scene."""

    def __init__(self, one: Scene, lease: str) -> None:
        self._one = one
        self._lease = lease
        self.all: list[Replica] = []

    def start(self, number: int = 1) -> None:
        """Start so many more; returns when they can do their work."""
        made = [self._start() for _ in range(number)]
        ready = lambda: all(self._one.is_ready(str(each.port)) for each in made)  # noqa: E731
        self._one.eventually(ready, what="readiness of the replicas", revive=False)

    def _start(self) -> Replica:
        one, port = self._one, self._one.held_port()
        database = make_url(one.database)
        wire = Wire(database.port or 5432)
        url = database.set(port=wire.port).render_as_string(hide_password=False)
        bot = one.start(DATABASE_URL=url, POOL_STATS_WEB__PORT=str(port), POOL_STATS_SCALE__LEASE=self._lease)
        made = Replica(bot, port, wire)
        self.all.append(made)
        return made

    def leader(self) -> Replica | None:
        """Who leads, as the database says."""
        with psycopg.connect(self._one.database, autocommit=True) as db:
            found = db.execute(_LEADER).fetchone()
        pid = str(found[0]).rpartition("/")[2] if found else ""
        return next((each for each in self.all if str(each.bot.pid) == pid and each.bot.alive), None)

    def the_leader(self) -> Replica:
        """Who leads, once somebody does."""
        found = self._one.eventually(self.leader, within=REPLACED_WITHIN + 5, what="a leader", revive=False)
        assert found is not None
        return found

    def follower(self) -> Replica:
        """Somebody who does not lead; people's requests go there from now on."""
        leader = self.the_leader()
        found = next(each for each in self.all if each is not leader and each.bot.alive)
        self._one.sandbox.app_url = found.url
        return found

    def replaced(self, old: Replica) -> float:
        """Wait until another one leads than `old`; the seconds that took."""
        began = time.monotonic()
        while (new := self.leader()) is None or new is old:
            took = time.monotonic() - began
            assert took < REPLACED_WITHIN, f"nobody else leads after {took:.1f} s\n{self._said()}"
            time_passes()
        took = time.monotonic() - began
        while not new.leads():
            since = time.monotonic() - began
            assert since < 2 * REPLACED_WITHIN, (
                f"{new.bot.pid} has had the lead for {since - took:.1f} s\n{self._said()}"
            )
            time_passes()
        return took

    def _said(self) -> str:
        return "\n".join(f"--- {each.bot.pid} (port {each.port}):\n{each.bot.said}" for each in self.all)

    @contextmanager
    def paused(self, which: Replica) -> Iterator[None]:
        """The process is stopped (SIGSTOP) and goes on afterwards."""
        self._one.faults += 1
        which.bot.send(signal.SIGSTOP)
        yield
        which.bot.send(signal.SIGCONT)

    @contextmanager
    def cut_off(self, which: Replica) -> Iterator[None]:
        """The process cannot reach the database, and is not told so."""
        self._one.faults += 1
        which.wire.cut()
        yield
        which.wire.mend()

    def kill(self, which: Replica) -> None:
        """Kill it."""
        self._one.faults += 1
        which.bot.stop(signal.SIGKILL)

    def close(self) -> None:
        """End them all."""
        for each in self.all:
            each.bot.stop(signal.SIGKILL)
            each.wire.close()


@contextmanager
def replicas(one: Scene, number: int = 3, *, lease: str = "10s") -> Iterator[Replicas]:
    """So many replicas in a scene."""
    made = Replicas(one, lease)
    try:
        made.start(number)
        made.follower()
        yield made
    finally:
        made.close()
