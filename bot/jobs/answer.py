"""A command in, a message out; every error has an answer."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.alerts import Alert
from bot.core.command import Asker, Help, ShowAlerts, ShowAllPools, ShowDigests, ShowPool, parse
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.messages import trouble
from bot.messages.alert import open_alerts_message
from bot.messages.digest import digests_message
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.messages.pool_stats import all_pools_message, pool_stats_message
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import (
    AmbiguousPool,
    BadCredentials,
    ModelArtsError,
    NotAllowed,
    Refused,
    Throttled,
    Unavailable,
    UnknownPool,
)
from bot.store import alerts, samples
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)

# What changed is told against the reading of an hour ago, or the nearest before it.
COMPARE_WITH = timedelta(hours=1)
COMPARE_AT_MOST = timedelta(hours=3)
TREND = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """A digest as people are told of it: where it goes, when, about what."""

    channel: str
    cron: str
    timezone: str
    pools: str


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers are made from."""

    modelarts: ModelArts
    engine: Engine
    access: Access
    wanted: Callable[[Pool], bool]
    digests: Sequence[PlannedDigest] = ()


def answer(command: str, text: str, asker: Asker, known: Answering, *, now: datetime) -> Message:
    """What to say to `text` after `command`. Nothing that can go wrong goes unanswered."""
    match parse(command, text):
        case Help(command=about, problem=problem):
            return help_message(about, problem)
        case ShowPool(name=name):
            return _show_pool(name, asker, known, now)
        case ShowAllPools():
            return _show_all(asker, known, now)
        case ShowAlerts():
            return _show_alerts(asker, known, now)
        case ShowDigests():
            return digests_message([(d.channel, d.cron, d.timezone, d.pools) for d in known.digests])
        case other:
            assert_never(other)


def _show_pool(name: str, asker: Asker, known: Answering, now: datetime) -> Message:
    pool: Pool | None = None
    try:
        pool = known.modelarts.resolve(name, now=now)
        if not known.access.may_see(asker, pool):
            # As if it did not exist.
            return trouble.unknown_pool(name, ())
        stats = known.modelarts.pool_stats(pool, now=now)
    except UnknownPool as error:
        return trouble.unknown_pool(error.pool, known.access.visible(asker, error.nearest))
    except AmbiguousPool as error:
        return _which(error, asker, known, now)
    except ModelArtsError as error:
        last = _last_reading(known.engine, pool)
        return _trouble(error, name, last, now)
    return _told(stats, known.engine, now)


def _which(error: AmbiguousPool, asker: Asker, known: Answering, now: datetime) -> Message:
    """Let the asker choose among those that they may see: none or one of them is no choice."""
    choices = known.access.visible(asker, error.choices)
    match choices:
        case ():
            return trouble.unknown_pool(error.pool, ())
        case (only,):
            return _show_pool(only.id, asker, known, now)
        case _:
            return trouble.ambiguous_pool(error.pool, choices)


def _told(stats: PoolStats, engine: Engine, now: datetime) -> Message:
    """The reading with what the store knows beside it; an answer without that when the store cannot be read."""
    earlier: PoolStats | None = None
    trend: list[tuple[datetime, int | None]] = []
    standing: list[Alert] = []
    try:
        with reading(engine) as db:
            earlier = samples.reading_before(db, stats.pool.id, now - COMPARE_WITH, not_before=now - COMPARE_AT_MOST)
            past = samples.readings(db, stats.pool.id, since=now - TREND)
            trend = [(each.taken_at, each.count(JobStatus.QUEUE)) for each in past]
            standing = [alert for alert in alerts.open_alerts(db, stats.pool.id) if alert.told]
    except StoreError as error:
        log.warning("answering without history: %s", error)
    trend.append((stats.taken_at, stats.count(JobStatus.QUEUE)))
    return pool_stats_message(stats, now=now, earlier=earlier, trend=trend, open_alerts=standing)


def _show_all(asker: Asker, known: Answering, now: datetime) -> Message:
    """Every pool that is read, from its newest stored reading; ModelArts is asked only where there is none yet."""
    try:
        with reading(known.engine) as db:
            latest = {stats.pool.id: stats for stats in samples.latest_all(db)}
            standing = [alert for alert in alerts.open_alerts(db) if alert.told]
            failures = samples.failing(db)
    except StoreError as error:
        log.warning("answering without the store: %s", error)
        latest, standing, failures = {}, [], {}
    try:
        pools = known.access.visible(
            asker, [pool for pool in known.modelarts.known_pools(now=now) if known.wanted(pool)]
        )
    except ModelArtsError as error:
        if not latest:
            return _trouble(error, None, None, now)
        # The pools as they were last known: a list that cannot be had is no reason to say nothing.
        pools = known.access.visible(asker, [stats.pool for stats in latest.values()])
    for pool in pools:
        if pool.id not in latest and pool.id not in failures:
            try:
                latest[pool.id] = known.modelarts.pool_stats(pool, now=now)
            except ModelArtsError as error:
                failures[pool.id] = str(error)
    ids = {pool.id for pool in pools}
    names = {pool.id: pool.name for pool in pools}
    return all_pools_message(
        [stats for stats in latest.values() if stats.pool.id in ids],
        now=now,
        failures={names[pool_id]: why for pool_id, why in failures.items() if pool_id in ids},
        open_alerts=[alert for alert in standing if alert.pool.id in ids],
    )


def _show_alerts(asker: Asker, known: Answering, now: datetime) -> Message:
    try:
        with reading(known.engine) as db:
            standing = [alert for alert in alerts.open_alerts(db) if alert.told]
    except StoreError as error:
        return trouble.own_failure(str(error))
    return open_alerts_message([alert for alert in standing if known.access.may_see(asker, alert.pool)], now=now)


def _last_reading(engine: Engine, pool: Pool | None) -> PoolStats | None:
    if pool is None:
        return None
    try:
        with reading(engine) as db:
            return samples.latest(db, pool.id)
    except StoreError:
        return None


def _trouble(error: ModelArtsError, name: str | None, last: PoolStats | None, now: datetime) -> Message:
    """What to say when ModelArts could not be asked or did not answer."""
    match error:
        case Throttled():
            kind = trouble.Kind.THROTTLED
        case Unavailable():
            kind = trouble.Kind.UNAVAILABLE
        case BadCredentials():
            kind = trouble.Kind.BAD_CREDENTIALS
        case NotAllowed() | Refused():
            kind = trouble.Kind.NOT_ALLOWED
        case _:
            kind = trouble.Kind.UNEXPECTED
    return trouble.modelarts_trouble(
        kind, str(error), pool=name, request_id=error.request_id, error_code=error.error_code, last=last, now=now
    )
