"""In which order do the rows of files stand, and how much must be held to give their readings in order?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Order(Enum):
    """How rows stand, from the order that needs the least memory to the one that needs the most."""

    BY_TIME = "by time"  # each pool's rows by time, whatever stands between them: a reading of each pool is held
    BY_POOL = "by pool"  # a pool's rows together, in any order: one pool is held
    NONE = "none"  # all of it is held


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that was looked through once: its rows, their order, and each pool's first and last moment."""

    path: Path
    rows: int
    order: Order
    spans: Mapping[str, tuple[float, float]]


def recording_of(path: Path, rows: Iterable[tuple[str, float]]) -> Recording:
    """What the rows of a file, each with its pool and its moment, have to say about their order."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    latest: dict[str, float] = {}
    current: str | None = None
    number, by_time, by_pool = 0, True, True
    same: tuple[str, float] | None = None
    for row in rows:
        number += 1
        # Most rows are of the same reading as the one before them.
        if row == same:
            continue
        same = pool, at = row
        if pool != current:
            # A pool that was left and comes again.
            by_pool = by_pool and pool not in last
            current = pool
        before = last.get(pool, at)
        if at < before:
            by_time = False
        if pool not in first or at < first[pool]:
            first[pool] = at
        if pool not in latest or at > latest[pool]:
            latest[pool] = at
        last[pool] = at
    order = Order.BY_TIME if by_time else Order.BY_POOL if by_pool else Order.NONE
    return Recording(path, number, order, {pool: (first[pool], latest[pool]) for pool in first})


def one_after_the_other(recordings: Sequence[Recording]) -> Sequence[Recording] | None:
    """The files in an order in which every pool's readings follow each other; `None` where there is none such."""
    ordered = sorted(recordings, key=lambda each: min((start for start, _ in each.spans.values()), default=0.0))
    reached: dict[str, float] = {}
    for each in ordered:
        for pool, (start, end) in each.spans.items():
            if pool in reached and start <= reached[pool]:
                return None
            reached[pool] = end
    return ordered
