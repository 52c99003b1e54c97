"""How does one pool stand?"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.alerts import Alert
from bot.core.command import Asker
from bot.core.forecast import Drain, is_high
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.jobs.answers.failing import modelarts_failed
from bot.jobs.answers.known import Answering
from bot.jobs.answers.naming import pool_named
from bot.jobs.answers.outlook import outlook
from bot.messages.model import Message
from bot.messages.pool_stats import pool_stats_message
from bot.modelarts.errors import ModelArtsError
from bot.store import alerts, samples
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)

# What changed is told against the reading of an hour ago, or the nearest before it.
COMPARE_WITH = timedelta(hours=1)
COMPARE_AT_MOST = timedelta(hours=3)
TREND = timedelta(hours=6)


def show_pool(name: str, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """The counts of the pool now."""
    pool: Pool | None = None
    try:
        found = pool_named(name, asker, known, now=now)
        if isinstance(found, Message):
            return found
        pool = found
        stats = known.modelarts.pool_stats(pool, now=now)
    except ModelArtsError as error:
        return modelarts_failed(error, name, now=now, last=_last_reading(known.engine, pool))
    return _told(stats, known.engine, now)


def _told(stats: PoolStats, engine: Engine, now: datetime) -> Message:
    """The reading with what the store knows beside it; an answer without that when the store cannot be read."""
    earlier: PoolStats | None = None
    trend: list[tuple[datetime, int | None]] = []
    standing: list[Alert] = []
    try:
        with reading(engine) as db:
            earlier = samples.reading_before(db, stats.pool.id, now - COMPARE_WITH, not_before=now - COMPARE_AT_MOST)
            past = samples.series(db, stats.pool.id, (JobStatus.QUEUE,), since=now - TREND)
            trend = [(at, queue) for at, (queue,) in past]
            standing = [alert for alert in alerts.open_alerts(db, stats.pool.id) if alert.told]
    except StoreError as error:
        log.warning("answering without history: %s", error)
    high = is_high(stats.count(JobStatus.QUEUE), [queue for _, queue in trend])
    said = outlook(engine, stats.pool, now=now) if high else None
    trend.append((stats.taken_at, stats.count(JobStatus.QUEUE)))
    return pool_stats_message(
        stats,
        now=now,
        earlier=earlier,
        trend=trend,
        open_alerts=standing,
        forecast=said if isinstance(said, Drain) else None,
    )


def _last_reading(engine: Engine, pool: Pool | None) -> PoolStats | None:
    if pool is None:
        return None
    try:
        with reading(engine) as db:
            return samples.latest(db, pool.id)
    except StoreError:
        return None
