"""What were a pool's counts at a moment, and how many were added until then?"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from bot.emulator.traces import STATUSES

_WIDTH = len(STATUSES)
_ABSENT = -1  # in the packed columns: this status was not reported

_MOST_READINGS = 30_000  # added one by one: three weeks of minutes; beyond twice that the older half is forgotten

Counts = tuple[int | None, ...]


class _Series:
    """The counts of one job type over time."""

    def __init__(self) -> None:
        self.times: array[float] = array("d")
        self._values: array[int] = array("q")
        self._risen: array[int] = array("q")

    def put(self, at: float, counts: Sequence[int | None]) -> None:
        values = [_ABSENT if count is None else count for count in counts]
        if self.times and at <= self.times[-1]:
            self._drop_last()
        before = len(self.times) - 1
        for index, value in enumerate(values):
            if before < 0:
                self._risen.append(max(0, value))
                continue
            step = max(0, value) - max(0, self._values[before * _WIDTH + index])
            self._risen.append(self._risen[before * _WIDTH + index] + max(0, step))
        self.times.append(at)
        self._values.extend(values)

    def forget_older_half(self) -> None:
        if len(self.times) > 2 * _MOST_READINGS:
            older = len(self.times) - _MOST_READINGS
            del self.times[:older], self._values[: older * _WIDTH], self._risen[: older * _WIDTH]

    def _drop_last(self) -> None:
        self.times.pop()
        del self._values[-_WIDTH:], self._risen[-_WIDTH:]

    def at(self, moment: float) -> tuple[float, Counts] | None:
        index = bisect_right(self.times, moment) - 1
        if index < 0:
            return None
        values = self._values[index * _WIDTH : (index + 1) * _WIDTH]
        return self.times[index], tuple(None if value == _ABSENT else value for value in values)

    def risen(self, column: int, moment: float) -> int:
        index = bisect_right(self.times, moment) - 1
        return self._risen[index * _WIDTH + column] if index >= 0 else 0


class History:
    """The counts of one pool over time, by job type.

    A count holds until the next reading. A type that a later reading of the pool leaves out is gone.
    """

    def __init__(self) -> None:
        self._series: dict[str, _Series] = {}
        self._times: array[float] = array("d")
        self._step = 0.0

    @classmethod
    def of(cls, rows: Mapping[str, Sequence[tuple[float, Counts]]]) -> "History":
        """A history of rows by type, in any order; of two rows of one moment the later stays."""
        history = cls()
        for kind, readings in rows.items():
            series = history._series[kind] = _Series()
            for at, counts in sorted(readings, key=lambda reading: reading[0]):
                series.put(at, counts)
        history._times = array("d", sorted({at for series in history._series.values() for at in series.times}))
        steps = sorted(after - before for before, after in zip(history._times, history._times[1:], strict=False))
        history._step = steps[len(steps) // 2] if steps else 0.0
        return history

    @property
    def first(self) -> float:
        """When the first reading was taken."""
        return self._times[0]

    @property
    def last(self) -> float:
        """When the last reading was taken."""
        return self._times[-1]

    @property
    def step(self) -> float:
        """The usual seconds between readings."""
        return self._step

    def put(self, at: float, counts: Mapping[str, Sequence[int | None]]) -> None:
        """Add a reading; one that is not later than the last replaces it."""
        if self._times:
            at = max(at, self._times[-1])
        if not self._times or at > self._times[-1]:
            self._times.append(at)
        for kind in [kind for kind in self._series if self._series[kind].times[-1] == at and kind not in counts]:
            del self._series[kind]
        for kind, values in counts.items():
            series = self._series.setdefault(kind, _Series())
            series.put(at, values)
            series.forget_older_half()
        if len(self._times) > 2 * _MOST_READINGS:
            del self._times[:-_MOST_READINGS]

    def at(self, moment: float) -> dict[str, Counts]:
        """The counts by type as of `moment`."""
        index = bisect_right(self._times, moment) - 1
        if index < 0:
            return {}
        oldest = self._times[index] - self._step / 2
        found = {kind: series.at(moment) for kind, series in self._series.items()}
        return {kind: reading[1] for kind, reading in found.items() if reading and reading[0] >= oldest}

    def risen(self, kind: str, column: int, moment: float) -> int:
        """How many were added to a status until `moment`, falls not counted."""
        series = self._series.get(kind)
        return series.risen(column, moment) if series else 0

    def moments(self, after: float, until: float) -> Iterator[float]:
        """When readings were taken, later than `after`, up to `until`."""
        yield from self._times[bisect_right(self._times, after) : bisect_right(self._times, until)]
