"""What did Teams answer, and if it did not: was the call made or not?

Plain `requests`, as everywhere in this bot: jobs are synchronous, connections are kept, nothing is read from the
environment, nothing is repeated by itself, and every call has its time-outs. The SDK's client is asynchronous, waits
for ever by default and tells none of these cases apart.

* TeamsError
  x TeamsRefused      Teams said no, and why; nothing was done
  x TeamsLimited      Teams wants us to come back later; nothing was done
  x TeamsUnreachable  the call was not sent; nothing was done
  x TeamsUnclear      the call was sent, and nobody knows whether it was done
"""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bot.core.because import Because, Explained, Why
from bot.unsent import was_not_sent

Json = dict[str, Any]

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0
# From the first byte of the answer to its last: a peer that drips must not hold a worker for ever.
_ANSWER_SECONDS = 20.0
_ANSWER_BYTES = 5_000_000
_CONNECTIONS = 32
_RETRY_AFTER = timedelta(seconds=5)
# Two operations on one conversation met: the other one is over in a moment.
_SOON = timedelta(seconds=1)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{1,80}")


class TeamsError(Explained):
    """Teams did not do what it was asked, or did not say so."""


class TeamsRefused(TeamsError):  # noqa: N818 - named for what is known of the outcome
    """Teams said no.

    Args:
        status: The HTTP status.
        code: Teams' word for it, such as `ConversationNotFound`.
    """

    def __init__(self, status: int, code: str = "") -> None:
        said = f"{status} {code}".rstrip()
        super().__init__(Because("Teams refused: {code}", code=said))
        self.status = status
        self.code = code


class TeamsLimited(TeamsError):  # noqa: N818 - named for what is known of the outcome
    """Teams wants us to come back after `retry_after`; `pace` where it is because of how much we did."""

    def __init__(self, retry_after: timedelta, *, pace: bool = True) -> None:
        super().__init__(Because("Teams asks us to wait {time}", time=retry_after))
        self.retry_after = retry_after
        self.pace = pace


class TeamsUnreachable(TeamsError):  # noqa: N818 - named for what is known of the outcome
    """No connection came about, so nothing was sent."""


class TeamsUnclear(TeamsError):  # noqa: N818 - named for what is known of the outcome
    """The call was sent, and what came of it is not known; `passes` where Teams' documents say to try again."""

    def __init__(self, why: Why, *, passes: bool = False) -> None:
        super().__init__(why)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: its status, and its JSON where there is an object."""

    status: int
    body: Json = field(default_factory=dict)


def new_session() -> requests.Session:
    """A session that keeps its connections, repeats nothing and reads nothing from the environment."""
    session = requests.Session()
    session.trust_env = False
    adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def ask(session: requests.Session, method: str, url: str, **request: Any) -> Answer:
    """Make one call.

    Raises:
        TeamsError: As the tree above says.
    """
    try:
        with session.request(
            method, url, timeout=(_CONNECT_SECONDS, _READ_SECONDS), allow_redirects=False, stream=True, **request
        ) as response:
            return _understood(response, _read(response))
    except requests.exceptions.ConnectTimeout as error:
        raise TeamsUnreachable(Because("no connection to Teams came about in time")) from error
    except requests.exceptions.ConnectionError as error:
        if was_not_sent(error):
            raise TeamsUnreachable(Because("Teams cannot be reached")) from error
        raise TeamsUnclear(Because("the connection to Teams broke")) from error
    except requests.exceptions.Timeout as error:
        raise TeamsUnclear(Because("Teams did not answer in time")) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
        raise TeamsRefused(400, "InvalidAddress") from error
    except requests.exceptions.RequestException as error:
        raise TeamsUnclear(Because("Teams' answer broke off ({error})", error=type(error).__name__)) from error


def _read(response: requests.Response) -> bytes:
    deadline = time.monotonic() + _ANSWER_SECONDS
    content = bytearray()
    for part in response.iter_content(64 * 1024):
        content += part
        if len(content) > _ANSWER_BYTES or time.monotonic() > deadline:
            raise TeamsUnclear(Because("Teams' answer is too long, or takes too long"))
    return bytes(content)


def _understood(response: requests.Response, content: bytes) -> Answer:
    try:
        body = json.loads(content) if content.strip() else {}
    except (ValueError, RecursionError):
        body = None
    match response.status_code:
        case 200 | 201 | 202 | 204 as status:
            return Answer(status, body if isinstance(body, dict) else {})
        case 429:
            raise TeamsLimited(_retry_after(response))
        case 412:
            raise TeamsLimited(_SOON, pace=False)
        case status if status >= 500 or status == 408:
            # https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability#status-codes
            raise TeamsUnclear(Because("Teams answered {status}", status=status), passes=status in {502, 503, 504})
        case status:
            raise TeamsRefused(status, _code(body))


def _code(body: object) -> str:
    """Teams' word for what is wrong; the rest of its answer may be anything, and is not shown."""
    match body:
        case {"error": {"innerHttpError": {"body": {"error": {"code": str(code)}}}}}:
            pass
        case {"error": {"code": str(code)}} | {"errorCode": str(code)} | {"error": str(code)}:
            pass
        case _:
            return ""
    return code if _WORD.fullmatch(code) else ""


def _retry_after(response: requests.Response) -> timedelta:
    asked = response.headers.get("Retry-After", "").strip()
    return max(timedelta(seconds=int(asked)), _SOON) if re.fullmatch(r"[0-9]{1,5}", asked) else _RETRY_AFTER
