"""Do the names and globs of a configuration match any pool that is known?"""

import re
from collections.abc import Iterator, Sequence

from bot.core.alike import alike
from bot.core.review.model import Finding, Plan, several
from bot.core.stats import Pool

# As alike as two names must be for one to be suggested, of 100.
ALIKE = 60
_WILD = re.compile(r"\[[^]]*\]|[*?]")


def about_pools(plan: Plan, known: Sequence[Pool]) -> Iterator[Finding]:
    """What matches no known pool, and rules about pools that are known but not read.

    Pools come and go, so none of it is wrong for sure. Nothing is found where no pool is known.
    """
    if not known:
        return
    for loc, globs in plan.globs():
        meant = plan.meant(loc, known)
        for number, glob in enumerate(globs if meant else ()):
            if not any(pool.named_by((glob,)) for pool in meant):
                yield Finding((*loc, number), f"{glob!r} matches no known pool{_instead(glob, meant)}")
    for number, rule in enumerate(plan.rules):
        covered = [pool for pool in known if rule.covers(pool)]
        if covered and not any(plan.reads(pool) for pool in covered):
            names = several([pool.name for pool in covered])
            left_out_by = "pools of its account" if plan.accounts else "modelarts.pools"
            text = (
                f"rule {rule.name!r} is about {names}, which {left_out_by} leaves out: add it there, or drop the rule"
            )
            yield Finding(("rules", number, "pools"), text)


def nearest(name: str, names: Sequence[str]) -> str | None:
    """The one of `names` that was probably meant."""
    literal = _WILD.sub("", name).casefold()
    if not literal:
        return None
    folded = [each.casefold() for each in names]
    found = alike(literal, folded, most=1, at_least=ALIKE)
    return names[found[0][0]] if found else None


def _instead(glob: str, known: Sequence[Pool]) -> str:
    meant = nearest(glob, sorted({name for pool in known for name in (pool.name, pool.id)}))
    if meant is not None:
        return f"; the nearest is {meant!r}"
    return f"; known are {several(sorted({pool.name for pool in known}))}"
