"""Which pool does a person mean, among those that they may see?"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.core.command import Asker
from bot.core.stats import Pool
from bot.jobs.answers.known import Answering
from bot.messages import trouble
from bot.messages.model import Message
from bot.modelarts.errors import AmbiguousPool, ModelArtsError, NotAllowed, NotServed, UnknownPool
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
    if known.access.sees_all(asker):
        try:
            return known.modelarts.resolve(name, now=now)
        except UnknownPool as error:
            return trouble.unknown_pool(name, error.nearest, asking=asking)
        except AmbiguousPool as error:
            return trouble.ambiguous_pool(name, error.choices, asking=asking)
    try:
        listed: tuple[Pool, ...] | None = known.modelarts.known_pools(now=now)
    except (NotAllowed, NotServed):
        # Where pools cannot be listed none can be suggested.
        listed = None
    try:
        pool = known.modelarts.resolve(name, now=now)
        if known.access.may_see(asker, pool):
            return pool
    except (UnknownPool, AmbiguousPool):
        pass
    except ModelArtsError:
        # What is listed and hidden is never asked for, so an error would tell it from what does not exist.
        if listed is None:
            raise
    if listed is not None:
        listed = known.modelarts.known_pools(now=now)
    return _among(name, known.access.visible(asker, listed or ()), asking)


def _among(name: str, pools: Sequence[Pool], asking: Callable[[Pool], str]) -> Pool | Message:
    try:
        return chosen(name, pools)
    except UnknownPool as error:
        return trouble.unknown_pool(name, error.nearest, asking=asking)
    except AmbiguousPool as error:
        return trouble.ambiguous_pool(name, error.choices, asking=asking)
