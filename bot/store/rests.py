"""Which alerts came and went while they were kept quiet, so that nobody was ever told of them?"""

from datetime import datetime

from sqlalchemy import Connection, exists, select

from bot.core.alerts import Alert, Event
from bot.core.rests import RestKind
from bot.core.windows import Interval
from bot.store.alerts import WITH_PLACE, to_alert
from bot.store.tables import alerts as table
from bot.store.tables import deliveries, moves


def came_and_went(db: Connection, during: Interval, *, late: datetime) -> list[Alert]:
    """The alerts that quiet hours kept quiet, and that were over by `late` before anybody was told of them."""
    by_rest = moves.c.actor.startswith(f"{RestKind.QUIET} ", autoescape=True)
    kept_quiet = exists().where(moves.c.alert_id == table.c.id, moves.c.event == Event.SILENCE, by_rest)
    over = (table.c.resolved_at >= during.start, table.c.resolved_at < late)
    chosen = select(*WITH_PLACE).where(*over, table.c.fired_at.is_(None), kept_quiet)
    return [to_alert(row) for row in db.execute(chosen.order_by(table.c.began_at, table.c.id))]


def is_told(db: Connection, key: str) -> bool:
    """Whether a delivery of that key was put."""
    return bool(db.scalar(select(exists().where(deliveries.c.key == key))))
