"""How do Slack's requests come in over HTTP, without holding up the server or filling its memory?"""

import hashlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt import BoltRequest, BoltResponse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.bodies import Threads, capped
from bot.slack.door import Door

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000

_THREADS = 16
# What is longer is read on another thread. A command or a press is a few kilobytes.
_SHORT_BYTES = 16_000
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
# Slack's signature is good for five minutes either way; for so long the same request is a repeated one.
_REMEMBERED_SECONDS = 660.0
_MOST_REMEMBERED = 50_000


class Seen:
    """Which signed requests were handled already.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def add(self, key: bytes) -> bool:
        """Whether `key` is new; from now on it is not."""
        now = self._monotonic()
        while self._seen and (len(self._seen) > _MOST_REMEMBERED or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now + _REMEMBERED_SECONDS
        return True

    def forget(self, key: bytes) -> None:
        """It was not handled after all."""
        self._seen.pop(key, None)


def slack_endpoint(
    app: Door, at_once: Callable[[BoltRequest], bool] = lambda _: False
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for `POST /slack/events`: commands, presses and events alike.

    Args:
        app: What takes them.
        at_once: Whether `app` takes a request without waiting for anything: no database, no network, no other thread.
            Then it is taken on the server's own thread, for a change of threads costs more than all the rest.
    """
    seen = Seen()
    threads = Threads(_THREADS)

    async def endpoint(request: Request) -> Response:
        try:
            body = await capped(request, MOST_BYTES)
        except ClientDisconnect:
            return _refusal(400, "the request broke off")
        if body is None:
            return _refusal(413, "that is more than Slack ever sends")
        headers = dict(request.headers)
        timestamp = headers.get("x-slack-request-timestamp")
        # Bolt reads it with int(), which takes and refuses other things than Slack's ten digits.
        if timestamp is not None and not _TIMESTAMP.fullmatch(timestamp):
            return _refusal(401, "invalid request")
        key = hashlib.sha256(f"{timestamp}:{headers.get('x-slack-signature')}:".encode() + body).digest()
        is_signed = timestamp is not None
        if is_signed and not seen.add(key):
            return _refusal(401, "this request was handled already")
        query = request.scope["query_string"].decode("latin-1")
        parsed = _parsed(body, query, headers) if len(body) <= _SHORT_BYTES else None
        if parsed is not None and at_once(parsed):
            answer = _taken(app, parsed)
        else:
            answer = await threads.run(_dispatch, app, body, query, headers)
        if is_signed and answer.status != 200:
            seen.forget(key)  # it was not Slack's, or it was not handled and may come again
        return _response(answer)

    return endpoint


def _dispatch(app: Door, body: bytes, query: str, headers: Mapping[str, str]) -> BoltResponse:
    parsed = _parsed(body, query, headers)
    return BoltResponse(status=401, body={"error": "invalid request"}) if parsed is None else _taken(app, parsed)


def _parsed(body: bytes, query: str, headers: Mapping[str, str]) -> BoltRequest | None:
    """The request as Bolt reads it; `None` when it cannot be read."""
    try:
        return BoltRequest(body=body.decode(), query=query, headers={**headers})
    except Exception:  # noqa: BLE001 - it is not verified yet, so it may be anything; Slack sends what can be read
        return None


def _taken(app: Door, parsed: BoltRequest) -> BoltResponse:
    try:
        return app.dispatch(parsed)
    except Exception as error:  # noqa: BLE001 - Bolt itself stumbles over payloads that lack what it expects
        log.warning("a request to Slack's address could not be understood (%s)", type(error).__name__)
        return BoltResponse(status=400, body={"error": "this cannot be understood"})


def _response(answer: BoltResponse) -> Response:
    return Response(answer.body, status_code=answer.status, headers=dict(answer.first_headers_without_set_cookie()))


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)
