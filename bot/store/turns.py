"""Which thread of this process writes next, where the database takes one writer at a time?

SQLite lets who finds it locked look again now and then, and nobody is told that it is free: among many threads that
write without a pause some would not get a turn before their patience ends.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class _Line:
    patience: timedelta
    lock: threading.Lock = field(default_factory=threading.Lock)


_LINES: WeakKeyDictionary[Engine, _Line] = WeakKeyDictionary()


def one_after_the_other(engine: Engine, patience: timedelta) -> None:
    """Let the threads that write through `engine` stand in line, each for no longer than `patience`."""
    _LINES[engine] = _Line(patience)


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """It is this thread's turn; after its patience it goes ahead all the same, and the database says what is so."""
    line = _LINES.get(engine)
    if line is None:
        yield
        return
    is_ours = line.lock.acquire(timeout=line.patience.total_seconds())
    try:
        yield
    finally:
        if is_ours:
            line.lock.release()
