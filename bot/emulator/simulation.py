"""How do jobs go through a pool? First come first served; a job that does not fit holds up those behind it."""

import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

from bot.emulator.traces import STATUSES

_CARDS = {"train": (1, 2, 4, 8, 8, 16), "infer": (1, 2), "notebook": (1,)}
_FAILS, _STOPPED = 0.03, 0.06  # shares of jobs that fail or are stopped by their owner in ordinary times
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """A pool and its usual load."""

    key: str
    cards: int
    jobs_per_hour: Mapping[str, float]
    minutes: Mapping[str, int]


@dataclass(slots=True)
class _Job:
    kind: str
    cards: int
    minutes: int
    end: str
    retries: int = 0
    ends_at: int = 0


class SimulatedPool:
    """One pool, moved on minute by minute."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.broken = False  # whether every job that starts now fails soon
        self._luck = random.Random(f"{seed}/{plan.key}")
        self._free = plan.cards
        self._queue: deque[_Job] = deque()
        self._pending: list[_Job] = []
        self._creating: list[_Job] = []
        self._running: list[_Job] = []
        self._terminating: list[_Job] = []
        self._finished: dict[str, Counter[str]] = {kind: Counter() for kind in plan.jobs_per_hour}

    def submit(self, count: int, kind: str, *, cards: int, minutes: int) -> None:
        """Put jobs into the queue."""
        self._queue.extend(_Job(kind, cards, minutes, "Completed") for _ in range(count))

    def kill(self, most: int) -> None:
        """Let up to `most` running jobs fail now."""
        for job in self._running[:most]:
            self._end(job, "Failed")
        del self._running[:most]

    def forget_finished(self) -> None:
        """Count finished jobs from 0 again."""
        for counter in self._finished.values():
            counter.clear()

    def counts(self) -> dict[str, tuple[int | None, ...]]:
        """The jobs now, by type, in the order of the statuses."""
        found = {kind: Counter(counter) for kind, counter in self._finished.items()}
        places = {
            "Queue": self._queue,
            "Pending": self._pending,
            "Creating": self._creating,
            "Running": self._running,
            "Terminating": self._terminating,
        }
        for status, jobs in places.items():
            for job in jobs:
                found[job.kind][status] += 1
        return {kind: tuple(counter[status] for status in STATUSES) for kind, counter in found.items()}

    def step(self, minute: int) -> None:
        """One minute later."""
        for job in self._terminating:
            self._end(job, "Terminated")
        self._terminating = []
        self._finish(minute)
        self._running += self._creating
        self._creating = self._pending
        for job in self._creating:
            job.ends_at = minute + 1 + self._lasts(job)
        self._pending = []
        self._arrive()
        while self._queue and self._queue[0].cards <= self._free:
            job = self._queue.popleft()
            self._free -= job.cards
            self._pending.append(job)

    def _finish(self, minute: int) -> None:
        over = [job for job in self._running if job.ends_at <= minute]
        self._running = [job for job in self._running if job.ends_at > minute]
        for job in over:
            if job.end == "Terminated":
                self._terminating.append(job)
            else:
                self._end(job, job.end)

    def _end(self, job: _Job, status: str) -> None:
        self._finished[job.kind][status] += 1
        self._free += job.cards
        if status == "Failed" and self.broken and job.retries < _RETRIES:
            self._queue.append(_Job(job.kind, job.cards, job.minutes, "Completed", job.retries + 1))

    def _lasts(self, job: _Job) -> int:
        if self.broken:
            job.end = "Failed"
            return self._luck.randint(1, 2)
        return job.minutes

    def _arrive(self) -> None:
        for kind, rate in self.plan.jobs_per_hour.items():
            if self._luck.random() < rate / 60:
                cards = min(self._luck.choice(_CARDS[kind]), self.plan.cards)
                minutes = max(2, round(self._luck.lognormvariate(0, 0.6) * self.plan.minutes[kind]))
                self._queue.append(_Job(kind, cards, minutes, self._fate()))

    def _fate(self) -> str:
        luck = self._luck.random()
        return "Failed" if luck < _FAILS else "Terminated" if luck < _FAILS + _STOPPED else "Completed"
