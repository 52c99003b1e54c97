"""What do alerts look like that show the jobs behind them? Their part of the examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.cause import Full, NotEnough, PoolUnwell, Quota
from bot.core.evidence import Evidence, ToldJob
from bot.core.failure_cause import BrokenNodes, OneNode, OneUser, SoonOver
from bot.core.incidents import Incident, Member
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus
from bot.messages.alert import alert_message
from bot.messages.incident import incident_message
from bot.messages.model import Message

_MINUTE = timedelta(minutes=1)


def evidence_examples(
    queue: Alert, failures: Alert, resolved: Alert, hostile: str, *, now: datetime
) -> Mapping[str, Message]:
    """One example of each, as of `now`: two alerts that fire, and one of a queue that is over."""
    waiting = tuple(
        ToldJob(f"llm-pretrain-{number}", "train", f"user-0{number}", 8 * number, (95 - 15 * number) * _MINUTE)
        for number in range(1, 4)
    )
    failed = tuple(
        ToldJob(f"eval-{number}", "train", "user-07", 8, 3 * _MINUTE, (5 - number) * _MINUTE) for number in range(1, 4)
    )
    queued = Evidence(now - 2 * _MINUTE, JobStatus.QUEUE, waiting, 94, Full(12, 8, 0, behind=3))
    broken = Evidence(now - 2 * _MINUTE, JobStatus.FAILED, failed, 40, OneNode("10.0.3.17", 9))
    bad = ToldJob(hostile, hostile, hostile, 8, 90 * _MINUTE)
    told = {
        "jobs": (queue, queued),
        "jobs-not-why": (queue, replace(queued, why=NotEnough(("the machines of the pool",)))),
        "jobs-unwell": (queue, replace(queued, why=PoolUnwell("Abnormal"))),
        "jobs-few": (queue, replace(queued, jobs=waiting[:1], number=1, why=None)),
        "jobs-refused": (queue, Evidence(now, JobStatus.QUEUE, refused=True)),
        "jobs-failed": (failures, broken),
        "jobs-failed-soon": (failures, replace(broken, why=SoonOver(20 * _MINUTE / 60, 9))),
        "jobs-failed-nodes": (failures, replace(broken, why=BrokenNodes(2, 12))),
        "jobs-failed-user": (failures, replace(broken, why=OneUser("user-07", 9))),
        "jobs-resolved": (resolved, queued),
        "jobs-hostile": (queue, replace(queued, jobs=(bad, bad, bad), why=Quota(hostile, 94, 64, 16))),
    }
    hidden = {
        "jobs-users-hidden": (queue, replace(queued, why=Quota("user-01", 94, 64, 16))),
        "jobs-failed-users-hidden": (failures, replace(broken, why=OneUser("user-07", 9))),
    }
    both = Incident("7", now - 45 * _MINUTE, now, 0, Severity.CRITICAL, (Member(queue), Member(failures)))
    return {
        **{
            f"alert-{name}": alert_message(alert, now=now, evidence=found, with_users=True)
            for name, (alert, found) in told.items()
        },
        **{f"alert-{name}": alert_message(alert, now=now, evidence=found) for name, (alert, found) in hidden.items()},
        "incident-jobs": incident_message(both, now=now, evidence=broken, with_users=True),
    }
