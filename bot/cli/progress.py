"""How far is a long replay? A bar on a terminal, nothing anywhere else."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Self, TextIO

from bot.core.stats import PoolStats

# What is over within a second needs no bar.
PATIENCE = 1.0
# Looking at the clock for every reading would cost more than some rules do.
EVERY = 500
_WIDTH = 30


class Progress:
    """Counts the rows of the readings that pass, and draws how many of `total` there were."""

    def __init__(self, total: int, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._drawn = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the line as it was found."""
        if self._drawn:
            self._stream.write("\r" + " " * len(self._drawn) + "\r")
            self._stream.flush()

    def through(self, readings: Iterable[PoolStats]) -> Iterator[PoolStats]:
        """The same readings, counted."""
        if not self._stream.isatty() or not self._total:
            yield from readings
            return
        began, rows = self._clock(), 0
        for number, stats in enumerate(readings):
            yield stats
            rows += max(1, len(stats.types))
            if number % EVERY == 0 and self._clock() - began >= PATIENCE:
                self._draw(min(1.0, rows / self._total))

    def _draw(self, share: float) -> None:
        full = int(share * _WIDTH)
        bar = f"replaying {'█' * full}{'░' * (_WIDTH - full)} {share:4.0%}"
        if bar != self._drawn:
            self._drawn = bar
            self._stream.write(f"\r{bar}")
            self._stream.flush()
