"""Which pools has this process not been given to read for long? Others read them now, and know better how they are."""

import threading
from collections.abc import Iterable

from bot.core.stats import Pool


class Lately:
    """The pools that are read here. Moments are monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By id, each with when it was given last; that longest ago stands first.
        self._given: dict[str, tuple[float, Pool]] = {}

    def given(self, pools: Iterable[Pool], *, at: float, longest: float) -> list[Pool]:
        """These are to be read here now; gives those that were not given for longer than that, each once."""
        with self._lock:
            for pool in pools:
                self._given.pop(pool.id, None)
                self._given[pool.id] = at, pool
            left: list[Pool] = []
            while self._given:
                last, pool = next(iter(self._given.values()))
                if at - last <= longest:
                    break
                del self._given[pool.id]
                left.append(pool)
            return left
