"""Forget what is older than anyone wants to know, in short transactions that hold up nobody."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Table, delete, exists, func, or_, select, tuple_

from bot.core.blindness import SpellKind
from bot.core.hourly import hour_of
from bot.store.deliveries import IS_WAITING
from bot.store.engine import reading, writing
from bot.store.moments import to_seconds
from bot.store.tables import (
    alerts,
    audit,
    chat_digests,
    chat_rules,
    deliveries,
    drills,
    escalations,
    failures,
    gathered,
    hours,
    incidents,
    pools,
    posts,
    samples,
    silences,
    spells,
)

# Each costs a look and a statement, however little there is to delete.
_POOLS_AT_ONCE = 100


def prune(
    engine: Engine,
    *,
    now: datetime,
    keep_readings: timedelta,
    keep_rest: timedelta,
    keep_hours: timedelta | None = None,
    batch: int = 5000,
) -> dict[str, int]:
    """Delete what is older, about `batch` rows in a transaction; how many rows of which table.

    Readings go by whole hours, so that the figures of an hour are made of all of it or not at all. Alerts that are open
    and deliveries that are not settled are kept, however old; with a delivery, its alert.
    """
    oldest, before = to_seconds(hour_of(now - keep_readings)), now - keep_rest
    of_alert = (deliveries.c.alert_id == alerts.c.id) | (deliveries.c.alert_id == alerts.c.incident_id)
    unsent = exists().where(of_alert, IS_WAITING)
    has_alerts = exists().where(alerts.c.incident_id == incidents.c.id)
    known = or_(*(exists().where(table.c.id == posts.c.alert_id) for table in (alerts, incidents, spells)))
    is_kept = exists().where(incidents.c.id == escalations.c.incident_id)
    over = or_(spells.c.ended_at < before, (spells.c.kind == SpellKind.GONE) & (spells.c.told_at < before))
    return {
        "samples": _by_pool(engine, samples, oldest, batch),
        "failures": _by_pool(engine, failures, oldest, batch),
        "hours": _by_pool(engine, hours, to_seconds(now - (keep_hours or keep_rest)), batch),
        "deliveries": _in_batches(engine, deliveries, deliveries.c.settled_at < before, batch),
        "alerts": _in_batches(engine, alerts, (alerts.c.resolved_at < before) & ~unsent, batch),
        "incidents": _in_batches(engine, incidents, (incidents.c.ended_at < before) & ~has_alerts, batch),
        "escalations": _in_batches(engine, escalations, (escalations.c.at < before) & ~is_kept, batch),
        "spells": _in_batches(engine, spells, over, batch),
        "gathered": _in_batches(engine, gathered, gathered.c.at < before, batch),
        "posts": _in_batches(engine, posts, (posts.c.at < before) & ~known, batch),
        "silences": _in_batches(engine, silences, silences.c.until < before, batch),
        "chat_rules": _in_batches(engine, chat_rules, chat_rules.c.removed & (chat_rules.c.changed_at < before), batch),
        "chat_digests": _in_batches(
            engine, chat_digests, chat_digests.c.removed & (chat_digests.c.changed_at < before), batch
        ),
        "drills": _in_batches(engine, drills, drills.c.ended & (drills.c.ends_at < before), batch),
        "audit": _in_batches(engine, audit, audit.c.at < before, batch),
    }


def _by_pool(engine: Engine, table: Table, oldest: int, batch: int) -> int:
    """Delete the rows of `table` before `oldest`, in the order in which they lie on the disk.

    Nobody else writes to SQLite meanwhile, so where there is something to delete is looked up before.
    """
    first = select(func.min(table.c.at)).where(table.c.pool == pools.c.key).scalar_subquery()
    with reading(engine) as db:
        keys = list(db.scalars(select(pools.c.key).where(first < oldest)))
    removed = 0
    while keys:
        with writing(engine) as db:
            taken = begun = 0
            while keys and taken < batch and begun < _POOLS_AT_ONCE:
                old = (table.c.pool == keys[-1]) & (table.c.at < oldest)
                last = db.scalar(select(table.c.at).where(old).order_by(table.c.at).limit(1).offset(batch - 1))
                # Up to a whole moment: a reading is never cut in two.
                taken += db.execute(delete(table).where(old if last is None else old & (table.c.at <= last))).rowcount
                begun += 1
                if last is None:
                    keys.pop()
        removed += taken
    return removed


def _in_batches(engine: Engine, table: Table, condition: ColumnElement[bool], batch: int) -> int:
    key = tuple_(*table.primary_key.columns)
    some = delete(table).where(key.in_(select(*table.primary_key.columns).where(condition).limit(batch)))
    removed = 0
    while True:
        with writing(engine) as db:
            taken = db.execute(some).rowcount
        removed += taken
        if taken < batch:
            return removed
