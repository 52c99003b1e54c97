"""How fast may one process ask of several that share access keys? Its part of what each key allows."""

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from bot.core.stats import Pool
from bot.modelarts.rate import Rate
from bot.modelarts.source import Source

# The replicas of a bot whose pools are read by workers ask for lists, for what stands behind alerts, and for people:
# each so much of `max_rate`, for as many as are shipped. What is left is for all workers together.
FOR_A_BOT = 0.1
BOTS = 2
FOR_WORKERS = 1 - BOTS * FOR_A_BOT


class Portions:
    """Lets through so many questions a second that all who do likewise ask no more than is allowed.

    Whoever comes waits for as long as it takes: a pool that is read late is better than one that is not read.
    """

    def __init__(self, source: Source, *, monotonic: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._source = source
        self._monotonic = monotonic
        self._wait = wait
        self._lock = threading.Lock()
        self._part = 1.0
        self._gates: WeakKeyDictionary[Rate, Rate] = WeakKeyDictionary()

    def use(self, part: float) -> None:
        """Take this part from now on."""
        with self._lock:
            if part != self._part:
                self._part = part
                self._gates.clear()

    def turn(self, pool: Pool) -> None:
        """Wait until it is time to ask about `pool`."""
        whole = self._source.spaced_by(pool)
        with self._lock:
            gate = self._gates.get(whole)
            if gate is None:
                gate = Rate(whole.ceiling * self._part, monotonic=self._monotonic, wait=self._wait)
                self._gates[whole] = gate
        gate.turn(float("inf"))
