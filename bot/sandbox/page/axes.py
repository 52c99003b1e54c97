"""Where do values and labels go on the axes of a chart?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# About how wide a character of a chart's small type is, in pixels.
CHARACTER = 6.4


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to heights: `ticks` are round numbers from the lowest to the highest, which enclose all values."""

    ticks: tuple[float, ...]
    top: float
    bottom: float

    def at(self, value: float) -> float:
        """The height of `value`."""
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.bottom - (value - low) / (high - low) * (self.bottom - self.top), 1)


def scale(values: Sequence[float], *, top: float, bottom: float) -> Scale:
    """A scale with zero on it, in five or so round steps."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if high == low:
        high = low + 1
    step = _round_step((high - low) / 5)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale(tuple(step * number for number in range(first, last + 1)), top, bottom)


def shown_labels(labels: Sequence[str], width: float) -> list[int]:
    """Which of the labels fit side by side: all, or every second, third, ..."""
    if not labels:
        return []
    widest = max(len(label) for label in labels) * CHARACTER + 10
    every = max(1, math.ceil(widest * len(labels) / width))
    return list(range(0, len(labels), every))


def number(value: float) -> str:
    """A number as people write it: 1,250 or 0.5."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(size * magnitude for size in (1, 2, 2.5, 5, 10) if rough <= size * magnitude * 1.0000001)
