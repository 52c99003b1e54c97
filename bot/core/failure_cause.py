"""Why did jobs fail? What the last ones have in common, as far as ModelArts tells it; never more than likely."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.workloads import Workload

# What fewer jobs have in common may be chance.
FEWEST = 3
# A job that fails this soon has hardly begun its work.
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OneNode:
    """All of them ran on the same machine, and not all that run do."""

    host: str
    jobs: int


@dataclass(frozen=True, slots=True)
class OneUser:
    """All of them are one person's."""

    user: str
    jobs: int


@dataclass(frozen=True, slots=True)
class SoonOver:
    """All of them failed as soon as they had begun."""

    longest: timedelta
    jobs: int


@dataclass(frozen=True, slots=True)
class BrokenNodes:
    """Machines are out of order: what ran on them may have failed with them."""

    abnormal: int
    nodes: int


FailureCause = OneNode | OneUser | SoonOver | BrokenNodes


def last_failed(jobs: Sequence[Workload]) -> tuple[Workload, ...]:
    """The jobs, what failed last first: when a job was over is not told, but when it came and how long it took."""
    return tuple(sorted(jobs, key=_ended, reverse=True))


def _ended(job: Workload) -> float:
    if job.created_at is None:
        return 0.0
    return (job.created_at + (job.waiting or timedelta()) + (job.running or timedelta())).timestamp()


def failure_cause(failed: Sequence[Workload], nodes: Mapping[str, Mapping[str, int]] | None) -> FailureCause | None:
    """What the failed jobs have in common that may be why; `None` where they have nothing.

    Args:
        failed: The last ones, all of which are looked at.
        nodes: Machines by state and flavor, where that is told.
    """
    states = {state: sum(by_flavor.values()) for state, by_flavor in (nodes or {}).items()}
    machines = sum(states.values())
    if len(failed) >= FEWEST:
        hosts = Counter(host for job in failed for host in set(job.hosts))
        shared = [host for host, number in hosts.items() if number == len(failed)]
        # In a pool of one machine all jobs run on it.
        if len(shared) == 1 and machines > 1:
            return OneNode(shared[0], len(failed))
    if states.get("abnormal"):
        return BrokenNodes(states["abnormal"], machines)
    if len(failed) >= FEWEST:
        ran = [job.running for job in failed if job.running is not None]
        if len(ran) == len(failed) and max(ran) <= AT_ONCE:
            return SoonOver(max(ran), len(failed))
        users = {job.user for job in failed}
        if len(users) == 1 and (user := users.pop()):
            return OneUser(user, len(failed))
    return None
