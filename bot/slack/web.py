"""What did Slack's Web API answer, and if it did not: was the call made or not?

One `requests.Session` for everything: connections are kept, nothing is read from the environment, and nothing is ever
sent twice by itself, because Slack has no way to tell a repeated post from a new one.

* SlackError
  x SlackRefused      Slack said no, and with which word; nothing was done
  x SlackLimited      Slack wants us to come back later; nothing was done
  x SlackUnreachable  the call was not sent; nothing was done
  x SlackUnclear      the call was sent, and nobody knows whether it was done
"""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bot.core.because import Because, Explained
from bot.unsent import was_not_sent

DEFAULT_BASE_URL = "https://slack.com/api/"

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0
# From the first byte of the answer to its last: a peer that drips must not hold a worker for ever.
_ANSWER_SECONDS = 20.0
_ANSWER_BYTES = 20_000_000
_CONNECTIONS = 32
_RETRY_AFTER = 30
# Slack: "it's possible some aspect of the operation succeeded before the error was raised".
_HALF_DONE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_WORD = re.compile(r"[a-z][a-z0-9_]{2,60}")


class SlackError(Explained):
    """Slack did not do what it was asked, or did not say so."""


class SlackRefused(SlackError):  # noqa: N818 - named for what is known of the outcome
    """Slack said no.

    Args:
        code: Slack's word for it, such as `channel_not_found`.
        needed: The right that is missing, where that is the reason.
        details: What Slack adds, such as which block it does not like.
    """

    def __init__(self, code: str, *, needed: str = "", details: str = "") -> None:
        more = f" ({details})" if details else ""
        super().__init__(Because("Slack refused: {code}{details}", code=code, details=more))
        self.code = code
        self.needed = needed
        self.details = details


class SlackLimited(SlackError):  # noqa: N818 - named for what is known of the outcome
    """Slack wants us to come back after `retry_after`."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(Because("Slack asks us to wait {time}", time=retry_after))
        self.retry_after = retry_after


class SlackUnreachable(SlackError):  # noqa: N818 - named for what is known of the outcome
    """No connection came about, so nothing was sent."""


class SlackUnclear(SlackError):  # noqa: N818 - named for what is known of the outcome
    """The call was sent, and what came of it is not known."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its JSON, and the rights of the token where Slack names them."""

    body: dict[str, Any]
    scopes: frozenset[str] | None = field(default=None)


def new_session() -> requests.Session:
    """A session that keeps its connections, repeats nothing and reads nothing from the environment."""
    session = requests.Session()
    session.trust_env = False
    adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


# What the head of a call says of who calls; asked for each call, because a token may be renewed.
Authorization = Callable[[], str]


def bearer(token: str) -> Authorization:
    """By a token."""
    return lambda: f"Bearer {token}"


def basic(name: str, secret: str) -> Authorization:
    """By a name and a secret."""
    return lambda: f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


