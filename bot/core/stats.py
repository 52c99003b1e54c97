"""What did ModelArts say about one pool at one moment?

The nine statuses and their meaning:
https://support.huaweicloud.com/intl/en-us/api-modelarts/ShowWorkloadStatistics.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class JobStatus(StrEnum):
    """The documented statuses, in the order of the vendor's page and of every table we draw."""

    QUEUE = "Queue"
    PENDING = "Pending"
    ABNORMAL = "Abnormal"
    TERMINATING = "Terminating"
    CREATING = "Creating"
    RUNNING = "Running"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"
    FAILED = "Failed"


# The documented job types, in the order in which we show them; ModelArts adds new ones, so a type is a plain string.
KNOWN_TYPES = ("train", "infer", "notebook")

# Statuses whose count says how many jobs ended that way; whether the count is cumulative, retained for a while or a
# snapshot is not documented, so they are judged by what was added between two readings.
ENDED = frozenset({JobStatus.COMPLETED, JobStatus.TERMINATED, JobStatus.FAILED})

# Statuses of jobs that have not started yet, in the order in which they pass through them.
WAITING = (JobStatus.QUEUE, JobStatus.PENDING, JobStatus.CREATING)


@dataclass(frozen=True, slots=True)
class Pool:
    """A resource pool.

    Attributes:
        id: ModelArts' `metadata.name`.
        name: What people call it: its display name (the id where it has none), followed by `@` and the region or the
            account where a pool of another account has the same one (`bot.core.places`).
        account: Which of several accounts it belongs to; empty where there is but one.
        region: Where that account is; empty where that is not known.
    """

    id: str
    name: str
    account: str = ""
    region: str = ""

    @property
    def display_name(self) -> str:
        """Its name as ModelArts shows it."""
        for place in (self.region, self.account):
            if place and self.name.endswith(f"@{place}"):
                return self.name[: -len(place) - 1]
        return self.name

    @property
    def names(self) -> frozenset[str]:
        """Everything that it may be called, case-folded: id and name, and its display name alone and with its place."""
        found = {self.id, self.name}
        if self.account or self.region:
            plain = self.display_name
            found |= {plain, *(f"{plain}@{place}" for place in (self.region, self.account) if place)}
        return frozenset(name.casefold() for name in found)

    def named_by(self, globs: Iterable[str]) -> bool:
        """Whether any of `globs` matches one of the pool's names, whatever the case."""
        names = self.names
        return any(fnmatchcase(name, glob.casefold()) for glob in globs for name in names)


@dataclass(frozen=True, slots=True)
class TypeCounts:
    """The jobs of one type.

    Attributes:
        status: Count by documented status. A status that is missing here was not reported, which is not zero.
        unknown: Count by a status that the documents do not know; kept and shown.
        total: The total the answer stated for the type, which need not be the sum; `None` where it stated none.
    """

    status: Mapping[JobStatus, int]
    unknown: Mapping[str, int] = field(default_factory=dict)
    total: int | None = None

    @property
    def jobs(self) -> int:
        """How many jobs: the sum of all counts, or the stated total where that is larger (sparse answers)."""
        return max(sum(self.status.values()) + sum(self.unknown.values()), self.total or 0)


@dataclass(frozen=True, slots=True)
class PoolStats:
    """One reading: every count of one pool at one moment, by job type.

    A type that is missing has no jobs; an empty `types` is an empty pool.
    """

    pool: Pool
    taken_at: datetime
    types: Mapping[str, TypeCounts]

    def count(self, status: JobStatus, job_type: str | None = None) -> int | None:
        """Jobs in `status`, of one type or of all together; `None` when no answer about it was given.

        An empty pool has 0 of everything: ModelArts leaves out types without jobs.
        """
        if job_type is not None:
            counts = self.types.get(job_type)
            return 0 if counts is None else counts.status.get(status)
        if not self.types:
            return 0
        found: int | None = None
        for counts in self.types.values():
            number = counts.status.get(status)
            if number is not None:
                found = number if found is None else found + number
        return found

    @property
    def jobs(self) -> int:
        """How many jobs of all types."""
        return sum(counts.jobs for counts in self.types.values())

    @property
    def not_reported(self) -> tuple[JobStatus, ...]:
        """The documented statuses that the answer mentioned for no job type; none for an empty pool."""
        return tuple(status for status in JobStatus if self.count(status) is None)

    @property
    def unknown_status(self) -> dict[str, int]:
        """Counts of statuses the documents do not know, over all types."""
        found: dict[str, int] = {}
        for counts in self.types.values():
            for status, number in counts.unknown.items():
                found[status] = found.get(status, 0) + number
        return found


def type_order(job_type: str) -> tuple[int, str]:
    """The sort key that shows the documented types first, then the others by name."""
    return (KNOWN_TYPES.index(job_type) if job_type in KNOWN_TYPES else len(KNOWN_TYPES), job_type)
