"""What does the Bot Connector answer? The doors before each address: token, pace, faults, a log of the calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.breaking import Hang, Reset, cut
from bot.sandbox.calls import Call, Calls, kept
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.teams import pace
from bot.sandbox.teams.login import Login
from bot.sandbox.teams.operations import Answer, Asked, Operations, conversation_of
from bot.sandbox.teams.pace import Pace, Window
from bot.sandbox.teams.refusing import Refused
from bot.sandbox.teams.tenant import Tenant
from bot.sandbox.teams.tokens import NotOurs

PREFIX = "/amer"
_MOST_BYTES = 4_000_000
_CONVERSATION = f"{PREFIX}/v3/conversations/{{conversation}}"
_ACTIVITY = f"{_CONVERSATION}/activities/{{activity}}"


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation: its name in the log and for faults, what does it, how often it may be asked, whether it writes."""

    name: str
    run: Callable[[Asked], Answer]
    windows: tuple[Window, ...] = pace.SEND
    writes: bool = True


def _reading(name: str, run: Callable[[Asked], Answer]) -> _Operation:
    return _Operation(name, run, pace.MEMBERS, writes=False)


class Connector:
    """The Bot Connector before one tenant."""

    def __init__(
        self,
        tenant: Tenant,
        login: Login,
        operations: Operations,
        *,
        faults: Faults,
        calls: Calls,
        stopping: asyncio.Event,
    ) -> None:
        self.tenant = tenant
        self.login = login
        self.faults = faults
        self.calls = calls
        self.stopping = stopping
        self.pace = Pace(tenant.now)
        self._operations = operations
        self._busy: set[str] = set()

    def routes(self) -> Sequence[BaseRoute]:
        """Where the operations are."""
        do = self._operations
        teams = f"{PREFIX}/v3/teams/{{team}}"
        reaction = f"{_ACTIVITY}/reactions/{{reaction}}"
        found: list[tuple[str, str, _Operation]] = [
            ("POST", f"{PREFIX}/v3/conversations", _Operation("conversations.create", do.open)),
            ("POST", f"{_CONVERSATION}/activities", _Operation("activities.create", do.send)),
            ("POST", _ACTIVITY, _Operation("activities.reply", do.reply)),
            ("PUT", _ACTIVITY, _Operation("activities.update", do.update)),
            ("DELETE", _ACTIVITY, _Operation("activities.delete", do.delete)),
            ("PUT", reaction, _Operation("reactions.add", do.react)),
            ("DELETE", reaction, _Operation("reactions.remove", do.unreact)),
            ("GET", f"{_ACTIVITY}/members", _reading("members", do.members)),
            ("GET", f"{_CONVERSATION}/members", _reading("members", do.members)),
            ("GET", f"{_CONVERSATION}/pagedmembers", _reading("pagedmembers", do.paged_members)),
            ("GET", f"{_CONVERSATION}/pagedMembers", _reading("pagedmembers", do.paged_members)),
            ("GET", f"{_CONVERSATION}/members/{{member}}", _reading("member", do.member)),
            ("GET", teams, _reading("teams.get", do.team)),
            ("GET", f"{teams}/conversations", _reading("teams.conversations", do.channels)),
        ]
        routes = [Route(path, self._endpoint(each), methods=[method]) for method, path, each in found]
        everything = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [*routes, Route(f"{PREFIX}/{{path:path}}", _nowhere, methods=everything)]

    def _endpoint(self, operation: _Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._answer(operation, request)

        return endpoint

    async def _answer(self, operation: _Operation, request: Request) -> Response:
        at = self.tenant.now()
        try:
            asked = Asked(request.path_params, request.query_params, await _body(request))
        except Refused as refusal:
            self.calls.add(Call(at, operation.name, {}, 400, refusal.code))
            return refusal.response()
        except ClientDisconnect:
            return Response(status_code=400)
        fault = self.faults.strike(operation.name)
        outcome, response = await self._before(fault) or await self._run(operation, asked, request)
        if fault is not None and outcome == "ok":
            outcome, response = self._after(fault, outcome, response)
        status = 0 if outcome in {"reset", "hang", "cut"} else response.status_code
        said = dict(asked.path) | dict(asked.query) | (asked.body if isinstance(asked.body, dict) else {})
        self.calls.add(Call(at, operation.name, kept(said), status, outcome, self.tenant.now() - at))
        return response

    async def _before(self, fault: Fault | None) -> tuple[str, Response] | None:
        """What the fault answers instead of doing the work; None: the work is done."""
        match fault:
            case Fault(kind="ratelimited", retry_after=seconds):
                return "Throttled", Refused("Throttled", retry_after=seconds).response()
            case Fault(kind="status", status=status):
                return str(status), Response("upstream said no", status)
            case Fault(kind="error", error=error):
                return error, Refused(error).response()
            case Fault(kind="hang", after_accepting=False, seconds=seconds):
                return "hang", Hang(seconds, self.stopping)
            case Fault(kind="reset", after_accepting=False):
                return "reset", Reset()
            case Fault(kind="slow", seconds=seconds):
                await self._wait(seconds)
                return None
            case _:
                return None

    def _after(self, fault: Fault, outcome: str, response: Response) -> tuple[str, Response]:
        """What the fault makes of a good answer."""
        match fault.kind:
            case "cut":
                return "cut", cut(json.loads(bytes(response.body) or b"{}"))
            case "hang":
                return "hang", Hang(fault.seconds, self.stopping)
            case "reset":
                return "reset", Reset()
            case _:
                return outcome, response

    async def _run(self, operation: _Operation, asked: Asked, request: Request) -> tuple[str, Response]:
        conversation = conversation_of(asked)
        try:
            self._let_in(request)
            self._not_too_fast(operation, conversation)
            if operation.writes:
                await self._alone(conversation)
            status, body = operation.run(asked)
        except Refused as refusal:
            return refusal.code, refusal.response()
        return "ok", Response(status_code=status) if body is None else JSONResponse(body, status)

    def _let_in(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("Unauthorized")
        try:
            self.login.check(token.strip())
        except NotOurs as why:
            raise Refused("Unauthorized", f"Authorization has been denied for this request: {why}.") from why

    def _not_too_fast(self, operation: _Operation, conversation: str) -> None:
        if not self.tenant.switches.limits:
            return
        kind = "send" if operation.writes else "members"
        wait = self.pace.wait_for((f"{kind} {conversation}", operation.windows), ("tenant", pace.TENANT))
        if wait:
            raise Refused("Throttled", retry_after=wait)

    async def _alone(self, conversation: str) -> None:
        """Operations that overlap in one conversation disturb each other: the later one is refused."""
        if conversation in self._busy:
            raise Refused("PreconditionFailed")
        if self.tenant.switches.takes > 0:
            self._busy.add(conversation)
            try:
                await self._wait(self.tenant.switches.takes)
            finally:
                self._busy.discard(conversation)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


async def _body(request: Request) -> Any:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise Refused("MessageSizeTooBig")
    if not content:
        return None
    try:
        return json.loads(bytes(content))
    except ValueError:
        raise Refused("BadSyntax") from None


async def _nowhere(_request: Request) -> Response:
    return JSONResponse({"message": "No HTTP resource was found that matches the request URI."}, 404)
