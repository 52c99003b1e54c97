"""Which readings change nothing that anybody could hear of? They are kept together, as most are.

What opens an alert, or meets an open one, is left to be written alone: it locks alerts and messages, and in a
transaction of several pools it might wait for somebody who waits for it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from bot.core.judge import Change, PoolJudge
from bot.core.stats import PoolStats
from bot.store.moments import storable, to_seconds
from bot.store.saving import Kept, kept, save_newer


@dataclass(frozen=True, slots=True)
class Answered:
    """A reading that is to be judged and kept, newer than all that its judge has seen."""

    judge: PoolJudge
    stats: PoolStats
    stale_after: timedelta


class Fate(StrEnum):
    """What became of a reading."""

    KEPT = "kept"
    # Another process has read the pool since: what it saw is newer.
    OVERTAKEN = "overtaken"
    # To be written alone. The judge has not seen it.
    APART = "apart"


# What a reading changes where nothing is open is not kept yet, though the judge has seen it; nor is one at which the
# judge itself fails.
Found = Fate | tuple[Change, ...] | Exception


def keep_calm(db: Connection, readings: Sequence[Answered]) -> list[Found]:
    """Keep the readings that change nothing; what became of each."""
    known, type_of = kept(db, [each.stats.pool.id for each in readings])
    calm: dict[int, tuple[PoolStats, Kept]] = {}
    found: list[Found] = []
    for each in readings:
        pool = known.get(storable(each.stats.pool.id))
        if pool is None or pool.has_open or pool.key in calm or pool.name != storable(each.stats.pool.name):
            found.append(Fate.APART)
        elif pool.newest is not None and pool.newest >= to_seconds(each.stats.taken_at):
            found.append(Fate.OVERTAKEN)
        else:
            changes = _judged(each)
            found.append(changes or Fate.KEPT)
            if not changes:
                calm[pool.key] = each.stats, pool
    save_newer(db, list(calm.values()), type_of)
    return found


def _judged(reading: Answered) -> tuple[Change, ...] | Exception:
    try:
        return reading.judge.see(reading.stats, (), new_id=new_id, stale_after=reading.stale_after)
    except Exception as error:  # noqa: BLE001 - it is raised where the reading was made, and harms no other
        return error


def new_id() -> str:
    """A name for a new alert."""
    return uuid.uuid4().hex[:12]
