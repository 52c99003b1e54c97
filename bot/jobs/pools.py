"""Which pools are to be read?"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.core.stats import Pool
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import AmbiguousPool, NotAllowed, UnknownPool

log = logging.getLogger(__name__)


def pools_to_read(modelarts: ModelArts, wanted: Literal["all"] | Sequence[str], *, now: datetime) -> tuple[Pool, ...]:
    """Those of ModelArts' pools that `wanted` names: all, or by ids, names and globs.

    Where pools may not be listed, the ids among `wanted` are taken as they are.

    Raises:
        ModelArtsError: The pools cannot be listed now.
    """
    try:
        known = modelarts.known_pools(now=now)
    except NotAllowed:
        if wanted == "all":
            raise
        return _named_directly(modelarts, wanted, now)
    if wanted == "all":
        return known
    for each in wanted:
        if not any(pool.named_by((each,)) for pool in known):
            log.warning("there is no pool that %r of modelarts.pools names", each)
    return tuple(pool for pool in known if pool.named_by(wanted))


def _named_directly(modelarts: ModelArts, wanted: Sequence[str], now: datetime) -> tuple[Pool, ...]:
    found: list[Pool] = []
    for each in wanted:
        try:
            found.append(modelarts.resolve(each, now=now))
        except (UnknownPool, AmbiguousPool, NotAllowed) as error:
            log.warning("pool %r of modelarts.pools cannot be read: %s", each, error)
    return tuple(found)
