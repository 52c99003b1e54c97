"""What do the neighbouring APIs say about a pool, its jobs and events? JSON as the documents show it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.emulator.jobs import Job
from bot.emulator.pools import Pool

_CARDS_PER_JOB = 4  # on the average
_RESOURCES_CHANGED = "Pool resources status changed, available/abnormal/creating/deleting count"
_ALLOCATED = ("Running", "Creating", "Terminating", "Abnormal")


def pool_document(pool: Pool, project_id: str) -> dict[str, object]:
    """A pool, as ShowPool tells it and ListPools lists it."""
    stamp = pool.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    machines = {"available": _machines(pool, pool.available)}
    if pool.abnormal:
        machines["abnormal"] = _machines(pool, pool.abnormal)
    return {
        "kind": "Pool",
        "apiVersion": "v2",
        "metadata": {
            "name": pool.id,
            "creationTimestamp": stamp,
            "labels": {
                "os.modelarts/name": pool.name,
                "os.modelarts/workspace.id": "0",
                "os.modelarts/resource.id": f"maos-{pool.name}-{pool.id[-5:]}",
                "os.modelarts/tenant.project.id": project_id,
            },
            "annotations": {"os.modelarts/description": "", "os.modelarts/billing.mode": "0"},
        },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train", "Infer", "Notebook"],
            "resources": [{"flavor": pool.flavor, "count": pool.nodes}],
            "network": {"name": f"network-maos-{project_id[:4]}"},
        },
        "status": {
            "phase": pool.phase,
            "root": pool.id,
            "scope": [{"scopeType": scope, "state": "Enabled"} for scope in ("Train", "Infer", "Notebook")],
            "resources": machines,
        },
    }


def _machines(pool: Pool, count: int) -> list[dict[str, object]]:
    return [{"flavor": pool.flavor, "count": count, "azs": [{"az": "az-7c", "count": count}]}]


def workload_document(job: Job, pool: Pool, position: int, *, now: float, said_at: datetime) -> dict[str, object]:
    """A job, as ListWorkloads lists it.

    Args:
        job: The job.
        pool: Its pool.
        position: Its place in the queue; -1 if it is not queuing.
        now: The cluster's time, in which the job's times are.
        said_at: The time that answers speak of; ages stay the same.
    """
    until = job.ended if job.ended is not None else now
    created = said_at - timedelta(seconds=max(0.0, now - job.created))
    document: dict[str, object] = {
        "kind": "Workload",
        "apiVersion": "v1",
        "uid": job.uid,
        "jobUUID": job.uid,
        "name": f"modelarts-job-{job.uid}",
        "jobName": job.name,
        "type": job.type,
        "userName": job.user,
        "namespace": pool.id,
        "status": job.status,
        "flavor": pool.flavor,
        "resourceRequirement": {"cpu": f"{8 * job.cards} Cores", "memory": f"{64 * job.cards}.00 GiB"}
        | {"nvidia.com/gpu": str(job.cards)},
        "priority": str(job.priority),
        "createTime": int(created.timestamp() * 1000),
        "pendingDuration": max(0, int((job.started if job.started is not None else until) - job.created)),
        "pendingPosition": position,
        "runningDuration": max(0, int(until - job.started)) if job.started is not None else 0,
        "gvk": "batch.volcano.sh/v1alpha1, Kind=Job",
        "isDeleted": "false",
    }
    if job.status in _ALLOCATED:
        document["hostIps"] = ",".join(job.hosts)
    return document


def metrics_document(
    pools: Sequence[tuple[Pool, Mapping[str, Mapping[str, int]]]], *, said_at: datetime, workload: bool
) -> dict[str, object]:
    """All pools at once, as ShowPoolRuntimeMetrics tells them."""
    return {
        "kind": "PoolMetricsList",
        "apiVersion": "v1",
        "items": [_metrics(pool, counts, said_at, workload) for pool, counts in pools],
    }


def _metrics(
    pool: Pool, counts: Mapping[str, Mapping[str, int]], said_at: datetime, workload: bool
) -> dict[str, object]:
    running = sum(kind.get("Running", 0) for kind in counts.values())
    taken = min(pool.cards, running * _CARDS_PER_JOB)
    stamp = {"timestamp": said_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "window": "1m0s"}

    def resources(cards: int) -> dict[str, object]:
        return {"value": {"cpu": str(8 * cards), "memory": f"{64 * cards}Gi", "nvidia.com/gpu": cards}, **stamp}

    table: dict[str, object] = {
        "capacity": resources(pool.cards),
        "allocated": resources(taken),
        "available": resources(pool.cards - taken),
    }
    if workload:
        table["workload"] = {
            "allocated": _by_type(counts, _ALLOCATED),
            "queue": _by_type(counts, ("Queue",)),
            **stamp,
        }
    return {"metadata": {"name": pool.id, "labels": {"os.modelarts/name": pool.name}}, "table": table}


def _by_type(counts: Mapping[str, Mapping[str, int]], statuses: tuple[str, ...]) -> dict[str, int]:
    told = dict.fromkeys(("train", "infer", "x-infer", "notebook", "warmUpTask"), 0)
    for kind, reported in counts.items():
        told[kind] = sum(reported.get(status, 0) for status in statuses)
    return {**told, "sum": sum(told.values())}


def pool_statistics_document(pools: int, *, said_at: datetime) -> dict[str, object]:
    """How many pools there are, as ShowPoolStatistics tells it; the time is in Go's own form."""
    status = {"created": pools, "creating": 0, "deleting": 0, "failed": 0, "pending": 0}
    stamp = said_at.astimezone(UTC)
    return {
        "statistics": {"status": status},
        "operationTime": f"{stamp:%Y-%m-%d %H:%M:%S}.{stamp.microsecond:06d}178 +0000 UTC",
    }


