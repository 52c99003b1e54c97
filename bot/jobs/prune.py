"""Make hourly figures of what is about to be forgotten, then forget what is older than anybody wants to know."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.durations import spoken
from bot.store.prune import prune as forget
from bot.store.rollups import roll_up

log = logging.getLogger(__name__)

# What the rows of a table are to people.
_NAMES = {
    "samples": "rows of readings",
    "failures": "failed readings",
    "hours": "rows of hourly figures",
    "deliveries": "deliveries",
    "alerts": "alerts",
    "incidents": "incidents",
    "spells": "spells of blindness",
    "gathered": "parts of summaries",
    "posts": "places of messages",
    "audit": "audit entries",
}
# By a clock that is further off nothing is forgotten: signed requests are refused at such a difference too.
CLOCK_TRUSTED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long what is kept."""

    readings: timedelta
    hourly: timedelta
    history: timedelta


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was done: for how many hours of pools figures were made, and how many rows of which table went."""

    hours: int
    gone: dict[str, int]

    def __str__(self) -> str:
        """For people."""
        gone = [f"{number} {_NAMES[table]}" for table, number in self.gone.items() if number]
        made = [f"made the figures of {self.hours} hours"] if self.hours else []
        return ", ".join([*made, f"deleted {', '.join(gone)}" if gone else "nothing was old enough to delete"])


def prune(engine: Engine, *, now: datetime, keep: Kept, clock_skew: timedelta | None = None) -> Pruned:
    """Roll up and delete, in short transactions.

    Args:
        engine: The store.
        now: The time by our clock.
        keep: For how long what is kept.
        clock_skew: How far that clock is ahead of ModelArts', as far as that is known.

    Raises:
        StoreError: The database cannot be used now; what was done so far is kept.
    """
    if clock_skew is not None and abs(clock_skew) > CLOCK_TRUSTED_WITHIN:
        log.warning("nothing is pruned, because our clock and ModelArts' differ by %s", spoken(abs(clock_skew)))
        return Pruned(0, {})
    made = roll_up(engine, now=now)
    gone = forget(engine, now=now, keep_readings=keep.readings, keep_hours=keep.hourly, keep_rest=keep.history)
    pruned = Pruned(made, gone)
    if any(gone.values()):
        log.info("pruned: %s", pruned)
    return pruned
