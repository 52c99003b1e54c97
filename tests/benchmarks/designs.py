"""Which value of each constant would one choose, so that luck has little to choose from?

The constants that matter most are tried in all combinations, and a combination is judged by its neighbours too: a peak
by itself is luck, a plateau is not. Every other constant is tried alone and leaves the middle of its range only if all
clusters together say so by more than the standard error of what they say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import fmean, stdev

Value = float | int
# The values of some constants by name, in the order in which they are declared.
Setting = tuple[tuple[str, Value], ...]
# How good a setting is: on all clusters together, and on each.
Measured = Callable[[Setting], tuple[float, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a constant may be: the middle one is what it is where it is not chosen."""

    name: str
    values: tuple[Value, Value, Value]

    @property
    def middle(self) -> Value:
        """The value in the middle of the range."""
        return self.values[1]


@dataclass(frozen=True, slots=True)
class Grid:
    """Which constants are tried together, and which alone."""

    together: tuple[Choice, ...]
    alone: tuple[Choice, ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All of them."""
        return self.together + self.alone

    def settings(self) -> list[Setting]:
        """Everything to try; the others have their middle value each time."""
        names = [choice.name for choice in self.together]
        combined = [tuple(zip(names, values, strict=True)) for values in product(*(c.values for c in self.together))]
        return combined + [
            ((choice.name, value),) for choice in self.alone for value in choice.values if value != choice.middle
        ]

    @property
    def center(self) -> Setting:
        """The middle of everything."""
        return tuple((choice.name, choice.middle) for choice in self.together)

    def chosen(self, measured: Measured) -> Setting:
        """The value of each constant that the measure speaks for."""
        combined = [setting for setting in self.settings() if len(setting) == len(self.together)]
        best = max(combined, key=lambda setting: self._plateau(setting, measured))
        return best + tuple((choice.name, _alone(choice, measured, self.center)) for choice in self.alone)

    def _plateau(self, setting: Setting, measured: Measured) -> float:
        """The mean over a combination and those that differ from it by one step of one constant."""
        around = [setting]
        for number, choice in enumerate(self.together):
            at = choice.values.index(setting[number][1])
            beside = [choice.values[step] for step in (at - 1, at + 1) if 0 <= step < len(choice.values)]
            around += [(*setting[:number], (choice.name, value), *setting[number + 1 :]) for value in beside]
        return fmean(measured(each)[0] for each in around)


def _alone(choice: Choice, measured: Measured, center: Setting) -> Value:
    """The best value of one constant, or the middle one where it is not clearly worse."""
    together, of_each = measured(center)
    best, gained = choice.middle, 0.0
    for value in choice.values:
        if value == choice.middle:
            continue
        others, of_each_other = measured(((choice.name, value),))
        gains = [of_each_other[name] - figure for name, figure in of_each.items()]
        if others - together > max(gained, _standard_error(gains)):
            best, gained = value, others - together
    return best


def _standard_error(figures: Sequence[float]) -> float:
    return stdev(figures) / sqrt(len(figures)) if len(figures) > 1 else 0.0
