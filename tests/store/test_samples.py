"""Readings: what goes in comes out, and nothing else does."""

import csv
import io
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from bot.core.rules.reported import Reported
from bot.core.stats import ENDED, JobStatus, Pool, PoolStats, TypeCounts
from bot.store import samples, tables
from bot.store.engine import reading, writing
from bot.store.samples import Poll
from tests.building import MINUTE, NOON, POOL, stats
from tests.store import strategies

SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(days=365)
OTHER = Pool("infer-910b-1", "infer-910b")
_pools = count(1)
on_one_store = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def save(engine: Engine, *readings: PoolStats) -> None:
    with writing(engine) as db:
        for each in readings:
            samples.save_reading(db, each)


def all_of(engine: Engine, pool: Pool = POOL) -> list[PoolStats]:
    with reading(engine) as db:
        return list(samples.readings(db, pool.id, since=NOON - timedelta(days=9999)))


@on_one_store
@given(drawn=st.data())
def test_readings_come_back_exactly(engine: Engine, drawn: st.DataObject) -> None:
    pool = Pool(f"pool-{next(_pools)}", drawn.draw(strategies.texts))
    given_ = drawn.draw(strategies.readings(pool))
    with writing(engine) as db:
        assert samples.save_many(db, reversed(given_)) == len(given_)
    assert all_of(engine, pool) == given_
    with reading(engine) as db:
        assert samples.latest(db, pool.id) == (given_[-1] if given_ else None)


@on_one_store
@given(drawn=st.data())
def test_a_series_says_what_the_readings_say(engine: Engine, drawn: st.DataObject) -> None:
    pool = Pool(f"pool-{next(_pools)}", "")
    given_ = drawn.draw(strategies.readings(pool))
    job_type = drawn.draw(st.none() | strategies.names)
    with writing(engine) as db:
        samples.save_many(db, given_)
    with reading(engine) as db:
        told = samples.series(db, pool.id, list(JobStatus), since=NOON, job_type=job_type)
        times, counts = samples.numbers(db, pool.id, list(JobStatus), since=NOON)
    assert told == [(each.taken_at, tuple(each.count(status, job_type) for status in JobStatus)) for each in given_]
    assert list(times) == [each.taken_at.timestamp() for each in given_]
    assert list(map(list, counts)) == [[each.count(status) for each in given_] for status in JobStatus]


@on_one_store
@given(drawn=st.data(), status=st.sampled_from([each for each in JobStatus if each not in ENDED]))
def test_levels_are_what_a_rule_counts_or_are_not_told(engine: Engine, drawn: st.DataObject, status: JobStatus) -> None:
    pool = Pool(f"pool-{next(_pools)}", "")
    given_ = drawn.draw(strategies.readings(pool))
    with writing(engine) as db:
        samples.save_many(db, given_)
    with reading(engine) as db:
        told = samples.levels(db, pool.id, status, since=NOON - timedelta(days=9999), until=LATER)
    reported = Reported(status, None)
    assert told is None or told == [(each.taken_at, reported.count(each)) for each in given_ if each.taken_at < LATER]


@on_one_store
@given(drawn=st.data())
def test_some_statuses_of_the_readings_are_what_the_readings_say_of_them(engine: Engine, drawn: st.DataObject) -> None:
    pool = Pool(f"pool-{next(_pools)}", "")
    given_ = drawn.draw(strategies.readings(pool))
    wanted = drawn.draw(st.frozensets(st.sampled_from(JobStatus)))
    with writing(engine) as db:
        samples.save_many(db, given_)
    with reading(engine) as db:
        found = list(samples.readings(db, pool.id, since=NOON - timedelta(days=9999), statuses=wanted))
    assert found == [
        replace(each, types={name: TypeCounts(_only(counts, wanted)) for name, counts in each.types.items()})
        for each in given_
    ]


def _only(counts: TypeCounts, wanted: Collection[JobStatus]) -> dict[JobStatus, int]:
    return {status: count for status, count in counts.status.items() if status in wanted}


def test_not_reported_is_not_zero(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 0, "Running": 1}))
    (found,) = all_of(engine)
    assert (found.count(JobStatus.QUEUE), found.count(JobStatus.FAILED)) == (0, None)


def test_an_empty_pool_is_not_a_pool_without_a_reading(engine: Engine) -> None:
    with reading(engine) as db:
        assert samples.latest(db, POOL.id) is None
    save(engine, stats(NOON))
    with reading(engine) as db:
        assert samples.latest(db, POOL.id) == stats(NOON)
        assert samples.series(db, POOL.id, [JobStatus.QUEUE], since=NOON) == [(NOON, (0,))]


