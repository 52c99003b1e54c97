"""How is a pool over time worded: a chart, its figures, the alerts and limits in it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.language import Language, _, _n, speaking, spoken_language
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
from bot.messages.phrases import LONGEST_NAME, begun, listed, named, one_line, spans, utc
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


def chart_message(history: History, stretch: Stretch, *, now: datetime, pictured: Language | None = None) -> Message:
    """The chart of a pool; `pictured` is the language of the words in its picture, where it is not the spoken one."""
    pool = history.pool
    if max((len(history.known(status)) for status in DRAWN), default=0) < FEWEST_READINGS:
        return _too_few(history, stretch, now)
    chart = Chart(
        title=_("Jobs, last {time} (UTC)", time=stretch.spoken),
        labels=slot_labels(history.begins, history.until),
        series=(*_series(history), *_limit_series(history)),
        summary=_figures_said(history, now),
        plot=_plot_in(pictured or spoken_language(), history, stretch),
    )
    blocks: list[Block] = [chart, _figures(history, now), *_alerts_told(history), *_limits_told(history)]
    blocks.append(Footnote(_small_print(history)))
    return Message(
        title=_("{pool}, last {time}", pool=named(pool), time=stretch.spoken),
        summary=_(
            "{pool}, last {time}: {figures}{alerts}",
            pool=named(pool),
            time=stretch.spoken,
            figures=_figures_said(history, now),
            alerts=_alerts_said(history),
        ),
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
        Button(_("Counts now"), Verb.SHOW, pool.id),
        Button(_("Refresh"), Verb.REFRESH, here),
        Button(_("Share"), Verb.SHARE, here),
    )


def _too_few(history: History, stretch: Stretch, now: datetime) -> Message:
    pool = history.pool
    number = max((len(history.known(status)) for status in DRAWN), default=0)
    said = _too_few_said(number, named(pool), utc(history.since, now=now))
    return Message(
        title=_("No chart of {pool} yet", pool=named(pool)),
        summary=said,
        blocks=(Paragraph((said,)), Paragraph((_("A longer time may show more; readings are kept as they come."),))),
        buttons=(*toggles(pool.id, stretch), *_chart_buttons(pool, stretch)[:2]),
    )


def _too_few_said(number: int, pool: str, since: str) -> str:
    if not number:
        return _("There is no reading of {pool} since {since}: too few for a chart.", pool=pool, since=since)
    return _n(
        "There is only {number} reading of {pool} since {since}: too few for a chart.",
        "There are only {number} readings of {pool} since {since}: too few for a chart.",
        number,
        pool=pool,
        since=since,
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
        Series(_("Limit {limit} {status}", limit=rule.above, status=rule.metric), (float(rule.above),) * points)
        for rule in _drawn_limits(history)
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
            rows.append((_("{status} added", status=status), None, None, None, history.added[status]))
    header = (_("Status"), _("Lowest"), _("Highest"), _("Highest at"), _("Last"))
    return Table(_("Figures of this time"), header, tuple(rows))


def _figures_said(history: History, now: datetime) -> str:
    said: list[str] = []
    for status in DRAWN:
        known = history.known(status)
        if not known:
            continue
        least, last = min(value for _, value in known), known[-1][1]
        at, most = max(known, key=lambda point: point[1])
        if least == most:
            said.append(_("{status} {number} all the time", status=status, number=least))
        else:
            said.append(
                _(
                    "{status} {lowest} to {highest}, highest at {time}, last {last}",
                    status=status,
                    lowest=least,
                    highest=most,
                    time=utc(at, now=now),
                    last=last,
                )
            )
    said += [f"{status} +{number}" for status, number in history.added.items()]
    return _("{sentence}.", sentence=_("; ").join(said))


def _alerts_said(history: History) -> str:
    return _n(" {number} alert.", " {number} alerts.", len(history.alerts)) if history.alerts else ""


def _alerts_told(history: History) -> list[Block]:
    told: list[Block] = []
    for alert in history.alerts[:MOST_ALERTS]:
        what = _("{severity}: {trouble}", severity=begun(_(alert.severity.value)), trouble=trouble_of(alert))
        facts: dict[str, Span] = {"what": Bold(what), "since": When(alert.began_at)}
        if alert.resolved_at:
            line = spans("{what} · {since} to {until}", **facts, until=When(alert.resolved_at))
        else:
            line = spans("{what} · {since}, still open", **facts)
        told.append(Paragraph((*line, _(" · peak {number}", number=alert.peak) if alert.peak else "")))
    more = len(history.alerts) - MOST_ALERTS
    if more > 0:
        told.append(
            Paragraph((_n("+{number} more alerts in this time.", "+{number} more alerts in this time.", more),))
        )
    return told


def _limits_told(history: History) -> list[Block]:
    told = []
    for rule in history.limits[:MOST_ALERTS]:
        facts = {"status": rule.metric, "limit": rule.above, "rule": one_line(rule.name, LONGEST_NAME)}
        if rule.types:
            types = listed(rule.types)
            told.append(_("{status} of {types} jobs above {limit} ({rule})", types=types, **facts))
        else:
            told.append(_("{status} above {limit} ({rule})", **facts))
    return [Paragraph((_("Limits: {limits}.", limits=_("; ").join(told)),))] if told else []


def _small_print(history: History) -> tuple[Span, ...]:
    each = spoken(slot_length(history.begins, history.until))
    pool_id = Code(one_line(history.pool.id, LONGEST_NAME))
    said = list(spans("Pool {pool} · each point is the highest of {time}", pool=pool_id, time=each))
    if history.begins > history.since:
        said += spans(" · the first reading is from {when}", when=When(history.begins))
    if history.hourly_until is not None:
        said += spans(" · before {when} only the highest of each hour is kept", when=When(history.hourly_until))
    return tuple(said)


def _plot_in(language: Language, history: History, stretch: Stretch) -> Plot:
    with speaking(language):
        return _plot(history, stretch)


def _plot(history: History, stretch: Stretch) -> Plot:
    kept = history.hourly_until
    note = ""
    if kept is not None:
        note = _("Before {time} only the highest of each hour is kept.", time=f"{kept:%Y-%m-%d %H:%M}")
    rows = [_row(history, _("Jobs"), DRAWN)]
    if any(value for _at, value in history.known(JobStatus.FAILED)):
        rows.append(_row(history, _("Failed, as counted"), (JobStatus.FAILED,)))
    return Plot(
        title=_("{pool}, last {time}", pool=named(history.pool), time=stretch.spoken),
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
            Shade(
                trouble_of(alert),
                alert.began_at,
                alert.resolved_at,
                _("peak {number}", number=alert.peak) if alert.peak else "",
            )
            for alert in history.alerts
            if alert.metric in statuses or (alert.metric is None and JobStatus.QUEUE in statuses)
        ),
        tuple(
            Level(
                rule.above,
                _(
                    "{rule}: {status} above {limit}",
                    rule=one_line(rule.name, LONGEST_NAME),
                    status=rule.metric,
                    limit=rule.above,
                ),
            )
            for rule in history.limits
            if rule.types is None and rule.metric in statuses
        ),
    )
