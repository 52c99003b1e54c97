"""How is a digest worded?"""

from collections.abc import Sequence
from datetime import datetime

from bot.core.alerts import Alert
from bot.core.digest import PoolDigest, Span
from bot.core.digest_changes import Course, Handled, movers
from bot.core.durations import spoken
from bot.core.incidents import urgency
from bot.core.language import N_, _, _n
from bot.core.stats import JobStatus, Pool
from bot.messages import model
from bot.messages.alert_line import MOST_LINES, alert_line, tone_of
from bot.messages.model import Block, Bold, Button, Cell, Code, Facts, Footnote, Message, Paragraph, Table, Verb, When
from bot.messages.phrases import LONGEST_NAME, listed, named, one_line, sentences, signed, spans, utc
from bot.messages.sparkline import sparkline

MOST_POOLS = 30
MOST_NAMES = 10
MOST_MOVERS = 5
# A bar for each hour of so many at most.
MOST_BARS = 48
_ADDED = (JobStatus.FAILED, JobStatus.COMPLETED, JobStatus.TERMINATED)


def digest_message(
    figures: Sequence[PoolDigest],
    *,
    since: datetime,
    until: datetime,
    alerts: Sequence[Alert],
    unseen: Sequence[Pool] = (),
    courses: Sequence[Course] = (),
    handled: Handled | None = None,
    posted: int | None = None,
) -> Message:
    """The counts of the pools and what changed since the last digest.

    Args:
        figures: Of each pool; those without any reading are named as such.
        since: When the last digest was due.
        until: The time of this one.
        alerts: Those that people were told of and that were open at some time since.
        unseen: Further pools of which nothing was read.
        courses: How the queues went, and what they were before.
        handled: How alerts were dealt with.
        posted: How many messages the channel got in this time.
    """
    told = [each for each in figures if each.last is not None]
    without = [*(each.pool for each in figures if each.last is None), *unseen]
    told.sort(key=_most_first)
    blocks: list[Block] = [Paragraph(spans("From {since} to {until}.", since=When(since), until=When(until)))]
    if told:
        blocks.append(_table(told[:MOST_POOLS]))
    if len(told) > MOST_POOLS:
        blocks.append(
            Paragraph(
                (_("+{number} more pools with less in Queue and fewer failures.", number=len(told) - MOST_POOLS),)
            )
        )
    blocks += _moved(courses)
    blocks += _without_data(without)
    blocks += _alerts(alerts)
    blocks += _dealt_with(handled, posted)
    blocks += _notes(told)
    return Message(
        title=_(
            "Digest: {pools}, {length}",
            pools=_n("{number} pool", "{number} pools", len(told) + len(without)),
            length=spoken(until - since),
        ),
        summary=sentences([_summary(told, without, alerts, since, until), *filter(None, [_most_moved(courses)])]),
        tone=tone_of(alerts),
        blocks=tuple(blocks),
        buttons=(Button(_("Show all pools"), Verb.SHOW, ""),),
    )


def _most_first(figures: PoolDigest) -> tuple[int, int, str]:
    queue = figures.queue.last if figures.queue is not None else 0
    return (-figures.added.get(JobStatus.FAILED, 0), -queue, figures.pool.name.casefold())


