"""How are several pools told beside each other?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce

from bot.core.durations import spoken
from bot.core.language import Language, _, _n, speaking, spoken_language
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.core.stretch import Stretch
from bot.messages.chart import FEWEST_READINGS, FINE_UP_TO
from bot.messages.model import Block, Button, Cell, Chart, Curve, Footnote, Message, Plot, PlotRow, Series, Table, Verb
from bot.messages.phrases import LONGEST_NAME, headline, named, one_line, sentences, utc
from bot.messages.slots import begins, slot_labels, slot_length, slots
from bot.messages.trend import Point

OLD_AFTER = timedelta(minutes=5)


def compare_question(pools: Sequence[Pool], stretch: Stretch) -> str:
    """What to type for it."""
    return f"compare {' '.join(pool.id for pool in pools)} {stretch}"


def compare_message(
    readings: Sequence[PoolStats],
    queues: Sequence[Sequence[Point]],
    stretch: Stretch,
    *,
    since: datetime,
    now: datetime,
    pictured: Language | None = None,
) -> Message:
    """Two to four pools side by side.

    Args:
        readings: The reading of each.
        queues: The queue of each over the stretch, oldest first, in the same order.
        stretch: Over what time.
        since: When it begins; it ends now.
        now: The time of the answer.
        pictured: The language of the words in its picture, where it is not the spoken one.
    """
    pools = [stats.pool for stats in readings]
    names = _told_apart(pools)
    blocks: list[Block] = [_table(readings, names), *_chart(names, queues, stretch, since, now, pictured)]
    each = spoken(slot_length(since, now))
    point = _("Each point is the highest of {time}", time=each)
    blocks.append(Footnote((f"{point} · {_ages(readings, now)}",)))
    said = _("; ").join(
        _("{pool}: {what}", pool=name, what=headline(stats)) for name, stats in zip(names, readings, strict=True)
    )
    here = compare_question(pools, stretch)
    others = (each for each in (Stretch.DAY, Stretch.WEEK) if each is not stretch)
    return Message(
        title=_n("{number} pool compared", "{number} pools compared", len(pools)),
        summary=_("{sentence}.", sentence=said),
        blocks=tuple(blocks),
        buttons=(
            *(Button(each.spoken, Verb.SHOW, compare_question(pools, each)) for each in others),
            *(Button(name, Verb.SHOW, pool.id) for name, pool in zip(names, pools, strict=True)),
            Button(_("Refresh"), Verb.REFRESH, here),
            Button(_("Share"), Verb.SHARE, here),
        ),
    )


def _told_apart(pools: Sequence[Pool]) -> list[str]:
    alike = Counter(named(pool) for pool in pools)
    return [named(pool) if alike[named(pool)] == 1 else one_line(pool.id, LONGEST_NAME) for pool in pools]


def _table(readings: Sequence[PoolStats], names: Sequence[str]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (status.value, *(stats.count(status) for stats in readings))
        for status in JobStatus
        if any(stats.count(status) is not None for stats in readings)
    ]
    unknown = sorted({status for stats in readings for status in stats.unknown_status})
    rows += [
        (one_line(status, LONGEST_NAME), *(stats.unknown_status.get(status) for stats in readings))
        for status in unknown
    ]
    total: tuple[Cell, ...] = (_("Total"), *(stats.jobs for stats in readings))
    return Table(_("Jobs by status and pool"), (_("Status"), *names), (*rows, total))


def _chart(
    names: Sequence[str],
    queues: Sequence[Sequence[Point]],
    stretch: Stretch,
    since: datetime,
    now: datetime,
    pictured: Language | None,
) -> list[Chart]:
    told = [(name, queue) for name, queue in zip(names, queues, strict=True) if len(_known(queue)) >= FEWEST_READINGS]
    if not told:
        return []
    first = begins([queue for _name, queue in told], since, now)
    with speaking(pictured or spoken_language()):
        about = _("{status}, last {time}: {pools}", status=JobStatus.QUEUE, time=stretch.spoken, pools=_listed(names))
    rows = (PlotRow("", tuple(Curve(name, tuple(queue)) for name, queue in told)),)
    return [
        Chart(
            title=_("{status}, last {time} (UTC)", status=JobStatus.QUEUE, time=stretch.spoken),
            labels=slot_labels(first, now),
            series=tuple(Series(name, tuple(slots(queue, first, now))) for name, queue in told),
            summary=sentences([_said(name, _known(queue), now) for name, queue in told]),
            plot=Plot(about, since, now, rows, is_finer=stretch.length > FINE_UP_TO),
        )
    ]


def _known(queue: Sequence[Point]) -> list[tuple[datetime, int]]:
    return [(at, value) for at, value in queue if value is not None]


def _said(name: str, known: Sequence[tuple[datetime, int]], now: datetime) -> str:
    at, most = max(known, key=lambda point: point[1])
    least = min(value for _at, value in known)
    return _(
        "{pool}: {lowest} to {highest}, highest at {time}.",
        pool=name,
        lowest=least,
        highest=most,
        time=utc(at, now=now),
    )


def _listed(names: Sequence[str]) -> str:
    """The names with a word between them: a and b and c."""
    return reduce(lambda some, name: _("{some} and {name}", some=some, name=name), names)


def _ages(readings: Sequence[PoolStats], now: datetime) -> str:
    oldest = max(now - stats.taken_at for stats in readings)
    if oldest > OLD_AFTER:
        return _("the oldest reading is {time} old, not of now", time=spoken(oldest))
    return _("the oldest reading is {time} old", time=spoken(oldest))
