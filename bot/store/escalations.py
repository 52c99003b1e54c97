"""Which steps were made of an incident, and what decides whether one is to be made now?"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select

from bot.core.alerts import Event, State
from bot.core.escalation import Made
from bot.core.rests import RestKind
from bot.store.tables import alerts, moves
from bot.store.tables import escalations as table


def add(db: Connection, incident_id: str, step: str, *, at: datetime) -> None:
    """Keep that the step was made."""
    db.execute(insert(table).values(incident_id=incident_id, step=step, at=at))


def made(db: Connection, incident_id: str) -> list[Made]:
    """The steps that were made of the incident, oldest first."""
    chosen = select(table.c.step, table.c.at).where(table.c.incident_id == incident_id).order_by(table.c.seq)
    return [Made(row.step, row.at) for row in db.execute(chosen)]


def answered(db: Connection, incident_id: str) -> list[datetime]:
    """When somebody acknowledged or silenced alerts of the incident; that the configuration did is no answer."""
    by_rest = or_(*(moves.c.actor.startswith(f"{kind} ", autoescape=True) for kind in RestKind))
    chosen = (
        select(moves.c.at)
        .join(alerts, alerts.c.id == moves.c.alert_id)
        .where(alerts.c.incident_id == incident_id, moves.c.event.in_([Event.ACKNOWLEDGE, Event.SILENCE]), ~by_rest)
    )
    return list(db.scalars(chosen))


def firing_since(db: Connection, alert_ids: Collection[str]) -> dict[str, datetime]:
    """Since when each of these alerts, which fire, has done so without a break."""
    last = func.max(moves.c.at).label("at")
    chosen = select(moves.c.alert_id, last).where(moves.c.alert_id.in_(alert_ids), moves.c.after == State.FIRING)
    return {row.alert_id: row.at for row in db.execute(chosen.group_by(moves.c.alert_id))}
