"""Should this request be answered, and how? Judges it in the order in which the vendor's gateway does."""

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import Lock

from bot.emulator.access import Access, Caller
from bot.emulator.clock import Clock
from bot.emulator.engine import Engine
from bot.emulator.faults import Faults, refused
from bot.emulator.http import Request, Response
from bot.emulator.identity import Metadata, identity_route, issue_token, list_projects
from bot.emulator.refusals import Refusal, no_such_api, not_allowed, other_project, unavailable
from bot.emulator.routes import Service, find_api, json_response
from bot.emulator.signature import parse_claim
from bot.emulator.throttle import Throttle

_LOG_LENGTH = 10_000
_TEXTS = {
    400: "API request error",
    413: "Request entity too large",
    414: "Request URI too large",
    494: "Request headers too large",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered."""

    at: datetime
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    route: str
    pool: str | None
    status: int
    access: str | None
    connection: int
    request_id: str


class RequestLog:
    """The latest requests; the oldest are forgotten."""

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=_LOG_LENGTH)
        self._lock = Lock()

    def add(self, seen: Seen) -> None:
        """Keep a request."""
        with self._lock:
            self._seen.append(seen)

    def seen(self) -> list[Seen]:
        """The requests, oldest first."""
        with self._lock:
            return list(self._seen)

    def forget(self) -> None:
        """Forget them all."""
        with self._lock:
            self._seen.clear()

    def told(self) -> list[dict[str, object]]:
        """The requests as JSON."""
        return [{**asdict(seen), "at": seen.at.isoformat()} for seen in self.seen()]


@dataclass(slots=True)
class Gateway:
    """Everything that a request meets.

    Attributes:
        engine: The pools.
        access: Who is believed.
        throttle: Who may ask now.
        clock: The time that answers speak of.
        wall_clock: The time that authentication and throttling go by.
        runtime_metrics: Whether this region has ShowPoolRuntimeMetrics.
        runtime_workload: Whether it tells of jobs.
        denied_actions: What a policy forbids, such as `modelarts:pool:list`.
    """

    engine: Engine
    access: Access
    throttle: Throttle
    clock: Clock
    wall_clock: Clock
    runtime_metrics: bool = True
    runtime_workload: bool = True
    denied_actions: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)
    metadata: Metadata = field(default_factory=Metadata)
    log: RequestLog = field(default_factory=RequestLog)

    def answer(self, request: Request) -> Response:
        """The answer, spoiled if a fault is in force."""
        request_id = secrets.token_hex(16)
        api = find_api(request)
        route = api[0].name if api else identity_route(request) or "unknown"
        pool = api[2] if api and api[2] else None
        fault = self.faults.strike(route, pool)
        response = fault.instead(request_id) if fault else None
        if response is None:
            try:
                response = self._rightly(request)
            except Refusal as refusal:
                response = refused(refusal, request_id)
            if fault:
                fault.spoil(response)
        if fault:
            response.delay = fault.delay
        response.headers.setdefault("X-Request-Id", request_id)
        self._note(request, route, pool, response.status, request_id)
        return response

    def refuse(self, status: int) -> Response:
        """The answer to what is not a request."""
        request_id = secrets.token_hex(16)
        response = refused(Refusal(status, "APIG.0201", _TEXTS.get(status, "API request error")), request_id)
        response.headers["X-Request-Id"] = request_id
        return response

    def _rightly(self, request: Request) -> Response:
        now = self.wall_clock()
        identity = identity_route(request)
        if identity == "metadata":
            return self.metadata.answer(self.access, request, self.engine.project_id, now=now)
        if identity == "tokens":
            self.throttle.take("", request.peer, now=now)
            return issue_token(self.access, request, now=now)
        found = find_api(request)
        if identity is None and (found is None or (found[0].name == "runtime-metrics" and not self.runtime_metrics)):
            raise no_such_api()
        claim = parse_claim(request.header("authorization"))
        self.throttle.take(claim.access if claim else request.header("x-auth-token")[:64], request.peer, now=now)
        caller = self.access.authenticate(request.method, request.target, request.headers, request.body, now=now)
        if found is None:
            return list_projects(self.access, request)
        api, project_id, pool_id = found
        self._permit(caller, project_id, api.action)
        if not self.engine.reachable():
            raise unavailable()
        service = Service(self.engine, self.clock(), self.runtime_workload)
        return json_response(api.answer(service, request, pool_id))

    def _permit(self, caller: Caller, project_id: str, action: str) -> None:
        if caller.project_id is None:
            raise Refusal(401, "ModelArts.0212", "The token has no project.")
        if project_id != caller.project_id or project_id != self.engine.project_id:
            raise other_project()
        if action in self.denied_actions:
            raise not_allowed(action)

    def _note(self, request: Request, route: str, pool: str | None, status: int, request_id: str) -> None:
        claim = parse_claim(request.header("authorization"))
        self.log.add(
            Seen(
                at=self.wall_clock(),
                method=request.method,
                path=request.path,
                query=tuple(request.query),
                headers={name.lower(): value for name, value in request.headers},
                route=route,
                pool=pool,
                status=status,
                access=claim.access if claim else None,
                connection=request.connection,
                request_id=request_id,
            )
        )
