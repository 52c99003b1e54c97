"""Which of the processes that share a database leads? The one that holds its seat, of which each database has one."""

import fcntl
import os
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from bot.store.errors import StoreReadOnly

# Who waits for a file is not told when it is free.
_LOOKS = 0.5


class Seat(Protocol):
    """The one seat of a database, as one process sees it. Used by one thread; `leader` and `call` by any."""

    @property
    def leader(self) -> str | None:
        """Who was seen in it when we last asked, if it was not we."""

    @property
    def lasts(self) -> bool:
        """Whether nobody else can have it while we live, so that there is nothing to confirm."""

    @property
    def problem(self) -> str | None:
        """What this database cannot do about it."""

    def ask(self, within: timedelta) -> bool:
        """Take the seat if it is free, or have confirmed that it is ours; whether it is.

        Raises:
            StoreError: The database did not say so in time. Whatever we had is not ours any more.
        """

    def wait(self, longest: timedelta, stop: threading.Event) -> bool:
        """Wait for so long, until the leader is called, the seat is given up, or `stop`; whether the leader was called.

        Raises:
            StoreError: The database has gone away.
        """

    def call(self) -> None:
        """Tell whoever leads that there is something to send.

        Raises:
            StoreError: The database cannot be used now; the leader looks by itself a little later.
        """

    def wake(self) -> None:
        """End the wait: we are to stop."""

    def leave(self) -> None:
        """Give the seat up, if it is ours, and tell the others."""


class FileSeat:
    """A lock on a file beside an SQLite database: the operating system gives it away when its process ends.

    A process that is merely paused keeps it. All that share the file are on one machine, where whoever pauses one can
    also end it.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-leader")
        self._file: int | None = None
        self.leader: str | None = None
        self.lasts = True
        self.problem: str | None = None

    def ask(self, within: timedelta) -> bool:  # noqa: ARG002 - it is answered at once
        """Take the lock if it is free."""
        if self._file is not None:
            return True
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreReadOnly(f"{self._path} cannot be made: {os.strerror(error.errno or 0)}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.leader = os.read(file, 100).decode("utf-8", "replace").strip() or None
            os.close(file)
            return False
        self._file, self.leader = file, None
        # On a disk that is full the others do not learn who leads.
        with suppress(OSError):
            os.truncate(file, 0)
            os.write(file, f"process {os.getpid()}\n".encode())
        return True

    def wait(self, longest: timedelta, stop: threading.Event) -> bool:
        """Wait; while it is ours nothing can happen to it."""
        stop.wait(None if self._file is not None else min(longest.total_seconds(), _LOOKS))
        return False

    def call(self) -> None:
        """Whoever leads looks every few seconds."""

    def wake(self) -> None:
        """Whoever waits is woken by `stop`."""

    def leave(self) -> None:
        """Give the lock up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def seat_of(engine: Engine, *, name: str, lease: timedelta) -> Seat:
    """The seat of a database.

    Args:
        engine: The database.
        name: What others are told when we have it.
        lease: After so long without a word from us the database gives it away.
    """
    if engine.dialect.name == "sqlite":
        database = str(engine.url.database).removeprefix("file:").partition("?")[0]
        return FileSeat(Path(database))
    # The driver is only there where PostgreSQL is used.
    from bot.store.session_seat import SessionSeat  # noqa: PLC0415 - see above

    return SessionSeat(engine, name=name, lease=lease)
