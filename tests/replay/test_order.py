"""Files whose rows stand in any order."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.stats import PoolStats
from bot.replay.order import Order
from bot.replay.recorded import BadSamples, all_readings, look_through, readings

HEADER = "timestamp,pool,type,Queue\n"
ROWS = [
    f"{100 + 60 * minute},{pool},{job_type},{minute}\n"
    for minute in range(5)
    for pool in ("p", "q", "r")
    for job_type in ("train", "infer")
]


def written(path: Path, rows: list[str]) -> Path:
    """A file with these rows."""
    path.write_text(HEADER + "".join(rows))
    return path


def by_pool(found: list[PoolStats]) -> dict[str, list[PoolStats]]:
    """Each pool's readings as they came."""
    return {name: [stats for stats in found if stats.pool.id == name] for name in {each.pool.id for each in found}}


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        pytest.param(ROWS, Order.BY_TIME, id="time by time"),
        pytest.param(sorted(ROWS, key=lambda row: row.split(",")[1]), Order.BY_TIME, id="pool by pool, by time"),
        pytest.param(sorted(ROWS, key=lambda row: row.split(",")[1:3]), Order.BY_POOL, id="type by type"),
        pytest.param(ROWS[::-1], Order.NONE, id="backwards"),
    ],
)
def test_whatever_the_order_the_readings_are_the_same(tmp_path: Path, rows: list[str], order: Order) -> None:
    path = written(tmp_path / "rows.csv", rows)

    assert look_through(path).order is order
    assert by_pool(list(readings(path))) == by_pool(list(readings(written(tmp_path / "plain.csv", ROWS))))


@given(seed=st.integers(0, 10_000), parts=st.integers(1, 3))
@settings(max_examples=40)
def test_rows_spread_over_files_in_any_order_are_each_pools_readings_by_time(
    tmp_path_factory: pytest.TempPathFactory, seed: int, parts: int
) -> None:
    folder, chance = tmp_path_factory.mktemp("rows"), random.Random(seed)
    groups: list[list[str]] = [[] for _ in range(parts)]
    for start in range(0, len(ROWS), 2):
        # The two rows of one reading stay in one file.
        groups[chance.randrange(parts)].extend(ROWS[start : start + 2])
    for group in groups:
        chance.shuffle(group)

    found = by_pool(list(all_readings([written(folder / f"{i}.csv", group) for i, group in enumerate(groups)])))

    assert found == by_pool(list(readings(written(folder / "plain.csv", ROWS))))


def test_rows_by_time_are_given_while_the_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.csv", [*ROWS, "9999,p,train,-1\n"])

    given: list[PoolStats] = []
    with pytest.raises(BadSamples, match="Queue is '-1'"):
        given.extend(each for each in readings(path))

    # All but the last reading of each pool, which the broken row kept from being complete.
    assert len(given) >= 12


def test_files_that_follow_each_other_are_read_one_after_the_other_however_they_are_named(tmp_path: Path) -> None:
    early, late = written(tmp_path / "b.csv", ROWS[:12]), written(tmp_path / "a.csv", ROWS[12:])

    found = [stats.taken_at for stats in all_readings([late, early])]

    assert found == sorted(found)
    assert len(found) == 15
