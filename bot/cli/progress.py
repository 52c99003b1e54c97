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
_WIDEST = 70


class Progress:
    """Says on a terminal what is under way, once it takes long; the line is left as it was found."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._shown = stream.isatty()
        self._drawn = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            self._stream.write("\r" + " " * len(self._drawn) + "\r")
            self._stream.flush()

    def say(self, what: str) -> None:
        """What is under way, where it is not known how long it takes."""
        if self._shown and self._clock() - self._began >= PATIENCE:
            self._draw(what[:_WIDEST])

    def share(self, what: str, done: float) -> None:
        """How much of it is done, from 0 to 1."""
        done = min(1.0, done)
        full = int(done * _WIDTH)
        self.say(f"{what} {'█' * full}{'░' * (_WIDTH - full)} {done:4.0%}")

    def through(self, readings: Iterable[PoolStats], total: int) -> Iterator[PoolStats]:
        """The same readings, counted; they stand in `total` rows."""
        rows = 0
        for number, stats in enumerate(readings):
            yield stats
            rows += max(1, len(stats.types))
            if number % EVERY == 0:
                self.share("replaying", rows / max(1, total))

    def _draw(self, line: str) -> None:
        if line != self._drawn:
            # What was there before may have been longer.
            self._stream.write(f"\r{line:{len(self._drawn)}}")
            self._stream.flush()
            self._drawn = line
