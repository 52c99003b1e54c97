"""How did the count go that an alert is about?"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.core.alerts import ABSENT, Alert
from bot.core.language import _
from bot.messages.model import Chart
from bot.messages.phrases import utc
from bot.messages.trend import trend_chart
from bot.store import samples

log = logging.getLogger(__name__)

# As much as shows what was before.
BACK = timedelta(hours=6)


def recent_chart(db: Connection, alert: Alert, *, now: datetime) -> Chart | None:
    """A small chart of the last hours; none of what has no count, or of too few readings.

    Whatever goes wrong with a chart, the alert is told.
    """
    if alert.metric is None or alert.kind == ABSENT:
        return None
    rows = samples.series(db, alert.pool.id, (alert.metric,), since=now - BACK, job_type=alert.job_type)
    try:
        points = [(at, counts[0]) for at, counts in rows if at <= now]
        chart = trend_chart(alert.metric.value, points, now=now)
        # The message stands longer than the hours that it shows: say when they were.
        title = _("{status} until {when}", status=alert.metric, when=utc(points[-1][0], now=now)) if points else ""
        return None if chart is None else replace(chart, title=title)
    except Exception:
        log.exception("an alert goes without its chart")
        return None
