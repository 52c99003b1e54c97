"""What is said when ModelArts could not be asked or did not answer?"""

from datetime import datetime

from bot.core.stats import PoolStats
from bot.messages import trouble
from bot.messages.model import Message
from bot.modelarts.errors import (
    BadCredentials,
    ModelArtsError,
    NotAllowed,
    Refused,
    Throttled,
    Unavailable,
)


def modelarts_failed(
    error: ModelArtsError, name: str | None, *, now: datetime, last: PoolStats | None = None, again: str | None = None
) -> Message:
    """Why there is no answer, and what to do.

    Args:
        error: What went wrong.
        name: Which pool was asked about; `None` for all.
        now: The time of the answer.
        last: The last reading that is known.
        again: What to ask when it is tried again, where that is not the name.
    """
    match error:
        case Throttled():
            kind = trouble.Kind.THROTTLED
        case Unavailable():
            kind = trouble.Kind.UNAVAILABLE
        case BadCredentials():
            kind = trouble.Kind.BAD_CREDENTIALS
        case NotAllowed() | Refused():
            kind = trouble.Kind.NOT_ALLOWED
        case _:
            kind = trouble.Kind.UNEXPECTED
    return trouble.modelarts_trouble(
        kind,
        error.why,
        pool=name,
        again=again,
        request_id=error.request_id,
        error_code=error.error_code,
        last=last,
        now=now,
    )
