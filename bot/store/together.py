"""How do several threads that have something to write at the same moment share one transaction?

Beginning and ending a transaction costs more than a reading that is written in it. Whoever comes while one is under way
waits until it is over, and then all who have come are written together, by one of them. Where readings come thick and
fast, one that could be written at once waits two milliseconds for others; one that comes by itself waits for nobody.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine

from bot.clock import wait
from bot.store.engine import writing
from bot.store.errors import StoreError
from bot.store.fencing import demand_lead_of

# A thread that comes so many seconds after another one waits as long for those who may be about to come.
COMPANY = 0.002

Given = TypeVar("Given")
Made = TypeVar("Made")


class Apart(StoreError):  # noqa: N818 - named for what is to be done
    """A transaction of several failed, nothing of it is kept, and nobody knows through whom: each is to write alone."""


class _Wanted(Generic[Given, Made]):
    """What one thread wants written, and what became of it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        # May what this thread writes be kept? That is asked as of this thread (`bot.store.fencing`).
        self.context = copy_context()
        self.woken: threading.Event | None = None
        # Whether the thread shall write the next group.
        self.leads = False
        self.made: list[Made] = []
        self.error: StoreError | None = None


class Together(Generic[Given, Made]):
    """Writes for all threads of a process into one database.

    Args:
        engine: The database.
        write: Given a transaction and what there is to write, writes all of it; what becomes of each, in their order.
    """

    def __init__(self, engine: Engine, write: Callable[[Connection, Sequence[Given]], Sequence[Made]]) -> None:
        self._engine = engine
        self._write_these = write
        self._lock = threading.Lock()
        self._is_writing = False
        self._came_at, self._came_by = -COMPANY, 0
        self._waiting: list[_Wanted[Given, Made]] = []

    def write(self, given: Given) -> Made:
        """What becomes of `given`, once it is kept.

        Raises:
            Apart: Several were written together and something went wrong; nothing of this one is kept.
            StoreError: As `writing` raises it; nothing is kept.
        """
        mine: _Wanted[Given, Made] = _Wanted(given)
        now, by = time.monotonic(), threading.get_ident()
        with self._lock:
            has_company = by != self._came_by and now - self._came_at < COMPANY
            self._came_at, self._came_by = now, by
            if self._is_writing:
                mine.woken = threading.Event()
            else:
                mine.leads = self._is_writing = True
            self._waiting.append(mine)
        if mine.woken is not None:
            mine.woken.wait()
        elif has_company:
            wait(COMPANY)
        if mine.leads:
            self._write_all()
        if mine.made:
            return mine.made[0]
        raise mine.error or Apart("what was to be written together could not be written")

    def _write_all(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        made: Sequence[Made] = ()
        has_begun = False
        try:
            with writing(self._engine) as db:
                has_begun = True
                written = self._write_these(db, [each.given for each in group])
                demand_lead_of(db, [each.context for each in group])
            # Only now is it kept.
            made = written
        except StoreError as error:
            # Where the database cannot even begin, nobody needs to find that out alone.
            for each in () if has_begun and len(group) > 1 else group:
                each.error = error
        except Exception:
            if len(group) == 1:
                raise
        finally:
            for each, one in zip(group, made, strict=False):
                each.made.append(one)
            self._hand_on(group)

    def _hand_on(self, group: Sequence[_Wanted[Given, Made]]) -> None:
        """Let one of those who came meanwhile write, and let those go who were waiting for this."""
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_writing = following is not None
        if following is not None:
            following.leads = True
            _wake(following)
        for each in group:
            each.leads = False
            _wake(each)


def _wake(each: _Wanted[Given, Made]) -> None:
    if each.woken is not None:
        each.woken.set()
