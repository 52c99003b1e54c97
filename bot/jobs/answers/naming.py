"""Which pool does a person mean, among those that they may see?"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.core.command import Asker
from bot.core.stats import Pool
from bot.jobs.answers.known import Answering
from bot.messages import trouble
from bot.messages.model import Message
from bot.modelarts.errors import AmbiguousPool, ModelArtsError, UnknownPool
from bot.modelarts.names import chosen


def pool_named(
    name: str, asker: Asker, known: Answering, *, now: datetime, asking: Callable[[Pool], str] = trouble.its_id
) -> Pool | Message:
    """The pool, or what to say where none or several are meant.

    A pool that the asker may not see is as if it did not exist: it is neither suggested nor in the way of another.

    Args:
        name: What was typed.
        asker: Who asks, and where.
        known: What answers are made from.
        now: The time of the answer.
        asking: What a button beside a suggested pool asks.

    Raises:
        ModelArtsError: ModelArts cannot be asked.
    """
    try:
        pool = known.modelarts.resolve(name, now=now)
        if known.access.may_see(asker, pool):
            return pool
    except UnknownPool as error:
        if known.access.sees_all(asker):
            return trouble.unknown_pool(name, error.nearest, asking=asking)
    except AmbiguousPool as error:
        if known.access.sees_all(asker):
            return trouble.ambiguous_pool(name, error.choices, asking=asking)
    return _among(name, _visible(asker, known, now), asking)


def _visible(asker: Asker, known: Answering, now: datetime) -> tuple[Pool, ...]:
    try:
        return known.access.visible(asker, known.modelarts.known_pools(now=now))
    except ModelArtsError:
        # Where pools cannot be listed none can be suggested.
        return ()


def _among(name: str, pools: Sequence[Pool], asking: Callable[[Pool], str]) -> Pool | Message:
    try:
        return chosen(name, pools)
    except UnknownPool as error:
        return trouble.unknown_pool(name, error.nearest, asking=asking)
    except AmbiguousPool as error:
        return trouble.ambiguous_pool(name, error.choices, asking=asking)
