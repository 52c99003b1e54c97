"""Which alerts are there, how do they stand, and how did they come to that?"""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select
from sqlalchemy.exc import IntegrityError

from bot.core.alerts import Alert, Event, Move, State
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool
from bot.store.errors import StoreError
from bot.store.names import keep
from bot.store.tables import OPEN, pools
from bot.store.tables import alerts as table
from bot.store.tables import moves as moves_table

# Where the pool is, its own row says: it may have come to be known after the alert.
_IS_ABOUT = pools.c.id == table.c.pool_id
WITH_PLACE = (
    table,
    select(pools.c.account).where(_IS_ABOUT).scalar_subquery().label("pool_account"),
    select(pools.c.region).where(_IS_ABOUT).scalar_subquery().label("pool_region"),
)
# Asked at every reading, so made once.
_OPEN = select(*WITH_PLACE).where(OPEN).order_by(table.c.began_at, table.c.id)
_OPEN_OF_POOL = _OPEN.where(table.c.pool_id == bindparam("pool"))
_OPEN_OF_POOL_LOCKED = _OPEN_OF_POOL.with_for_update()

_ADD_MOVES = insert(moves_table)
_AS_THEY_ARE = tuple({fact.name for fact in fields(Alert)} - {"pool", "metric", "severity", "state"})


class AlreadyOpen(StoreError):  # noqa: N818 - named for what it says
    """An alert of the same rule, pool and job type is open: that one is to be changed, by whoever locks it first."""


def save(db: Connection, alert: Alert, moves: Sequence[Move] = ()) -> None:
    """Keep the alert as it stands now, with the transitions that led there since it was last saved.

    Raises:
        AlreadyOpen: Another alert of the same rule, pool and job type is open; the transaction is to be given up.
    """
    row = _columns(alert)
    try:
        keep(db, table, row)
    except IntegrityError as error:
        raise AlreadyOpen(f"an alert of rule {alert.rule!r} is open for pool {alert.pool.id!r} already") from error
    if moves:
        db.execute(_ADD_MOVES, [{"alert_id": alert.id, **asdict(move)} for move in moves])


def get(db: Connection, alert_id: str, *, lock: bool = False) -> Alert | None:
    """The alert; with `lock`, nobody else changes it before the transaction ends (on SQLite nobody does anyway)."""
    chosen = select(*WITH_PLACE).where(table.c.id == alert_id)
    row = db.execute(chosen.with_for_update() if lock else chosen).first()
    return None if row is None else to_alert(row)


def open_alerts(db: Connection, pool_id: str | None = None, *, lock: bool = False) -> list[Alert]:
    """The alerts that are not over, of one pool or of all, oldest first; `lock` as in `get`."""
    if pool_id is None:
        rows = db.execute(_OPEN.with_for_update() if lock else _OPEN)
    else:
        rows = db.execute(_OPEN_OF_POOL_LOCKED if lock else _OPEN_OF_POOL, {"pool": pool_id})
    return [to_alert(row) for row in rows]


def between(db: Connection, *, since: datetime, until: datetime) -> list[Alert]:
    """The alerts that began, were told or were resolved from `since` on and before `until`, oldest first."""
    moments = (table.c.began_at, table.c.fired_at, table.c.resolved_at)
    chosen = select(*WITH_PLACE).where(or_(*((moment >= since) & (moment < until) for moment in moments)))
    return [to_alert(row) for row in db.execute(chosen.order_by(table.c.began_at, table.c.id))]


def of_pool(db: Connection, pool_id: str, *, since: datetime, until: datetime) -> list[Alert]:
    """The alerts about the pool that stood at some time from `since` on and before `until`, oldest first."""
    still = table.c.resolved_at.is_(None) | (table.c.resolved_at > since)
    chosen = select(*WITH_PLACE).where(table.c.pool_id == pool_id, table.c.began_at < until, still)
    return [to_alert(row) for row in db.execute(chosen.order_by(table.c.began_at, table.c.id))]


def moves(db: Connection, alert_id: str) -> list[Move]:
    """What happened to the alert, oldest first."""
    chosen = select(moves_table).where(moves_table.c.alert_id == alert_id).order_by(moves_table.c.seq)
    return [
        Move(row.at, Event(row.event), State(row.before), State(row.after), row.why, row.actor)
        for row in db.execute(chosen)
    ]


def _columns(alert: Alert) -> dict[str, Any]:
    row = asdict(alert)
    pool = row.pop("pool")
    # No status has an empty name: it stands for an alert that is about none.
    row["metric"] = row["metric"] or ""
    return {**row, "pool_id": pool["id"], "pool_name": pool["name"]}


def to_alert(row: Row[Any]) -> Alert:
    """The alert that a row, with `WITH_PLACE` and perhaps more, is about."""
    return Alert(
        pool=Pool(row.pool_id, row.pool_name, row.pool_account or "", row.pool_region or ""),
        metric=JobStatus(row.metric) if row.metric else None,
        severity=Severity(row.severity),
        state=State(row.state),
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )
