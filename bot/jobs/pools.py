"""Which pools are to be read, and what becomes of alerts about those that no longer are?"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Engine

from bot.core.alerts import Alert
from bot.core.because import Because
from bot.core.blindness import SpellKind
from bot.core.judge import Change, ended, missed
from bot.core.routes import Route
from bot.core.stats import Pool, PoolStats
from bot.jobs.telling import NOWHERE, Moment, tell
from bot.modelarts.errors import AmbiguousPool, ModelArtsError, NotAllowed, NotServed, UnknownPool
from bot.modelarts.source import Source
from bot.store import alerts, samples, spells
from bot.store.engine import reading, writing

log = logging.getLogger(__name__)

# Where pools cannot be listed, those are read that were read within this time.
STILL_KNOWN = timedelta(days=1)
NOT_WANTED = Because("the configuration is not about its pool any more")


def pools_to_read(modelarts: Source, wanted: Literal["all"] | Sequence[str], *, now: datetime) -> tuple[Pool, ...]:
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


def _named_directly(modelarts: Source, wanted: Sequence[str], now: datetime) -> tuple[Pool, ...]:
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
    return tuple(stats.pool for stats in latest if _lately(stats, now) and wanted(stats.pool))


def leave(
    pools: Sequence[Pool],
    *,
    wanted: Callable[[Pool], bool],
    modelarts: Source,
    engine: Engine,
    routes: Sequence[Route],
    stale_after: timedelta,
    at: Moment,
    grouped: bool = True,
    hide_users_in: Sequence[str] = NOWHERE,
    unlisted: Collection[str] = (),
) -> int:
    """Look after the pools that are not read any more; how many messages that makes.

    The open alerts about a pool that the configuration no longer names are ended. A wanted pool that is merely missing
    from the list is asked for by its id, and the failure is kept as one of reading it: its alerts are marked as not
    seen, and that it is gone is believed when ModelArts has said so for long (`bot.jobs.blindness`).

    Args:
        pools: Those that are read; nothing is done about them.
        wanted: Whether the configuration is about a pool.
        modelarts: Whom to ask.
        engine: The store.
        routes: Where alerts go.
        stale_after: After how long without a reading an alert is marked.
        at: Now.
        grouped: Whether the alerts of a pool are told in one message.
        hide_users_in: Channels (globs) in which the users of jobs are not named.
        unlisted: The accounts whose list could not be had: nothing is believed of their pools, nor of those of which
            nobody knows to which account they belong.

    Raises:
        StoreError: The database cannot be used now.
    """
    with reading(engine) as db:
        unwanted, missing = _left(db, {pool.id for pool in pools}, wanted, at.now)
    if unlisted:
        sure = {pool.account for pool in pools} - {*unlisted, ""}
        unwanted = [pool for pool in unwanted if pool.account in sure]
        missing = [pool for pool in missing if pool.account in sure]

    def settle(pool: Pool, change: Callable[[Sequence[Alert]], Sequence[Change]], error: ModelArtsError | None) -> int:
        with writing(engine) as db:
            if error is not None:
                samples.save_failure(db, pool, at=at.now, kind=type(error).__name__, why=error.why)
            standing = alerts.open_alerts(db, pool.id, lock=True)
            return tell(db, change(standing), routes, at=at, grouped=grouped, hide_users_in=hide_users_in)

    told = 0
    for pool in unwanted:
        told += settle(pool, lambda standing: [ended(alert, at.now, NOT_WANTED) for alert in standing], None)
        log.info("the alerts about pool %s are over: %s", pool.id, NOT_WANTED)
    for pool in missing:
        error = _asked(pool, modelarts, at.now)
        told += settle(pool, lambda standing: missed(standing, at=at.now, stale_after=stale_after), error)
    return told


def _left(
    db: Connection, read: set[str], wanted: Callable[[Pool], bool], now: datetime
) -> tuple[list[Pool], list[Pool]]:
    """The pools that are not read: those with open alerts that nobody wants, and those that are wanted and missing."""
    left = {alert.pool.id: alert.pool for alert in alerts.open_alerts(db) if alert.pool.id not in read}
    known = {stats.pool.id: stats.pool for stats in samples.latest_all(db) if _lately(stats, now)}
    told_gone = [spell for spell in spells.open_spells(db) if spell.kind is SpellKind.GONE]
    gone = {each.pool.id for spell in told_gone for each in spell.pools if each.back_at is None}
    missing = [pool for pool in {**known, **left}.values() if wanted(pool) and pool.id not in read | gone]
    return [pool for pool in left.values() if not wanted(pool)], missing


def _lately(stats: PoolStats, now: datetime) -> bool:
    return now - stats.taken_at <= STILL_KNOWN


def _asked(pool: Pool, modelarts: Source, now: datetime) -> ModelArtsError | None:
    """Ask for a pool that is not listed; what it is answered is no reading, for nobody would go on with it."""
    try:
        modelarts.pool_stats(pool, now=now)
    except ModelArtsError as error:
        return error
    return None
