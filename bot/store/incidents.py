"""Which incidents does a pool have, and which alerts are in them?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select, update

from bot.core.gathering import REOPEN_WITHIN, Standing
from bot.core.incidents import Incident, Member, in_order
from bot.core.rules.model import Severity
from bot.store.alerts import WITH_PLACE, to_alert
from bot.store.moments import Moment
from bot.store.names import keep
from bot.store.tables import OPEN, alerts
from bot.store.tables import incidents as table


def standing(db: Connection, pool_id: str, *, at: datetime) -> Standing:
    """The incidents of the pool that are open or were lately, and its alerts that are held back."""
    found = db.execute(_STANDING, {"pool": pool_id, "lately": at - REOPEN_WITHIN}).all()
    members: dict[str | None, list[Member]] = {}
    for row in db.execute(_LATEST, {"pool": pool_id, "incidents": [row.id for row in found]}):
        members.setdefault(row.incident_id, []).append(Member(to_alert(row), row.times))
    return Standing(
        # Alerts are forgotten when they are old enough, which may be before their incident is over.
        tuple(_incident(row, members[row.id]) for row in found if row.id in members),
        tuple(member.alert for member in members.get(None, ())),
    )


def pool_of(db: Connection, incident_id: str) -> str | None:
    """The id of the pool that the incident is about; `None` when there is no such incident."""
    found: str | None = db.scalar(select(table.c.pool_id).where(table.c.id == incident_id))
    return found


def save(db: Connection, incident: Incident) -> None:
    """Keep the incident as it stands now, and that its alerts, which are kept already, are in it."""
    row = {
        "id": incident.id,
        "pool_id": incident.members[0].alert.pool.id,
        "opened_at": incident.opened_at,
        "aloud_at": incident.aloud_at,
        "repeated": incident.repeated,
        "severity": incident.severity,
        "ended_at": incident.ended_at,
    }
    keep(db, table, row)
    db.execute(_JOIN, {"members": [member.alert.id for member in incident.members], "incident": incident.id})


def _latest() -> Select[Any]:
    """The latest alert of each rule and job type in `incidents` with how many there were; what is held back."""
    same = (alerts.c.incident_id, alerts.c.rule, func.coalesce(alerts.c.job_type, ""))
    newest = (alerts.c.fired_at.desc(), alerts.c.began_at.desc(), alerts.c.id.desc())
    held_back = and_(
        alerts.c.pool_id == bindparam("pool"), OPEN, alerts.c.fired_at.is_not(None), alerts.c.incident_id.is_(None)
    )
    ranked = (
        select(
            *WITH_PLACE,
            func.count().over(partition_by=same).label("times"),
            func.row_number().over(partition_by=same, order_by=newest).label("age"),
        )
        .where(or_(alerts.c.incident_id.in_(bindparam("incidents", expanding=True)), held_back))
        .subquery()
    )
    return select(ranked).where(ranked.c.age == 1)


# Asked of every pool with trouble at every reading, so made once.
_STANDING = (
    select(table)
    .where(
        table.c.pool_id == bindparam("pool"),
        or_(table.c.ended_at.is_(None), table.c.ended_at > bindparam("lately", type_=Moment)),
    )
    .order_by(table.c.opened_at, table.c.id)
)
_LATEST = _latest()
_JOIN = (
    update(alerts)
    .where(alerts.c.id.in_(bindparam("members", expanding=True)), alerts.c.incident_id.is_(None))
    .values(incident_id=bindparam("incident"))
)


def _incident(row: Row[Any], members: Sequence[Member]) -> Incident:
    return Incident(row.id, row.opened_at, row.aloud_at, row.repeated, Severity(row.severity), in_order(members))
