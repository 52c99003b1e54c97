"""What does Teams hear of a request: its answer, or that it takes longer? And which requests came before?"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Teams sends again what was not answered in time, for some minutes.
_REMEMBERED_SECONDS = 900.0
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: an HTTP status, and a body where Teams wants one."""

    status: int = 200
    body: Json | None = None


class Turn:
    """One request under way: whichever comes first, its answer or the end of patience.

    Args:
        late: What is said when patience ends.
    """

    def __init__(self, late: Reply) -> None:
        self._late = late
        self._lock = threading.Lock()
        self._answer: Future[Reply] = Future()

    def answer(self, reply: Reply) -> bool:
        """This is the answer; whether somebody still waits for it."""
        with self._lock:
            if self._answer.done():
                return False
            self._answer.set_result(reply)
            return True

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self._answer.done()

    async def within(self, seconds: float) -> Reply:
        """The answer, or that it takes longer."""
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._answer)), seconds)
        except TimeoutError:
            self.answer(self._late)
            return self._answer.result()


def answered(reply: Reply) -> Turn:
    """A turn that needs no work."""
    turn = Turn(reply)
    turn.answer(reply)
    return turn


class Turns:
    """The turns of the last minutes, so that what Teams sends again is neither done again nor answered otherwise.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._turns: OrderedDict[tuple[str, ...], tuple[float, Turn]] = OrderedDict()

    def once(self, key: tuple[str, ...], begin: Callable[[], Turn]) -> Turn:
        """The turn of `key`, begun unless it was before; an empty part of a key says nothing, so it is begun anew."""
        now = self._monotonic()
        with self._lock:
            while self._turns and (len(self._turns) > _MOST_REMEMBERED or next(iter(self._turns.values()))[0] < now):
                self._turns.popitem(last=False)
            known = self._turns.get(key)
            if known is not None and all(key):
                return known[1]
            turn = begin()
            self._turns[key] = now + _REMEMBERED_SECONDS, turn
            return turn

    def forget(self, key: tuple[str, ...]) -> None:
        """It was not taken after all, and may come again."""
        with self._lock:
            self._turns.pop(key, None)
