"""Where do an axis of time and an axis of counts have their ticks, and what is written there?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.core.language import Language, spoken_language

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A Monday, so that ticks a week apart are Mondays.
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_DAY = timedelta(days=1)
_STEPS = (
    *(timedelta(minutes=number) for number in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=number) for number in (1, 2, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 2, 7, 14, 28, 91, 364)),
)
MOST_TICKS = 8


def time_ticks(start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """At most eight round moments and what is written below them: a time, and the date where it is a new one."""
    step = next((step for step in _STEPS if (end - start) // step < MOST_TICKS), None)
    step = step or max((end - start) // MOST_TICKS // _DAY + 1, 1) * _DAY
    zero = _MONDAY if step % timedelta(days=7) == timedelta() else _EPOCH
    tick = zero + -((zero - start) // step) * step
    before = None
    while tick <= end:
        date = _date(tick) if end - start < timedelta(days=300) else f"{tick:%Y-%m-%d}"
        if step >= _DAY:
            yield tick, date
        else:
            yield tick, f"{tick:%H:%M}" if date == before else f"{tick:%H:%M}\n{date}"
        before = date
        tick += step


def _date(day: datetime) -> str:
    return f"{day:%b} {day.day}" if spoken_language() is Language.ENGLISH else f"{day:%m-%d}"


def count_ticks(most: float) -> tuple[float, ...]:
    """0 and one to three round counts up to `most`; whole ones, for there are no half jobs."""
    step = 1
    while most / step > 3:
        # 1, 2, 5, 10, 20, 50 …
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return tuple(step * number for number in range(int(most / step) + 1))


def count_text(count: float) -> str:
    """A count as it is written beside its tick: 950, 12k, 1.5M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= 10 * size or (size > 1e3 and count >= size):
            return f"{count / size:.3g}{unit}"
    return f"{count:,.0f}"
