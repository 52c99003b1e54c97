"""What are pools of several accounts called, so that no two of them are taken for one another?"""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.stats import Pool


def told_apart(pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """The pools under the names that people read.

    A display name that only one account has stays as it is. Where several have it, the region follows it, as in
    `train-a100@cn-north-4`; the account where that does not tell them apart. Two pools of one account are told apart by
    their ids, wherever they are listed, as they are where there is one account.
    """
    alike: dict[str, dict[str, str]] = {}
    for pool in pools:
        alike.setdefault(pool.display_name.casefold(), {})[pool.account] = pool.region
    return tuple(_called(pool, alike[pool.display_name.casefold()]) for pool in pools)


def _called(pool: Pool, regions: dict[str, str]) -> Pool:
    plain, name = pool.display_name, pool.display_name
    if len(regions) > 1:
        is_alone = bool(pool.region) and list(regions.values()).count(pool.region) == 1
        name = f"{plain}@{pool.region if is_alone else pool.account}"
    return pool if name == pool.name else replace(pool, name=name)
