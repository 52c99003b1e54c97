"""What do the messages about single jobs look like? Examples for the golden files and `pool-stats preview`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.because import Because
from bot.core.cause import Abnormal, Cause, Facts, Full, JustCame, NotEnough, NothingWaits, Overtaken, Quota, TooLarge
from bot.core.forecast import Drain, NoForecast
from bot.core.language import _
from bot.core.stats import JobStatus, Pool
from bot.core.workloads import Workload, Workloads
from bot.messages.jobs import Page, jobs_message
from bot.messages.model import Message
from bot.messages.why import why_message

_MINUTE = timedelta(minutes=1)
_FLAVOR = "modelarts.vm.gpu.8v100"
_DRAIN = Drain(24, 22 * _MINUTE, timedelta(hours=1, minutes=10), cases=212, scored=60, right=48, started=31, came=19)


def _job(number: int, status: JobStatus, cards: int = 8, **more: object) -> Workload:
    job = Workload(
        name=("bert-pretrain", "llama-sft", "whisper-asr", "detr-coco")[number % 4] + f"-{number}",
        job_type="train",
        status=status.value,
        uid=f"6715ceb5-{number:04}",
        user=("li.wei", "ana", "user-07")[number % 3],
        flavor=_FLAVOR,
        priority="1",
        resources={"cpu": f"{8 * cards} Cores", "memory": f"{64 * cards}.00 GiB", "nvidia.com/gpu": str(cards)},
    )
    return replace(job, **more)  # type: ignore[arg-type] # any field of a job


def _waiting(total: int = 24) -> Workloads:
    jobs = (_job(n, JobStatus.QUEUE, 8 if n else 16, waiting=(190 - 30 * n) * _MINUTE) for n in range(6))
    return Workloads(tuple(jobs), total)


def _running() -> Workloads:
    jobs = tuple(_job(n, JobStatus.RUNNING, (8, 4, 8)[n % 3], running=(900 - 40 * n) * _MINUTE) for n in range(20))
    return Workloads(jobs, len(jobs))


def job_examples(pool: Pool, hostile: Pool) -> Mapping[str, Message]:
    """Why and which jobs, in every form."""
    nodes = {"available": {_FLAVOR: 16}, "abnormal": {_FLAVOR: 2}}
    facts = Facts(_waiting(), _running(), nodes, "Running")
    bad = _job(1, JobStatus.FAILED, name=hostile.name, user="<!channel> `x`\n\u202e@here", running=3 * _MINUTE)

    def why(cause: Cause, *more: Cause, facts: Facts = facts, forecast: Drain | NoForecast = _DRAIN) -> Message:
        return why_message(pool, facts, (cause, *more), forecast=forecast, with_users=True, not_told={})

    missing = {
        _("which jobs run"): _("The answer took too long"),
        _("the nodes of the pool"): _("the account lacks a right"),
    }
    failed = Page(JobStatus.FAILED, Workloads((bad,), 31), 4)
    queue = Page(JobStatus.QUEUE, _waiting())
    return {
        "why": why(Full(16, 16, 0), Abnormal(2, 18)),
        "why-too-large": why(TooLarge(256, 128, 16), forecast=NoForecast(Because("it often took more than a day"))),
        "why-behind": why(Full(16, 16, 8, behind=14)),
        "why-priorities": why(Full(16, 16, 3, at_most=True), Overtaken(1, 4, 2)),
        "why-just-came": why(JustCame(timedelta(seconds=40))),
        "why-nothing-waits": why(
            NothingWaits(), facts=Facts(Workloads((), 0)), forecast=NoForecast(Because("nothing waits"))
        ),
        "why-users-hidden": why_message(
            pool, facts, (Quota("li.wei", 24, 64, 32),), forecast=None, with_users=False, not_told={}
        ),
        "why-not-enough": why_message(
            pool,
            Facts(_waiting()),
            (NotEnough(("the machines of the pool", "the running jobs")),),
            forecast=NoForecast(Because("it takes {number} days of readings to know this pool", number=3)),
            with_users=True,
            not_told=missing,
        ),
        "why-hostile": why_message(
            hostile,
            Facts(Workloads((replace(bad, waiting=5 * _MINUTE),), 1), Workloads((bad,), 1), None, None),
            (Quota(bad.user or "", 1, 8, 8),),
            forecast=_DRAIN,
            with_users=True,
            not_told={"the nodes of the pool": "<!here> *no*"},
        ),
        "jobs": jobs_message(
            pool,
            [Page(JobStatus.QUEUE, Workloads(_waiting().items[:5], 24)), Page(JobStatus.FAILED, Workloads((), 0))],
            with_users=True,
            one_status=False,
            not_told={},
        ),
        "jobs-hostile": jobs_message(hostile, [failed], with_users=True, one_status=True, not_told={}),
        "jobs-users-hidden": jobs_message(pool, [queue], with_users=False, one_status=True, not_told={}),
        "jobs-not-told": jobs_message(
            pool,
            [],
            with_users=True,
            one_status=True,
            not_told={_("the jobs in {status}", status="Failed"): _("the account lacks a right")},
        ),
    }
