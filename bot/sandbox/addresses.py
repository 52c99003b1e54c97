"""What is at the other addresses that Slack gives out: response_url, upload_url, url_private?"""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.api import MOST_BYTES, capped
from bot.sandbox.calls import Call, Calls
from bot.sandbox.faults import Faults
from bot.sandbox.methods.files import MOST_BYTES as FILE_MOST_BYTES
from bot.sandbox.methods.files import Uploads
from bot.sandbox.methods.request import Refused
from bot.sandbox.responding import respond
from bot.sandbox.switches import Tokens
from bot.sandbox.workspace import Workspace


class Addresses:
    """The addresses of one workspace that are not methods of the Web API."""

    def __init__(
        self,
        workspace: Workspace,
        uploads: Uploads,
        tokens: Tokens,
        faults: Faults,
        calls: Calls,
        neighbours: Sequence[Workspace] = (),
    ) -> None:
        self.workspace = workspace
        self.homes = (workspace, *neighbours)
        self.uploads = uploads
        self.tokens = tokens
        self.faults = faults
        self.calls = calls

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        return [
            Route("/upload/v1/{key}", self.take_file, methods=["POST"]),
            Route("/files-pri/{team_and_file}/{name}", self.give_file),
            *[
                Route(f"/{kind}/{{team}}/{{key}}", self.response_url, methods=["POST"])
                for kind in ("commands", "actions", "app")
            ],
        ]

    async def response_url(self, request: Request) -> Response:
        """An answer to a command or a press."""
        at = self.workspace.now()
        try:
            body = await capped(request, MOST_BYTES)
        except Refused as refusal:
            return PlainTextResponse(refusal.error, 413)
        fault = self.faults.strike("response_url")
        if fault is not None and fault.kind in {"status", "ratelimited"}:
            status = 429 if fault.kind == "ratelimited" else fault.status
            self.calls.add(Call(at, "response_url", {}, status, str(status)))
            return PlainTextResponse("no", status, headers={"retry-after": str(fault.retry_after)})
        key = request.path_params["key"]
        home = next((each for each in self.homes if each.tickets.knows(key)), self.workspace)
        status, text = await run_in_threadpool(respond, home, home.switches, key, body)
        said = {"body": body.decode(errors="replace")[:10_000]}
        self.calls.add(Call(at, "response_url", said, status, text, self.workspace.now() - at))
        return PlainTextResponse(text, status)

    async def take_file(self, request: Request) -> Response:
        """The bytes of an upload."""
        at = self.workspace.now()
        try:
            content = await capped(request, FILE_MOST_BYTES)
        except Refused as refusal:
            return PlainTextResponse(refusal.error, 413)
        problem = self.uploads.fill(request.path_params["key"], content)
        status = 400 if problem else 200
        self.calls.add(Call(at, "upload", {"bytes": len(content)}, status, problem or "ok", self.workspace.now() - at))
        return PlainTextResponse(problem or f"OK - {len(content)}", status)

    async def give_file(self, request: Request) -> Response:
        """The bytes of a file, for who has the token."""
        file = self.workspace.file(request.path_params["team_and_file"].partition("-")[2])
        if file is None:
            return PlainTextResponse("not found", 404)
        if request.headers.get("authorization") != f"Bearer {self.tokens.bot}":
            return PlainTextResponse("sign in first", 403)
        return Response(file.content, media_type=file.mimetype)
