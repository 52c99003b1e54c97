"""Who asks when many threads need the same answer at once? One of them; the others share what comes of it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Flight(Generic[Result]):
    """One fetch at a time, whose result or error goes to everyone who waited for it.

    Sharing the error matters as much as sharing the result: threads that took turns at an API that is down would each
    wait for all before them, far beyond any deadline.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: Future[Result] | None = None

    def run(self, fetch: Callable[[], Result]) -> Result:
        """What `fetch` gives, called here or by the thread that is already at it.

        Raises:
            Exception: What it raised.
        """
        mine: Future[Result] = Future()
        with self._lock:
            joined = self._under_way
            if joined is None:
                self._under_way = mine
        if joined is not None:
            return joined.result()
        try:
            result = fetch()
        except BaseException as error:
            self._land()
            mine.set_exception(error)
            raise
        self._land()
        mine.set_result(result)
        return result

    def _land(self) -> None:
        with self._lock:
            self._under_way = None
