"""Why may jobs wait? Pools that stand still, each with one reason that its jobs and machines show."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot.emulator.engine import Engine
from bot.emulator.jobs import Job, host_ip
from bot.emulator.pools import Pool, pool_named

CAUSES = "causes"
_CARDS = 32  # of each pool: four machines of eight
_MINUTE = 60.0


class Made:
    """Makes the jobs of one pool, at one moment."""

    def __init__(self, pool: Pool, now: float) -> None:
        self.pool = pool
        self._now = now
        self._made = 0

    def waits(self, cards: int, minutes: float, *, user: str = "user-01", priority: int = 1) -> Job:
        """A job that has queued for so long."""
        return self._job("Queue", cards, minutes, user, priority)

    def runs(self, cards: int, *nodes: int, minutes: float = 300, user: str = "user-02", priority: int = 1) -> Job:
        """A job that runs on these machines, submitted five minutes before it began."""
        job = self._job("Running", cards, minutes + 5, user, priority)
        hosts = tuple(host_ip(node, self.pool) for node in nodes)
        return replace(job, hosts=hosts, started=self._now - minutes * _MINUTE)

    def failed(self, minutes: float, *, user: str = "user-03") -> Job:
        """A job that failed so long ago, four minutes after it began."""
        job = self._job("Failed", 8, minutes + 6, user, 1)
        return replace(job, started=job.created + _MINUTE, ended=job.created + 5 * _MINUTE)

    def _job(self, status: str, cards: int, minutes: float, user: str, priority: int) -> Job:
        self._made += 1
        digest = hashlib.sha256(f"{self.pool.id}/{self._made}".encode()).hexdigest()
        uid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        name = f"job-{self._made:02}"
        created = self._now - minutes * _MINUTE
        return Job(uid, name, "train", user, cards, (), status, created, priority=priority)


def _full(made: Made) -> Sequence[Job]:
    waiting = [made.waits(8, 90 - 10 * number, user=f"user-{number:02}") for number in range(6)]
    return [*waiting, *(made.runs(8, node) for node in range(4)), made.failed(30)]


def _behind(made: Made) -> Sequence[Job]:
    small = [made.waits(2, 60 - number, user="user-05") for number in range(9)]
    return [made.waits(16, 120), *small, made.runs(8, 0), made.runs(8, 1), made.runs(8, 2)]


def _abnormal(made: Made) -> Sequence[Job]:
    return [made.waits(8, 45), made.waits(8, 40, user="user-04"), made.runs(8, 0)]


def _no_nodes(made: Made) -> Sequence[Job]:
    return [made.waits(8, 45)]


def _too_large(made: Made) -> Sequence[Job]:
    return [made.waits(64, 600), made.waits(8, 500, user="user-04"), made.runs(8, 0)]


def _scattered(made: Made) -> Sequence[Job]:
    return [made.waits(8, 30), made.waits(8, 20, user="user-04"), *(made.runs(5, node) for node in range(4))]


def _priorities(made: Made) -> Sequence[Job]:
    urgent = [made.runs(8, node, minutes=20, user="user-09", priority=3) for node in range(4)]
    return [made.waits(8, 400), made.waits(8, 10, user="user-09", priority=3), *urgent]


def _quota(made: Made) -> Sequence[Job]:
    return [made.waits(4, 60, user="user-07"), made.waits(4, 50, user="user-07"), made.runs(8, 0, user="user-07")]


def _just_came(made: Made) -> Sequence[Job]:
    return [made.waits(8, 0.2), *(made.runs(8, node) for node in range(4))]


_MAKES = {
    "pool-full": (_full, 0),
    "pool-behind": (_behind, 0),
    "pool-abnormal": (_abnormal, 3),
    "pool-no-nodes": (_no_nodes, 4),
    "pool-too-large": (_too_large, 0),
    "pool-scattered": (_scattered, 0),
    "pool-priorities": (_priorities, 0),
    "pool-quota": (_quota, 0),
    "pool-just-came": (_just_came, 0),
}


def set_up(engine: Engine) -> None:
    """Put a pool for each reason into `engine`; their jobs grow older, and nothing else changes."""
    for name, (jobs, abnormal) in _MAKES.items():
        pool = replace(pool_named(name, project_id=engine.project_id, cards=_CARDS), abnormal=abnormal)
        engine.set_jobs(pool, jobs(Made(pool, engine.clock().timestamp())))
