"""How are all pools told, the worst first, a page at a time?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.alerts import Alert
from bot.core.because import Why
from bot.core.command import quoted
from bot.core.durations import spoken
from bot.core.language import N_, _, _n
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, PoolStats
from bot.messages.alert_line import alert_lines, telling, tone_of
from bot.messages.model import Block, Button, Cell, Code, Footnote, Message, Paragraph, Span, Table, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, because, headline, listed, named, one_line, sentences, spans
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
        blocks.append(pools_table(shown, trends))
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


def unlisted_account(account: str, why: Why) -> Block:
    """That the pools of an account are not all known, and why."""
    said = N_("The pools of account {account} cannot be listed: {reason}. Those that are known are shown.")
    return Paragraph((_(said, account=one_line(account, LONGEST_NAME), reason=because(why)),))


def _title(number: int, only: str) -> str:
    pools = _n("{number} pool", "{number} pools", number) if number else _("No pools")
    if not only:
        return pools
    return _("{pools} like {pattern}", pools=pools, pattern=quoted(one_line(only, LONGEST_NAME)))


def _nothing(only: str) -> str:
    if only:
        return _(
            "No pool is named like {pattern}: * stands for anything, as in train-*.",
            pattern=quoted(one_line(only, LONGEST_NAME)),
        )
    return _("There are no pools in this project, or the bot’s account may not see them.")


def pools_table(shown: Sequence[PoolStats], trends: Mapping[str, Sequence[int | None]]) -> Table:
    """The pools in the order in which they are given, each with its queue over the last hours."""
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
    over = (_("{status}, {length}", status=first, length=spoken(TREND)),) if with_bars else ()
    return Table(_("Jobs by pool, the worst first"), (_("Pool"), first, *over, *rest, _("Total")), tuple(rows))


def _small_print(
    ranked: Sequence[PoolStats],
    shown: Sequence[PoolStats],
    page: int,
    trends: Mapping[str, Sequence[int | None]],
    now: datetime,
) -> tuple[Span, ...]:
    oldest = min(ranked, key=lambda stats: stats.taken_at).taken_at
    said: list[Span] = [_("Worst first")]
    if len(ranked) > len(shown):
        first = (page - 1) * ON_A_PAGE
        said.append(_(" · {first}–{last} of {number}", first=first + 1, last=first + len(shown), number=len(ranked)))
    if any(stats.pool.id in trends for stats in shown):
        bars = _(
            " · bars: each pool’s Queue over {length}, up to its own highest ({least} at least); a dot is no reading",
            length=spoken(TREND),
            least=LEAST_TOP,
        )
        said.append(bars)
    age = spoken(now - oldest)
    said += spans(" · the oldest reading is {length} old, from {when}", length=age, when=When(oldest))
    if len(ranked) > len(shown):
        said += spans(" · fewer: {command}", command=Code("/pool-stats train-*"))
    return spans("{all}", all=tuple(said))


def _buttons(ranked: Sequence[PoolStats], shown: Sequence[PoolStats], only: str, page: int) -> tuple[Button, ...]:
    turning = []
    if page > 1:
        turning.append(Button(_("Previous page"), Verb.SHOW, asked_for(only, page - 1)))
    if page < pages(len(ranked)):
        turning.append(Button(_("Next page"), Verb.SHOW, asked_for(only, page + 1)))
    here = asked_for(only, page)
    names = [named(stats.pool) for stats in shown]
    worst = [
        Button(name, Verb.SHOW, stats.pool.id)
        for stats, name in zip(shown[:MOST_SHOW_BUTTONS], names, strict=False)
        if names.count(name) == 1
    ]
    share = (Button(_("Share"), Verb.SHARE, here),) if shown else ()
    return (*turning, *worst, Button(_("Refresh"), Verb.REFRESH, here), *share)


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
        told: list[Span] = []
        for number, name in enumerate(names[:MOST_FAILURES]):
            told += [_(", "), Code(name)] if number else [Code(name)]
        if len(names) > MOST_FAILURES:
            told.append(_(" and {number} more", number=len(names) - MOST_FAILURES))
        reason = one_line(why, LONGEST_WHY)
        lines.append(Paragraph(spans("Could not be read: {pools} · {why}", pools=tuple(told), why=reason)))
    if len(alike) > MOST_FAILURES:
        more = sum(len(names) for names in list(alike.values())[MOST_FAILURES:])
        lines.append(Paragraph((_("+{number} more could not be read.", number=more),)))
    return lines


def _summary(
    ranked: Sequence[PoolStats], failures: Mapping[str, str], open_alerts: Sequence[Alert], only: str, page: int
) -> str:
    if not ranked and not failures:
        return _nothing(only) if only else _("There are no pools to show.")
    said: list[str] = []
    if ranked:
        sums = listed(
            [
                f"{status} {sum(stats.count(status) or 0 for stats in ranked)}"
                for status in (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)
            ]
        )
        worst = ranked[0]
        counts = headline(worst) if worst.jobs else _("no jobs at all")
        said.append(_n("{number} pool: {counts} in all.", "{number} pools: {counts} in all.", len(ranked), counts=sums))
        said.append(_("Worst: {pool} ({counts}).", pool=named(worst.pool), counts=counts))
    if told := telling(open_alerts):
        said.append(_n("{number} open alert.", "{number} open alerts.", len(told)))
    if failures:
        said.append(_n("{number} pool could not be read.", "{number} pools could not be read.", len(failures)))
    if pages(len(ranked)) > 1:
        said.append(_("Page {page} of {pages}.", page=page, pages=pages(len(ranked))))
    return sentences(said)
