"""What can be in a picture: counts over time, stretches of trouble, limits, moments?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# What was counted when; `None` is where nothing was read, which breaks the line.
Point = tuple[datetime, float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One count over time, oldest first."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that is shaded.

    Attributes:
        kind: What it is a stretch of; the stretches of one kind share a pattern, which the legend explains.
        text: What stands above it where there is room, such as the peak.
        start, end: When; `None` for what is not over.
    """

    kind: str
    start: datetime
    end: datetime | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A level that matters, drawn across."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that matters, drawn from top to bottom."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One row of a picture, with an axis of its own for counts; `heading` may be empty where there is only one."""

    heading: str
    lines: Sequence[Line]
    spans: Sequence[Span] = ()
    limits: Sequence[Limit] = ()
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows over the same stretch of time; `note` stands at the foot."""

    title: str
    start: datetime
    end: datetime
    panels: Sequence[Panel]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How large, in pixels: the picture's width, and the height of the plot of each panel.

    Letters keep their size, which is such that a phone that shows the whole width can be read.
    """

    width: int = 960
    plot: int = 200
