"""Is there one leader, and another one as soon as it is gone?"""

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from bot.store.engine import StoreError, open_store, writing
from bot.store.errors import StoreUnreachable
from bot.store.fencing import NotLeading, fenced
from bot.store.leading import Seat, seat_of
from tests.databases import PostgreSQL
from tests.running import eventually

SOON = timedelta(seconds=5)
LEASE = timedelta(seconds=2)
Made = Callable[[str], Seat]


@pytest.fixture
def seat(database_url: str) -> Iterator[Made]:
    """Makes the seats of processes that share a database."""
    engines: list[Engine] = []
    seats: list[Seat] = []

    def make(name: str) -> Seat:
        engines.append(open_store(database_url))
        seats.append(seat_of(engines[-1], name=name, lease=LEASE))
        return seats[-1]

    yield make
    for each in seats:
        each.leave()
    for engine in engines:
        engine.dispose()


@pytest.fixture
def on_postgresql(postgresql: PostgreSQL) -> str:
    """A database of PostgreSQL."""
    return postgresql.new_database()


def test_one_of_several_processes_has_the_seat_and_the_others_see_who(seat: Made) -> None:
    first, second = seat("host-a/1"), seat("host-b/2")

    assert first.ask(SOON)
    assert first.ask(SOON)
    assert not second.ask(SOON)
    assert first.leader is None
    assert second.leader is not None


def test_a_seat_that_is_given_up_is_free_at_once(seat: Made) -> None:
    first, second = seat("host-a/1"), seat("host-b/2")
    first.ask(SOON)
    second.ask(SOON)
    began = time.monotonic()
    threading.Timer(0.2, first.leave).start()

    second.wait(timedelta(seconds=20), threading.Event())

    eventually(lambda: second.ask(SOON), within=2, what="the seat")
    assert time.monotonic() - began < 5


@pytest.mark.postgresql
def test_a_leader_that_falls_silent_loses_its_seat_and_learns_of_it(on_postgresql: str) -> None:
    engine = open_store(on_postgresql)
    silent, other = (seat_of(engine, name=name, lease=LEASE) for name in ("silent", "other"))
    try:
        assert silent.ask(SOON)
        assert not other.ask(SOON)
        assert other.leader == "silent"
        began = time.monotonic()

        eventually(lambda: other.ask(SOON), within=LEASE.total_seconds() + 10, what="the seat")

        assert time.monotonic() - began >= LEASE.total_seconds() - 0.5
        with pytest.raises(StoreUnreachable, match="who leads"):
            silent.ask(SOON)
        assert not silent.ask(SOON)
        assert silent.leader == "other"
    finally:
        silent.leave()
        other.leave()
        engine.dispose()


@pytest.mark.postgresql
def test_the_leader_is_called_over_any_connection(on_postgresql: str) -> None:
    engine = open_store(on_postgresql)
    leads, follows = (seat_of(engine, name=name, lease=SOON) for name in ("leads", "follows"))
    try:
        leads.ask(SOON)
        follows.ask(SOON)
        threading.Timer(0.2, follows.call).start()

        assert leads.wait(timedelta(seconds=20), threading.Event())
    finally:
        leads.leave()
        follows.leave()
        engine.dispose()


@pytest.mark.postgresql
def test_a_leader_whose_lock_is_not_where_it_was_taken_does_not_lead(on_postgresql: str) -> None:
    # A pooler that gives each transaction another session does this.
    engine = open_store(on_postgresql)
    seat = seat_of(engine, name="behind a pooler", lease=timedelta(seconds=30))
    try:
        assert seat.ask(SOON)
        session = getattr(seat, "_session")  # noqa: B009 - only so can a pooler be played without one
        session.pgconn.exec_(b"SELECT pg_advisory_unlock_all()")

        with pytest.raises(StoreError, match="pooler"):
            seat.ask(SOON)
    finally:
        seat.leave()
        engine.dispose()


def test_what_a_leader_writes_after_it_has_lost_the_lead_is_not_kept(engine: Engine) -> None:
    def make_a_table() -> None:
        with writing(engine) as db:
            db.execute(text("CREATE TABLE late (n INTEGER)"))

    with fenced(lambda: False), pytest.raises(NotLeading):
        make_a_table()

    assert not inspect(engine).has_table("late")
    with fenced(lambda: True):
        make_a_table()
    assert inspect(engine).has_table("late")


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    seat = seat_of(engine, name="one", lease=LEASE)
    (tmp_path / "bot.db-leader").mkdir()

    with pytest.raises(StoreError, match=r"bot\.db-leader"):
        seat.ask(SOON)
    engine.dispose()


def test_who_cannot_write_its_name_beside_the_database_leads_all_the_same(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    seat = seat_of(engine, name="one", lease=LEASE)
    # As on a disk that is full.
    (tmp_path / "bot.db-leader").symlink_to("/dev/full")

    assert seat.ask(SOON)
    seat.leave()
    engine.dispose()


def test_the_seat_is_had_by_a_process_with_very_many_open_files(on_postgresql: str) -> None:
    most, may = resource.getrlimit(resource.RLIMIT_NOFILE)
    engine = open_store(on_postgresql)
    seat = seat_of(engine, name="one", lease=LEASE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, min(may, 2000)), may))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert seat.ask(SOON)
        assert not seat.wait(timedelta(seconds=0.01), threading.Event())
        assert seat.ask(SOON)
    finally:
        for each in opened:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, may))
        seat.leave()
        engine.dispose()
