"""How is a pool over time worded: a chart, its figures, the alerts and limits in it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.rules.model import ThresholdRule
from bot.core.stats import JobStatus, Pool
from bot.core.stretch import Stretch
from bot.messages.alert_line import trouble_of
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Cell,
    Chart,
    Code,
    Curve,
    Footnote,
    Level,
    Message,
    Paragraph,
    Plot,
    PlotRow,
    Series,
    Shade,
    Span,
    Table,
    Verb,
    When,
)
from bot.messages.phrases import LONGEST_NAME, counted, named, one_line, utc
from bot.messages.slots import begins, slot_labels, slot_length, slots
from bot.messages.trend import Point

DRAWN = (JobStatus.QUEUE, JobStatus.RUNNING)
# So many alerts are told one by one beside a chart.
MOST_ALERTS = 5
# A stretch that is longer loses too much in the points of a chart of a chat platform.
FINE_UP_TO = timedelta(days=1)
FEWEST_READINGS = 3


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a pool over a stretch of time.

    Attributes:
        pool: Whose it is.
        since, until: The stretch.
        counts: By status, oldest first; a `None` is a gap.
        added: By status in which jobs end: how many were added.
        hourly_until: Before it there is one point an hour, the highest of it; `None` where all readings are there.
        alerts: Those that stood at some time in it.
        limits: The threshold rules about the pool.
    """

    pool: Pool
    since: datetime
    until: datetime
    counts: Mapping[JobStatus, Sequence[Point]]
    added: Mapping[JobStatus, int] = field(default_factory=dict)
    hourly_until: datetime | None = None
    alerts: Sequence[Alert] = ()
    limits: Sequence[ThresholdRule] = ()

    @property
    def begins(self) -> datetime:
        """Where a chart begins: nobody is shown days before the first reading."""
        return begins([self.counts.get(status, ()) for status in DRAWN], self.since, self.until)

    def known(self, status: JobStatus) -> list[tuple[datetime, int]]:
        """The counts that were reported."""
        return [(at, value) for at, value in self.counts.get(status, ()) if value is not None]


def chart_question(pool_id: str, stretch: Stretch) -> str:
    """What to type for the chart."""
    return f"{pool_id} chart {stretch}"


def chart_message(history: History, stretch: Stretch, *, now: datetime) -> Message:
    """The chart of a pool."""
    pool = history.pool
    if max((len(history.known(status)) for status in DRAWN), default=0) < FEWEST_READINGS:
        return _too_few(history, stretch, now)
    chart = Chart(
        title=f"Jobs, last {stretch.spoken} (UTC)",
        labels=slot_labels(history.begins, history.until),
        series=(*_series(history), *_limit_series(history)),
        summary=_figures_said(history, now),
        plot=_plot(history, stretch),
    )
    blocks: list[Block] = [chart, _figures(history, now), *_alerts_told(history), *_limits_told(history)]
    blocks.append(Footnote(_small_print(history)))
    return Message(
        title=f"{named(pool)}, last {stretch.spoken}",
        summary=f"{named(pool)}, last {stretch.spoken}: {_figures_said(history, now)}{_alerts_said(history)}",
        blocks=tuple(blocks),
        buttons=(*toggles(pool.id, stretch), *_chart_buttons(pool, stretch)),
    )


def toggles(asked: str, stretch: Stretch) -> tuple[Button, ...]:
    """The same chart over other stretches of time."""
    others = (each for each in (Stretch.HOUR, Stretch.DAY, Stretch.WEEK, Stretch.MONTH) if each is not stretch)
    return tuple(Button(each.spoken, Verb.SHOW, chart_question(asked, each)) for each in others)


def _chart_buttons(pool: Pool, stretch: Stretch) -> tuple[Button, ...]:
    here = chart_question(pool.id, stretch)
    return (
        Button("Counts now", Verb.SHOW, pool.id),
        Button("Refresh", Verb.REFRESH, here),
        Button("Share", Verb.SHARE, here),
    )


def _too_few(history: History, stretch: Stretch, now: datetime) -> Message:
    pool = history.pool
    number = max((len(history.known(status)) for status in DRAWN), default=0)
    had = f"only {counted(number, 'reading')}" if number else "no reading"
    said = f"There is {had} of {named(pool)} since {utc(history.since, now=now)}: too few for a chart."
    return Message(
        title=f"No chart of {named(pool)} yet",
        summary=said,
        blocks=(Paragraph((said,)), Paragraph(("A longer time may show more; readings are kept as they come.",))),
        buttons=(*toggles(pool.id, stretch), *_chart_buttons(pool, stretch)[:2]),
    )


def _series(history: History) -> tuple[Series, ...]:
    return tuple(
        Series(status.value, tuple(slots(history.counts[status], history.begins, history.until)))
        for status in DRAWN
        if history.known(status)
    )


