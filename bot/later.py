"""Where is the work done that comes after an acknowledgement?"""

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

_THREADS = 16
_MOST_WAITING = 500
_MOST_REFUSALS = 100


class Busy(Exception):  # noqa: N818 - it is an answer, not a failure
    """So much is waiting that nobody would be there any more to read the answer.

    Args:
        tell: Has that told, past all that waits; whether even that was taken.
    """

    def __init__(self, tell: Callable[[Callable[[], None]], bool]) -> None:
        super().__init__("too much is waiting")
        self.tell = tell


class _Line:
    """What waits, and the threads that wait for it.

    Whoever acknowledges on the server's own thread has the work begun when that thread has written the
    acknowledgement and has nothing more to do: one that is awake sooner only takes the interpreter away from it, twice.
    """

    def __init__(self) -> None:
        self._works: deque[Callable[[], None]] = deque()
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_open = True

    def __len__(self) -> int:
        return len(self._works)

    def put(self, work: Callable[[], None]) -> None:
        """Have one thread do it."""
        self._works.append(work)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._wakes.put(None)
        else:
            loop.call_soon(self._wakes.put, None)

    def end(self, threads: int) -> None:
        """Let so many threads go once nothing waits any more, also of what they were not woken for."""
        self._is_open = False
        for _ in range(threads):
            self._wakes.put(None)

    def work(self) -> None:
        """Do what comes, until the end."""
        while self._is_open or self._works:
            if self._is_open:
                self._wakes.get()
            try:
                work = self._works.popleft()
            except IndexError:
                continue
            try:
                work()
            except Exception:  # the last place where it can be told
                log.exception("something to be done after an acknowledgement failed")


class Later:
    """A few threads of our own that work through a queue, apart from the threads that acknowledge.

    Call it with something to do; it returns at once.

    Args:
        whose: The platform that people wait in, for the log.
        threads: How many things are done at once.
        most_waiting: How many may wait; one more is refused.
    """

    def __init__(self, whose: str = "chat", *, threads: int = _THREADS, most_waiting: int = _MOST_WAITING) -> None:
        self._line, self._refusals = _Line(), _Line()
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
            if not self._is_open or len(self._line) >= self._most_waiting:
                raise Busy(self._refuse)
            # Each is a stack in memory: one is begun for each request until there are enough.
            if len(self._threads) - self._refuses < self._most_threads:
                self._begin(self._line)
            self._line.put(work)

    def _begin(self, line: _Line) -> None:
        name = f"{self._whose.lower()}-later-{len(self._threads)}"
        thread = threading.Thread(target=line.work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _refuse(self, work: Callable[[], None]) -> bool:
        """Have somebody told that their request was not taken, past all that waits; whether even that was taken."""
        with self._lock:
            taken = self._is_open and len(self._refusals) < _MOST_REFUSALS
            if taken and not self._refuses:
                self._begin(self._refusals)
                self._refuses = True
            if taken:
                self._refusals.put(work)
            return taken

    @property
    def waiting(self) -> int:
        """How much waits."""
        return len(self._line)

    def stop(self, *, within: float = 6.0) -> bool:
        """Take no more, and finish what is there; whether it was finished in time."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                self._line.end(len(self._threads))
                self._refusals.end(1)
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        left = sum(thread.is_alive() for thread in self._threads)
        if left:
            log.warning("answers to %s that were not finished when the bot stopped: %d", self._whose, left)
        return not left
