"""Which thread of this process writes next, where the database takes one writer at a time, and over which connection?

SQLite lets who finds it locked look again now and then, and nobody is told that it is free: among many threads that
write without a pause some would not get a turn before their patience ends.

As only one writes at a time, all do so over one connection, which is kept: to take one out of the pool and to give it
back takes longer than a transaction.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event


class _Line:
    """The threads that write, and the connection of whose turn it is, while it is nobody's."""

    def __init__(self, engine: Engine, patience: timedelta) -> None:
        self.patience = patience.total_seconds()
        self.lock = threading.Lock()
        self._kept: Connection | None = None
        event.listen(engine, "engine_disposed", lambda _engine: self._let_go())

    @contextmanager
    def transaction(self, engine: Engine) -> Iterator[Connection]:
        """A transaction over the kept connection; only after one that ended well is it kept on."""
        pool, db = engine.pool, self._kept
        self._kept = None
        if db is None:
            db = engine.connect()
        is_well = False
        try:
            with db.begin():
                yield db
            is_well = True
        finally:
            if is_well:
                self._kept = db
            else:
                db.close()
        if engine.pool is not pool:
            # The engine was disposed of meanwhile.
            self._let_go()

    def _let_go(self) -> None:
        db, self._kept = self._kept, None
        if db is not None:
            # The pool that it came from is gone: it goes back to none.
            db.detach()
            db.close()


_LINES: WeakKeyDictionary[Engine, _Line] = WeakKeyDictionary()


def one_after_the_other(engine: Engine, patience: timedelta) -> None:
    """Let the threads that write through `engine` stand in line, each for no longer than `patience`."""
    _LINES[engine] = _Line(engine, patience)


@contextmanager
def turn(engine: Engine) -> Iterator[Connection]:
    """A transaction, once it is this thread's turn.

    After its patience it goes ahead all the same, and the database says what is so.
    """
    line = _LINES.get(engine)
    if line is None or not line.lock.acquire(timeout=line.patience):
        with engine.begin() as db:
            yield db
        return
    try:
        with line.transaction(engine) as db:
            yield db
    finally:
        line.lock.release()
