"""Which error is an answer that is not a success? Decided by HTTP status first: the codes are overloaded.

The gateway's codes, written `APIG.` or `APIGW.`:
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
ModelArts' own, without the eight-digit ones of resource pools:
https://support.huaweicloud.com/intl/en-us/api-modelarts/modelarts_03_0095.html
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.durations import spoken
from bot.modelarts.dialects import Told, identifier, short, told_by
from bot.modelarts.errors import (
    BadCredentials,
    BadRequest,
    ModelArtsError,
    NotAllowed,
    NotServed,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
    UnknownPool,
)
from bot.modelarts.text import shown
from bot.modelarts.transport import Answer, Request

# The gateway's tolerance between X-Sdk-Date and its own clock.
TOLERATED_SKEW = timedelta(minutes=15)
_NOTABLE_SKEW = timedelta(minutes=1)
_LONGEST_SECONDS = 86_400

_WINDOW = re.compile(r"time: ?(\d{1,9}) ?(second|minute|hour|day)", re.ASCII)
_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

# 403 codes that are about who we are, not about what we may do.
_CREDENTIAL_CODES = frozenset({"ModelArts.0203", "ModelArts.0206"})
# A policy that could not be applied speaks of rights, even where it comes as a 401.
_RIGHTS_CODES = frozenset({"ModelArts.0108", "ModelArts.0112"})
_NOT_SERVED_CODES = frozenset({"0101", "ModelArts.4204"})
_POOL_CODES = frozenset({"ModelArts.50015001", "ModelArts.2890"})
# A token that has to be fetched anew, which is not a failed authentication.
STALE_TOKEN_CODES = frozenset({"0307", "ModelArts.0202"})

# What the gateway's reasons mean for the person who has to repair it.
_REASONS = (
    # "calc ak sk signature fail:signature expired": the particular reason stands before the general one.
    ("signature expired", "the signature had expired, because the clock is wrong or temporary credentials ran out"),
    ("signature fail", "the secret key does not belong to the access key, or the request was altered on its way"),
    ("ak not exist", "there is no such access key"),
    ("decrypt token", "the token is not valid"),
    ("reach the limit", "the access key is locked for five minutes after too many failed attempts"),
    ("invalid ak/sk", "the access key or the secret key is wrong"),
    ("username or password", "the user name or the password is wrong"),
    ("token must be updated", "the token has expired, or belongs to another region"),
    ("project info", "the token is not for a project of this region"),
    ("token has no project", "the token is not for a project"),
)
_RIGHTS = {
    "ModelArts.0210": "the project id does not belong to these credentials",
    "ModelArts.4116": "the account is in arrears or suspended",
    "ModelArts.4118": "the account is in arrears or suspended",
    "0310": "the project is not available",
    "0802": "the user is forbidden in this region",
}


def failure(request: Request, answer: Answer, *, secrets: Iterable[str], at: datetime) -> ModelArtsError | None:
    """What went wrong, or `None` for an answer whose body is worth reading.

    Args:
        request: What was asked.
        answer: What came back.
        secrets: What must not be repeated, whoever says it.
        at: The time of day here, to compare with the answer's.
    """
    if answer.status in {200, 201}:
        if answer.flaw is None:
            return None
        error: ModelArtsError = UnexpectedAnswer(f"ModelArts' answer cannot be used: {answer.flaw}")
        return error.traced(identifier(answer.headers.get("X-Request-Id")), None)
    told = told_by(answer, tuple(secrets))
    return _error(request, answer, told, at).traced(told.request_id, told.code)


def request_id(answer: Answer) -> str | None:
    """What ModelArts calls the request."""
    return identifier(answer.headers.get("X-Request-Id"))


def is_stale_token(error: BadCredentials) -> bool:
    """Whether a new token would help."""
    return short(error.error_code) in STALE_TOKEN_CODES


def clock_skew(answer: Answer, at: datetime) -> timedelta | None:
    """How far our clock is ahead of the answer's `Date` (negative: behind); `None` where it has none."""
    try:
        return at - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None


def _error(request: Request, answer: Answer, told: Told, at: datetime) -> ModelArtsError:
    match answer.status:
        case 401 | 403:
            return _refused(answer, told, at)
        case 404:
            return _not_found(request, told)
        case 429:
            return _throttled(answer, told)
        case 400 | 413 | 414 | 494:
            return BadRequest(f"ModelArts finds the question wrong{_quoted(told)}")
        case 408 | 500 | 502 | 503 | 504 as status:
            return Unavailable(f"ModelArts cannot answer now ({status}{_code(told)})", _retry_after(answer))
        case status if 300 <= status < 400:
            return UnexpectedAnswer(f"ModelArts sent us elsewhere ({status}), which it never does: check the endpoint")
        case status:
            return UnexpectedAnswer(f"ModelArts answered {status}{_code(told)}, which is not expected here")


def _refused(answer: Answer, told: Told, at: datetime) -> ModelArtsError:
    rights = told.code in _RIGHTS_CODES
    if not rights and (answer.status == 401 or told.code in _CREDENTIAL_CODES or "reach the limit" in told.message):
        return _bad_credentials(answer, told, at)
    what = _RIGHTS.get(told.short or "", "they lack a right that the question needs")
    return NotAllowed(f"ModelArts knows our credentials but refuses: {what}{_quoted(told)}")


def _bad_credentials(answer: Answer, told: Told, at: datetime) -> BadCredentials:
    skew = clock_skew(answer, at)
    if skew is not None and abs(skew) >= _NOTABLE_SKEW:
        side = "ahead of" if skew > timedelta() else "behind"
        clock = f"the clock of this machine is {spoken(abs(skew))} {side} ModelArts'"
        if abs(skew) > TOLERATED_SKEW or "expired" in told.message.lower():
            return BadCredentials(f"ModelArts does not accept our signature: {clock}, set it right", skew)
    else:
        skew, clock = None, ""
    message = told.message.lower()
    reason = next((meaning for fragment, meaning in _REASONS if fragment in message), "no reason we know is given")
    also = f" (also, {clock})" if clock else ""
    return BadCredentials(f"ModelArts does not accept our credentials: {reason}{also}", skew)


def _not_found(request: Request, told: Told) -> ModelArtsError:
    if told.short in _NOT_SERVED_CODES or not told.is_json:
        return NotServed(f"{request.host} does not serve this question of ModelArts: check the endpoint and the region")
    # A generic "not found" about something that is not a pool says nothing about the pool.
    if request.pool is not None and (told.code is None or told.code in _POOL_CODES or "pool" in told.message.lower()):
        return UnknownPool(request.pool)
    return UnexpectedAnswer(f"ModelArts does not find what was asked for{_quoted(told)}")


def _throttled(answer: Answer, told: Told) -> Throttled:
    found = _WINDOW.search(told.message)
    window = None
    if found:
        window = timedelta(seconds=min(int(found[1]) * _UNIT_SECONDS[found[2]], _LONGEST_SECONDS))
    wait = _retry_after(answer) or window
    when = f"; it can be asked again in {spoken(wait)}" if wait else ""
    return Throttled(f"ModelArts throttles us{when}", wait, window)


def _retry_after(answer: Answer) -> timedelta | None:
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=min(int(text), _LONGEST_SECONDS))
    try:
        until = parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(until, timedelta()), timedelta(seconds=_LONGEST_SECONDS))


def _code(told: Told) -> str:
    return f", {told.code}" if told.code else ""


def _quoted(told: Told) -> str:
    said = f": {shown(told.message, limit=160)}" if told.message.strip() else ""
    return f" ({told.code}{said})" if told.code else said
