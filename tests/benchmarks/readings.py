"""Which readings are stored and read where that is measured? Random ones, for no two are alike in real life either."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from tests.benchmarks.straight import STATUSES, TYPES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# A count is below this: few jobs are on their way from one status to another, many have ended.
MOST = {
    JobStatus.QUEUE: 40,
    JobStatus.PENDING: 3,
    JobStatus.ABNORMAL: 2,
    JobStatus.TERMINATING: 2,
    JobStatus.CREATING: 3,
    JobStatus.RUNNING: 200,
    JobStatus.COMPLETED: 2000,
    JobStatus.TERMINATED: 200,
    JobStatus.FAILED: 100,
}
# What a chart shows: two statuses over all types.
CHART = (JobStatus.QUEUE, JobStatus.FAILED)


def pool(number: int) -> Pool:
    """The pool of this number."""
    return Pool(f"pool-{number:04}-86c13962597848eeb29c5861153a391f", f"pool-{number}")


def tick(minute: int, pools: int) -> Iterator[PoolStats]:
    """A reading of every pool at that minute."""
    chance = random.Random(minute)
    for number in range(pools):
        types = {name: TypeCounts({status: chance.randrange(MOST[status]) for status in JobStatus}) for name in TYPES}
        stated = {name: replace(counts, total=counts.jobs) for name, counts in types.items()}
        yield PoolStats(pool(number), NOON + minute * MINUTE, stated)


def wide_rows(stats: PoolStats, number: int, at: int) -> Iterable[dict[str, int]]:
    """The rows of a reading in the wide layout."""
    for name, counts in stats.types.items():
        yield {"pool": number, "at": at, "type": TYPES[name], **_columns(counts)}


def _columns(counts: TypeCounts) -> dict[str, int]:
    return dict(zip(STATUSES, counts.status.values(), strict=True))


def to_seconds(minute: int) -> int:
    """That minute as the store keeps it."""
    return int((NOON + minute * MINUTE).timestamp())