def _table(told: Sequence[PoolDigest]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for each in told:
        queue, last = each.queue, each.last
        rows.append(
            (
                named(each.pool),
                queue.last if queue is not None else None,
                signed(queue.last - queue.first) if queue is not None else None,
                _range(queue) if queue is not None else None,
                last.count(JobStatus.RUNNING) if last is not None else None,
                *(each.added.get(status) for status in _ADDED),
                last.jobs if last is not None else None,
            )
        )
    more = (_("More {status}", status=status) for status in _ADDED)
    header = (_("Pool"), "Queue", _("Change"), _("Range"), "Running", *more, _("Total"))
    return Table(_("Now, and what changed since the last digest"), header, tuple(rows))


def _range(span: Span) -> str:
    return str(span.most) if span.least == span.most else f"{span.least}–{span.most}"


def _without_data(pools: Sequence[Pool]) -> list[Block]:
    lines: list[Block] = [
        Paragraph(spans("{pool}: no data in this time; nothing can be said about it.", pool=Bold(named(pool))))
        for pool in pools[:MOST_NAMES]
    ]
    if len(pools) > MOST_NAMES:
        lines.append(Paragraph((_("+{number} more pools without data.", number=len(pools) - MOST_NAMES),)))
    return lines


def _alerts(alerts: Sequence[Alert]) -> list[Block]:
    if not alerts:
        return [Paragraph((_("No alerts."),))]
    ordered = sorted(alerts, key=lambda alert: (not alert.open, *urgency(alert)))
    still = sum(alert.open for alert in alerts)
    number = Bold(_n("{number} alert", "{number} alerts", len(alerts)))
    lines: list[Block] = [Paragraph(spans("{alerts}, {number} still open.", alerts=number, number=still))]
    lines += [Paragraph(alert_line(alert, with_pool=True)) for alert in ordered[:MOST_LINES]]
    if len(ordered) > MOST_LINES:
        lines.append(Paragraph((_("+{number} more alerts.", number=len(ordered) - MOST_LINES),)))
    return lines


def _moved(courses: Sequence[Course]) -> list[Block]:
    """The pools whose queues differ most from before, each with its course hour by hour."""
    lines: list[Block] = []
    for each in movers(courses, MOST_MOVERS):
        bars = sparkline([None if value is None else round(value) for value in each.hours[-MOST_BARS:]])
        line = spans("{pool}: {course} {bars}", pool=Bold(named(each.pool)), course=_compared(each), bars=Code(bars))
        lines.append(Paragraph(line))
    if lines:
        lines.insert(0, Paragraph((_("What moved most:"),)))
    return lines


def _compared(each: Course) -> str:
    """As in: Queue 42 on average, +30 against yesterday, +12 against a week ago."""
    said = [_("Queue {mean} on average", mean=f"{each.queue or 0:.0f}")]
    if each.yesterday is not None and each.queue is not None:
        said.append(_("{change} against the day before", change=signed(round(each.queue - each.yesterday))))
    if each.last_week is not None and each.queue is not None:
        said.append(_("{change} against a week before", change=signed(round(each.queue - each.last_week))))
    return listed(said)


def _most_moved(courses: Sequence[Course]) -> str:
    first = next(iter(movers(courses, 1)), None)
    if first is None:
        return ""
    return _("Moved most: {pool}, {course}.", pool=named(first.pool), course=_compared(first))


def _dealt_with(handled: Handled | None, posted: int | None) -> list[Block]:
    said: list[str] = []
    if handled is not None:
        opened = _n("{number} alert opened", "{number} alerts opened", handled.opened)
        said.append(_("{opened}, {over} over", opened=opened, over=handled.closed))
        if handled.to_acknowledge is not None:
            said.append(_("acknowledged after {length} at the median", length=spoken(handled.to_acknowledge)))
        if handled.to_recover is not None:
            said.append(_("over after {length} at the median", length=spoken(handled.to_recover)))
    if posted is not None:
        said.append(_n("{number} message in this channel", "{number} messages in this channel", posted))
    return [Paragraph((_("{sentence}.", sentence=_("; ").join(said)),))] if said else []


def _notes(told: Sequence[PoolDigest]) -> list[Block]:
    """What makes the figures less certain than they look."""
    notes: list[Block] = []
    for each in told[:MOST_NAMES]:
        if each.gaps:
            notes.append(Footnote(_gaps(each)))
        if each.reset:
            names = listed(sorted(each.reset))
            said = N_("{pool}: the count of {statuses} was reset; there may be more than is said.")
            notes.append(Footnote((_(said, pool=named(each.pool), statuses=names),)))
    return notes


def _summary(
    told: Sequence[PoolDigest], without: Sequence[Pool], alerts: Sequence[Alert], since: datetime, until: datetime
) -> str:
    begin, end, number = utc(since, now=until), utc(until, now=until), len(told) + len(without)
    pools = _n("{number} pool", "{number} pools", number)
    if told:
        queues = [each.queue for each in told if each.queue is not None]
        running = sum(each.last.count(JobStatus.RUNNING) or 0 for each in told if each.last is not None)
        ended = [
            _("{value} more {status}", value=sum(each.added.get(status, 0) for each in told), status=status)
            for status in _ADDED
        ]
        window = _(
            "{pools} from {since} to {until}: Queue {queue} ({change}), Running {running}, {ended}.",
            pools=pools,
            since=begin,
            until=end,
            queue=sum(queue.last for queue in queues),
            change=signed(sum(queue.last - queue.first for queue in queues)),
            running=running,
            ended=listed(ended),
        )
    else:
        window = _("{pools} from {since} to {until}.", pools=pools, since=begin, until=end)
    said = [window]
    if without:
        names = listed([named(pool) for pool in without[:3]], max(len(without) - 3, 0))
        said.append(_("No data: {pools}.", pools=names))
    said.append(_n("{number} alert.", "{number} alerts.", len(alerts)) if alerts else _("No alerts."))
    return sentences(said)


def digests_message(planned: Sequence[tuple[str, str, str, str]]) -> Message:
    """The digests there are: the channel, the cron expression, its time zone and the pools of each."""
    if not planned:
        where = spans("There are none. They are planned in the configuration file, under {key}.", key=Code("digests"))
        return Message(
            _("No digests"),
            _("There are no digests. They are planned in the configuration file, under digests."),
            blocks=(Paragraph(where),),
        )
    pairs = tuple(
        (
            one_line(channel, LONGEST_NAME),
            spans(
                "{cron} in {zone}, pools: {pools}",
                cron=Code(one_line(cron, LONGEST_NAME)),
                zone=one_line(zone, LONGEST_NAME),
                pools=_("all") if pools == "all" else one_line(pools, 200),
            ),
        )
        for channel, cron, zone, pools in planned[:MOST_POOLS]
    )
    blocks: list[Block] = [Facts(pairs)]
    if len(planned) > MOST_POOLS:
        blocks.append(Paragraph((_("+{number} more.", number=len(planned) - MOST_POOLS),)))
    channel, cron, zone = (one_line(part, LONGEST_NAME) for part in planned[0][:3])
    title = _n("{number} digest", "{number} digests", len(planned))
    return Message(
        title=title,
        summary=_(
            "{title}; the first: {channel}, {cron} in {zone}.", title=title, channel=channel, cron=cron, zone=zone
        ),
        blocks=tuple(blocks),
    )


def _gaps(each: PoolDigest) -> tuple[model.Span, ...]:
    """The longest time without a reading, and how many there are besides."""
    longest = max(each.gaps, key=lambda gap: gap.end - gap.start)
    more = len(each.gaps) - 1
    return spans(
        "{pool}: no readings from {since} to {until}{more}.",
        pool=named(each.pool),
        since=When(longest.start),
        until=When(longest.end),
        more=_n(" and {number} shorter time", " and {number} shorter times", more) if more else (),
    )
