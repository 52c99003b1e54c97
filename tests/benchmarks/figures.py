"""What does it cost, and how many times as much as the floor? Measured in turn, so that both meet the same machine."""

import gc
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

# What a variant does in a round.
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Costs:
    """What one variant cost in each round, for one of its units."""

    rounds: tuple[float, ...]

    @property
    def usual(self) -> float:
        """The median."""
        return median(self.rounds)

    def over(self, floor: "Costs") -> float:
        """How many times as much as `floor`, which was measured in the same rounds; the median of the rounds."""
        return median(mine / theirs for mine, theirs in zip(self.rounds, floor.rounds, strict=True))

    def more_than(self, floor: "Costs") -> "Costs":
        """What it cost above `floor`, round by round."""
        return Costs(tuple(mine - theirs for mine, theirs in zip(self.rounds, floor.rounds, strict=True)))

    def plus(self, other: "Costs") -> "Costs":
        """Both together, round by round."""
        return Costs(tuple(mine + theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report: what, its cost, and how many times as much as what."""

    what: str
    usual: float
    unit: str
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    floor: str = ""

    def __str__(self) -> str:
        spread = "" if self.low is None or self.high is None else f"({_short(self.low)}–{_short(self.high)})"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x {self.floor}"
        return f"  {self.what:<58} {_short(self.usual):>8} {self.unit:<13} {spread:<17} {ratio}".rstrip()


@dataclass(slots=True)
class Report:
    """What a benchmark found."""

    title: str
    rows: list[Row] = field(default_factory=list)
    # What else is said, each before the row of that number.
    notes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, what: str, costs: Costs, unit: str, *, floor: Costs | None = None, of: str = "the floor") -> None:
        """A cost that was measured in rounds, beside its floor."""
        ratio = None if floor is None else costs.over(floor)
        self.rows.append(Row(what, costs.usual, unit, min(costs.rounds), max(costs.rounds), ratio, of))

    def count(self, what: str, number: float, unit: str, *, floor: float | None = None, of: str = "the floor") -> None:
        """Something that was counted once, beside its floor."""
        self.rows.append(Row(what, number, unit, ratio=None if floor is None else number / floor, floor=of))

    def note(self, said: str) -> None:
        """What has to be known of the rows that follow, or why there are none."""
        self.notes.append((len(self.rows), said))

    def __str__(self) -> str:
        lines = [self.title]
        for number, row in enumerate([*self.rows, ""]):
            lines += [f"  {said}" for before, said in self.notes if before == number]
            lines += [str(row)] if row else []
        return "\n".join(lines)


def in_turn(
    variants: Mapping[str, Work], *, rounds: int, units: int, clock: Callable[[], float] = time.process_time
) -> dict[str, Costs]:
    """The cost of each variant by its name, in thousandths of the clock's seconds for one of `units`.

    Every variant runs once unmeasured, then once in each round, and the rounds go through them in alternating order:
    what else the machine does meets all of them alike.
    """
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for work in variants.values():
        work()
    for number in range(rounds):
        order = list(variants.items())
        for name, work in order if number % 2 == 0 else reversed(order):
            gc.collect()
            began = clock()
            work()
            spent[name].append((clock() - began) * 1000 / units)
    return {name: Costs(tuple(costs)) for name, costs in spent.items()}


def repeated(work: Work, times: int) -> Work:
    """The same so many times."""

    def run() -> None:
        for _ in range(times):
            work()

    return run


def of_children() -> float:
    """Seconds of CPU that child processes have used which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _short(number: float) -> str:
    if number == int(number):
        return f"{int(number):,}"
    size = abs(number)
    return f"{number:.4f}" if size < 0.1 else f"{number:.3f}" if size < 10 else f"{number:,.1f}"
