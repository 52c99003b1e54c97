"""When was each pool in alert, at a glance, and how often by which rule?"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median_low

from bot.core.alerts import Alert
from bot.core.durations import spoken
from bot.core.rules.model import AlertRule
from bot.core.stats import PoolStats

# What is over within this was hardly worth a person's look.
SHORT = timedelta(minutes=5)
# The most marks in a line.
WIDTH = 72
WELL, BLANK, IN_ALERT = "·", " ", "▁▂▃▄▅▆▇█"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STRETCHES = (
    *(number * _MINUTE for number in (1, 2, 5, 10, 15, 20, 30)),
    *(number * _HOUR for number in (1, 2, 3, 4, 6, 8, 12)),
    *(number * _DAY for number in (1, 2, 7)),
)
# So many moments are kept of a pool; then they are kept half as finely.
_KEPT = 4096


class Times:
    """When pools were read: as finely as a line can show, however many readings there are."""

    def __init__(self) -> None:
        # Of each pool when it was read, in order of time, each tick once; in eight bytes, for pools may be thousands.
        self._ticks: dict[str, array[int]] = {}
        self._grains: dict[str, int] = {}
        self.start: datetime | None = None
        self.end: datetime | None = None

    def of(self, readings: Iterable[PoolStats]) -> Iterator[PoolStats]:
        """The same readings, noted."""
        for stats in readings:
            self.note(stats.pool.id, stats.taken_at)
            yield stats

    def note(self, pool: str, at: datetime) -> None:
        """That `pool` was read at this moment, which is not before the last one of that pool."""
        self.start = at if self.start is None or at < self.start else self.start
        self.end = at if self.end is None or at > self.end else self.end
        ticks = self._ticks.get(pool)
        if ticks is None:
            ticks = self._ticks[pool] = array("q")
            self._grains[pool] = 1
        tick = int(at.timestamp()) // self._grains[pool]
        if ticks and ticks[-1] == tick:
            return
        ticks.append(tick)
        if len(ticks) > _KEPT:
            self._ticks[pool] = array("q", (half for half, _ in groupby(each // 2 for each in ticks)))
            self._grains[pool] *= 2

    @property
    def pools(self) -> Sequence[str]:
        """Every pool there was, by name."""
        return sorted(self._ticks)

    @property
    def apart(self) -> int:
        """How many seconds there usually are between two readings of the pool that was read most often."""
        pool = max(self._ticks, key=lambda name: len(self._ticks[name]))
        gaps = (after - before for before, after in pairwise(self._ticks[pool]))
        return int(median_low(gaps) if len(self._ticks[pool]) > 1 else 1) * self._grains[pool]

    def read_within(self, pool: str, start: float, length: float, marks: int) -> set[int]:
        """Which of the stretches of `length` from `start` on have a reading."""
        grain = self._grains[pool]
        found: set[int] = set()
        for tick in self._ticks[pool]:
            first = max(0, int((tick * grain - start) / length))
            found.update(range(first, int((tick * grain + grain - 1 - start) / length) + 1))
        return {mark for mark in found if mark < marks}


def summary(alerts: Sequence[Alert], rules: Sequence[AlertRule], times: Times) -> Iterator[str]:
    """A line of marks for every pool, the counts by rule and pool, and how many alerts were short."""
    if times.start is not None and times.end is not None:
        yield ""
        yield from marks(alerts, times, times.start, times.end)
        yield ""
        yield from _counts(alerts, [rule.name for rule in rules], times.pools)
        yield ""
    short = sum(alert.resolved_at is not None and alert.resolved_at - _told_at(alert) < SHORT for alert in alerts)
    yield f"{len(alerts)} alert{'' if len(alerts) == 1 else 's'}, {short} shorter than {spoken(SHORT)}"


def _told_at(alert: Alert) -> datetime:
    return alert.fired_at or alert.began_at


def marks(alerts: Sequence[Alert], times: Times, start: datetime, end: datetime) -> Iterator[str]:
    """A line of marks for every pool, under what they mean."""
    length = _stretch((end - start).total_seconds(), times.apart)
    number = int((end - start).total_seconds() // length) + 1
    name = max(map(len, times.pools))
    yield f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC; a mark is {spoken(timedelta(seconds=length))}:"
    yield f"{WELL} read and well, {IN_ALERT[0]} to {IN_ALERT[-1]} how much of it in alert, blank not read"
    for pool in times.pools:
        began = start.timestamp()
        read = times.read_within(pool, began, length, number)
        shares = _shares([alert for alert in alerts if alert.pool.id == pool], began, length, number)
        drawn = (_mark(share, read=index in read) for index, share in enumerate(shares))
        yield f"  {pool:{name}}  {''.join(drawn)}".rstrip()


def _stretch(span: float, apart: float) -> int:
    """How many seconds a mark stands for: a round length that fits the line and is not finer than the readings."""
    fitting = (length for length in _STRETCHES if length >= apart and span // length < WIDTH)
    return next(fitting, (int(max(span / WIDTH, apart)) // _DAY + 1) * _DAY)


def _mark(share: float, *, read: bool) -> str:
    if share <= 0:
        return WELL if read else BLANK
    return IN_ALERT[min(len(IN_ALERT) - 1, int(share * len(IN_ALERT)))]


def _shares(alerts: Sequence[Alert], start: float, length: float, marks: int) -> list[float]:
    """How much of each stretch was in alert; overlapping alerts count once."""
    shares, reached = [0.0] * marks, start
    for alert in sorted(alerts, key=_told_at):
        since = max(reached, _told_at(alert).timestamp())
        until = start + marks * length
        until = min(until, alert.resolved_at.timestamp()) if alert.resolved_at else until
        if until <= since:
            continue
        reached = until
        for index in range(int((since - start) / length), marks):
            low, high = start + index * length, start + (index + 1) * length
            if low >= until:
                break
            shares[index] += (min(high, until) - max(low, since)) / length
    return shares


def _counts(alerts: Sequence[Alert], rules: Sequence[str], pools: Sequence[str]) -> Iterator[str]:
    """A table of pools and rules."""
    counted = Counter((alert.pool.id, alert.rule) for alert in alerts)
    name = max(len("alerts"), *map(len, pools))
    rows = [(pool, [counted[pool, rule] for rule in rules]) for pool in pools]
    rows.append(("all", [sum(counted[pool, rule] for pool in pools) for rule in rules]))
    yield f"  {'alerts':{name}}  " + "  ".join(rules)
    for pool, numbers in rows:
        cells = (f"{number:>{len(rule)}}" for number, rule in zip(numbers, rules, strict=True))
        yield f"  {pool:{name}}  " + "  ".join(cells)
