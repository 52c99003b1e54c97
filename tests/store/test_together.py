"""Several threads write in one transaction, and none is harmed by another."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, text

from bot.core.stats import Pool, PoolStats
from bot.store import samples
from bot.store.engine import open_store, reading, writing
from bot.store.errors import StoreBusy, StoreError
from bot.store.fencing import NotLeading, fenced
from bot.store.saving import kept, save_newer
from bot.store.together import Apart, Together
from tests.building import MINUTE, NOON, stats
from tests.databases import PostgreSQL
from tests.running import eventually

SOON = 20.0


def of(name: str) -> PoolStats:
    """A reading of a pool of that name."""
    return stats(NOON, pool=Pool(name, name), train={"Queue": 1})


def keep(db: Connection, names: Sequence[str]) -> list[str]:
    """Saves a reading of each of these pools and says their names."""
    samples.save_many(db, map(of, names))
    return [name.upper() for name in names]


class Writers:
    """Threads, each of which comes while the first one is writing."""

    def __init__(self, engine: Engine, write: Callable[[Connection, Sequence[str]], Sequence[str]]) -> None:
        self.groups: list[list[str]] = []
        self.begun = 0
        self._write = write
        self._threads = ThreadPoolExecutor(9)
        self._first_writes, self._all_came = threading.Event(), threading.Event()
        self.together = Together(engine, self._write_these)
        event.listen(engine, "begin", self._count)

    def run(self, *names: str, may: Callable[[str], bool] = lambda _: True) -> dict[str, Future[str]]:
        """What became of each, all of which came while another one was writing."""

        def one(name: str) -> str:
            with fenced(lambda: may(name)):
                return self.together.write(name)

        first = self._threads.submit(self.together.write, "first")
        assert self._first_writes.wait(SOON)
        made = {name: self._threads.submit(one, name) for name in names}
        self._come(len(names))
        self._all_came.set()
        assert first.result(SOON) == "FIRST"
        for each in made.values():
            each.exception(SOON)
        return made

    def close(self) -> None:
        self._threads.shutdown()

    def _come(self, number: int) -> None:
        tick = threading.Event()
        for _ in range(int(SOON * 1000)):
            if len(self.together._waiting) == number:
                return
            tick.wait(0.001)
        raise AssertionError("not all came")

    def _write_these(self, db: Connection, names: Sequence[str]) -> Sequence[str]:
        if not self.groups:
            self._first_writes.set()
            assert self._all_came.wait(SOON)
        self.groups.append(sorted(names))
        return self._write(db, names)

    def _count(self, _: Connection) -> None:
        self.begun += 1


@contextmanager
def writers(engine: Engine, write: Callable[[Connection, Sequence[str]], Sequence[str]] = keep) -> Iterator[Writers]:
    """Closed in the end."""
    made = Writers(engine, write)
    try:
        yield made
    finally:
        made.close()


def saved(engine: Engine) -> list[str]:
    """The pools that were read."""
    with reading(engine) as db:
        return [pool.id for pool in samples.pools_seen(db)]


def test_who_comes_while_one_is_written_is_written_with_the_others(engine: Engine) -> None:
    with writers(engine) as at:
        made = at.run("b", "a", "c")

        assert {name: each.result() for name, each in made.items()} == {"a": "A", "b": "B", "c": "C"}
        assert at.groups == [["first"], ["a", "b", "c"]]
        assert at.begun == 2
        assert at.together.write("d") == "D"
    assert saved(engine) == ["a", "b", "c", "d", "first"]


def test_where_several_cannot_be_written_nothing_of_them_is_kept_and_each_is_told_to_write_alone(
    engine: Engine,
) -> None:
    def fail_at_b(db: Connection, names: Sequence[str]) -> Sequence[str]:
        made = keep(db, names)
        if "b" in names:
            raise StoreError("there is something wrong with b")
        return made

    with writers(engine, fail_at_b) as at:
        made = at.run("a", "b", "c")
        for each in made.values():
            with pytest.raises(Apart):
                each.result()
        with pytest.raises(StoreError, match="wrong with b"):
            at.together.write("b")
        # And whoever comes later is written.
        at.together.write("d")
    assert saved(engine) == ["d", "first"]


def test_where_the_database_cannot_even_begin_everyone_hears_why_after_one_wait(engine: Engine) -> None:
    refused: list[int] = []

    def refuse(_: Connection) -> None:
        if at.groups and not refused:
            refused.append(1)
            raise StoreBusy("another process holds the database")

    with writers(engine) as at:
        event.listen(engine, "begin", refuse)
        made = at.run("a", "b")

        assert [type(each.exception()) for each in made.values()] == [StoreBusy, StoreBusy]
        assert at.together.write("a") == "A"
    assert saved(engine) == ["a", "first"]


def test_nothing_is_kept_of_who_leads_no_more(engine: Engine) -> None:
    together = Together(engine, keep)

    with pytest.raises(NotLeading), fenced(lambda: False):
        together.write("a")

    assert saved(engine) == []


def test_whether_a_thread_may_still_write_is_asked_for_each_of_those_that_are_written_together(engine: Engine) -> None:
    with writers(engine) as at:
        made = at.run("a", "b", may=lambda name: name == "b")

        assert isinstance(made["a"].exception(), Apart)
        assert isinstance(made["b"].exception(), Apart)
    assert saved(engine) == ["first"]


@pytest.mark.postgresql
def test_two_processes_that_keep_readings_of_the_same_pools_and_moments_do_not_wait_for_each_other(
    postgresql: PostgreSQL,
) -> None:
    engine = open_store(postgresql.new_store())

    def keep_all(db: Connection, *names: str) -> None:
        known, type_of = kept(db, names)
        save_newer(db, [(stats(NOON + MINUTE, pool=Pool(name, name)), known[name]) for name in names], type_of)

    def other_way_round() -> None:
        with writing(engine) as db:
            keep_all(db, "b", "a")

    try:
        with writing(engine) as db:
            keep(db, ["a", "b"])
        with ThreadPoolExecutor(1) as other:
            with writing(engine) as db:
                keep_all(db, "a")
                late = other.submit(other_way_round)
                waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                eventually(lambda: db.scalar(waits), what="the other one, which waits")
                keep_all(db, "b")
            late.result(SOON)
    finally:
        engine.dispose()