def _limit_series(history: History) -> tuple[Series, ...]:
    points = len(slot_labels(history.begins, history.until))
    return tuple(
        Series(f"Limit {rule.above} {rule.metric}", (float(rule.above),) * points) for rule in _drawn_limits(history)
    )


def _drawn_limits(history: History) -> list[ThresholdRule]:
    """A limit on what is drawn; of one job type it would stand beside the counts of all."""
    alike = {(rule.metric, rule.above): rule for rule in history.limits if rule.types is None and rule.metric in DRAWN}
    return list(alike.values())


def _figures(history: History, now: datetime) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for status in JobStatus:
        known = history.known(status)
        if known and status in DRAWN:
            at, most = max(known, key=lambda point: point[1])
            rows.append((status.value, min(value for _, value in known), most, utc(at, now=now), known[-1][1]))
        elif status in history.added:
            rows.append((f"{status} added", None, None, None, history.added[status]))
    return Table("Figures of this time", ("Status", "Lowest", "Highest", "Highest at", "Last"), tuple(rows))


def _figures_said(history: History, now: datetime) -> str:
    said: list[str] = []
    for status in DRAWN:
        known = history.known(status)
        if not known:
            continue
        least, last = min(value for _, value in known), known[-1][1]
        at, most = max(known, key=lambda point: point[1])
        if least == most:
            said.append(f"{status} {least} all the time")
        else:
            said.append(f"{status} {least} to {most}, highest at {utc(at, now=now)}, last {last}")
    said += [f"{status} +{number}" for status, number in history.added.items()]
    return f"{'; '.join(said)}."


def _alerts_said(history: History) -> str:
    return f" {counted(len(history.alerts), 'alert')}." if history.alerts else ""


def _alerts_told(history: History) -> list[Block]:
    told: list[Block] = []
    for alert in history.alerts[:MOST_ALERTS]:
        until: tuple[Span, ...] = (" to ", When(alert.resolved_at)) if alert.resolved_at else (", still open",)
        peak = f" · peak {alert.peak}" if alert.peak else ""
        told.append(Paragraph((Bold(f"{alert.severity.capitalize()}: {trouble_of(alert)}"), " · ", When(alert.began_at),
                               *until, peak)))  # fmt: skip
    if len(history.alerts) > MOST_ALERTS:
        told.append(Paragraph((f"+{len(history.alerts) - MOST_ALERTS} more alerts in this time.",)))
    return told


def _limits_told(history: History) -> list[Block]:
    told = []
    for rule in history.limits[:MOST_ALERTS]:
        of = f" of {', '.join(rule.types)} jobs" if rule.types else ""
        told.append(f"{rule.metric}{of} above {rule.above} ({one_line(rule.name, LONGEST_NAME)})")
    return [Paragraph((f"Limits: {'; '.join(told)}.",))] if told else []


def _small_print(history: History) -> tuple[Span, ...]:
    each = spoken(slot_length(history.begins, history.until))
    spans: list[Span] = ["Pool ", Code(one_line(history.pool.id, LONGEST_NAME))]
    spans.append(f" · each point is the highest of {each}")
    if history.begins > history.since:
        spans += [" · the first reading is from ", When(history.begins)]
    if history.hourly_until is not None:
        spans += [" · before ", When(history.hourly_until), " only the highest of each hour is kept"]
    return tuple(spans)


def _plot(history: History, stretch: Stretch) -> Plot:
    kept = history.hourly_until
    note = "" if kept is None else f"Before {kept:%Y-%m-%d %H:%M} only the highest of each hour is kept."
    rows = [_row(history, "Jobs", DRAWN)]
    if any(value for _, value in history.known(JobStatus.FAILED)):
        rows.append(_row(history, "Failed, as counted", (JobStatus.FAILED,)))
    return Plot(
        title=f"{named(history.pool)}, last {stretch.spoken}",
        start=history.since,
        end=history.until,
        rows=tuple(rows),
        note=note,
        is_finer=stretch.length > FINE_UP_TO,
    )


def _row(history: History, heading: str, statuses: Sequence[JobStatus]) -> PlotRow:
    return PlotRow(
        heading,
        tuple(Curve(s.value, tuple(history.counts[s])) for s in statuses if history.known(s)),
        tuple(
            Shade(trouble_of(alert), alert.began_at, alert.resolved_at, f"peak {alert.peak}" if alert.peak else "")
            for alert in history.alerts
            if alert.metric in statuses or (alert.metric is None and JobStatus.QUEUE in statuses)
        ),
        tuple(
            Level(rule.above, f"{one_line(rule.name, LONGEST_NAME)}: {rule.metric} above {rule.above}")
            for rule in history.limits
            if rule.types is None and rule.metric in statuses
        ),
    )
