"""How is a digest worded?"""

from collections.abc import Sequence
from datetime import datetime

from bot.core.alerts import Alert
from bot.core.digest import PoolDigest, Span
from bot.core.digest_changes import Course, Handled, movers
from bot.core.durations import spoken
from bot.core.incidents import urgency
from bot.core.stats import JobStatus, Pool
from bot.messages.alert_line import MOST_LINES, alert_line, tone_of
from bot.messages.model import Block, Bold, Button, Cell, Code, Facts, Footnote, Message, Paragraph, Table, Verb, When
from bot.messages.phrases import LONGEST_NAME, counted, named, one_line, signed, utc
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
    blocks: list[Block] = [Paragraph(("From ", When(since), " to ", When(until), "."))]
    if told:
        blocks.append(_table(told[:MOST_POOLS]))
    if len(told) > MOST_POOLS:
        blocks.append(Paragraph((f"+{len(told) - MOST_POOLS} more pools with less in Queue and fewer failures.",)))
    blocks += _moved(courses)
    blocks += _without_data(without)
    blocks += _alerts(alerts)
    blocks += _dealt_with(handled, posted)
    blocks += _notes(told)
    return Message(
        title=f"Digest: {counted(len(told) + len(without), 'pool')}, {spoken(until - since)}",
        summary=_summary(told, without, alerts, since, until) + _most_moved(courses),
        tone=tone_of(alerts),
        blocks=tuple(blocks),
        buttons=(Button("Show all pools", Verb.SHOW, ""),),
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
    header = ("Pool", "Queue", "Change", "Range", "Running", *(f"More {status}" for status in _ADDED), "Total")
    return Table("Now, and what changed since the last digest", header, tuple(rows))


def _range(span: Span) -> str:
    return str(span.most) if span.least == span.most else f"{span.least}–{span.most}"


def _without_data(pools: Sequence[Pool]) -> list[Block]:
    lines: list[Block] = [
        Paragraph((Bold(named(pool)), ": no data in this time; nothing can be said about it."))
        for pool in pools[:MOST_NAMES]
    ]
    if len(pools) > MOST_NAMES:
        lines.append(Paragraph((f"+{len(pools) - MOST_NAMES} more pools without data.",)))
    return lines


def _alerts(alerts: Sequence[Alert]) -> list[Block]:
    if not alerts:
        return [Paragraph(("No alerts.",))]
    ordered = sorted(alerts, key=lambda alert: (not alert.open, *urgency(alert)))
    still = sum(alert.open for alert in alerts)
    lines: list[Block] = [Paragraph((Bold(counted(len(alerts), "alert")), f", {still} still open."))]
    lines += [Paragraph(alert_line(alert, with_pool=True)) for alert in ordered[:MOST_LINES]]
    if len(ordered) > MOST_LINES:
        lines.append(Paragraph((f"+{len(ordered) - MOST_LINES} more alerts.",)))
    return lines


def _moved(courses: Sequence[Course]) -> list[Block]:
    """The pools whose queues differ most from before, each with its course hour by hour."""
    lines: list[Block] = []
    for each in movers(courses, MOST_MOVERS):
        bars = sparkline([None if value is None else round(value) for value in each.hours[-MOST_BARS:]])
        lines.append(Paragraph((Bold(named(each.pool)), f": {_compared(each)} ", Code(bars))))
    if lines:
        lines.insert(0, Paragraph(("What moved most:",)))
    return lines


def _compared(each: Course) -> str:
    """As in: Queue 42 on average, +30 against yesterday, +12 against a week ago."""
    said = [f"Queue {each.queue or 0:.0f} on average"]
    for before, then in ((each.yesterday, "the day before"), (each.last_week, "a week before")):
        if before is not None and each.queue is not None:
            said.append(f"{signed(round(each.queue - before))} against {then}")
    return ", ".join(said)


def _most_moved(courses: Sequence[Course]) -> str:
    first = next(iter(movers(courses, 1)), None)
    return "" if first is None else f" Moved most: {named(first.pool)}, {_compared(first)}."


def _dealt_with(handled: Handled | None, posted: int | None) -> list[Block]:
    said: list[str] = []
    if handled is not None:
        said.append(f"{counted(handled.opened, 'alert')} opened, {handled.closed} over")
        if handled.to_acknowledge is not None:
            said.append(f"acknowledged after {spoken(handled.to_acknowledge)} at the median")
        if handled.to_recover is not None:
            said.append(f"over after {spoken(handled.to_recover)} at the median")
    if posted is not None:
        said.append(f"{counted(posted, 'message')} in this channel")
    return [Paragraph((f"{'; '.join(said)}.",))] if said else []


def _notes(told: Sequence[PoolDigest]) -> list[Block]:
    """What makes the figures less certain than they look."""
    notes: list[Block] = []
    for each in told[:MOST_NAMES]:
        if each.gaps:
            longest = max(each.gaps, key=lambda gap: gap.end - gap.start)
            more = f" and {counted(len(each.gaps) - 1, 'shorter time')}" if len(each.gaps) > 1 else ""
            spans = (
                f"{named(each.pool)}: no readings from ",
                When(longest.start),
                " to ",
                When(longest.end),
                f"{more}.",
            )
            notes.append(Footnote(spans))
        if each.reset:
            names = ", ".join(sorted(each.reset))
            notes.append(
                Footnote((f"{named(each.pool)}: the count of {names} was reset; there may be more than is said.",))
            )
    return notes


def _summary(
    told: Sequence[PoolDigest], without: Sequence[Pool], alerts: Sequence[Alert], since: datetime, until: datetime
) -> str:
    window = f"from {utc(since, now=until)} to {utc(until, now=until)}"
    said = [f"{counted(len(told) + len(without), 'pool')} {window}{':' if told else '.'}"]
    if told:
        queues = [each.queue for each in told if each.queue is not None]
        change = signed(sum(queue.last - queue.first for queue in queues))
        running = sum(each.last.count(JobStatus.RUNNING) or 0 for each in told if each.last is not None)
        ended = ", ".join(f"{sum(each.added.get(s, 0) for each in told)} more {s}" for s in _ADDED)
        said.append(f"Queue {sum(queue.last for queue in queues)} ({change}), Running {running}, {ended}.")
    if without:
        names = ", ".join(named(pool) for pool in without[:3])
        said.append(f"No data: {names}{f' and {len(without) - 3} more' if len(without) > 3 else ''}.")
    said.append(f"{counted(len(alerts), 'alert')}." if alerts else "No alerts.")
    return " ".join(said)


def digests_message(planned: Sequence[tuple[str, str, str, str]]) -> Message:
    """The digests there are: the channel, the cron expression, its time zone and the pools of each."""
    if not planned:
        return Message(
            "No digests",
            "There are no digests. They are planned in the configuration file, under digests.",
            blocks=(
                Paragraph(("There are none. They are planned in the configuration file, under ", Code("digests"), ".")),
            ),
        )
    pairs = tuple(
        (
            one_line(channel, LONGEST_NAME),
            (Code(one_line(cron, LONGEST_NAME)), f" in {one_line(zone, LONGEST_NAME)}, pools: {one_line(pools, 200)}"),
        )
        for channel, cron, zone, pools in planned[:MOST_POOLS]
    )
    blocks: list[Block] = [Facts(pairs)]
    if len(planned) > MOST_POOLS:
        blocks.append(Paragraph((f"+{len(planned) - MOST_POOLS} more.",)))
    channel, cron, zone, _ = (one_line(part, LONGEST_NAME) for part in planned[0])
    return Message(
        title=counted(len(planned), "digest"),
        summary=f"{counted(len(planned), 'digest')}; the first: {channel}, {cron} in {zone}.",
        blocks=tuple(blocks),
    )