class SlackWeb:
    """Calls Slack's Web API for one workspace.

    Args:
        base_url: Such as `https://slack.com/api/`.
        token: The bot token, or what else says who calls; it never appears in an error or in `repr`.
        session: From `new_session`; whoever made it closes it.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        base_url: str,
        token: str | Authorization,
        session: requests.Session,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        read_seconds: float = _READ_SECONDS,
    ) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self._authorization = bearer(token) if isinstance(token, str) else token
        self._session = session
        self._monotonic = monotonic
        self._timeout = (_CONNECT_SECONDS, read_seconds)

    def __repr__(self) -> str:
        """Where it calls; never the token."""
        return f"SlackWeb({self.base_url!r})"

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call `method`; arguments that are `None` are not sent.

        Raises:
            SlackRefused: Slack said no.
            SlackLimited: Slack wants us to wait.
            SlackUnreachable: Nothing was sent.
            SlackUnclear: It was sent, and the outcome is unknown.
        """
        return self.ask(method, **params).body

    def ask(self, method: str, **params: Any) -> Reply:
        """As `call`, with the rights of the token that Slack names in the answer's head."""
        form = {name: _form_value(value) for name, value in params.items() if value is not None}
        response, content = self._post(
            self.base_url + method, headers={"Authorization": self._authorization()}, data=form
        )
        _raise_for_status(response)
        body = _json_object(content)
        if body is None:
            raise SlackUnclear(Because("Slack's answer to {method} is not JSON", method=method))
        if body.get("ok") is not True:
            raise _refusal(body)
        scopes = response.headers.get("x-oauth-scopes")
        return Reply(body, None if scopes is None else frozenset(s.strip() for s in scopes.split(",") if s.strip()))

    def upload(self, url: str, content: bytes) -> None:
        """Put bytes at an address that Slack gave for them; without our token, which the address does not need.

        Raises:
            SlackError: As `call`.
        """
        kind = {"Content-Type": "application/octet-stream"}
        response, _ = self._post(url, headers=kind, data=content)
        _raise_for_status(response)

    def respond(self, response_url: str, payload: dict[str, Any]) -> None:
        """Answer a command or a press at the address that came with it (good five times in half an hour).

        Raises:
            SlackError: As `call`; an address that is used up or too old is `SlackRefused` with Slack's word.
        """
        response, content = self._post(response_url, json=payload)
        body = _json_object(content)
        text = content.decode(errors="replace").strip()
        if body is not None and body.get("ok") is False:
            raise _refusal(body)
        if response.status_code in {200, 201, 202, 204} and not (_WORD.fullmatch(text) and text != "ok"):
            return
        if response.status_code >= 500:
            # Whatever word comes with it, such as `rollup_error`: it says nothing of what was done.
            raise SlackUnclear(Because("Slack answered {status}", status=response.status_code))
        if response.status_code != 429 and _WORD.fullmatch(text):
            raise _refusal({"error": text})
        _raise_for_status(response)
        raise SlackRefused(f"http_{response.status_code}")

    def _post(self, url: str, **request: Any) -> tuple[requests.Response, bytes]:
        """The answer and its body, read within the time and size we allow."""
        try:
            with self._session.post(
                url, timeout=self._timeout, allow_redirects=False, stream=True, **request
            ) as response:
                return response, self._read(response)
        except requests.exceptions.ConnectTimeout as error:
            raise SlackUnreachable(Because("no connection to Slack came about in time")) from error
        except requests.exceptions.ConnectionError as error:
            if was_not_sent(error):
                raise SlackUnreachable(Because("Slack cannot be reached")) from error
            raise SlackUnclear(Because("the connection to Slack broke")) from error
        except requests.exceptions.Timeout as error:
            raise SlackUnclear(Because("Slack did not answer in time")) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
            raise SlackRefused("invalid_url") from error
        except requests.exceptions.RequestException as error:
            raise SlackUnclear(Because("Slack's answer broke off ({error})", error=type(error).__name__)) from error

    def _read(self, response: requests.Response) -> bytes:
        deadline = self._monotonic() + _ANSWER_SECONDS
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > _ANSWER_BYTES or self._monotonic() > deadline:
                raise SlackUnclear(Because("Slack's answer is too long, or takes too long"))
        return b"".join(parts)


def _form_value(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case dict() | list() | tuple():
            return json.dumps(value, separators=(",", ":"))
        case _:
            return str(value)


def _raise_for_status(response: requests.Response) -> None:
    match response.status_code:
        case 200:
            return
        case 429:
            raise SlackLimited(_retry_after(response))
        case status if status >= 500:
            raise SlackUnclear(Because("Slack answered {status}", status=status))
        case status:
            raise SlackRefused(f"http_{status}")


def _retry_after(response: requests.Response) -> timedelta:
    asked = response.headers.get("Retry-After", "").strip()
    seconds = int(asked) if re.fullmatch(r"[0-9]{1,5}", asked) else _RETRY_AFTER
    return timedelta(seconds=max(seconds, 1))


def _refusal(body: dict[str, Any]) -> SlackError:
    code = str(body.get("error") or "unknown_error")[:100]
    if code in {"ratelimited", "rate_limited"}:
        return SlackLimited(timedelta(seconds=_RETRY_AFTER))
    if code in _HALF_DONE:
        return SlackUnclear(Because("Slack answered {status}", status=code))
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    details = "; ".join(map(str, messages))[:300] if isinstance(messages, list) else ""
    return SlackRefused(code, needed=str(body.get("needed") or ""), details=details)


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
