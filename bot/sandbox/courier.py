"""How do commands, presses and events reach the app, and what does Slack make of its silence?

https://docs.slack.dev/authentication/verifying-requests-from-slack and .../apis/events-api
"""

import asyncio
import hashlib
import hmac
import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.sandbox.model import Ack, Json
from bot.sandbox.sockets import Sockets
from bot.sandbox.switches import Switches, Tokens

PATH = "/slack/events"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered over HTTP; `failed` says why there was none, in the words of a retry."""

    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    failed: str = ""


class Courier:
    """Delivers over a WebSocket when the app holds one, else to its address.

    Args:
        app_url: Where the app listens, with or without a path; empty when it only uses Socket Mode.
        sockets: Its connections.
        switches: How long Slack waits and when it repeats.
        tokens: The signing secret.
        clock: Seconds since the epoch.
        loop: The loop on which events are repeated.
        stopping: Set when no more shall be delivered.
    """

    def __init__(
        self,
        app_url: str,
        sockets: Sockets,
        *,
        switches: Switches,
        tokens: Tokens,
        clock: Callable[[], float],
        loop: asyncio.AbstractEventLoop,
        stopping: asyncio.Event,
    ) -> None:
        self.app_url = app_url
        self.sockets = sockets
        self.switches = switches
        self.tokens = tokens
        self._now = clock
        self._loop = loop
        self._stopping = stopping
        self._under_way: set[asyncio.Task[None]] = set()

    def deliver(self, kind: str, payload: Json) -> Ack:
        """Deliver one thing; commands and interactions wait for the acknowledgement, events do not."""
        if kind == "events_api":
            self._loop.call_soon_threadsafe(self._begin, payload)
            return Ack()
        ack = self.sockets.deliver(kind, payload)
        if ack is not None:
            return ack
        if not self.app_url:
            return Ack("dispatch_failed")
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return self._acknowledged(self.post(urlencode(form).encode(), "application/x-www-form-urlencoded"))

    def post(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed request to the app."""
        at = str(int(self._now()))
        signed = hmac.new(self.tokens.signing_secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
        everything = {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": at,
            "x-slack-signature": f"v0={signed.hexdigest()}",
            **(headers or {}),
        }
        return _post(self._address(), body, everything, within=self.switches.acknowledge_within)

    def verify_url(self) -> bool:
        """Send `url_verification`, as Slack does when the address is entered: whether the challenge came back."""
        challenge = secrets.token_urlsafe(24)
        asked = {"token": "deprecated", "challenge": challenge, "type": "url_verification"}
        answer = self.post(json.dumps(asked).encode(), "application/json")
        text = answer.body.decode(errors="replace")
        return answer.status == http.client.OK and (text == challenge or f'"{challenge}"' in text)

    def check_ssl(self) -> bool:
        """Send `ssl_check`, unsigned, as Slack does now and then: whether it was answered with 200."""
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = _post(self._address(), b"ssl_check=1&token=deprecated", form, within=self.switches.acknowledge_within)
        return answer.status == http.client.OK

    def _address(self) -> str:
        """The app's address as it was given; without a path of its own, that which Slack is usually given."""
        url = self.app_url.rstrip("/")
        return url if urlsplit(url).path else url + PATH

    async def finish(self) -> None:
        """Give up what is still to be repeated."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _acknowledged(self, answer: Answer) -> Ack:
        if answer.failed:
            return Ack("operation_timeout" if answer.failed == "http_timeout" else "dispatch_failed")
        if answer.status != http.client.OK:
            return Ack("dispatch_failed", status=answer.status)
        return Ack(body=_readable(answer))

    def _begin(self, payload: Json) -> None:
        task = self._loop.create_task(self._event(payload))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _event(self, payload: Json) -> None:
        reason = ""
        for attempt, wait in enumerate((0.0, *self.switches.retry_after)):
            if wait:
                try:
                    await asyncio.wait_for(self._stopping.wait(), wait)
                except TimeoutError:
                    pass
                else:
                    return
            reason = await asyncio.to_thread(self._event_once, payload, attempt, reason)
            if not reason:
                return

    def _event_once(self, payload: Json, attempt: int, reason: str) -> str:
        """Why it did not arrive, or an empty string."""
        ack = self.sockets.deliver("events_api", payload, attempt=attempt, reason=reason)
        if ack is not None:
            return "timeout" if ack.error else ""
        if not self.app_url:
            return ""
        headers = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason} if attempt else {}
        answer = self.post(json.dumps(payload).encode(), "application/json", headers)
        if answer.failed:
            return answer.failed
        is_fine = http.client.OK <= answer.status < http.client.MULTIPLE_CHOICES
        no_more = (answer.headers or {}).get("x-slack-no-retry") == "1"
        return "" if is_fine or no_more else "http_error"


def _post(url: str, body: bytes, headers: Mapping[str, str], *, within: float) -> Answer:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=within)
    began = monotonic()
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, response.read(_MOST_BYTES))
    except TimeoutError:
        return Answer(failed="http_timeout")
    except (OSError, http.client.HTTPException):
        return Answer(failed="connection_failed")
    finally:
        connection.close()
    return answer if monotonic() - began <= within else Answer(failed="http_timeout")


def _readable(answer: Answer) -> Any:
    text = answer.body.decode(errors="replace")
    if (answer.headers or {}).get("content-type", "").startswith("application/json"):
        try:
            return json.loads(text)
        except ValueError:
            return None
    return text or None
