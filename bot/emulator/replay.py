"""Where in a recorded trace are we now? A clock that runs through it, and the counts along it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.emulator.answers import Shape
from bot.emulator.clock import Clock, wall
from bot.emulator.engine import Engine
from bot.emulator.history import Counts, History
from bot.emulator.pools import DEFAULT_PROJECT_ID
from bot.emulator.traces import STATUSES, trace_rows

# Where something happens soon: twenty minutes later a queue rises to many times its usual length.
HIGHLIGHTS: Mapping[str, datetime] = {
    "demo": datetime(2020, 5, 29, 16, 10, tzinfo=UTC),
    "earth": datetime(2020, 5, 29, 16, 10, tzinfo=UTC),
    "theta": datetime(2023, 5, 20, 2, 20, tzinfo=UTC),
}
_RUNNING = STATUSES.index("Running")


class Replay:
    """A trace, played from `start_at` at `speed` seconds of trace for a second of wall clock.

    Args:
        trace: The name of a trace that comes with the product, or a file.
        speed: How much faster than life.
        start_at: The moment of the trace to begin at; by default the highlight of a trace of ours, else its beginning.
        started_wall: The wall-clock time at which it begins; by default the moment this object is made.
        at_end: Whether the trace begins anew at its end, or stays at its last reading. The clock runs on in both cases.
        clock: The wall clock.

    Raises:
        ValueError: The file is broken; the text names it and the line.
    """

    def __init__(
        self,
        trace: str | Path = "demo",
        speed: float = 1.0,
        start_at: datetime | None = None,
        started_wall: datetime | None = None,
        *,
        at_end: Literal["loop", "hold"] = "loop",
        clock: Clock = wall,
    ) -> None:
        if not 0 < speed <= 1_000_000:
            raise ValueError(f"speed {speed} is not between 0 and 1,000,000")
        self.source = Trace(trace, at_end=at_end)
        self.speed = speed
        self.start_at = start_at or HIGHLIGHTS.get(str(trace)) or self.source.first
        self._clock = clock
        self._started = started_wall or clock()

    def now(self) -> datetime:
        """The replayed time."""
        return self.start_at + (self._clock() - self._started) * self.speed

    def begin(self, at: datetime | None = None) -> None:
        """Put the clock back to `start_at`, as of the wall-clock time `at` (now)."""
        self._started = at or self._clock()

    def engine(self, *, project_id: str = DEFAULT_PROJECT_ID, shape: Shape | None = None) -> Engine:
        """The pools of the trace, with this clock."""
        return Engine(clock=self.now, source=self.source, project_id=project_id, shape=shape)


class Trace:
    """All pools of a trace, in memory."""

    def __init__(self, trace: str | Path, *, at_end: Literal["loop", "hold"] = "loop") -> None:
        rows: dict[str, dict[str, list[tuple[float, Counts]]]] = defaultdict(lambda: defaultdict(list))
        busiest: dict[str, int] = defaultdict(int)
        for row in trace_rows(trace):
            rows[row.pool][row.type].append((row.at.timestamp(), row.counts))
            busiest[row.pool] = max(busiest[row.pool], row.counts[_RUNNING] or 0)
        if not rows:
            raise ValueError(f"{trace}: there is no reading in it")
        self._histories = {pool: History.of(by_type) for pool, by_type in rows.items()}
        self._cards = {pool: max(8, 4 * most) for pool, most in busiest.items()}
        self._at_end = at_end
        self._first = min(history.first for history in self._histories.values())
        last = max(history.last for history in self._histories.values())
        self._length = last - self._first + (min(history.step for history in self._histories.values()) or 60.0)

    @property
    def first(self) -> datetime:
        """The moment of the first reading."""
        return datetime.fromtimestamp(self._first, UTC)

    @property
    def length(self) -> timedelta:
        """How long the trace is."""
        return timedelta(seconds=self._length)

    def sizes(self) -> Mapping[str, int]:
        """The cards of each pool: enough for the most jobs it ever ran."""
        return self._cards

    def history(self, key: str, until: float) -> History:  # noqa: ARG002 - a trace is known to its end
        """The readings of a pool."""
        return self._histories[key]

    def loop(self) -> tuple[float, float] | None:
        """Where the trace begins anew."""
        return (self._first, self._length) if self._at_end == "loop" else None

    def answers(self, at: float) -> bool:  # noqa: ARG002 - a trace knows no outage
        """A trace has no outages."""
        return True
