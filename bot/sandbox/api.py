"""What does Slack's Web API answer? One endpoint, `/api/<method>`, for forms and JSON."""

import asyncio
import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from bot.sandbox.breaking import Hang, Reset, cut
from bot.sandbox.calls import Call, Calls, kept
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.granting import Granting, of_team
from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.methods.table import Method
from bot.sandbox.model import Json
from bot.sandbox.pace import PER_MINUTE, Pace
from bot.sandbox.switches import Switches, Tokens
from bot.sandbox.workspace import Workspace

MOST_BYTES = 2_000_000


class RateLimited(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """Too fast: the answer is 429 with these seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class WebApi:
    """The methods behind their doors: token, scope, pace, faults, and a log of the calls."""

    def __init__(
        self,
        workspace: Workspace,
        methods: Mapping[str, Method],
        *,
        switches: Switches,
        tokens: Tokens,
        faults: Faults,
        calls: Calls,
        stopping: asyncio.Event,
        granting: Granting,
    ) -> None:
        self.workspace = workspace
        self.granting = granting
        self.methods = methods
        self.switches = switches
        self.tokens = tokens
        self.faults = faults
        self.calls = calls
        self.stopping = stopping
        self.pace = Pace(workspace.now)

    async def answer(self, request: HttpRequest) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        at = self.workspace.now()
        try:
            args = await arguments(request) | _basic(request)
        except Refused as refusal:
            self.calls.add(Call(at, name, {}, 200, refusal.error))
            return self._answer(refusal.as_json())
        except ClientDisconnect:
            # The app is gone in the middle of its request: nothing was asked, and there is nobody to answer.
            return Response(status_code=400)
        fault = self.faults.strike(name)
        before = await self._before(fault)
        outcome, response = before or self._run(name, args, _bearer(request) or str(args.get("token") or ""))
        if before is None and fault is not None:
            outcome, response = self._after(fault, outcome, response)
        status = 0 if outcome in {"reset", "hang", "cut"} else response.status_code
        self.calls.add(Call(at, name, kept(args), status, outcome, self.workspace.now() - at))
        return response

    async def _before(self, fault: Fault | None) -> tuple[str, Response] | None:
        """What the fault answers instead of doing the work; None: the work is done."""
        match fault:
            case Fault(kind="ratelimited", retry_after=seconds):
                return "ratelimited", _limited(seconds)
            case Fault(kind="status", status=status):
                return str(status), Response("upstream said no", status)
            case Fault(kind="error", error=error):
                return error, self._answer({"ok": False, "error": error})
            case Fault(kind="hang", after_accepting=False, seconds=seconds):
                return "hang", Hang(seconds, self.stopping)
            case Fault(kind="reset", after_accepting=False):
                return "reset", Reset()
            case Fault(kind="slow", seconds=seconds):
                await _wait(self.stopping, seconds)
                return None
            case _:
                return None

    def _after(self, fault: Fault, outcome: str, response: Response) -> tuple[str, Response]:
        """What the fault makes of the answer, once the work is done."""
        match fault.kind:
            case "cut":
                return "cut", cut(json.loads(bytes(response.body)))
            case "hang":
                return "hang", Hang(fault.seconds, self.stopping)
            case "reset":
                return "reset", Reset()
            case _:
                return outcome, response

    def _run(self, name: str, args: Json, token: str) -> tuple[str, Response]:
        request = Request(self.granting.workspace_of(token, args), self.switches, args, token)
        try:
            method = self._method(name)
            self._let_in(method, token)
            self._has_scope(method, request)
            self._not_too_fast(name, method, request)
            body = {"ok": True, **method.run(request)}
            scopes = self.granting.scopes_of(token)
            return "ok", self._answer(of_team(body, request.workspace.team), scopes)
        except Refused as refusal:
            return refusal.error, self._answer(refusal.as_json())
        except RateLimited as limit:
            return "ratelimited", _limited(limit.retry_after)

    def _method(self, name: str) -> Method:
        method = self.methods.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        return method

    def _let_in(self, method: Method, token: str) -> None:
        if method.token == "none":  # noqa: S105 - a kind of token
            return
        if not token:
            raise Refused("not_authed")
        kinds = {self.tokens.bot: "bot", self.tokens.app: "app"}
        granted = self.granting.opens(token)
        kind = kinds.get(token) if granted is None else "bot"
        if kind is None:
            raise Refused("invalid_auth")
        if granted:
            raise Refused(granted)
        if self.switches.revoked:
            raise Refused("token_revoked")
        if kind != method.token:
            raise Refused("not_allowed_token_type")

    def _has_scope(self, method: Method, request: Request) -> None:
        needed = method.scope if isinstance(method.scope, str) else method.scope(request)
        scopes = self.granting.scopes_of(request.token)
        if needed and needed not in scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(sorted(scopes)))

    def _not_too_fast(self, name: str, method: Method, request: Request) -> None:
        wait = 0
        if name == "chat.postMessage":
            given = request.text("channel")
            channel = request.workspace.channel(given)
            key = f"{name} {channel.id if channel else given}"
            wait = self.pace.wait_for(key, per_second=self.switches.posts_per_second, burst=self.switches.burst)
        elif self.switches.tiers and method.tier:
            minute = PER_MINUTE[method.tier]
            wait = self.pace.wait_for(name, per_second=minute / 60, burst=minute)
        if wait:
            raise RateLimited(wait)

    def _answer(self, body: Json, scopes: Iterable[str] | None = None) -> Response:
        headers = {
            "x-slack-req-id": secrets.token_hex(16),
            "x-oauth-scopes": ",".join(sorted(self.switches.scopes if scopes is None else scopes)),
            "cache-control": "private, no-cache, no-store, must-revalidate",
        }
        return JSONResponse(body, headers=headers, media_type="application/json; charset=utf-8")


async def arguments(request: HttpRequest) -> Json:
    """The arguments of a call: of the query, of a form, or of a JSON object.

    Raises:
        Refused: The body cannot be read.
    """
    args: Json = dict(request.query_params)
    args.pop("token", None)  # Slack takes no token from an address
    body = await capped(request, MOST_BYTES)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return args
    if kind == "application/json":
        try:
            found = json.loads(body)
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(found, dict):
            raise Refused("json_not_object")
        return args | found
    if kind not in {"application/x-www-form-urlencoded", ""}:
        raise Refused("invalid_post_type")
    try:
        return args | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        raise Refused("invalid_form_data") from None


async def capped(request: HttpRequest, most: int) -> bytes:
    """The body, if it is not too long.

    Raises:
        Refused: It is.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused("request_too_large")
    return bytes(body)


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _basic(request: HttpRequest) -> Json:
    """The app's own name and secret, where it proves itself by them."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def _limited(seconds: int) -> Response:
    body: dict[str, Any] = {"ok": False, "error": "ratelimited"}
    return JSONResponse(body, 429, headers={"retry-after": str(seconds)})


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
