"""How does what a person does on the page reach the workspace? JSON in, the outcome out, for nobody but the page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.model import Outcome
from bot.sandbox.page.markup import words
from bot.sandbox.page.shapes import Json

Act = Callable[[Json], Outcome]

# Nothing from the network, no script and no style but our own files.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# More than anybody types; a page of our own never sends more.
_BODY_LIMIT = 200_000


def doing(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """A route for something a person does: JSON in, the outcome out; waits for the app in a thread."""

    async def do(request: Request) -> Response:
        # Another site's page can neither send this type nor this header without asking us first, and we never agree.
        is_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        if not is_json or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return JSONResponse({"error": "not_from_this_page"}, 403, HEADERS)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY_LIMIT:
                return JSONResponse({"error": "too_long", "shown": "That is too long."}, 413, HEADERS)
        asked = _object(bytes(body))
        if asked is None:
            return JSONResponse({"error": "invalid_json"}, 400, HEADERS)
        outcome = await run_in_threadpool(act, asked)
        options = _suggested(outcome)
        told = {"error": outcome.error, "shown": outcome.shown, "ts": outcome.ts, "errors": dict(outcome.errors)}
        return JSONResponse(told | ({"options": options} if options else {}), headers=HEADERS)

    return do


def _object(body: bytes) -> Json | None:
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _suggested(outcome: Outcome) -> list[Json]:
    """The options in the acknowledgement of a suggestion, as value and words."""
    body = outcome.ack.body if outcome.ack else None
    given = body.get("options") if isinstance(body, dict) else None
    return [
        {"value": str(each.get("value")), "text": words(each.get("text"))}
        for each in given or []
        if isinstance(each, dict)
    ]


def text(asked: Json, name: str) -> str:
    """What is asked under this name, if it is text."""
    value = asked.get(name)
    return value if isinstance(value, str) else ""