def test_unknown_statuses_types_and_stated_totals_are_kept(engine: Engine) -> None:
    strange = PoolStats(POOL, NOON, {"federated": TypeCounts({JobStatus.QUEUE: 1}, {"Hibernating": 7}, total=99)})
    save(engine, strange)
    assert all_of(engine) == [strange]


@pytest.mark.parametrize("total", [None, 0, 2, 5, 6, 10**9])
@pytest.mark.parametrize("counts", [{JobStatus.QUEUE: 2, JobStatus.FAILED: 3}, {JobStatus.QUEUE: 0}, {}])
def test_a_stated_total_is_kept_whether_it_is_the_sum_or_not(
    engine: Engine, counts: dict[JobStatus, int], total: int | None
) -> None:
    given_ = PoolStats(
        POOL, NOON, {"train": TypeCounts(counts, total=total), "infer": TypeCounts(counts, {"Lost": 1}, total)}
    )
    save(engine, given_)
    assert all_of(engine) == [given_]


def test_readings_that_an_earlier_version_wrote_are_read(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 1}))
    earlier = {"queue": 2, "failed": 3, "total": 5, "unknown": None}
    with writing(engine) as db:
        db.execute(update(tables.samples).values(earlier))
    assert all_of(engine) == [
        PoolStats(POOL, NOON, {"train": TypeCounts({JobStatus.QUEUE: 2, JobStatus.FAILED: 3}, total=5)})
    ]


def test_saving_a_reading_twice_is_harmless(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 1}))
    save(engine, stats(NOON, train={"Queue": 1}))
    with writing(engine) as db:
        samples.save_many(db, [stats(NOON, train={"Queue": 1})] * 3)
    assert all_of(engine) == [stats(NOON, train={"Queue": 1})]


def test_two_readings_of_one_second_are_never_mixed(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 1}), stats(NOON + MINUTE, infer={"Queue": 9}))
    save(engine, stats(NOON + timedelta(milliseconds=900), infer={"Queue": 2}))
    assert all_of(engine) == [stats(NOON, infer={"Queue": 2}), stats(NOON + MINUTE, infer={"Queue": 9})]


def test_what_no_database_can_keep_is_replaced_in_names(engine: Engine) -> None:
    pool = Pool("nul\0-1", "half \ud83d")
    save(engine, PoolStats(pool, NOON, {"t\0": TypeCounts({JobStatus.QUEUE: 1}, {"\0": 2})}))
    (found,) = all_of(engine, pool)
    assert found.types == {"t\N{REPLACEMENT CHARACTER}": TypeCounts({JobStatus.QUEUE: 1}, {"\0": 2})}


@pytest.mark.parametrize(
    ("at", "not_before", "found"),
    [
        pytest.param(NOON + MINUTE, NOON, 2, id="at the very moment"),
        pytest.param(NOON + MINUTE - SECOND, NOON, 1, id="the one before"),
        pytest.param(NOON + 9 * MINUTE, NOON + 2 * MINUTE, None, id="too old"),
        pytest.param(NOON - SECOND, NOON - MINUTE, None, id="before all"),
    ],
)
def test_the_reading_before_a_moment(engine: Engine, at: datetime, not_before: datetime, found: int | None) -> None:
    save(engine, stats(NOON, train={"Queue": 1}), stats(NOON + MINUTE, train={"Queue": 2}))
    with reading(engine) as db:
        before = samples.reading_before(db, POOL.id, at, not_before=not_before)
    assert (before and before.count(JobStatus.QUEUE)) == found


def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(engine: Engine) -> None:
    save(engine, *(stats(NOON + n * MINUTE, train={"Queue": n}) for n in range(5)))
    with reading(engine) as db:
        window = samples.readings(db, POOL.id, since=NOON + MINUTE, until=NOON + 3 * MINUTE)
        assert [each.count(JobStatus.QUEUE) for each in window] == [1, 2]


def test_readings_may_be_left_half_read(engine: Engine) -> None:
    with writing(engine) as db:
        samples.save_many(db, [stats(NOON + n * SECOND, train={"Queue": n}) for n in range(3000)])
    with reading(engine) as db:
        rest = samples.readings(db, POOL.id, since=NOON)
        assert next(rest) == stats(NOON, train={"Queue": 0})
        rest.close()  # type: ignore[attr-defined] # a generator
        assert len(list(samples.readings(db, POOL.id, since=NOON))) == 3000


