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

from bot.core.because import Because
from bot.core.language import N_
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
    ("signature expired", N_("the signature had expired, because the clock is wrong or temporary credentials ran out")),
    ("signature fail", N_("the secret key does not belong to the access key, or the request was altered on its way")),
    ("ak not exist", N_("there is no such access key")),
    ("decrypt token", N_("the token is not valid")),
    ("reach the limit", N_("the access key is locked for five minutes after too many failed attempts")),
    ("invalid ak/sk", N_("the access key or the secret key is wrong")),
    ("username or password", N_("the user name or the password is wrong")),
    ("token must be updated", N_("the token has expired, or belongs to another region")),
    ("project info", N_("the token is not for a project of this region")),
    ("token has no project", N_("the token is not for a project")),
)
_RIGHTS = {
    "ModelArts.0210": N_("the project id does not belong to these credentials"),
    "ModelArts.4116": N_("the account is in arrears or suspended"),
    "ModelArts.4118": N_("the account is in arrears or suspended"),
    "0310": N_("the project is not available"),
    "0802": N_("the user is forbidden in this region"),
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
        error: ModelArtsError = UnexpectedAnswer(
            Because("ModelArts' answer cannot be used: {flaw}", flaw=Because(answer.flaw))
        )
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
            return BadRequest(Because("ModelArts finds the question wrong{said}", said=_quoted(told)))
        case 408 | 500 | 502 | 503 | 504 as status:
            why = Because("ModelArts cannot answer now ({status}{code})", status=status, code=_code(told))
            return Unavailable(why, _retry_after(answer))
        case status if 300 <= status < 400:
            elsewhere = N_("ModelArts sent us elsewhere ({status}), which it never does: check the endpoint")
            return UnexpectedAnswer(Because(elsewhere, status=status))
        case status:
            not_expected = N_("ModelArts answered {status}{code}, which is not expected here")
            return UnexpectedAnswer(Because(not_expected, status=status, code=_code(told)))


def _refused(answer: Answer, told: Told, at: datetime) -> ModelArtsError:
    rights = told.code in _RIGHTS_CODES
    if not rights and (answer.status == 401 or told.code in _CREDENTIAL_CODES or "reach the limit" in told.message):
        return _bad_credentials(answer, told, at)
    what = _RIGHTS.get(told.short or "", N_("they lack a right that the question needs"))
    refused = N_("ModelArts knows our credentials but refuses: {why}{said}")
    return NotAllowed(Because(refused, why=Because(what), said=_quoted(told)))


def _bad_credentials(answer: Answer, told: Told, at: datetime) -> BadCredentials:
    skew = clock_skew(answer, at)
    if skew is not None and abs(skew) >= _NOTABLE_SKEW:
        if skew > timedelta():
            clock = Because("the clock of this machine is {time} ahead of ModelArts'", time=skew)
        else:
            clock = Because("the clock of this machine is {time} behind ModelArts'", time=-skew)
        if abs(skew) > TOLERATED_SKEW or "expired" in told.message.lower():
            signature = N_("ModelArts does not accept our signature: {clock}, set it right")
            return BadCredentials(Because(signature, clock=clock), skew)
    else:
        skew, clock = None, None
    message = told.message.lower()
    known = (meaning for fragment, meaning in _REASONS if fragment in message)
    reason = Because(next(known, N_("no reason we know is given")))
    if clock is None:
        return BadCredentials(Because("ModelArts does not accept our credentials: {why}", why=reason))
    also = N_("ModelArts does not accept our credentials: {why} (also, {clock})")
    return BadCredentials(Because(also, why=reason, clock=clock), skew)


def _not_found(request: Request, told: Told) -> ModelArtsError:
    if told.short in _NOT_SERVED_CODES or not told.is_json:
        not_served = N_("{host} does not serve this question of ModelArts: check the endpoint and the region")
        return NotServed(Because(not_served, host=request.host))
    # A generic "not found" about something that is not a pool says nothing about the pool.
    if request.pool is not None and (told.code is None or told.code in _POOL_CODES or "pool" in told.message.lower()):
        return UnknownPool(request.pool)
    return UnexpectedAnswer(Because("ModelArts does not find what was asked for{said}", said=_quoted(told)))


def _throttled(answer: Answer, told: Told) -> Throttled:
    found = _WINDOW.search(told.message)
    window = None
    if found:
        window = timedelta(seconds=min(int(found[1]) * _UNIT_SECONDS[found[2]], _LONGEST_SECONDS))
    wait = _retry_after(answer) or window
    if not wait:
        return Throttled(Because("ModelArts throttles us"), wait, window)
    return Throttled(Because("ModelArts throttles us; it can be asked again in {time}", time=wait), wait, window)


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