def monitor_document(
    pool: Pool, running: int, *, said_at: datetime, minutes: int, period: int, statistic: str
) -> dict[str, object]:
    """How busy a pool was, as ShowPoolMonitor tells it; -1 is no value."""
    busy = round(min(1.0, running * _CARDS_PER_JOB / max(1, pool.cards)) * 100, 3)
    values = {"cpuUsage": busy / 2, "memUsedRate": busy / 3, "gpuUtil": busy, "gpuMemUsage": busy * 0.8}
    values |= {"npuUtil": -1.0, "npuMemUsage": -1.0}
    last = int(said_at.timestamp()) // period * period
    moments = range(last - minutes * 60 + period, last + 1, period)
    return {
        "metrics": [
            {
                "metric": {
                    "dimensions": [{"name": "clusterId", "value": pool.id}],
                    "metricName": name,
                    "namespace": "PAAS.AGGR",
                },
                "dataPoints": [
                    {
                        "timestamp": moment * 1000,
                        "unit": "Percent",
                        "statistics": [{"statistic": statistic, "value": value}],
                    }
                    for moment in moments
                ],
            }
            for name, value in values.items()
        ]
    }


def event_documents(pool: Pool, *, said_at: datetime) -> list[dict[str, object]]:
    """What happened to a pool, newest first."""
    ready = f"{said_at - timedelta(minutes=92):%Y-%m-%dT%H:%M:%SZ}"
    told = [
        ("Normal", "PoolStatusChange", "Pool status changed, from Creating to Running, details: .", 90),
        (
            "Normal",
            "PoolResourcesStatusChange",
            f"{_RESOURCES_CHANGED} from 0/0/{pool.nodes}/0 to {pool.nodes}/0/0/0, timestamp: {ready}.",
            92,
        ),
        ("Warning", "PoolStatusChange", "Pool status changed, from Running to Abnormal, details: .", 30),
        ("Normal", "PoolStatusChange", "Pool status changed, from Abnormal to Running, details: .", 25),
    ]
    documents = [_event(kind, reason, text, said_at - timedelta(minutes=ago)) for kind, reason, text, ago in told]
    return sorted(documents, key=lambda event: str(event["lastTimestamp"]), reverse=True)


def _event(kind: str, reason: str, text: str, at: datetime) -> dict[str, object]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "type": kind,
        "reason": reason,
        "message": text,
        "count": 1,
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
    }
