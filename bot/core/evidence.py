"""What stood behind an alert when it was told: the jobs that waited longest or failed last, and the likely cause?

It is kept with the alert, with the moment it is from: days later the jobs are others. What is kept are facts, so that
each channel is told in its own words, and of no users where they are not named.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from bot.core.alerts import ABSENT, Alert
from bot.core.cause import Cause, Facts, NothingWaits
from bot.core.failure_cause import FailureCause, failure_cause, last_failed
from bot.core.gathering import Update
from bot.core.inferring import causes
from bot.core.stats import WAITING, JobStatus
from bot.core.workloads import Workload, Workloads

# As many jobs as stand in an alert.
MOST_JOBS = 3
# A name from outside is cut when it is shown; this keeps an absurd one from being kept.
_LONGEST = 200

Why = Cause | FailureCause


@dataclass(frozen=True, slots=True)
class ToldJob:
    """One job, as far as an alert tells of it."""

    name: str
    job_type: str
    user: str | None = None
    cards: int | None = None
    waits: timedelta | None = None
    ran: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ModelArts told.

    Attributes:
        taken_at: When.
        status: The status that the jobs are in.
        jobs: The first of them.
        number: How many there were, at least.
        why: The likely cause, as far as one was asked for and found.
        refused: The bot's account may not list jobs: nothing is known of them.
    """

    taken_at: datetime
    status: JobStatus
    jobs: tuple[ToldJob, ...] = ()
    number: int = 0
    why: Why | None = None
    refused: bool = False


def is_about_jobs(alert: Alert) -> bool:
    """Whether there are jobs behind the alert that are worth a look: those that wait, or that failed."""
    return alert.kind != ABSENT and (alert.metric in WAITING or alert.metric is JobStatus.FAILED)


def asks_for_evidence(update: Update) -> bool:
    """Whether people are notified just now, so that what stands behind it is worth asking anew."""
    aloud = update.opened or any(entry.aloud for entry in update.entries)
    return aloud and update.incident.open and is_about_jobs(update.incident.ranked()[0].alert)


def evidence_of_waiting(
    status: JobStatus, facts: Facts, *, taken_at: datetime, job_type: str | None = None
) -> Evidence | None:
    """What stands behind an alert about waiting jobs; `None` where none waits any more.

    Why jobs wait is known of those in Queue: the others have their place already.
    """
    waiting = facts.waiting or Workloads(())
    jobs = [job for job in waiting.items if job_type in (None, job.job_type)]
    if not jobs:
        return None
    why = causes(facts)[0] if status is JobStatus.QUEUE else None
    number = waiting.number if job_type is None else len(jobs)
    return Evidence(taken_at, status, _told(jobs), number, None if isinstance(why, NothingWaits) else why)


def evidence_of_failed(
    failed: Workloads,
    nodes: Mapping[str, Mapping[str, int]] | None,
    *,
    taken_at: datetime,
    more: int,
    job_type: str | None = None,
) -> Evidence | None:
    """What stands behind an alert about failed jobs, of which there are so many `more`; `None` where none is listed."""
    jobs = last_failed([job for job in failed.items if job_type in (None, job.job_type)])
    if not jobs:
        return None
    number = failed.number if job_type is None else len(jobs)
    return Evidence(taken_at, JobStatus.FAILED, _told(jobs), number, failure_cause(jobs[: max(more, 1)], nodes))


def _told(jobs: Sequence[Workload]) -> tuple[ToldJob, ...]:
    return tuple(
        ToldJob(
            (job.name or job.uid or "")[:_LONGEST],
            job.job_type[:_LONGEST],
            job.user[:_LONGEST] if job.user else None,
            job.cards,
            job.waiting,
            job.running,
        )
        for job in jobs[:MOST_JOBS]
    )


_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Why)}


@cache
def _evidence() -> TypeAdapter[Evidence]:
    """Made when it is first used: that takes as long as importing a dozen files."""
    return TypeAdapter(Evidence)


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence for the store; a cause is kept with its name, because several have the same fields."""
    kept: dict[str, Any] = _evidence().dump_python(evidence, mode="json")
    if evidence.why is not None:
        kept["why"] = {type(evidence.why).__name__: kept["why"]}
    # Half a surrogate pair is nothing that can be read again.
    whole = json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")
    readable: dict[str, Any] = json.loads(whole)
    return readable


def evidence_from_json(kept: Mapping[str, Any]) -> Evidence:
    """The evidence that `evidence_to_json` wrote.

    Raises:
        ValueError: It is not such evidence, or names a cause that this version does not know.
    """
    named = kept.get("why")
    why: Why | None = None
    if isinstance(named, dict) and len(named) == 1:
        ((name, fields),) = named.items()
        if name not in _KINDS:
            raise ValueError(f"no cause is called {name!r}")
        why = TypeAdapter(_KINDS[name]).validate_python(fields)
    bare: Evidence = _evidence().validate_python({**kept, "why": None})
    return Evidence(bare.taken_at, bare.status, bare.jobs, bare.number, why, bare.refused)
