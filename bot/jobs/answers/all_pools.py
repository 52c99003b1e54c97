"""How do all pools stand?"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.because import said
from bot.core.command import Asker, ShowAllPools
from bot.core.language import N_, _
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.messages.all_pools import (
    TREND,
    all_pools_message,
    asked_for,
    page_of,
    unlisted_account,
    worst_first,
)
from bot.messages.home import only_mine
from bot.messages.model import Message
from bot.modelarts.accounts import Accounts
from bot.modelarts.errors import ModelArtsError
from bot.store import alerts, preferences, samples, trends
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)

# A bar for each half hour.
BARS = 12
# Pools without a reading that are asked for while a person waits.
MOST_ASKED = 10
NOT_YET = N_("it has not been read yet")


def show_all_pools(asked: ShowAllPools, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """Every pool that is read, from its newest stored reading; ModelArts is asked only where there is none yet."""
    own: tuple[str, ...] = ()
    try:
        with reading(known.engine) as db:
            own = preferences.pools(db, asker) if not asked.only else ()
            latest = {stats.pool.id: stats for stats in samples.latest_all(db)}
            standing = [alert for alert in alerts.open_alerts(db) if alert.told]
            failures = {pool: said(why) for pool, why in samples.failing(db).items()}
    except StoreError as error:
        log.warning("answering without the store: %s", error)
        latest, standing, failures = {}, [], {}
    try:
        listed: Sequence[Pool] = [pool for pool in known.modelarts.known_pools(now=now) if known.wanted(pool)]
    except ModelArtsError as error:
        if not latest:
            return modelarts_failed(error, None, now=now, again=asked_for(asked.only, asked.page))
        # The pools as they were last known: a list that cannot be had is no reason to say nothing.
        listed = [stats.pool for stats in latest.values()]
    unlisted = known.modelarts.unlisted if isinstance(known.modelarts, Accounts) else {}
    if unlisted:
        # Of an account that does not answer, the pools as they were last known.
        there = {pool.id for pool in listed}
        before = [stats.pool for stats in latest.values() if stats.pool.account in unlisted]
        listed = [*listed, *(pool for pool in before if pool.id not in there and known.wanted(pool))]
    if own:
        asked = replace(asked, only=" ".join(own))
    globs = asked.only.split()
    pools = {pool.id: pool for pool in known.access.visible(asker, listed) if not globs or pool.named_by(globs)}
    unread = [pool for pool in pools.values() if pool.id not in latest and pool.id not in failures]
    for number, pool in enumerate(unread):
        try:
            if number >= MOST_ASKED:
                failures[pool.id] = _(NOT_YET)
            else:
                latest[pool.id] = known.modelarts.pool_stats(pool, now=now)
        except ModelArtsError as error:
            failures[pool.id] = said(error.why)
    shown = [stats for stats in latest.values() if stats.pool.id in pools]
    open_alerts = [alert for alert in standing if alert.pool.id in pools]
    _pages, page = page_of(worst_first(shown, open_alerts), asked.page)
    message = all_pools_message(
        shown,
        now=now,
        failures={pools[pool_id].name: why for pool_id, why in failures.items() if pool_id in pools},
        open_alerts=open_alerts,
        trends=_trends(page, known, now),
        only=asked.only,
        page=asked.page,
    )
    # Whoever sees nothing of an account need not know that there is one.
    seen = unlisted if known.access.sees_all(asker) else {pool.account for pool in pools.values()}
    silent = tuple(unlisted_account(name, error.why) for name, error in unlisted.items() if name in seen)
    return replace(message, blocks=(*message.blocks, *silent, *((only_mine(),) if own else ())))


def _trends(page: Sequence[PoolStats], known: Answering, now: datetime) -> dict[str, list[int | None]]:
    """The queues of the last hours; none where the store cannot be read."""
    try:
        with reading(known.engine) as db:
            ids = [stats.pool.id for stats in page]
            return trends.highest(db, ids, JobStatus.QUEUE, since=now - TREND, until=now, parts=BARS)
    except StoreError as error:
        log.warning("answering without sparklines: %s", error)
        return {}
