"""What would rules have told of the readings that are stored?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.review.history import Past, past
from bot.core.rules.looking import looked_at
from bot.core.rules.model import AlertRule
from bot.core.stats import Pool, PoolStats
from bot.jobs.poll import LEARN_FROM
from bot.store import samples
from bot.store.engine import reading
from bot.store.names import type_names


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows: every pool, every job type, and when the newest reading was taken."""

    pools: tuple[Pool, ...] = ()
    types: frozenset[str] = frozenset()
    until: datetime | None = None


class OutOfTime(Exception):  # noqa: N818 - named for what it says to the caller
    """There was no time to look at the rest."""


def stored(engine: Engine) -> Stored:
    """What is known without looking at the past.

    Raises:
        StoreError: The database cannot be read.
    """
    with reading(engine) as db:
        newest = samples.latest_all(db)
        known = samples.pools_seen(db)
        types = type_names(db).values()
    return Stored(tuple(known), frozenset(types), max((stats.taken_at for stats in newest), default=None))


def looked_back(
    engine: Engine,
    pools: Sequence[Pool],
    rules: Sequence[AlertRule],
    *,
    until: datetime,
    over: timedelta,
    time_left: Callable[[], bool],
) -> Iterator[Past | None]:
    """What became of each of `pools` in the time `over` before `until`, one after the other; `None` of one never read.

    The days before are learnt from, as a bot does that starts. It ends early where there is no time left. Each pool is
    read for itself, so that no reader holds up the database for long.

    Raises:
        StoreError: The database cannot be read.
    """
    since = until - over

    def in_time(readings: Iterator[PoolStats]) -> Iterator[PoolStats]:
        for stats in readings:
            if not time_left():
                raise OutOfTime
            yield stats

    for pool in pools:
        with reading(engine) as db:
            readings = samples.readings(db, pool.id, since=since - LEARN_FROM, statuses=looked_at(rules))
            try:
                yield past(pool, in_time(readings), rules, since=since)
            except OutOfTime:
                return


def in_fair_order(pools: Sequence[Pool], rules: Sequence[AlertRule]) -> list[Pool]:
    """Those of `pools` that rules cover, such that each rule has its first pool early, whatever the time allows."""
    waiting = [[pool for pool in pools if rule.covers(pool)] for rule in rules]
    found: dict[str, Pool] = {}
    while any(waiting):
        for of_rule in waiting:
            while of_rule and of_rule[0].id in found:
                of_rule.pop(0)
            if of_rule:
                pool = of_rule.pop(0)
                found[pool.id] = pool
    return list(found.values())
