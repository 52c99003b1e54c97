"""Which jobs stand behind the counts? Makes them up, and moves them on as the counts change."""

import hashlib
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from bot.emulator.answers import FINISHED
from bot.emulator.pools import Pool
from bot.emulator.traces import STATUSES

MOST_JOBS = 5000  # of one type and status; larger counts are counted, not made up
_NAMES = ("bert-pretrain", "resnet50", "llama-sft", "whisper-asr", "detr-coco", "recsys-eval", "diffusion-xl", "ocr-v3")
_USERS = 16
_CARDS = {"train": (1, 2, 4, 8, 8, 8, 16), "infer": (1, 1, 2), "notebook": (1,)}
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_UNDER_WAY = ("Terminating", "Abnormal")
# Where a job that is now in a status is most likely to have been before.
_FROM: dict[str, tuple[str, ...]] = {
    "Running": ("Creating", "Pending", "Queue"),
    "Creating": ("Pending", "Queue"),
    "Pending": ("Queue",),
    "Queue": (),
    "Terminating": ("Running",),
    "Abnormal": ("Running",),
    "Completed": ("Running",),
    "Terminated": ("Terminating", "Running"),
    "Failed": ("Abnormal", "Running"),
}


@dataclass(slots=True)
class Job:
    """One job; times are seconds since the epoch, of the cluster's clock."""

    uid: str
    name: str
    type: str
    user: str
    cards: int
    hosts: tuple[str, ...]
    status: str
    created: float
    started: float | None = None
    ended: float | None = None
    priority: int = 1


class Ledger:
    """The jobs of one pool; the same job keeps its name while it queues, runs and ends."""

    def __init__(self, pool: Pool) -> None:
        self.at = 0.0
        self._pool = pool
        self._made = 0
        # The free cards of each machine, and what each job holds of them.
        self._room = [pool.gpus_per_node] * pool.nodes
        self._held: dict[str, list[tuple[int, int]]] = {}
        self._jobs: dict[str, dict[str, deque[Job]]] = {}

    def jobs(self) -> list[Job]:
        """All jobs, the oldest of each status first."""
        return [job for by_status in self._jobs.values() for jobs in by_status.values() for job in jobs]

    def bring_to(self, at: float, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Move, add and forget jobs until they agree with `counts` at `at`."""
        self.at = at
        for kind in self._jobs.keys() | counts.keys():
            jobs = self._jobs.setdefault(kind, {status: deque() for status in STATUSES})
            wanted = {status: min(MOST_JOBS, counts.get(kind, {}).get(status, 0)) for status in STATUSES}
            for status in (*FINISHED, *_UNDER_WAY, "Running", "Creating", "Pending", "Queue"):
                while len(jobs[status]) < wanted[status]:
                    job = self._take(jobs, status, wanted) or self._new(kind, at)
                    self._move(job, status, at)
                    jobs[status].append(job)
            for status in STATUSES:
                while len(jobs[status]) > wanted[status]:
                    self._let_go(jobs[status].popleft())
        self._hold_up_the_queue()

    def _take(self, jobs: Mapping[str, deque[Job]], status: str, wanted: Mapping[str, int]) -> Job | None:
        places = _FROM[status]
        spare = next((place for place in places if len(jobs[place]) > wanted[place]), None)
        if spare is None and status in FINISHED:
            spare = next((place for place in places if jobs[place]), None)
        return jobs[spare].popleft() if spare else None

    def _move(self, job: Job, status: str, at: float) -> None:
        job.status = status
        if status not in ("Queue", "Pending", "Creating") and job.started is None:
            job.started = at
        if status in FINISHED:
            job.ended = at
            self._let_go(job)
        elif status not in ("Queue", "Pending") and job.uid not in self._held:
            self._place(job)

    def _place(self, job: Job) -> None:
        """Give the job cards, on as few machines as can be; the counts say that it runs, so it takes what there is."""
        wanted = job.cards = min(job.cards, max(1, sum(self._room)))
        taken: list[tuple[int, int]] = []
        nodes = range(len(self._room))
        # The fullest machine that has room for all of it, else the emptiest ones.
        fitting = min((node for node in nodes if self._room[node] >= wanted), key=self._room.__getitem__, default=None)
        for node in sorted(nodes, key=self._room.__getitem__, reverse=True) if fitting is None else (fitting,):
            share = min(wanted, self._room[node])
            if share:
                taken.append((node, share))
                self._room[node] -= share
                wanted -= share
        self._held[job.uid] = taken
        # Where the counts want more jobs than there are cards, the last ones share a machine.
        job.hosts = tuple(host_ip(node, self._pool) for node, _ in taken or ((self._made % self._pool.nodes, 0),))

    def _let_go(self, job: Job) -> None:
        for node, cards in self._held.pop(job.uid, ()):
            self._room[node] += cards

    def _hold_up_the_queue(self) -> None:
        """Make the first in the queue too large for what is free: else it would not wait."""
        waiting = [jobs["Queue"][0] for jobs in self._jobs.values() if jobs["Queue"]]
        if not waiting:
            return
        head = min(waiting, key=lambda job: (job.created, job.uid))
        free = sum(self._room)
        if head.cards <= free < len(self._room) * self._pool.gpus_per_node:
            head.cards = next((cards for cards in _SIZES if cards > free), free + 1)

    def _new(self, kind: str, at: float) -> Job:
        self._made += 1
        seed = f"{self._pool.id}/{kind}/{self._made}/{at}"
        luck = random.Random(seed)
        digest = hashlib.sha256(seed.encode()).hexdigest()
        uid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        cards = luck.choice(_CARDS.get(kind, (1,)))
        user = f"user-{luck.randint(1, _USERS):02d}"
        return Job(uid, f"{luck.choice(_NAMES)}-{digest[32:38]}", kind, user, cards, (), "Queue", at)


def host_ip(node: int, pool: Pool) -> str:
    """The address of the pool's machine number `node`."""
    return f"192.168.{node // 250 % 250}.{node % pool.nodes % 250 + 10}"
