"""How is the lead held in PostgreSQL? By an advisory lock of a session that the server ends when it falls silent."""

import contextlib
import math
import os
import select
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.store.errors import StoreUnreachable, place_of, translated

# Any two numbers that nobody else uses.
_LOCK = "1886351212, 1"
_CHANNEL = "pool_stats"
_CALLED, _FREE = "outbox", "free"
_CONNECT_SECONDS = 3
# PostgreSQL cuts off what is longer.
_LONGEST_NAME = 63
_APPLICATION = "pool-stats "

_TAKE = f"SELECT pg_try_advisory_lock({_LOCK})"
_LOCKS = (
    "FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
    "WHERE l.locktype = 'advisory' AND l.classid = 1886351212 AND l.objid = 1 AND l.objsubid = 2 AND l.granted"
)
# Behind a pooler that gives each transaction another session the lock is not where it was taken.
_CONFIRM = f"SELECT count(*) > 0 {_LOCKS} AND l.pid = pg_backend_pid()"
_WHO = f"SELECT (SELECT application_name FROM pg_stat_activity a WHERE a.pid = l.pid) {_LOCKS}"  # noqa: S608 - our own constants
_FREED = f"SELECT pg_notify('{_CHANNEL}', '{_FREE}') FROM pg_advisory_unlock_all()"  # noqa: S608 - likewise


class SessionSeat:
    """The lock, on a connection of its own that does nothing else.

    `idle_session_timeout` (PostgreSQL 14) ends the session of a process that is paused or cut off; one that has died is
    noticed by the system at once, or by the same time-out.
    """

    def __init__(self, engine: Engine, *, name: str, lease: timedelta) -> None:
        self._engine = engine
        self._name = name
        self._lease = lease
        self._session: psycopg.Connection | None = None
        self._is_ours = False
        # What is written into the second end ends the wait at the first.
        self._waking = list(os.pipe())
        self.leader: str | None = None
        self.lasts = False
        self.problem: str | None = None

    def ask(self, within: timedelta) -> bool:
        """Take the lock, or have confirmed that it is still ours."""
        try:
            return self._ask(time.monotonic() + within.total_seconds())
        except (psycopg.Error, _Silent, OSError) as error:
            self._forget()
            raise StoreUnreachable(f"{place_of(self._engine.url)} does not say who leads: {_said(error)}") from error

    def _ask(self, deadline: float) -> bool:
        session = self._session or self._connect(deadline)
        if self._is_ours:
            if self._value(session, _CONFIRM, deadline) != "t":
                raise _Silent("the lock is not there where it was taken; a pooler must not give away its session")
            return True
        self._is_ours = self._value(session, _TAKE, deadline) == "t"
        self.leader = None if self._is_ours else _named(self._value(session, _WHO, deadline))
        return self._is_ours

    def wait(self, longest: timedelta, stop: threading.Event) -> bool:
        """Wait for so long, or until somebody calls."""
        deadline = time.monotonic() + longest.total_seconds()
        while not stop.is_set() and time.monotonic() < deadline:
            try:
                if self._session is not None:
                    called = self._heard(self._session)
                    if called:
                        return _CALLED in called
                watched = [self._waking[0]] + ([self._session.pgconn.socket] if self._session else [])
                ready = _ready(watched, select.POLLIN, deadline)
                if self._session is not None and self._session.pgconn.socket in ready:
                    self._session.pgconn.consume_input()
            except (psycopg.Error, OSError) as error:
                self._forget()
                raise StoreUnreachable(f"{place_of(self._engine.url)} has gone away: {_said(error)}") from error
        return False

    def call(self) -> None:
        """Tell whoever leads, over any connection."""
        try:
            with self._engine.begin() as db:
                db.execute(text("SELECT pg_notify(:channel, :what)"), {"channel": _CHANNEL, "what": _CALLED})
        except SQLAlchemyError as error:
            raise translated(error, self._engine.url) from error

    def wake(self) -> None:
        """End the wait."""
        os.write(self._waking[1], b".")

    def leave(self) -> None:
        """Give the lock up and say so, then hang up."""
        session, deadline = self._session, time.monotonic() + 1
        if session is not None and self._is_ours:
            # Else the server frees it when it notices that we are gone.
            with contextlib.suppress(psycopg.Error, _Silent, OSError):
                self._value(session, _FREED, deadline)
        self._forget()
        while self._waking:
            os.close(self._waking.pop())

    def _connect(self, deadline: float) -> psycopg.Connection:
        _, known = self._engine.dialect.create_connect_args(self._engine.url)
        milliseconds = int(self._lease / timedelta(milliseconds=1))
        mine = {
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": (_APPLICATION + self._name)[:_LONGEST_NAME],
            "tcp_user_timeout": milliseconds,
            "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
        }  # fmt: skip
        chosen: dict[str, Any] = {**known, **mine}
        self._session = session = psycopg.connect(**chosen, autocommit=True)
        if session.info.server_version >= 140000:
            self._value(session, f"SET idle_session_timeout = {milliseconds}", deadline)
        else:
            self.problem = (
                "PostgreSQL before 14 cannot end the session of a leader that is paused or cut off: nobody takes its"
                " place until its connection breaks"
            )
        self._value(session, f"LISTEN {_CHANNEL}", deadline)
        return session

    def _value(self, session: psycopg.Connection, query: str, deadline: float) -> str | None:
        """The first column of the first row, if it comes before the deadline."""
        connection = session.pgconn
        connection.send_query(query.encode())
        while connection.flush():
            _demand_ready(connection.socket, select.POLLOUT, deadline)
        found: str | None = None
        while True:
            while connection.is_busy():
                _demand_ready(connection.socket, select.POLLIN, deadline)
                connection.consume_input()
            result = connection.get_result()
            if result is None:
                return found
            if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
                raise psycopg.OperationalError(result.get_error_message())
            if result.ntuples and (value := result.get_value(0, 0)) is not None:
                found = value.decode("utf-8", "replace")

    def _heard(self, session: psycopg.Connection) -> set[str]:
        """What was called since we last listened."""
        found = set()
        while (each := session.pgconn.notifies()) is not None:
            found.add(each.extra.decode("utf-8", "replace"))
        return found

    def _forget(self) -> None:
        """Hang up; whatever we had is not ours any more."""
        session, self._session, self._is_ours, self.leader = self._session, None, False, None
        if session is not None:
            session.close()


class _Silent(Exception):  # noqa: N818 - named for what happened
    """No answer came in time, or not the one that must."""


def _ready(files: Sequence[int], what: int, deadline: float) -> set[int]:
    """Those that are ready, or broken, by then; of a process with very many open files `select` would refuse them."""
    waiting = select.poll()
    for file in files:
        waiting.register(file, what)
    return {file for file, _ in waiting.poll(math.ceil(max(deadline - time.monotonic(), 0.0) * 1000))}


def _demand_ready(file: int, what: int, deadline: float) -> None:
    if not _ready([file], what, deadline):
        raise _Silent("it does not answer")


def _named(application: str | None) -> str | None:
    """The name that we gave it; another role may not be told."""
    found = (application or "").removeprefix(_APPLICATION).strip()
    return found or None


def _said(error: Exception) -> str:
    """The first line, which is never more than a reason."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
