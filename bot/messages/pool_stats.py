"""How are the counts of one pool worded?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.forecast import Drain
from bot.core.language import _, _n
from bot.core.stats import JobStatus, PoolStats, type_order
from bot.messages.alert_line import alert_lines, telling, tone_of
from bot.messages.changes import changes
from bot.messages.forecast import forecast_line
from bot.messages.model import Block, Bold, Button, Cell, Code, Footnote, Message, Paragraph, Span, Table, Verb, When
from bot.messages.phrases import LONGEST_NAME, headline, named, one_line, sentences, spans, utc
from bot.messages.trend import Point, trend_chart

# A reading that is older is told as such in the summary too, not only in the small print.
OLD_AFTER = timedelta(minutes=5)


def pool_stats_message(
    stats: PoolStats,
    *,
    now: datetime,
    earlier: PoolStats | None,
    trend: Sequence[Point] = (),
    open_alerts: Sequence[Alert] = (),
    forecast: Drain | None = None,
) -> Message:
    """One pool.

    Args:
        stats: The reading to show.
        now: The time of the answer.
        earlier: A reading of about an hour before, if there is one.
        trend: Queue over the last hours, oldest first; a `None` is a gap.
        open_alerts: The pool's open alerts.
        forecast: When those who wait will have started, where that is worth a word.
    """
    chart = trend_chart(JobStatus.QUEUE.value, trend, now=now)
    blocks: list[Block] = [_lead(stats), *alert_lines(open_alerts, with_pool=False)]
    if stats.types:
        blocks.append(counts_table(stats))
    blocks.append(Paragraph(_changed(stats, earlier)))
    if forecast is not None:
        blocks.append(forecast_line(forecast))
    if chart is not None:
        blocks.append(chart)
    blocks.append(Footnote(_small_print(stats, now)))
    return Message(
        title=named(stats.pool),
        summary=_summary(stats, earlier, open_alerts, now),
        tone=tone_of(open_alerts),
        blocks=tuple(blocks),
        buttons=(
            Button(_("Refresh"), Verb.REFRESH, stats.pool.id),
            Button(_("Share"), Verb.SHARE, stats.pool.id),
            Button(_("Chart"), Verb.SHOW, f"{stats.pool.id} chart 24h"),
            Button(_("Why"), Verb.SHOW, f"{stats.pool.id} why"),
            Button(_("Jobs"), Verb.SHOW, f"{stats.pool.id} jobs"),
        ),
    )


def counts_table(stats: PoolStats) -> Table:
    """Job type × status, a column for each type: nine rows are read more easily than nine columns on a phone.

    The documented statuses come in their order, then those that the documents do not know, then the totals.
    """
    types = [(name, stats.types[name]) for name in sorted(stats.types, key=type_order)]
    rows: list[tuple[Cell, ...]] = [
        (status.value, *(counts.status.get(status) for _name, counts in types), stats.count(status))
        for status in JobStatus
    ]
    rows += [
        (one_line(status, LONGEST_NAME), *(counts.unknown.get(status) for _name, counts in types), number)
        for status, number in sorted(stats.unknown_status.items())
    ]
    return Table(
        caption=_("Jobs by status and type"),
        header=(_("Status"), *(one_line(name, LONGEST_NAME) for name, _counts in types), _("All types")),
        rows=(*rows, (_("Total"), *(counts.jobs for _name, counts in types), stats.jobs)),
    )


def _lead(stats: PoolStats) -> Paragraph:
    if not stats.jobs:
        return Paragraph(spans("{nothing} in this pool.", nothing=Bold(_("No jobs at all"))))
    return Paragraph(spans("{counts} · {jobs} in all", counts=Bold(headline(stats)), jobs=_jobs(stats)))


def _changed(stats: PoolStats, earlier: PoolStats | None) -> tuple[Span, ...]:
    if earlier is None or earlier.taken_at >= stats.taken_at:
        return (_("There is no reading from an hour ago to compare with."),)
    what, since = changes(earlier, stats), When(earlier.taken_at)
    if not what:
        return spans("Nothing changed since {when}", when=since)
    return spans("{changes} since {when}", changes=Bold(what), when=since)


def _summary(stats: PoolStats, earlier: PoolStats | None, open_alerts: Sequence[Alert], now: datetime) -> str:
    pool = named(stats.pool)
    said = [_("{pool}: no jobs at all.", pool=pool)]
    if stats.jobs:
        said = [_("{pool}: {counts}, {jobs} in all.", pool=pool, counts=headline(stats), jobs=_jobs(stats))]
    what = changes(earlier, stats) if earlier is not None and earlier.taken_at < stats.taken_at else ""
    if what and earlier is not None:
        said.append(_("{changes} since {when}.", changes=what, when=utc(earlier.taken_at, now=now)))
    if told := telling(open_alerts):
        said.append(_n("{number} open alert.", "{number} open alerts.", len(told)))
    if now - stats.taken_at > OLD_AFTER:
        said.append(_("Read {length} ago.", length=spoken(now - stats.taken_at)))
    return sentences(said)


def _small_print(stats: PoolStats, now: datetime) -> tuple[Span, ...]:
    said = list(
        spans(
            "Pool {pool} · read {length} ago, {when}",
            pool=Code(one_line(stats.pool.id, LONGEST_NAME)),
            length=spoken(now - stats.taken_at),
            when=When(stats.taken_at),
        )
    )
    if stats.types and any(cell is None for row in counts_table(stats).rows for cell in row):
        said.append(_(" · a dash means not reported, which is not zero"))
    for job_type, counts in sorted(stats.types.items(), key=lambda item: type_order(item[0])):
        known = sum(counts.status.values()) + sum(counts.unknown.values())
        if counts.jobs > known:
            said.append(
                _(
                    " · {type}: a status is reported for {known} of {jobs}",
                    type=one_line(job_type, LONGEST_NAME),
                    known=known,
                    jobs=counts.jobs,
                )
            )
    return tuple(said)


def _jobs(stats: PoolStats) -> str:
    return _n("{number} job", "{number} jobs", stats.jobs)
