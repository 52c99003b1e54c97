"""Which silences are there?"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from bot.core.rules.model import Severity
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.store.moments import Moment
from bot.store.tables import silences as table

_IN_FORCE = select(table).where(table.c.ended_at.is_(None)).order_by(table.c.until, table.c.id)
# Asked with every alert that fires, so made once.
_NOW = bindparam("now", type_=Moment)
_BEGUN = _IN_FORCE.where(table.c.until > _NOW, or_(table.c.starts_at.is_(None), table.c.starts_at <= _NOW))


def add(db: Connection, silence: Silence) -> None:
    """Keep a new silence."""
    db.execute(insert(table).values(asdict(silence)))


def change(db: Connection, silence: Silence) -> None:
    """Keep when it ends now, or that it has ended."""
    db.execute(update(table).where(table.c.id == silence.id).values(until=silence.until, ended_at=silence.ended_at))


def get(db: Connection, silence_id: str, *, lock: bool = False) -> Silence | None:
    """The silence; with `lock`, nobody else changes it before the transaction ends."""
    chosen = select(table).where(table.c.id == silence_id)
    row = db.execute(chosen.with_for_update() if lock else chosen).first()
    return None if row is None else _silence(row)


def in_force(db: Connection, *, now: datetime) -> list[Silence]:
    """The silences that nobody ended, whose time it is now, the one that ends first before the others."""
    return [_silence(row) for row in db.execute(_BEGUN, {"now": now})]


def planned(db: Connection, *, now: datetime) -> list[Silence]:
    """The silences that nobody ended and that are yet to begin, the first before the others."""
    chosen = _IN_FORCE.where(table.c.starts_at > now).order_by(None).order_by(table.c.starts_at, table.c.id)
    return [_silence(row) for row in db.execute(chosen)]


def _silence(row: Row[Any]) -> Silence:
    scope: Mapping[str, list[str]] = row.scope
    sight: Mapping[str, list[str]] = row.sight
    return Silence(
        row.id,
        Scope(
            tuple(scope["pools"]),
            tuple(scope["rules"]),
            tuple(Severity(each) for each in scope["severities"]),
            tuple(scope["types"]),
        ),
        Sight(tuple(sight["granted"]), tuple(sight["hidden"])),
        row.until,
        row.reason,
        row.by,
        row.place,
        row.made_at,
        row.ended_at,
        row.starts_at,
    )