def test_the_latest_of_every_pool(engine: Engine) -> None:
    newest = [stats(NOON + MINUTE, OTHER), stats(NOON + MINUTE, train={"Queue": 2}, infer={"Queue": 3})]
    save(engine, stats(NOON, train={"Queue": 1}), stats(NOON, OTHER, train={"Queue": 1}), *newest)
    with reading(engine) as db:
        assert samples.latest_all(db) == newest


def test_a_new_display_name_is_kept(engine: Engine) -> None:
    save(engine, stats(NOON))
    save(engine, stats(NOON + MINUTE, Pool(POOL.id, "renamed")))
    with reading(engine) as db:
        assert samples.pools_seen(db) == [Pool(POOL.id, "renamed")]


def test_a_failure_is_no_reading_and_no_zero(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 1}))
    with writing(engine) as db:
        for why in ("first", "timed out"):
            samples.save_failure(db, Pool(POOL.id, POOL.id), at=NOON + MINUTE, kind="Unavailable", why=why)
    failure = Poll(NOON + MINUTE, ok=False, kind="Unavailable", why="timed out")
    with reading(engine) as db:
        assert samples.latest(db, POOL.id) == stats(NOON, train={"Queue": 1})
        assert samples.failures(db, POOL.id, since=NOON) == [failure]
        assert samples.failures(db, POOL.id, since=NOON + 2 * MINUTE) == []
        assert samples.last_poll(db, POOL.id) == failure
        assert samples.failing(db) == {POOL.id: "timed out"}
        assert samples.pools_seen(db) == [POOL]


def test_a_reading_after_a_failure_is_the_last_poll(engine: Engine) -> None:
    with reading(engine) as db:
        assert samples.last_poll(db, POOL.id) is None
    with writing(engine) as db:
        samples.save_failure(db, POOL, at=NOON, kind="Unavailable", why="timed out")
        samples.save_reading(db, stats(NOON + MINUTE))
    with reading(engine) as db:
        assert samples.last_poll(db, POOL.id) == Poll(NOON + MINUTE, ok=True)
        assert samples.failing(db) == {}


def test_the_export_is_the_sample_format_of_every_command(engine: Engine) -> None:
    save(engine, stats(NOON, train={"Queue": 0, "Failed": 2}, infer={"Running": 1}), stats(NOON + MINUTE))
    save(engine, stats(NOON, Pool("a", 'with ","'), **{"=1+1, x": {"Queue": 5}}))
    out = io.StringIO()
    with reading(engine) as db:
        assert samples.export_csv(db, out) == 4
    assert out.getvalue().splitlines() == [
        "timestamp,pool,type,Queue,Pending,Abnormal,Terminating,Creating,Running,Completed,Terminated,Failed",
        '2026-03-02T12:00:00Z,a,"=1+1, x",5,,,,,,,,',
        f"2026-03-02T12:00:00Z,{POOL.id},infer,,,,,,1,,,",
        f"2026-03-02T12:00:00Z,{POOL.id},train,0,,,,,,,,2",
        f"2026-03-02T12:01:00Z,{POOL.id},,0,0,0,0,0,0,0,0,0",
    ]


def test_the_export_can_be_of_some_pools_and_a_window(engine: Engine) -> None:
    save(engine, *(stats(NOON + n * MINUTE, pool, train={"Queue": n}) for n in range(4) for pool in (POOL, OTHER)))
    out = io.StringIO()
    with reading(engine) as db:
        window = {"since": NOON + MINUTE, "until": NOON + 3 * MINUTE}
        assert samples.export_csv(db, out, pool_ids=[OTHER.id, "no such pool"], **window) == 2
        assert samples.export_csv(db, io.StringIO(), pool_ids=[]) == 0
    assert [row["Queue"] for row in csv.DictReader(io.StringIO(out.getvalue()))] == ["1", "2"]


def test_a_reading_is_one_row_for_each_job_type(engine: Engine) -> None:
    with writing(engine) as db:
        given_ = (stats(NOON + n * MINUTE, train={"Queue": n}, infer={"Queue": n}) for n in range(2500))
        assert samples.save_many(db, given_) == 2500
    with reading(engine) as db:
        assert db.scalar(select(func.count()).select_from(tables.samples)) == 5000
