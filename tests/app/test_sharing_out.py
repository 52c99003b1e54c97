"""Does the leader give every pool to a worker, when its time has come, and to another one when the worker is gone?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from bot.app.sharing_out import SHARDS, SharingOut, Terms
from bot.clock import Clock
from bot.core.stats import Pool
from bot.jobs.shard import Shard
from bot.metrics import Metrics
from bot.store.engine import open_store, writing
from bot.store.queue_schema import SCHEMA, prepare
from tests.databases import PostgreSQL

pytestmark = pytest.mark.postgresql
MINUTE = timedelta(minutes=1)
TERMS = Terms(MINUTE, 4, timedelta(seconds=10))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
POOLS = tuple(Pool(f"pool-{number}", f"pool-{number}") for number in range(40))
A_WORKER = "INSERT INTO procrastinate_workers DEFAULT VALUES"
ALL_IS_READ = "DELETE FROM procrastinate_jobs"
_QUEUE = f"SELECT lock, queue_name, args FROM {SCHEMA}.procrastinate_jobs"  # noqa: S608 - our constant


class Later(Clock):
    """A clock that can be put forward."""

    by = 0.0

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return super().monotonic() + self.by


class Leader:
    """The leader's side, and what it did."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.pools: Sequence[Pool] = POOLS
        self.clock = Later()
        self.metrics = Metrics()
        self.sharing = SharingOut(
            engine, self.clock, pools=lambda: self.pools, terms=lambda: TERMS, metrics=self.metrics, works=lambda: None
        )

    def share(self, now: datetime) -> dict[str, tuple[int, Shard]]:
        """Share out; all that is in the queue afterwards, by name, with whose it is."""
        with writing(self.engine) as db:
            self.sharing.share(db, TERMS, now)
        with writing(self.engine) as db:
            rows = list(db.execute(text(_QUEUE)))
        found = {row.lock: (int(row.queue_name[7:]), SHARDS.validate_python(row.args["shard"])) for row in rows}
        assert len(found) == len(rows)
        return found

    def do(self, *statements: str) -> None:
        """Something happens in the queue."""
        with writing(self.engine) as db:
            db.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
            for each in statements:
                db.execute(text(each))


@pytest.fixture
def leader(postgresql: PostgreSQL) -> Iterator[Leader]:
    """A leader of a queue without workers."""
    engine = open_store(postgresql.new_store())
    prepare(engine)
    yield Leader(engine)
    engine.dispose()


def all_pools(queue: dict[str, tuple[int, Shard]]) -> set[Pool]:
    return {pool for _, shard in queue.values() for pool in shard.pools}


def test_without_workers_nothing_waits_and_the_leader_says_why(leader: Leader) -> None:
    assert leader.sharing.problem == "it is not known yet which workers there are"
    assert leader.share(NOON) == {}
    assert leader.sharing.problem == "no worker is there to read the pools: start one with pool-stats worker"
    assert leader.sharing.note is None


def test_new_pools_are_shared_out_at_once_and_then_each_slice_in_its_turn(leader: Leader) -> None:
    leader.do(A_WORKER, A_WORKER)
    first = leader.share(NOON)

    assert all_pools(first) == set(POOLS)
    assert {worker for worker, _ in first.values()} == {1, 2}
    assert all((shard.over, shard.since) == (timedelta(), NOON - MINUTE) for _, shard in first.values())
    assert all(shard.share == pytest.approx(0.4) for _, shard in first.values())
    assert leader.sharing.note == "2 workers read the pools"

    leader.do(ALL_IS_READ)
    assert leader.share(NOON + MINUTE / 8) == {}
    turns = [leader.share(NOON + turn * MINUTE / 4 + timedelta(seconds=1)) for turn in (1, 2, 3, 4)]
    assert [sorted(set(after) - set(before)) for before, after in zip([{}, *turns], turns, strict=False)] == [
        ["1/4"],
        ["2/4"],
        ["3/4"],
        ["0/4"],
    ]
    _, shard = turns[0]["1/4"]
    assert (shard.begins, shard.over) == (NOON + MINUTE / 4, MINUTE / 4)
    assert {name: worker for name, (worker, _) in turns[-1].items()} == {name: first[name][0] for name in first}

    leader.pools = (*POOLS, Pool("new", "new"))
    leader.do(ALL_IS_READ)
    after = leader.share(NOON + MINUTE + timedelta(seconds=2))
    assert [Pool("new", "new") in shard.pools and shard.over == timedelta() for _, shard in after.values()] == [True]


def test_what_a_worker_had_that_is_gone_goes_to_another_one_whether_it_had_begun_or_not(leader: Leader) -> None:
    leader.do(A_WORKER, A_WORKER)
    first = leader.share(NOON)
    mine = [name for name, (worker, _) in first.items() if worker == 1]
    leader.do(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = 1"
        " WHERE id = (SELECT min(id) FROM procrastinate_jobs WHERE queue_name = 'worker-1')",
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '11 seconds' WHERE id = 1",
    )
    second = leader.share(NOON + timedelta(seconds=3))

    assert set(first) == set(second)
    assert {worker for worker, _ in second.values()} == {2}
    assert all_pools(second) == set(POOLS)
    assert all(second[name][1].begins == NOON for name in mine)
    assert all(second[name][1].share == pytest.approx(0.8) for name in mine)


def test_another_number_of_shards_and_pools_that_are_gone_leave_nothing_behind(leader: Leader) -> None:
    leader.do(A_WORKER)
    before = leader.share(NOON)
    leader.pools = POOLS[:1]
    (left,) = leader.share(NOON + timedelta(seconds=1))
    assert left in before
    leader.pools = ()
    assert list(leader.share(NOON + timedelta(seconds=2))) == [left]


def test_a_shard_that_nobody_reads_is_told(leader: Leader) -> None:
    leader.do(A_WORKER)
    leader.share(NOON)
    leader.clock.by = 121
    leader.share(NOON + timedelta(seconds=1))

    assert leader.sharing.problem == "4 of 4 shards wait for a worker for too long"


def test_without_any_worker_the_shards_are_late_whose_turn_came_two_intervals_ago(leader: Leader) -> None:
    def late_after(intervals: float) -> float | None:
        leader.share(NOON + intervals * MINUTE)
        return leader.metrics.registry.get_sample_value("pool_stats_shards_late")

    assert [late_after(each) for each in (0, 2.1, 2.3, 2.6, 3, 9)] == [0, 0, 1, 2, 4, 4]
    leader.do(A_WORKER)
    assert late_after(9.1) == 0
