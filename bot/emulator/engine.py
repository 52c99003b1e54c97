"""Which pools are there, and how many jobs has each now? Counts from a trace, a scenario, or set by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Protocol

from bot.emulator.answers import FINISHED, Finished, Shape
from bot.emulator.clock import Clock, wall
from bot.emulator.history import Counts, History
from bot.emulator.jobs import Job, Ledger
from bot.emulator.pools import DEFAULT_PROJECT_ID, Pool, is_pool_id, pool_named
from bot.emulator.traces import STATUSES

_COLUMN = {status: index for index, status in enumerate(STATUSES)}
_LEDGER_WINDOW = 24 * 3600.0  # how far back the jobs of a pool asked for the first time are made up
_MAX_COUNT = 10**12


class Source(Protocol):
    """Where counts come from: a trace or a scenario."""

    def sizes(self) -> Mapping[str, int]:
        """The cards of each pool, by its key."""

    def history(self, key: str, until: float) -> History:
        """What is known of a pool, at least until the given moment."""

    def loop(self) -> tuple[float, float] | None:
        """First moment and length of what is repeated without end; None if nothing is."""

    def answers(self, at: float) -> bool:
        """Whether the service can be reached at that moment."""


@dataclass(slots=True)
class _Entry:
    pool: Pool
    by_hand: History | None = None
    extra: dict[str, dict[str, int]] = field(default_factory=dict)  # statuses set by hand that no document names
    ledger: Ledger | None = None
    shape: Shape | None = None
    jobs: tuple[Job, ...] | None = None  # set by hand, one by one


class Engine:
    """The pools of one project and their jobs.

    Args:
        clock: What time it is in the cluster: a replay's `now`, or the wall clock.
        source: The trace or scenario to play; none leaves the pools to `set_counts`.
        project_id: The project the pools belong to.
        shape: The form of the answers; may be replaced at any time.
    """

    def __init__(
        self,
        *,
        clock: Clock = wall,
        source: Source | None = None,
        project_id: str = DEFAULT_PROJECT_ID,
        shape: Shape | None = None,
    ) -> None:
        self.clock = clock
        self.project_id = project_id
        self.shape = shape or Shape()
        self._source = source
        self._lock = RLock()
        self._entries: dict[str, _Entry] = {}
        for key, cards in (source.sizes() if source else {}).items():
            pool = pool_named(key, project_id=project_id, taken=self._entries, cards=cards)
            self._entries[pool.id] = _Entry(pool)

    def pools(self) -> list[Pool]:
        """All pools, in the order they came."""
        with self._lock:
            return [entry.pool for entry in self._entries.values()]

    def find(self, pool_id: str) -> Pool | None:
        """The pool of that id."""
        with self._lock:
            entry = self._entries.get(pool_id)
            return entry.pool if entry else None

    def reachable(self) -> bool:
        """Whether the scenario lets the service answer now."""
        return self._source is None or self._source.answers(self._now())

    def counts(self, pool_id: str) -> dict[str, dict[str, int]]:
        """The jobs of a pool now, by type and status, with finished jobs counted as the shape says."""
        with self._lock:
            entry = self._entries[pool_id]
            counts = self._counts_at(entry, self._now())
            for kind, more in entry.extra.items():
                counts.setdefault(kind, {}).update(more)
            return counts

    def jobs(self, pool_id: str) -> list[Job]:
        """The jobs of a pool now, one by one, made up so that they agree with the counts."""
        with self._lock:
            entry, now = self._entries[pool_id], self._now()
            if entry.jobs is not None:
                return list(entry.jobs)
            if entry.ledger is None or entry.shape != self.shape or not 0 <= now - entry.ledger.at <= _LEDGER_WINDOW:
                entry.ledger, entry.shape = Ledger(entry.pool), self.shape
                entry.ledger.at = now - _LEDGER_WINDOW
            for moment in [*self._moments(entry, entry.ledger.at, now), now]:
                entry.ledger.bring_to(moment, self._counts_at(entry, moment))
            return entry.ledger.jobs()

    def set_counts(self, pool: str, counts: Mapping[str, Mapping[str, int]], *, name: str | None = None) -> Pool:
        """Set the jobs of a pool by hand; from now on nothing else changes them.

        Args:
            pool: Its id, or a name; a pool that is not there yet is made.
            counts: Jobs by type and status. A status left out is not reported.
            name: The display name, if it should be another.

        Raises:
            ValueError: A count is not a whole number from 0.
        """
        for status, count in [pair for kind in counts.values() for pair in kind.items()]:
            if type(count) is not int or not 0 <= count <= _MAX_COUNT:
                raise ValueError(f"{status} {count!r} is not a count")
        with self._lock:
            entry = self._entry(pool)
            entry.jobs = None
            if name:
                entry.pool = replace(entry.pool, name=name)
            entry.by_hand = entry.by_hand or History()
            entry.by_hand.put(self._now(), {kind: _packed(status) for kind, status in counts.items()})
            entry.extra = {
                kind: {status: count for status, count in reported.items() if status not in _COLUMN}
                for kind, reported in counts.items()
                if any(status not in _COLUMN for status in reported)
            }
            return entry.pool

    def set_jobs(self, pool: Pool, jobs: Sequence[Job]) -> None:
        """Set the very jobs of a pool, which is added or replaced; its counts are theirs."""
        with self._lock:
            self.add_pool(pool)
            counts: dict[str, dict[str, int]] = {}
            for job in jobs:
                told = counts.setdefault(job.type, dict.fromkeys(STATUSES, 0))
                told[job.status] += 1
            self.set_counts(pool.id, counts)
            self._entries[pool.id].jobs = tuple(jobs)

    def add_pool(self, pool: Pool) -> None:
        """Add a pool without jobs, or replace what is known about it."""
        with self._lock:
            known = self._entries.get(pool.id)
            if known:
                known.pool = pool
            else:
                self._entries[pool.id] = _Entry(pool, by_hand=History())

    def remove_pool(self, pool_id: str) -> bool:
        """Delete a pool; False if there was none."""
        with self._lock:
            return self._entries.pop(pool_id, None) is not None

    def _entry(self, pool: str) -> _Entry:
        if pool in self._entries:
            return self._entries[pool]
        named = [entry for entry in self._entries.values() if pool in (entry.pool.name, entry.pool.key)]
        if named and not is_pool_id(pool):
            return named[0]
        made = pool_named(pool, project_id=self.project_id, taken=self._entries)
        return self._entries.setdefault(made.id, _Entry(made, by_hand=History()))

    def _now(self) -> float:
        return self.clock().timestamp()

    def _place(self, entry: _Entry, at: float) -> tuple[History, float, int]:
        """The history to read, the moment to read it at, and how often it has begun anew."""
        if entry.by_hand is not None or self._source is None:
            return entry.by_hand or History(), at, 0
        loop = self._source.loop()
        if loop is None or at < loop[0] + loop[1]:
            return self._source.history(entry.pool.key, at), at, 0
        rounds, into = divmod(at - loop[0], loop[1])
        return self._source.history(entry.pool.key, at), loop[0] + into, int(rounds)

    def _counts_at(self, entry: _Entry, at: float) -> dict[str, dict[str, int]]:
        history, place, _ = self._place(entry, at)
        counts = {kind: _unpacked(values) for kind, values in history.at(place).items()}
        if self.shape.finished in (Finished.CUMULATIVE, Finished.RETAINED):
            for kind, reported in counts.items():
                for status in FINISHED:
                    reported[status] = self._finished(entry, kind, status, at)
        return counts

    def _finished(self, entry: _Entry, kind: str, status: str, at: float) -> int:
        until = self._ever(entry, kind, status, at)
        if self.shape.finished is Finished.CUMULATIVE:
            return until
        return until - self._ever(entry, kind, status, at - self.shape.retained_for.total_seconds())

    def _ever(self, entry: _Entry, kind: str, status: str, at: float) -> int:
        history, place, rounds = self._place(entry, at)
        column = _COLUMN[status]
        once = history.risen(kind, column, float("inf")) if rounds else 0
        return rounds * once + history.risen(kind, column, place)

    def _moments(self, entry: _Entry, after: float, until: float) -> Sequence[float]:
        history, place, _ = self._place(entry, until)
        shift = until - place
        return [moment + shift for moment in history.moments(after - shift, place)]


def _packed(reported: Mapping[str, int]) -> Counts:
    return tuple(reported.get(status) for status in STATUSES)


def _unpacked(values: Counts) -> dict[str, int]:
    return {status: value for status, value in zip(STATUSES, values, strict=True) if value is not None}
