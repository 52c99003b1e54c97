"""How do many readings become as many points as can be seen, without losing a spike, a dip or a gap?"""

import math
import operator
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.charts.model import Point

# Where nothing was read for longer than this many seconds, and for several times as long as usual, the line breaks.
GAP = 900.0
TIMES_AS_USUAL = 5
_CELLS = 6


class Thinned:
    """The lowest and the highest of each of `columns` equal stretches of time, whatever number of readings come."""

    def __init__(self, start: datetime, end: datetime, columns: int) -> None:
        self._start = start.timestamp()
        self._length = max(end.timestamp() - self._start, 1.0) / columns
        self._last = columns - 1
        # Of each column: when its first and its last reading came, the lowest and the highest with their moments.
        self._cells = array("d", [math.nan]) * (columns * _CELLS)
        self._apart: Counter[int] = Counter()
        self._at: float | None = None
        self._broken: set[int] = set()
        self._break = False

    def add(self, at: float, value: float | None) -> None:
        """Take in the next reading, in Unix seconds; `None` is one that said nothing."""
        if value is None:
            self._break = True
            return
        if self._at is not None:
            self._apart[int(at - self._at)] += 1
        self._at = at
        number = min(int((at - self._start) / self._length), self._last)
        cells, cell = self._cells, number * _CELLS
        if math.isnan(cells[cell]):
            cells[cell : cell + _CELLS] = array("d", (at, at, at, value, at, value))
            if self._break:
                self._broken.add(number)
        else:
            cells[cell + 1] = at
            if value < cells[cell + 3]:
                cells[cell + 2], cells[cell + 3] = at, value
            elif value > cells[cell + 5]:
                cells[cell + 4], cells[cell + 5] = at, value
        self._break = False

    def points(self) -> Iterator[Point]:
        """The points to draw, oldest first; a `None` where there is a gap."""
        gap = max(GAP, TIMES_AS_USUAL * self._usual())
        before: float | None = None
        for number in range(self._last + 1):
            first, last, low_at, low, high_at, high = self._cells[number * _CELLS : (number + 1) * _CELLS]
            if math.isnan(first):
                continue
            if before is not None and (first - before > gap or number in self._broken):
                yield _moment((before + first) / 2), None
            yield from ((_moment(at), value) for at, value in sorted({(low_at, low), (high_at, high)}))
            before = last

    def _usual(self) -> float:
        """How far apart readings usually are."""
        return _median(self._apart)


def thinned(points: Iterable[Point], start: datetime, end: datetime, columns: int) -> list[Point]:
    """`points`, oldest first, as at most two for each column."""
    found = Thinned(start, end, columns)
    for at, value in points:
        if start <= at <= end:
            found.add(at.timestamp(), value)
    return list(found.points())


class Columns:
    """Readings at `times` (Unix seconds, oldest first) in equal stretches of time, for several counts of each.

    `thinned` for who has bare numbers and many of them: several times as quick.
    """

    def __init__(self, times: Sequence[int], start: datetime, end: datetime, columns: int) -> None:
        self._times, self._stretch = times, (start, end, columns)
        begins, ends = start.timestamp(), end.timestamp()
        self._first, self._after = bisect_left(times, begins), bisect_right(times, ends)
        length, last = max(ends - begins, 1.0) / columns, columns - 1
        numbers = [int((at - begins) / length) for at in times[self._first : self._after]]
        # The readings of each stretch in which there are any, from one place to before the other.
        self._parts: list[tuple[int, int]] = []
        place = 0
        while place < len(numbers):
            number = numbers[place]
            after = bisect_right(numbers, number, place) if number < last else len(numbers)
            self._parts.append((self._first + place, self._first + after))
            place = after
        inside = times[self._first : self._after]
        self._gap = max(GAP, TIMES_AS_USUAL * _median(Counter(map(operator.sub, inside[1:], inside))))

    def thinned(self, counts: Sequence[int | None]) -> list[tuple[datetime, int | None]]:
        """What `thinned` makes of these counts, one for each reading."""
        if None in counts:
            return self._with_gaps(counts)
        times, points = self._times, list[tuple[datetime, int | None]]()
        before: int | None = None
        for first, after in self._parts:
            if before is not None and times[first] - before > self._gap:
                points.append((_moment((before + times[first]) / 2), None))
            part: Sequence[int] = counts[first:after]  # type: ignore[assignment] # none is None
            low, high = min(part), max(part)
            low_at, high_at = times[first + part.index(low)], times[first + part.index(high)]
            both = {(low_at, low), (high_at, high)}
            points += [(_moment(at), value) for at, value in sorted(both)]
            before = times[after - 1]
        return points

    def _with_gaps(self, counts: Sequence[int | None]) -> list[tuple[datetime, int | None]]:
        found = Thinned(*self._stretch)
        for at, value in zip(self._times[self._first : self._after], counts[self._first : self._after], strict=True):
            found.add(at, value)
        return [(at, None if value is None else int(value)) for at, value in found.points()]


def runs(points: Iterable[Point]) -> Iterator[list[tuple[datetime, float]]]:
    """The stretches between gaps."""
    run: list[tuple[datetime, float]] = []
    for at, value in points:
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _median(times: Counter[int]) -> float:
    """The middle one, of which it is known how often each occurs; 0 of none."""
    half, passed = times.total() / 2, 0
    for each in sorted(times):
        passed += times[each]
        if passed >= half:
            return each
    return 0.0


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
