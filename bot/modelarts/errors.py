# ruff: noqa: N818 - the names say what happened, which "Error" at their end would not make clearer
"""What can go wrong when asking ModelArts, named for what the caller can do about it.

* ModelArtsError
  x Unavailable        try again later (no connection, no answer in time, 5xx)
    x Throttled        likewise, and not before its window is over (429)
  x Refused            asking again changes nothing, a person must act
    x BadCredentials   the credentials are wrong, expired or locked, or our clock is: stop asking
    x NotAllowed       the credentials are right and lack a right (403)
  x UnknownPool        there is no such pool; the nearest names are suggestions only
  x AmbiguousPool      several pools are meant; one of `choices` has to be picked
  x BadRequest         ModelArts finds the question wrong (400)
  x UnexpectedAnswer   the answer cannot be trusted; it says nothing about the pool, least of all zero
    x NotServed        the endpoint does not know the question (wrong address or region, or not offered there)

`str(error)` is a text for people: lower case, without secrets, naming the thing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from bot.core.because import Because, Explained, Why
from bot.core.stats import Pool
from bot.modelarts.text import shown


class ModelArtsError(Explained):
    """ModelArts could not be asked, or did not answer the question.

    Attributes:
        request_id: What ModelArts calls the request, for its support; `None` where it gave none.
        error_code: Its error code as it was sent, such as `ModelArts.50015001` or `APIG.0308`.
    """

    request_id: str | None = None
    error_code: str | None = None

    def traced(self, request_id: str | None, error_code: str | None) -> Self:
        """This error, with the identifiers of the answer that it was read from."""
        self.request_id, self.error_code = request_id, error_code
        return self


class Unavailable(ModelArtsError):
    """ModelArts cannot answer now.

    Attributes:
        retry_after: When it may be worth asking again, where that is known.
    """

    def __init__(self, why: Why, retry_after: timedelta | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Throttled(Unavailable):
    """We ask more often than ModelArts, or our own limit for the access key, allows.

    Attributes:
        window: The span over which ModelArts counts requests, where its message stated one.
    """

    def __init__(self, why: Why, retry_after: timedelta | None = None, window: timedelta | None = None) -> None:
        super().__init__(why, retry_after)
        self.window = window


class Refused(ModelArtsError):
    """ModelArts refuses us, and will until a person changes something."""


class BadCredentials(Refused):
    """The credentials are not accepted. Nobody asks with them until `open_until`: repeated failures lock the key.

    Attributes:
        clock_skew: How far our clock is ahead of ModelArts' (negative: behind), where it differs by a minute or more.
        open_until: Until when no request is sent; then one may try again.
    """

    def __init__(self, why: Why, clock_skew: timedelta | None = None, open_until: datetime | None = None) -> None:
        super().__init__(why)
        self.clock_skew = clock_skew
        self.open_until = open_until


class NotAllowed(Refused):
    """The credentials are right and lack a right."""


class UnknownPool(ModelArtsError):
    """There is no such pool.

    Attributes:
        pool: What was asked for, as it was asked.
        nearest: Up to three pools with a similar name, nearest first; suggestions, never answers.
    """

    def __init__(self, pool: str, nearest: Sequence[Pool] = ()) -> None:
        super().__init__(_unknown(pool, nearest))
        self.pool = pool
        self.nearest = tuple(nearest)


class AmbiguousPool(ModelArtsError):
    """Several pools are meant by what was asked for.

    Attributes:
        pool: What was asked for, as it was asked.
        choices: Every pool that is meant, by name.
    """

    def __init__(self, pool: str, choices: Sequence[Pool]) -> None:
        name, number, pools = shown(pool), len(choices), _either(choices)
        super().__init__(Because("{name} may mean {number} pools: {pools}", name=name, number=number, pools=pools))
        self.pool = pool
        self.choices = tuple(choices)


class BadRequest(ModelArtsError):
    """ModelArts finds the question wrong, and would again."""


class UnexpectedAnswer(ModelArtsError):
    """The answer is not of a shape we know. It is no statement about the pool."""


class NotServed(UnexpectedAnswer):
    """The endpoint does not know the question: a wrong address or region, or an API not offered there."""


_NAMED = 5


def _unknown(pool: str, nearest: Sequence[Pool]) -> Because:
    if not pool.strip():
        return Because("no pool is named")
    if not nearest:
        return Because("there is no pool {name}", name=shown(pool))
    return Because("there is no pool {name}; did you mean {pools}?", name=shown(pool), pools=_either(nearest))


def _either(pools: Sequence[Pool]) -> Why:
    """The pools for a sentence; the id is added where two share a name."""
    names = [pool.name for pool in pools]
    told = [
        shown(pool.name) if names.count(pool.name) == 1 else f"{shown(pool.name)} ({shown(pool.id, quoted=False)})"
        for pool in pools[:_NAMED]
    ]
    if len(pools) > _NAMED:
        return Because("{some} or {number} more", some=", ".join(told), number=len(pools) - _NAMED)
    return told[0] if len(told) == 1 else Because("{some} or {last}", some=", ".join(told[:-1]), last=told[-1])
