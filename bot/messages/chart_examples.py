"""What does every chart look like?"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.rules.model import ThresholdRule
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.core.stretch import Stretch
from bot.messages.alert import alert_message
from bot.messages.chart import History, chart_message
from bot.messages.compare import compare_message
from bot.messages.model import Message
from bot.messages.trend import Point, trend_chart, with_chart

_WAVE = (2, 4, 6, 5, 9, 12, 40, 94, 120, 88, 60, 30, 18, 16)


def chart_examples(
    readings: Sequence[PoolStats], alerts: Sequence[Alert], hostile: Pool, now: datetime
) -> Mapping[str, Message]:
    """Charts of a pool, and several pools compared."""
    pool = readings[0].pool
    limit = ThresholdRule(name="long queue", metric=JobStatus.QUEUE, above=50)
    of_type = ThresholdRule(name="idle", metric=JobStatus.RUNNING, above=80, types=("train",))
    bad = ThresholdRule(name="*limit* <!here>", metric=JobStatus.QUEUE, above=7)

    def since(stretch: Stretch) -> datetime:
        return now - stretch.length

    def past(of: Pool, stretch: Stretch, **more: object) -> History:
        counts = {status: _points(stretch, now, first) for first, status in enumerate(_DRAWN)}
        return History(of, since(stretch), now, counts, {JobStatus.FAILED: 3}, **more)  # type: ignore[arg-type]

    day, week = Stretch.DAY, Stretch.WEEK
    older = past(pool, week, hourly_until=now - timedelta(days=2), alerts=tuple(alerts) * 4, limits=(limit,))
    queues = [_points(day, now, 0), _points(day, now, 5)]
    alarming = trend_chart(JobStatus.QUEUE.value, _points(Stretch.SIX_HOURS, now, 0), now=now)
    return {
        "alert-charted": with_chart(alert_message(alerts[0], now=now), alarming),
        "chart": chart_message(past(pool, day, alerts=alerts, limits=(limit, of_type)), day, now=now),
        "chart-calm": chart_message(past(pool, day), day, now=now),
        "chart-week": chart_message(older, week, now=now),
        "chart-hostile": chart_message(past(hostile, day, alerts=alerts, limits=(bad,)), day, now=now),
        "chart-too-few": chart_message(History(pool, since(day), now, {JobStatus.QUEUE: [(now, 3)]}), day, now=now),
        "chart-nothing": chart_message(History(pool, since(day), now, {}), day, now=now),
        "compare": compare_message(readings, queues, day, since=since(day), now=now),
        "compare-without-history": compare_message(readings, [[], []], day, since=since(day), now=now),
    }


_DRAWN = (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)


def _points(stretch: Stretch, now: datetime, first: int) -> list[Point]:
    """A reading for each sixtieth of the time; another wave for each `first`."""
    step = stretch.length / 60
    return [(now - (60 - place) * step, _WAVE[(place // 4 + first) % len(_WAVE)]) for place in range(60)]
