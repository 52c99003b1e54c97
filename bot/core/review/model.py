"""What is reviewed, and what is found?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.core.access import Grant
from bot.core.routes import Place, Route
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool

# A place in the configuration: keys and positions.
Loc = tuple[str | int, ...]
# Globs over pools, or all of them.
Wanted = Literal["all"] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know, with what to do about it.

    Attributes:
        loc: Where.
        text: What, as one sentence.
        wrong: Whether it can never do what it is there for, whatever pools there are; else it is worth a word.
    """

    loc: Loc
    text: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """What is posted when, as far as it matters here."""

    to: tuple[Place, ...]
    cron: str
    timezone: str
    pools: Wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """What a configuration says about pools, alerts and channels.

    Attributes:
        pools: Which are read; of several accounts, of those that say nothing else.
        accounts: Several accounts by their names, each with what it says itself.
    """

    pools: Wanted
    every: timedelta
    rules: Sequence[AlertRule]
    routes: Sequence[Route]
    digests: Sequence[PlannedDigest]
    grants: Sequence[Grant]
    accounts: Sequence[tuple[str, Wanted | None]] = ()

    def globs(self) -> Iterator[tuple[Loc, Sequence[str]]]:
        """Everything that names pools, with its place."""
        if self.pools != "all":
            yield ("modelarts", "pools"), self.pools
        for number, (_, own) in enumerate(self.accounts):
            if own is not None and own != "all":
                yield ("accounts", number, "pools"), own
        for number, rule in enumerate(self.rules):
            yield ("rules", number, "pools"), rule.pools
        for number, route in enumerate(self.routes):
            yield ("routes", number, "match", "pools"), route.pools or ()
        for number, digest in enumerate(self.digests):
            if digest.pools != "all":
                yield ("digests", number, "pools"), digest.pools
        for number, grant in enumerate(self.grants):
            yield ("access", "pools", number, "pools"), grant.pools

    def reads(self, pool: Pool) -> bool:
        """Whether `pool` is one of those that are read."""
        whole = [self.pools if own is None else own for name, own in self.accounts if pool.account in {name, ""}]
        return any(each == "all" or pool.named_by(each) for each in (whole if self.accounts else [self.pools]))

    def meant(self, loc: Loc, known: Sequence[Pool]) -> Sequence[Pool]:
        """Those of the `known` pools that what stands at a place may be about."""
        if loc[0] != "accounts" or not isinstance(loc[1], int):
            return known
        return [pool for pool in known if pool.account == self.accounts[loc[1]][0]]


def several(names: Sequence[str], *, most: int = 3) -> str:
    """Some names and how many more there are: a, b, c and 4 more."""
    if len(names) <= most + 1:
        *before, last = names
        return f"{', '.join(before)} and {last}" if before else last
    return f"{', '.join(names[:most])} and {len(names) - most} more"
