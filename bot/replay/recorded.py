"""What do files of recorded counts say? CSV, one row per pool, job type and reading."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from itertools import chain
from pathlib import Path

from bot.core.stats import Pool, PoolStats, TypeCounts
from bot.replay.order import Order, Recording, one_after_the_other, recording_of
from bot.replay.table import BadSamples, Table

__all__ = ["BadSamples", "all_readings", "look_through", "readings", "readings_of"]


def look_through(path: Path) -> Recording:
    """What must be known of a file before it is read: how much of it must be held to give its readings in order.

    Raises:
        BadSamples: The file cannot be read, or a row has no pool or no moment.
    """
    table = Table(path)
    return recording_of(path, map(table.key, table))


def readings(path: Path) -> Iterator[PoolStats]:
    """The readings of a file, in order of time for each pool.

    Rows of one reading may stand anywhere in the file; an empty cell was not reported. What is held in memory is what
    the order of the file makes necessary: a reading of each pool, a pool, or all of it.

    Raises:
        BadSamples: The file cannot be read, or a row makes no sense.
    """
    yield from _readings(look_through(path))


def all_readings(paths: Sequence[Path]) -> Iterator[PoolStats]:
    """The readings of several files in order of time for each pool, in whatever order the files are named.

    Raises:
        BadSamples: As for one file.
    """
    yield from readings_of([look_through(path) for path in paths])


def readings_of(recordings: Sequence[Recording]) -> Iterator[PoolStats]:
    """The readings of files that were looked through, in order of time for each pool."""
    in_turn = one_after_the_other(recordings)
    if in_turn is not None:
        return chain.from_iterable(map(_readings, in_turn))
    # What one pool did is spread over files: all of them are held.
    return merge(*(sorted(_readings(each), key=_by_pool) for each in recordings), key=_by_pool)


def _by_pool(stats: PoolStats) -> tuple[str, datetime]:
    return stats.pool.id, stats.taken_at


def _readings(recording: Recording) -> Iterator[PoolStats]:
    found: dict[str, dict[float, dict[str, TypeCounts]]] = {}
    pools: dict[str, Pool] = {}
    by_time, by_pool = recording.order is Order.BY_TIME, recording.order is Order.BY_POOL
    last: tuple[str, float] | None = None
    types: dict[str, TypeCounts] = {}
    table = Table(recording.path)
    for row in table:
        key = table.key(row)
        # Most rows are of the same reading as the one before them.
        if key != last:
            name, at = key
            if by_time and name in found and at not in found[name]:
                yield from _given(pools[name], found.pop(name))
            elif by_pool and last is not None and name != last[0]:
                yield from _given(pools[last[0]], found.pop(last[0]))
            last = key
            if name not in pools:
                pools[name] = Pool(name, name)
            types = found.setdefault(name, {}).setdefault(at, {})
        table.add(types, row, pool=key[0])
    for name in sorted(found):
        yield from _given(pools[name], found[name])


def _given(pool: Pool, moments: Mapping[float, Mapping[str, TypeCounts]]) -> Iterator[PoolStats]:
    for at in sorted(moments):
        yield PoolStats(pool, datetime.fromtimestamp(at, UTC), moments[at])
