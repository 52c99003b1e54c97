"""A long past of a pool, made up: as much moves in it as in busy recorded clusters."""

import csv
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A_DAY = 1440
POOL = Pool("train-a100-86c13962597848eeb29c5861153a391f", "train-a100")
# How often a count of each type changes within a minute: together as many rows differ from the one before them as do
# in busy recorded clusters, one in five.
MOVES = {"train": 0.08, "infer": 0.02, "notebook": 0.02}
HEADER = ("timestamp", "pool", "type", *JobStatus)


def month_of(pool: Pool, minutes: int) -> Iterator[PoolStats]:
    """Readings a minute apart: counts that move now and then, jobs that end, and a long queue twice a week."""
    chance = random.Random(7)
    counts = {name: [4, 1, 0, 0, 1, 40, 900, 30, 12] for name in MOVES}
    ended = (JobStatus.COMPLETED, JobStatus.TERMINATED, JobStatus.FAILED)
    said: dict[str, TypeCounts] = {}
    for minute in range(minutes):
        long = minute % (3 * A_DAY) in range(A_DAY // 2, A_DAY // 2 + 90)
        for name, moves in MOVES.items():
            numbers = counts[name]
            before = tuple(numbers)
            for place, status in enumerate(JobStatus):
                if chance.random() < moves / 3:
                    step = 1 if status in ended else chance.choice((-2, -1, 1, 2))
                    numbers[place] = max(0, numbers[place] + step)
            if name == "train" and long:
                numbers[0] = 120 + minute % 3
            elif name == "train" and numbers[0] > 30:
                numbers[0] = 5
            if name not in said or before != tuple(numbers):
                said[name] = TypeCounts(dict(zip(JobStatus, numbers, strict=True)))
        yield PoolStats(pool, START + minute * MINUTE, dict(said))


def write(path: Path, past: Iterable[PoolStats]) -> None:
    """The readings as a file of recorded counts."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for stats in past:
            at = f"{stats.taken_at:%Y-%m-%dT%H:%M:%SZ}"
            rows.writerows((at, stats.pool.id, name, *each.status.values()) for name, each in stats.types.items())
