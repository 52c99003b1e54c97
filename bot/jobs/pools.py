"""Which pools are to be read, and what becomes of alerts about those that no longer are?"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine

from bot.core.judge import ended, missed
from bot.core.routes import Route
from bot.core.stats import Pool
from bot.jobs.telling import Moment, tell
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import AmbiguousPool, ModelArtsError, NotAllowed, NotServed, UnknownPool
from bot.store import alerts, samples
from bot.store.engine import reading, writing

log = logging.getLogger(__name__)

# Where pools cannot be listed, those are read that were read within this time.
STILL_KNOWN = timedelta(days=1)


def pools_to_read(modelarts: ModelArts, wanted: Literal["all"] | Sequence[str], *, now: datetime) -> tuple[Pool, ...]:
    """Those of ModelArts' pools that `wanted` names: all, or by ids, names and globs.

    Where pools cannot be listed, for want of a right or of the API, the ids among `wanted` are taken as they are.

    Raises:
        ModelArtsError: The pools cannot be listed now.
    """
    try:
        known = modelarts.known_pools(now=now)
    except (NotAllowed, NotServed):
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
        except (UnknownPool, AmbiguousPool, NotAllowed, NotServed) as error:
            log.warning("pool %r of modelarts.pools cannot be read: %s", each, error)
    return tuple(found)


def pools_read_before(engine: Engine, wanted: Callable[[Pool], bool], *, now: datetime) -> tuple[Pool, ...]:
    """The wanted pools that were read not long ago, for when they cannot be listed.

    Raises:
        StoreError: The database cannot be used now.
    """
    with reading(engine) as db:
        latest = samples.latest_all(db)
    return tuple(stats.pool for stats in latest if now - stats.taken_at <= STILL_KNOWN and wanted(stats.pool))


def leave(
    pools: Sequence[Pool],
    *,
    wanted: Callable[[Pool], bool],
    modelarts: ModelArts,
    engine: Engine,
    routes: Sequence[Route],
    stale_after: timedelta,
    at: Moment,
) -> int:
    """End the open alerts about pools that do not exist, or are not wanted, any more; how many messages that makes.

    A pool that is merely missing from the list is asked for by its id: only ModelArts' word that there is none ends
    its alerts, else they are marked as not seen.

    Args:
        pools: Those that are read; alerts about them are left alone.
        wanted: Whether the configuration is about a pool.
        modelarts: Whom to ask.
        engine: The store.
        routes: Where alerts go.
        stale_after: After how long without a reading an alert is marked.
        at: Now.

    Raises:
        StoreError: The database cannot be used now.
    """
    read = {pool.id for pool in pools}
    with reading(engine) as db:
        left = {alert.pool.id: alert.pool for alert in alerts.open_alerts(db) if alert.pool.id not in read}
    told = 0
    for pool in left.values():
        why = _why_left(pool, wanted, modelarts, at.now)
        with writing(engine) as db:
            standing = alerts.open_alerts(db, pool.id, lock=True)
            if why is None:
                told += tell(db, missed(standing, at=at.now, stale_after=stale_after), routes, at=at)
                continue
            told += tell(db, [ended(alert, at.now, why) for alert in standing], routes, at=at)
        log.info("the alerts about pool %s are over: %s", pool.id, why)
    return told


def _why_left(pool: Pool, wanted: Callable[[Pool], bool], modelarts: ModelArts, now: datetime) -> str | None:
    """Why nobody need hear of the pool any more; `None` where that is not certain."""
    if not wanted(pool):
        return "the configuration is not about its pool any more"
    try:
        modelarts.pool_stats(pool, now=now)
    except UnknownPool:
        return "its pool does not exist any more"
    except ModelArtsError:
        return None
    return None
