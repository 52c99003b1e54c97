"""Which API does a request call, and what does it answer? One function for each route of ModelArts."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from bot.emulator import documents
from bot.emulator.answers import statistics_body
from bot.emulator.engine import Engine
from bot.emulator.http import Request, Response
from bot.emulator.jobs import Job
from bot.emulator.pools import Pool, is_pool_id
from bot.emulator.refusals import bad_request, no_such_pool

_MOST_LISTED = 500
_MOST_OFFSET = 2**31 - 1
_PERIODS = (60, 300, 900, 3600)
_AGGREGATES = ("maximum", "minimum", "sum", "average", "sampleCount")


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes answer from.

    Attributes:
        engine: The pools.
        said_at: The time that answers speak of.
        runtime_workload: Whether the runtime metrics tell of jobs.
    """

    engine: Engine
    said_at: datetime
    runtime_workload: bool = True


Route = Callable[[Service, Request, str], Mapping[str, object]]


def statistics(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ShowWorkloadStatistics."""
    pool = _pool(service, pool_id, named=True)
    return statistics_body(service.engine.counts(pool.id), service.engine.shape)


def workloads(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:
    """ListWorkloads."""
    pool = _pool(service, pool_id, named=True)
    asked = _Asked(request)
    kinds, status = set(asked.all("type")), asked.one("status")
    hosts = {host for text in asked.all("hostip") for host in text.split(",") if host}
    if asked.one("sort") not in ("", "create_time") or asked.one("ascend").lower() not in ("", "true", "false"):
        raise bad_request()
    offset = asked.number("offset", 0, _MOST_OFFSET)
    limit = asked.number("limit", 0, _MOST_LISTED) or _MOST_LISTED

    jobs = service.engine.jobs(pool.id)
    places = _queue_places(jobs)
    found = [
        job
        for job in jobs
        if (not kinds or job.type in kinds)
        and (not status or job.status == status)
        and (not hosts or (job.status == "Running" and hosts.intersection(job.hosts)))
    ]
    found.sort(key=lambda job: (job.created, job.uid), reverse=asked.one("ascend").lower() != "true")
    shown = found if hosts else found[offset : offset + limit]
    now = service.engine.clock().timestamp()
    items = [
        documents.workload_document(job, pool, places.get(job.uid, -1), now=now, said_at=service.said_at)
        for job in shown
    ]
    return {"kind": "WorkloadList", "apiVersion": "v1", "metadata": {}, "total": len(found), "items": items}


def pools(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ListPools."""
    asked = _Asked(request)
    if asked.one("status") not in ("", "created", "failed", "creating"):
        raise bad_request()
    listed = [] if asked.one("status") in ("failed", "creating") else service.engine.pools()
    if asked.one("workspaceId") not in ("", "0"):
        listed = []
    items = [documents.pool_document(pool, service.engine.project_id) for pool in listed]
    return {"kind": "PoolList", "apiVersion": "v2", "items": [item for item in items if _selected(item, asked)]}


def pool(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ShowPool."""
    return documents.pool_document(_pool(service, pool_id, named=False), service.engine.project_id)


def pool_statistics(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ShowPoolStatistics."""
    return documents.pool_statistics_document(len(service.engine.pools()), said_at=service.said_at)


def runtime_metrics(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ShowPoolRuntimeMetrics."""
    counted = [(pool, service.engine.counts(pool.id)) for pool in service.engine.pools()]
    return documents.metrics_document(counted, said_at=service.said_at, workload=service.runtime_workload)


def monitor(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:
    """ShowPoolMonitor."""
    pool = _pool(service, pool_id, named=False)
    asked = _Asked(request)
    window = re.fullmatch(r"-?\d{1,13}\.-?\d{1,13}\.(\d{1,6})", asked.one("time_range") or "-1.-1.60")
    period = asked.number("period", 0, 3600) or 60
    statistic = asked.one("statistics") or "maximum"
    if window is None or period not in _PERIODS or statistic not in _AGGREGATES:
        raise bad_request()
    minutes = int(window[1])
    if not 0 < minutes * 60 / period <= 1440:
        raise bad_request()
    running = sum(kind.get("Running", 0) for kind in service.engine.counts(pool.id).values())
    return documents.monitor_document(
        pool, running, said_at=service.said_at, minutes=minutes, period=period, statistic=statistic
    )


def events(service: Service, request: Request, pool_id: str) -> Mapping[str, object]:  # noqa: ARG001 - a Route
    """ListEvents."""
    asked = _Asked(request)
    if asked.one("resource") != "pools" or asked.one("type") not in ("", "Normal", "Warning"):
        raise bad_request()
    pool = _pool(service, asked.one("name"), named=True)
    limit = asked.number("limit", 0, _MOST_LISTED) or _MOST_LISTED
    found = [
        event
        for event in documents.event_documents(pool, said_at=service.said_at)
        if asked.one("type") in ("", event["type"])
        and (not asked.one("since") or str(event["lastTimestamp"]) >= asked.one("since"))
        and (not asked.one("until") or str(event["lastTimestamp"]) <= asked.one("until"))
    ]
    if asked.one("ascend").lower() == "true":
        found.reverse()
    start = asked.number("offset", 0, _MOST_OFFSET) or _continued(pool, asked.one("continue"), len(found))
    left = max(0, len(found) - start - limit)
    metadata: dict[str, object] = {"remainingItemCount": left}
    if left:
        metadata["continue"] = _continuation(pool, start + limit)
    return {"kind": "EventList", "apiVersion": "v1", "metadata": metadata, "items": found[start : start + limit]}


@dataclass(frozen=True, slots=True)
class Api:
    """One route: where it is, what it is called here, what permission it needs, and what answers it."""

    name: str
    pattern: re.Pattern[str]
    action: str
    answer: Route


def _api(name: str, path: str, action: str, answer: Route) -> Api:
    pattern = path.replace("{project}", r"(?P<project>[^/]+)").replace("{pool}", r"(?P<pool>[^/]*)")
    return Api(name, re.compile(pattern), f"modelarts:pool:{action}", answer)


APIS = (
    _api("statistics", "/v2/{project}/statistics/pools/{pool}/workloads", "get", statistics),
    _api("workloads", "/v2/{project}/pools/{pool}/workloads", "get", workloads),
    _api("monitor", "/v2/{project}/pools/{pool}/monitor", "get", monitor),
    _api("pool", "/v2/{project}/pools/{pool}", "get", pool),
    _api("pools", "/v2/{project}/pools", "list", pools),
    _api("pool-statistics", "/v2/{project}/statistics/pools", "list", pool_statistics),
    _api("runtime-metrics", "/v2/{project}/metrics/runtime/pools", "list", runtime_metrics),
    _api("events", "/v1/{project}/events", "get", events),
)


def find_api(request: Request) -> tuple[Api, str, str] | None:
    """The API a request calls, with the project and pool it names."""
    for api in APIS:
        match = api.pattern.fullmatch(request.path)
        if match and request.method == "GET":
            groups = match.groupdict()
            return api, unquote(groups["project"]), unquote(groups.get("pool") or "")
    return None


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as an answer."""
    return Response(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), dict(headers or {}))


class _Asked:
    """The parameters of a request."""

    def __init__(self, request: Request) -> None:
        self._query = request.query

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._query if key == name and value]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def number(self, name: str, least: int, most: int) -> int:
        text = self.one(name) or "0"
        if not (text.isascii() and text.isdigit()) or len(text) > 10 or not least <= int(text) <= most:
            raise bad_request()
        return int(text)


def _pool(service: Service, pool_id: str, *, named: bool) -> Pool:
    if not is_pool_id(pool_id):
        raise bad_request()
    found = service.engine.find(pool_id)
    if found is None:
        raise no_such_pool(pool_id if named else None)
    return found


def _queue_places(jobs: list[Job]) -> dict[str, int]:
    waiting = sorted((job for job in jobs if job.status == "Queue"), key=lambda job: (job.created, job.uid))
    return {job.uid: place for place, job in enumerate(waiting, start=1)}


def _selected(item: Mapping[str, object], asked: _Asked) -> bool:
    metadata = item["metadata"]
    labels = metadata["labels"] if isinstance(metadata, dict) else {}
    wanted = [part.partition("=") for part in asked.one("labelSelector").split(",") if part]
    return all(labels.get(key) == value.lstrip("=") for key, _, value in wanted)


def _continuation(pool: Pool, start: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{pool.id}/{start}"))


def _continued(pool: Pool, token: str, count: int) -> int:
    if not token:
        return 0
    for start in range(1, count + 1):
        if _continuation(pool, start) == token:
            return start
    raise bad_request()
