"""What does it cost to keep readings: many at once, in groups as they come when several threads ask, and alone?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count

from sqlalchemy import Connection, Engine

from bot.core.stats import PoolStats
from bot.store import samples
from bot.store.engine import writing
from bot.store.saving import kept, save_newer
from tests.benchmarks.figures import Report, Work, in_turn
from tests.benchmarks.readings import tick, to_seconds, wide_rows

# Eight threads read pools unless the configuration says otherwise.
TOGETHER = 8
Rows = list[dict[str, int]]
Save = Callable[[Connection, Sequence[PoolStats]], object]


def measure_saving(
    report: Report,
    engine: Engine,
    wide: Callable[[Rows], object],
    *,
    pools: int,
    rounds: int,
    clock: Callable[[], float],
    floors: Mapping[str, Callable[[Rows], object]] | None = None,
) -> None:
    """Each way of the store beside SQLAlchemy Core's executemany of the wide layout, as many in a transaction.

    Args:
        report: What is found goes here.
        engine: The store.
        wide: Core's executemany, in a transaction of its own.
        pools: How many readings make a round.
        rounds: How many of these.
        clock: The seconds of CPU.
        floors: What many at once are compared with besides, by name.
    """
    minutes = count()

    def ours(save: Save, size: int) -> None:
        readings = list(tick(next(minutes), pools))
        for start in range(0, pools, size):
            with writing(engine) as db:
                save(db, readings[start : start + size])

    def floor(save: Callable[[Rows], object], size: int) -> None:
        at = next(minutes)
        readings = list(tick(at, pools))
        for start in range(0, pools, size):
            part = enumerate(readings[start : start + size], start)
            save([row for number, each in part for row in wide_rows(each, number, to_seconds(at))])

    ways: tuple[tuple[str, Save, int, str], ...] = (
        ("samples.save_many", samples.save_many, pools, "all in one transaction"),
        ("kept and save_newer", save_group, TOGETHER, f"{TOGETHER} a transaction"),
        ("samples.save_reading", save_alone, 1, "a transaction each"),
    )
    variants: dict[str, Work] = {"made": lambda: list(tick(next(minutes), pools))}
    for name, save, size, said in ways:
        variants |= {said: partial(floor, wide, size), name: partial(ours, save, size)}
    variants |= {name: partial(floor, save, pools) for name, save in (floors or {}).items()}
    costs = in_turn(variants, rounds=rounds, units=pools, clock=clock)
    costs = {name: cost.more_than(costs["made"]) for name, cost in costs.items()}
    for name, _, _, said in ways:
        report.add(f"floor: Core executemany, {said}", costs[said], "ms/reading")
        report.add(f"{name}, {said}", costs[name], "ms/reading", floor=costs[said])
    for name in floors or {}:
        report.add(f"floor: {name}, all in one transaction", costs[name], "ms/reading")
        report.add(f"{ways[0][0]}, the same", costs[ways[0][0]], "ms/reading", floor=costs[name], of=name)


def save_group(db: Connection, readings: Sequence[PoolStats]) -> None:
    """As readings that arrive together and change nothing are kept."""
    known, type_of = kept(db, [each.pool.id for each in readings])
    save_newer(db, [(each, known[each.pool.id]) for each in readings], type_of)


def save_alone(db: Connection, readings: Sequence[PoolStats]) -> None:
    """As a reading is kept at which something changes."""
    for each in readings:
        samples.save_reading(db, each)
