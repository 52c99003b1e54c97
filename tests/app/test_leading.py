"""Does the lead change hands in order, and does nobody act on it who has it no more?"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.app.leading import Leading, Turn
from bot.clock import Clock, wait
from bot.store.engine import open_store
from bot.store.leading import Seat, seat_of
from tests.databases import PostgreSQL, sqlite_store
from tests.running import eventually

LEASE = timedelta(seconds=2)
Start = Callable[..., "One"]


@dataclass
class One:
    """A replica that only leads or does not, and notes when it begins and ends."""

    begin: Callable[[], None]
    leading: Leading = field(init=False)
    happened: list[str] = field(default_factory=list)
    holds: Callable[[], bool] = lambda: False

    def begins(self, holds: Callable[[], bool]) -> None:
        self.holds = holds
        self.begin()
        self.happened.append("begins")

    def turn(self) -> Turn:
        return Turn(self.begins, lambda: self.happened.append("ends"), lambda: self.happened.append("called"))


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts replicas; they are stopped in the end."""
    made: list[One] = []
    engines = []

    def start(url: str, name: str, begin: Callable[[], None] = lambda: None) -> One:
        engines.append(open_store(url))
        made.append(One(begin))
        made[-1].leading = Leading(seat_of(engines[-1], name=name, lease=LEASE), LEASE, Clock(), made[-1].turn())
        made[-1].leading.start()
        return made[-1]

    yield start
    for each in made:
        each.leading.stop()
    for engine in engines:
        engine.dispose()


def test_one_leads_the_other_says_who_and_takes_its_place_at_once_when_it_stops(
    start: Start, database_url: str
) -> None:
    first, second = start(database_url, "first"), start(database_url, "second")

    eventually(lambda: first.happened == ["begins"], what="the lead")
    assert first.leading.note is None
    assert "leads; this one answers in chat" in (second.leading.note or "")
    assert first.leading.problem is second.leading.problem is None
    assert first.holds()
    first.leading.stop()

    eventually(lambda: second.happened == ["begins"], within=5, what="its place")
    assert not first.holds()


@pytest.mark.postgresql
def test_whoever_takes_long_to_begin_keeps_the_lead_meanwhile(start: Start, postgresql: PostgreSQL) -> None:
    url, done = postgresql.new_database(), threading.Event()
    slow = start(url, "slow", lambda: wait(2 * LEASE.total_seconds(), done) and None)
    other = start(url, "other")

    assert slow.leading.problem == "this replica is just taking the lead"
    eventually(lambda: slow.happened == ["begins"], what="its beginning")
    done.set()
    assert slow.holds()
    assert not other.leading.leads
    assert slow.leading.problem is None


class Odd:
    """A seat that does once what nobody foresaw, when it is had."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.asked = 0
        self.leader, self.lasts, self.problem = None, False, None

    def ask(self, within: timedelta) -> bool:
        self.asked += 1
        if self.asked == 2:
            raise ValueError("filedescriptor out of range")
        return self.seat.ask(within)

    def wait(self, longest: timedelta, stop: threading.Event) -> bool:
        return wait(longest.total_seconds(), stop)

    def call(self) -> None: ...

    def wake(self) -> None: ...

    def leave(self) -> None:
        self.seat.leave()


def test_who_cannot_look_for_a_reason_that_nobody_foresaw_steps_down_and_looks_again(tmp_path: Path) -> None:
    engine, one = open_store(sqlite_store(tmp_path)), One(lambda: None)
    one.leading = Leading(Odd(seat_of(engine, name="one", lease=LEASE)), LEASE, Clock(), one.turn())
    one.leading.start()
    try:
        eventually(lambda: one.happened == ["begins", "ends", "begins"], what="the lead once more")
        assert one.holds()
        assert one.leading.problem is None
    finally:
        one.leading.stop()
        engine.dispose()


def test_a_beginning_that_fails_is_tried_again(
    start: Start, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [RuntimeError("for once")]

    def begin() -> None:
        if failures:
            raise failures.pop()

    one = start(database_url, "one", begin)

    eventually(lambda: one.happened == ["begins"], what="the second try")
    assert "the lead could not be taken" in caplog.text


@pytest.mark.postgresql
def test_whoever_loses_its_session_loses_the_lead_and_begins_anew_when_it_has_it_again(
    start: Start, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    one = start(url, "one")
    eventually(lambda: one.happened == ["begins"], what="the lead")
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pool-stats one'")

    # That it was gone may be over before anything was done about it.
    again = ["begins", "begins"], ["begins", "ends", "begins"]
    eventually(lambda: one.happened in again, what="the lead, again")
