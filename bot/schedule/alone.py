"""How is something done by one thread at a time, and not forgotten where it is wanted meanwhile?"""

import threading
from collections.abc import Callable


class Alone:
    """Has something done by one thread at a time; who comes meanwhile leaves it to that one to do it once more.

    Args:
        may: Whether it is to be done at all.
    """

    def __init__(self, may: Callable[[], bool]) -> None:
        self._may = may
        self._doing = threading.Lock()
        # Set when it is wanted, or to be done no more.
        self.woken = threading.Event()

    @property
    def is_done(self) -> bool:
        """Whether somebody does it just now."""
        return self._doing.locked()

    def do(self, run: Callable[[], object]) -> None:
        """Do it, unless somebody else does."""
        self.woken.set()
        while self.woken.is_set() and self._may() and self._doing.acquire(blocking=False):
            try:
                self.woken.clear()
                run()
            finally:
                self._doing.release()
