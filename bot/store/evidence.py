"""What stood behind which alert, and of which alerts is that still to be asked?"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select, update

from bot.core.alerts import Alert
from bot.core.evidence import Evidence, evidence_from_json, evidence_to_json
from bot.core.stats import JobStatus
from bot.store.names import inserting
from bot.store.tables import evidence as table

log = logging.getLogger(__name__)

# Asked every few seconds, so made once.
_WANTED = select(table).where(table.c.wanted_at.is_not(None)).order_by(table.c.wanted_at, table.c.alert_id)
_KNOWN = select(table.c.alert_id, table.c.content).where(
    table.c.alert_id.in_(bindparam("alerts", expanding=True)), table.c.content.is_not(None)
)


@cache
def _wanting(dialect: str) -> Insert:
    made = inserting(dialect, table)
    return made.on_conflict_do_update(index_elements=["alert_id"], set_={"wanted_at": made.excluded.wanted_at})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert of which it is to be asked what stands behind it."""

    alert_id: str
    pool_id: str
    metric: JobStatus
    wanted_at: datetime


def want(db: Connection, alert: Alert, *, wall: datetime) -> None:
    """Have it asked what stands behind the alert, which is kept already; what is known stays until then."""
    if alert.metric is None:
        return
    row = {"alert_id": alert.id, "pool_id": alert.pool.id, "metric": alert.metric, "wanted_at": wall}
    db.execute(_wanting(db.dialect.name), row)


def wanted(db: Connection) -> list[Wanted]:
    """What is to be asked, what has waited longest first."""
    return [Wanted(row.alert_id, row.pool_id, JobStatus(row.metric), row.wanted_at) for row in db.execute(_WANTED)]


def claim(db: Connection, asked: Wanted) -> bool:
    """Take it upon oneself to ask, once; whether nobody else has."""
    ours = (table.c.alert_id == asked.alert_id, table.c.wanted_at == asked.wanted_at)
    return db.execute(update(table).where(*ours).values(wanted_at=None)).rowcount == 1


def save(db: Connection, alert_id: str, found: Evidence) -> bool:
    """Keep what was found in the place of what was known; whether there is still such an alert."""
    kept = {"taken_at": found.taken_at, "content": evidence_to_json(found)}
    return db.execute(update(table).where(table.c.alert_id == alert_id).values(kept)).rowcount == 1


def of_alerts(db: Connection, alert_ids: Collection[str]) -> dict[str, Evidence]:
    """What is known, by alert."""
    found = {row.alert_id: _read(row.content) for row in db.execute(_KNOWN, {"alerts": list(alert_ids)})}
    return {alert_id: evidence for alert_id, evidence in found.items() if evidence is not None}


def _read(content: Any) -> Evidence | None:
    """The evidence, unless this version cannot read it: an alert is told without it."""
    try:
        return evidence_from_json(content)
    except (ValueError, TypeError, AttributeError) as error:
        log.warning("what stood behind an alert cannot be read: %s", error)
        return None
