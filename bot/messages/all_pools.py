"""How are all pools told, the worst first, a page at a time?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.alerts import Alert
from bot.core.command import quoted
from bot.core.durations import spoken
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, PoolStats
from bot.messages.alert_line import alert_lines, telling, tone_of
from bot.messages.model import Block, Button, Cell, Code, Footnote, Message, Paragraph, Span, Table, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, counted, headline, named, one_line
from bot.messages.sparkline import LEAST_TOP, sparkline

MOST_FAILURES = 10
# What a phone shows without much scrolling, and well within what a table may hold.
ON_A_PAGE = 20
MOST_SHOW_BUTTONS = 3
TREND = timedelta(hours=6)
_SHOWN = (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED, JobStatus.ABNORMAL)
NO_FAILURES: Mapping[str, str] = MappingProxyType({})
NO_TRENDS: Mapping[str, Sequence[int | None]] = MappingProxyType({})


def worst_first(readings: Iterable[PoolStats], open_alerts: Iterable[Alert]) -> list[PoolStats]:
    """The readings, the worst pool's first, of equals by name.

    Open alerts count first, the critical before the warnings before the rest; then Queue, Abnormal and Failed. A status
    that was not reported counts as none.
    """
    severities: dict[str, Counter[Severity]] = {}
    for alert in telling(open_alerts):
        severities.setdefault(alert.pool.id, Counter())[alert.severity] += 1
    none: Counter[Severity] = Counter()

    def place(stats: PoolStats) -> tuple[int | str, ...]:
        mine = severities.get(stats.pool.id, none)
        counts = (stats.count(s) or 0 for s in (JobStatus.QUEUE, JobStatus.ABNORMAL, JobStatus.FAILED))
        worse = (*(-mine[severity] for severity in Severity), *(-count for count in counts))
        return (*worse, stats.pool.name.casefold(), stats.pool.id)

    return sorted(readings, key=place)


def page_of(ranked: Sequence[PoolStats], page: int) -> tuple[int, Sequence[PoolStats]]:
    """The page that is asked for, or the last there is, and what stands on it."""
    page = max(1, min(page, pages(len(ranked))))
    return page, ranked[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]


def pages(number: int) -> int:
    """How many pages so many pools take."""
    return max(1, -(-number // ON_A_PAGE))


def all_pools_message(
    readings: Sequence[PoolStats],
    *,
    now: datetime,
    failures: Mapping[str, str] = NO_FAILURES,
    open_alerts: Sequence[Alert] = (),
    trends: Mapping[str, Sequence[int | None]] = NO_TRENDS,
    only: str = "",
    page: int = 1,
) -> Message:
    """A page of all pools, the worst first.

    Args:
        readings: The last reading of each pool.
        now: The time of the answer.
        failures: Why a pool could not be read, by the pool's name.
        open_alerts: Of any pool.
        trends: Queue over the last hours by the pool's id, oldest first; those of the page are enough.
        only: Which pools were asked for, as it was typed; nothing for all.
        page: Which page, from 1 on.
    """
    ranked = worst_first(readings, open_alerts)
    page, shown = page_of(ranked, page)
    is_first = page == 1
    blocks: list[Block] = [*alert_lines(open_alerts, with_pool=True)] if is_first else []
    if shown:
        blocks.append(_pools_table(shown, trends))
    blocks += _unread(failures) if is_first else []
    if shown:
        blocks.append(Footnote(_small_print(ranked, shown, page, trends, now)))
    if not blocks:
        blocks.append(Paragraph((_nothing(only),)))
    # A pool whose last attempt failed may still have an older reading.
    number = len(readings) + len(failures.keys() - {stats.pool.name for stats in readings})
    return Message(
        title=_title(number, only),
        summary=_summary(ranked, failures, open_alerts, only, page),
        tone=tone_of(open_alerts) if number else Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=_buttons(ranked, shown, only, page),
    )


def _title(number: int, only: str) -> str:
    like = f" like {quoted(one_line(only, LONGEST_NAME))}" if only else ""
    return f"{counted(number, 'pool') if number else 'No pools'}{like}"


def _nothing(only: str) -> str:
    if only:
        return f"No pool is named like {quoted(one_line(only, LONGEST_NAME))}: * stands for anything, as in train-*."
    return "There are no pools in this project, or the bot’s account may not see them."


def _pools_table(shown: Sequence[PoolStats], trends: Mapping[str, Sequence[int | None]]) -> Table:
    alike = Counter(named(stats.pool) for stats in shown)
    bars = {stats.pool.id: sparkline(trends.get(stats.pool.id, ())) for stats in shown}
    with_bars = any(bars.values())
    rows: list[tuple[Cell, ...]] = []
    for stats in shown:
        name = named(stats.pool)
        if alike[name] > 1:
            name = f"{name} ({one_line(stats.pool.id, LONGEST_NAME)})"
        queue, *others = (stats.count(status) for status in _SHOWN)
        bar: tuple[Cell, ...] = (bars[stats.pool.id] or None,) if with_bars else ()
        rows.append((name, queue, *bar, *others, stats.jobs))
    first, *rest = (status.value for status in _SHOWN)
    over = (f"{first}, {spoken(TREND)}",) if with_bars else ()
    return Table("Jobs by pool, the worst first", ("Pool", first, *over, *rest, "Total"), tuple(rows))


def _small_print(
    ranked: Sequence[PoolStats],
    shown: Sequence[PoolStats],
    page: int,
    trends: Mapping[str, Sequence[int | None]],
    now: datetime,
) -> tuple[Span, ...]:
    oldest = min(ranked, key=lambda stats: stats.taken_at).taken_at
    said = "Worst first"
    if len(ranked) > len(shown):
        first = (page - 1) * ON_A_PAGE
        said += f" · {first + 1}–{first + len(shown)} of {len(ranked)}"
    if any(stats.pool.id in trends for stats in shown):
        top = f"up to its own highest ({LEAST_TOP} at least)"
        said += f" · bars: each pool’s Queue over {spoken(TREND)}, {top}; a dot is no reading"
    spans: list[Span] = [f"{said} · the oldest reading is {spoken(now - oldest)} old, from ", When(oldest)]
    if len(ranked) > len(shown):
        spans += [" · fewer: ", Code("/pool-stats train-*")]
    return tuple(spans)


def _buttons(ranked: Sequence[PoolStats], shown: Sequence[PoolStats], only: str, page: int) -> tuple[Button, ...]:
    turning = []
    if page > 1:
        turning.append(Button("Previous page", Verb.SHOW, asked_for(only, page - 1)))
    if page < pages(len(ranked)):
        turning.append(Button("Next page", Verb.SHOW, asked_for(only, page + 1)))
    here = asked_for(only, page)
    names = [named(stats.pool) for stats in shown]
    worst = [
        Button(name, Verb.SHOW, stats.pool.id)
        for stats, name in zip(shown[:MOST_SHOW_BUTTONS], names, strict=False)
        if names.count(name) == 1
    ]
    share = (Button("Share", Verb.SHARE, here),) if shown else ()
    return (*turning, *worst, Button("Refresh", Verb.REFRESH, here), *share)


def asked_for(only: str, page: int) -> str:
    """What to type for that page."""
    return only if page == 1 else f"{only} page {page}".strip()


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


def _summary(
    ranked: Sequence[PoolStats], failures: Mapping[str, str], open_alerts: Sequence[Alert], only: str, page: int
) -> str:
    if not ranked and not failures:
        return _nothing(only) if only else "There are no pools to show."
    said: list[str] = []
    if ranked:
        sums = ", ".join(
            f"{status} {sum(stats.count(status) or 0 for stats in ranked)}"
            for status in (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)
        )
        worst = ranked[0]
        said.append(f"{counted(len(ranked), 'pool')}: {sums} in all.")
        said.append(f"Worst: {named(worst.pool)} ({headline(worst) if worst.jobs else 'no jobs at all'}).")
    if told := telling(open_alerts):
        said.append(f"{counted(len(told), 'open alert')}.")
    if failures:
        said.append(f"{counted(len(failures), 'pool')} could not be read.")
    if pages(len(ranked)) > 1:
        said.append(f"Page {page} of {pages(len(ranked))}.")
    return " ".join(said)
