"""Which pool is meant by what a person typed: an id, a display name, or the beginning of one?"""

import re
from collections.abc import Sequence

from bot.core.alike import alike
from bot.core.stats import Pool
from bot.modelarts.errors import AmbiguousPool, UnknownPool

# https://support.huaweicloud.com/intl/en-us/api-modelarts/ListWorkloads.html: 36 to 63 characters; display names have
# at most 32, so the two cannot be confused.
_ID = re.compile(r"[a-z][a-z0-9-]{34,61}[a-z0-9]", re.ASCII)

_LONGEST_NAME = 128
_SUGGESTIONS = 3


def folded(text: str) -> str:
    """`text` as names are compared."""
    return text.strip().casefold()


def is_id(text: str) -> bool:
    """Whether `text` has the shape of a pool id, and so may stand in an address."""
    return _ID.fullmatch(text) is not None


def chosen(text: str, pools: Sequence[Pool]) -> Pool:
    """The one pool of `pools` that `text` names: by exact id, else exact display name, else unique beginning of either.

    A name may be followed by `@` and the region or the account of the pool, and must be where several have it.

    Raises:
        AmbiguousPool: It names several.
        UnknownPool: It names none; similar names are suggested, and only that.
    """
    wanted = folded(text)
    if not wanted or len(wanted) > _LONGEST_NAME:
        raise UnknownPool(text)
    for found in (
        [pool for pool in pools if folded(pool.id) == wanted],
        [pool for pool in pools if folded(pool.name) == wanted],
        [pool for pool in pools if wanted in pool.names],
        [pool for pool in pools if _begins(pool, wanted)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousPool(text, sorted(found, key=lambda pool: (pool.name, pool.id)))
    raise UnknownPool(text, nearest(wanted, pools))


def _begins(pool: Pool, wanted: str) -> bool:
    """Whether `wanted` is the beginning of a name of the pool; of the part before the `@`, where it says where."""
    if any(name.startswith(wanted) for name in pool.names):
        return True
    beginning, at, place = wanted.rpartition("@")
    is_there = bool(at and beginning) and place in {pool.region.casefold(), pool.account.casefold()} - {""}
    return is_there and (folded(pool.display_name).startswith(beginning) or folded(pool.id).startswith(beginning))


def nearest(wanted: str, pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """The three pools whose name or id most resembles `wanted`, most similar first."""
    by_name = [folded(pool.name) for pool in pools]
    by_id = [folded(pool.id) for pool in pools]
    best: dict[int, float] = {}
    for names in (by_name, by_id):
        for place, score in alike(wanted, names, most=_SUGGESTIONS):
            best[place] = max(score, best.get(place, 0.0))
    ranked = sorted(best, key=lambda place: (-best[place], pools[place].name, pools[place].id))
    return tuple(pools[place] for place in ranked[:_SUGGESTIONS])
