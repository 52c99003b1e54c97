"""How do the requests of Teams come in, without holding up the server or filling its memory?"""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.bodies import Threads, capped
from bot.teams.turns import Reply, Turn, Turns
from bot.teams.verifying import Intruder, Unverifiable

log = logging.getLogger(__name__)

# Teams itself takes 100 KB from us; what people fill in and press is far smaller.
MOST_BYTES = 512_000
# Teams waits five seconds for a dialog; the rest is for the way there and back.
PATIENCE_SECONDS = 3.5

_AT_ONCE = 16
Json = dict[str, Any]


class Checks(Protocol):
    """Says whether Teams sent a request."""

    def check(self, authorization: str, service_url: str) -> None:
        """Raises `Intruder` where it did not, and `Unverifiable` where that cannot be said."""


def teams_endpoint(
    verifier: Checks,
    take: Callable[[Json], Turn],
    *,
    patience: float = PATIENCE_SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for `POST /api/messages`.

    Args:
        verifier: Says whether Teams sent a request.
        take: Begins what is asked for, and never waits.
        patience: For how many seconds Teams is kept waiting.
        monotonic: Seconds that never go back.
    """
    turns = Turns(monotonic)
    threads = Threads(_AT_ONCE)

    async def endpoint(request: Request) -> Response:
        try:
            content = await capped(request, MOST_BYTES)
        except ClientDisconnect:
            return _refusal(400, "the request broke off")
        if content is None:
            return _refusal(413, "that is more than Teams ever sends")
        body = _json_object(content)
        head = request.headers.get("authorization", "")
        try:
            # Whoever cannot prove who they are learns nothing of what would be wrong with the rest.
            await threads.run(verifier.check, head, _text(body, "serviceUrl"))
        except Intruder as error:
            log.info("a request to Teams' address is not from Teams (%s)", error)
            return _refusal(401, "unauthorized")
        except Unverifiable as error:
            log.warning("a request of Teams cannot be checked: %s", error)
            return _refusal(503, "try again")
        conversation = body.get("conversation")
        where = _text(conversation, "id") if isinstance(conversation, dict) else ""
        key = (where, _text(body, "type"), _text(body, "id"))
        turn = turns.once(key, lambda: take(body))
        reply = await turn.within(patience)
        if reply.status >= 429:
            turns.forget(key)
        return _response(reply)

    return endpoint


def _json_object(content: bytes) -> Json:
    """The object in the body; an empty one where there is none, which names no service and so is not from Teams."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(body: Json, name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""


def _response(reply: Reply) -> Response:
    return Response(status_code=reply.status) if reply.body is None else JSONResponse(reply.body, reply.status)


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)
