"""How do many readings become as many points as can be seen, without losing a spike, a dip or a gap?"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
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
        half, passed = sum(self._apart.values()) / 2, 0
        for apart in sorted(self._apart):
            passed += self._apart[apart]
            if passed >= half:
                return apart
        return 0.0


def thinned(points: Iterable[Point], start: datetime, end: datetime, columns: int) -> list[Point]:
    """`points`, oldest first, as at most two for each column."""
    found = Thinned(start, end, columns)
    for at, value in points:
        if start <= at <= end:
            found.add(at.timestamp(), value)
    return list(found.points())


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


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
