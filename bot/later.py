"""Where is the work done that comes after an acknowledgement?"""

import logging
import queue
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

_THREADS = 16
_MOST_WAITING = 500
_MOST_REFUSALS = 100


_Queue = queue.SimpleQueue[Callable[[], None] | None]


class Busy(Exception):  # noqa: N818 - it is an answer, not a failure
    """So much is waiting that nobody would be there any more to read the answer.

    Args:
        tell: Has that told, past all that waits; whether even that was taken.
    """

    def __init__(self, tell: Callable[[Callable[[], None]], bool]) -> None:
        super().__init__("too much is waiting")
        self.tell = tell


class Later:
    """A few threads of our own that work through a queue, apart from the threads that acknowledge.

    Call it with something to do; it returns at once.

    Args:
        whose: The platform that people wait in, for the log.
        threads: How many things are done at once.
        most_waiting: How many may wait; one more is refused.
    """

    def __init__(self, whose: str = "chat", *, threads: int = _THREADS, most_waiting: int = _MOST_WAITING) -> None:
        self._queue: _Queue = queue.SimpleQueue()
        self._refusals: _Queue = queue.SimpleQueue()
        self._most_waiting = most_waiting
        self._whose = whose
        self._lock = threading.Lock()
        self._is_open = True
        self._most_threads = threads
        self._threads: list[threading.Thread] = []
        # Beside them one for those who are refused.
        self._refuses = False

    def __call__(self, work: Callable[[], None]) -> None:
        """Have `work` done.

        Raises:
            Busy: Too much is waiting, or the bot is stopping.
        """
        with self._lock:
            if not self._is_open or self._queue.qsize() >= self._most_waiting:
                raise Busy(self._refuse)
            # Each is a stack in memory: one is begun for each request until there are enough.
            if len(self._threads) - self._refuses < self._most_threads:
                self._begin(self._queue)
            self._queue.put(work)

    def _begin(self, waiting: _Queue) -> None:
        name = f"{self._whose.lower()}-later-{len(self._threads)}"
        thread = threading.Thread(target=_work, args=(waiting,), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _refuse(self, work: Callable[[], None]) -> bool:
        """Have somebody told that their request was not taken, past all that waits; whether even that was taken."""
        with self._lock:
            taken = self._is_open and self._refusals.qsize() < _MOST_REFUSALS
            if taken and not self._refuses:
                self._begin(self._refusals)
                self._refuses = True
            if taken:
                self._refusals.put(work)
            return taken

    @property
    def waiting(self) -> int:
        """How much waits."""
        return self._queue.qsize()

    def stop(self, *, within: float = 6.0) -> bool:
        """Take no more, and finish what is there; whether it was finished in time."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                for _ in self._threads:
                    self._queue.put(None)
                self._refusals.put(None)
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        left = sum(thread.is_alive() for thread in self._threads)
        if left:
            log.warning("answers to %s that were not finished when the bot stopped: %d", self._whose, left)
        return not left


def _work(waiting: _Queue) -> None:
    while (work := waiting.get()) is not None:
        try:
            work()
        except Exception:  # the last place where it can be told
            log.exception("something to be done after an acknowledgement failed")
