"""How are the counts of pools worded?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, PoolStats, type_order
from bot.messages.alert_line import alert_lines, telling, tone_of
from bot.messages.changes import changes
from bot.messages.model import Block, Bold, Button, Cell, Code, Footnote, Message, Paragraph, Span, Table, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, counted, headline, named, one_line, utc
from bot.messages.trend import Point, trend_chart

# A reading that is older is told as such in the summary too, not only in the small print.
OLD_AFTER = timedelta(minutes=5)
MOST_FAILURES = 10
NO_FAILURES: Mapping[str, str] = MappingProxyType({})


def pool_stats_message(
    stats: PoolStats,
    *,
    now: datetime,
    earlier: PoolStats | None,
    trend: Sequence[Point] = (),
    open_alerts: Sequence[Alert] = (),
) -> Message:
    """One pool.

    Args:
        stats: The reading to show.
        now: The time of the answer.
        earlier: A reading of about an hour before, if there is one.
        trend: Queue over the last hours, oldest first; a `None` is a gap.
        open_alerts: The pool's open alerts.
    """
    chart = trend_chart(JobStatus.QUEUE.value, trend, now=now)
    blocks: list[Block] = [_lead(stats), *alert_lines(open_alerts, with_pool=False)]
    if stats.types:
        blocks.append(counts_table(stats))
    blocks.append(Paragraph(_changed(stats, earlier)))
    if chart is not None:
        blocks.append(chart)
    blocks.append(Footnote(_small_print(stats, now)))
    return Message(
        title=named(stats.pool),
        summary=_summary(stats, earlier, open_alerts, now),
        tone=tone_of(open_alerts),
        blocks=tuple(blocks),
        buttons=(Button("Refresh", Verb.REFRESH, stats.pool.id), Button("Share", Verb.SHARE, stats.pool.id)),
    )


def counts_table(stats: PoolStats) -> Table:
    """Job type × status, a column for each type: nine rows are read more easily than nine columns on a phone.

    The documented statuses come in their order, then those that the documents do not know, then the totals.
    """
    types = [(name, stats.types[name]) for name in sorted(stats.types, key=type_order)]
    rows: list[tuple[Cell, ...]] = [
        (status.value, *(counts.status.get(status) for _, counts in types), stats.count(status)) for status in JobStatus
    ]
    rows += [
        (one_line(status, LONGEST_NAME), *(counts.unknown.get(status) for _, counts in types), number)
        for status, number in sorted(stats.unknown_status.items())
    ]
    return Table(
        caption="Jobs by status and type",
        header=("Status", *(one_line(name, LONGEST_NAME) for name, _ in types), "All types"),
        rows=(*rows, ("Total", *(counts.jobs for _, counts in types), stats.jobs)),
    )


def _lead(stats: PoolStats) -> Paragraph:
    if not stats.jobs:
        return Paragraph((Bold("No jobs at all"), " in this pool."))
    return Paragraph((Bold(headline(stats)), f" · {counted(stats.jobs, 'job')} in all"))


def _changed(stats: PoolStats, earlier: PoolStats | None) -> tuple[Span, ...]:
    if earlier is None or earlier.taken_at >= stats.taken_at:
        return ("There is no reading from an hour ago to compare with.",)
    what = changes(earlier, stats)
    return (
        (Bold(what), " since ", When(earlier.taken_at)) if what else ("Nothing changed since ", When(earlier.taken_at))
    )


def _summary(stats: PoolStats, earlier: PoolStats | None, open_alerts: Sequence[Alert], now: datetime) -> str:
    figures = f"{headline(stats)}, {counted(stats.jobs, 'job')} in all" if stats.jobs else "no jobs at all"
    said = [f"{named(stats.pool)}: {figures}."]
    what = changes(earlier, stats) if earlier is not None and earlier.taken_at < stats.taken_at else ""
    if what and earlier is not None:
        said.append(f"{what} since {utc(earlier.taken_at, now=now)}.")
    if told := telling(open_alerts):
        said.append(f"{counted(len(told), 'open alert')}.")
    if now - stats.taken_at > OLD_AFTER:
        said.append(f"Read {spoken(now - stats.taken_at)} ago.")
    return " ".join(said)


def _small_print(stats: PoolStats, now: datetime) -> tuple[Span, ...]:
    age = spoken(now - stats.taken_at)
    spans: list[Span] = [
        "Pool ",
        Code(one_line(stats.pool.id, LONGEST_NAME)),
        f" · read {age} ago, ",
        When(stats.taken_at),
    ]
    if stats.types and any(cell is None for row in counts_table(stats).rows for cell in row):
        spans.append(" · a dash means not reported, which is not zero")
    for job_type, counts in sorted(stats.types.items(), key=lambda item: type_order(item[0])):
        known = sum(counts.status.values()) + sum(counts.unknown.values())
        if counts.jobs > known:
            spans.append(f" · {one_line(job_type, LONGEST_NAME)}: a status is reported for {known} of {counts.jobs}")
    return tuple(spans)


def badness(stats: PoolStats, open_alerts: Sequence[Alert]) -> tuple[int, ...]:
    """How bad a pool is, to be sorted from the largest.

    Open alerts count first, the critical before the warnings before the rest; then Queue, Abnormal and Failed. A status
    that was not reported counts as none.
    """
    mine = Counter(alert.severity for alert in telling(open_alerts) if alert.pool.id == stats.pool.id)
    counts = (stats.count(s) or 0 for s in (JobStatus.QUEUE, JobStatus.ABNORMAL, JobStatus.FAILED))
    return (*(mine[severity] for severity in Severity), *counts)


def all_pools_message(
    readings: Sequence[PoolStats],
    *,
    now: datetime,
    failures: Mapping[str, str] = NO_FAILURES,
    shown: int = 20,
    open_alerts: Sequence[Alert] = (),
) -> Message:
    """All pools, the worst first.

    Args:
        readings: The last reading of each pool.
        now: The time of the answer.
        failures: Why a pool could not be read, by the pool's name.
        shown: How many pools the table has at most.
        open_alerts: Of any pool.
    """
    by_name = sorted(readings, key=lambda stats: (stats.pool.name.casefold(), stats.pool.id))
    worst_first = sorted(by_name, key=lambda stats: badness(stats, open_alerts), reverse=True)
    blocks: list[Block] = [*alert_lines(open_alerts, with_pool=True)]
    if worst_first:
        blocks.append(_pools_table(worst_first[:shown]))
    if len(worst_first) > shown:
        blocks.append(Paragraph((f"+{len(worst_first) - shown} more: name one, as in ", Code("/pool-stats <pool>"))))
    blocks += _unread(failures)
    if worst_first:
        oldest = min(worst_first, key=lambda stats: stats.taken_at).taken_at
        blocks.append(
            Footnote((f"Worst first · the oldest reading is {spoken(now - oldest)} old, from ", When(oldest)))
        )
    if not blocks:
        blocks.append(Paragraph(("There are no pools in this project, or the bot’s account may not see them.",)))
    # A pool whose last attempt failed may still have an older reading.
    number = len(readings) + len(failures.keys() - {stats.pool.name for stats in readings})
    return Message(
        title=counted(number, "pool") if number else "No pools",
        summary=_all_summary(worst_first, failures, open_alerts),
        tone=tone_of(open_alerts),
        blocks=tuple(blocks),
        buttons=(Button("Refresh", Verb.REFRESH, ""),),
    )


def _pools_table(readings: Sequence[PoolStats]) -> Table:
    shown = (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED, JobStatus.ABNORMAL)
    alike = Counter(named(stats.pool) for stats in readings)
    rows: list[tuple[Cell, ...]] = []
    for stats in readings:
        name = named(stats.pool)
        if alike[name] > 1:
            name = f"{name} ({one_line(stats.pool.id, LONGEST_NAME)})"
        rows.append((name, *(stats.count(status) for status in shown), stats.jobs))
    return Table("Jobs by pool, the worst first", ("Pool", *(status.value for status in shown), "Total"), tuple(rows))


def _unread(failures: Mapping[str, str]) -> list[Block]:
    """Pools that could not be read; those with the same reason together, so that an outage is said once."""
    alike: dict[str, list[str]] = {}
    for name, why in sorted(failures.items()):
        alike.setdefault(why, []).append(one_line(name, LONGEST_NAME))
    lines: list[Block] = []
    for why, names in list(alike.items())[:MOST_FAILURES]:
        spans: list[Span] = ["Could not be read: "]
        for number, name in enumerate(names[:MOST_FAILURES]):
            spans += [", ", Code(name)] if number else [Code(name)]
        if len(names) > MOST_FAILURES:
            spans.append(f" and {len(names) - MOST_FAILURES} more")
        lines.append(Paragraph((*spans, f" · {one_line(why, LONGEST_WHY)}")))
    if len(alike) > MOST_FAILURES:
        more = sum(len(names) for names in list(alike.values())[MOST_FAILURES:])
        lines.append(Paragraph((f"+{more} more could not be read.",)))
    return lines


def _all_summary(worst_first: Sequence[PoolStats], failures: Mapping[str, str], open_alerts: Sequence[Alert]) -> str:
    if not worst_first and not failures:
        return "There are no pools to show."
    said: list[str] = []
    if worst_first:
        sums = ", ".join(
            f"{status} {sum(stats.count(status) or 0 for stats in worst_first)}"
            for status in (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)
        )
        worst = worst_first[0]
        said.append(f"{counted(len(worst_first), 'pool')}: {sums} in all.")
        said.append(f"Worst: {named(worst.pool)} ({headline(worst) if worst.jobs else 'no jobs at all'}).")
    if told := telling(open_alerts):
        said.append(f"{counted(len(told), 'open alert')}.")
    if failures:
        said.append(f"{counted(len(failures), 'pool')} could not be read.")
    return " ".join(said)
