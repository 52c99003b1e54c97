"""Who shares a limit and a circuit? All who ask with the same access key, whichever project they ask about."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from bot.modelarts.circuit import Circuit
from bot.modelarts.credentials import Keys, Login
from bot.modelarts.rate import Rate


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds for one set of credentials at one address."""

    credentials: Keys | Login
    rate: Rate
    circuit: Circuit


class Limits:
    """The limits of everything that asks ModelArts in this process.

    The gateway of each region counts the requests of an access key by itself, so how fast one may ask is kept for key
    and address. Refused credentials are refused everywhere: the circuit is kept for the credentials alone. Other
    credentials, such as a new secret for the same key, begin with a circuit of their own.

    Args:
        monotonic: Seconds that only grow.
        wall: The time of day.
        wait: Waits for some seconds.
    """

    def __init__(
        self, *, monotonic: Callable[[], float], wall: Callable[[], datetime], wait: Callable[[float], object]
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._wait = wait
        self._lock = threading.Lock()
        # What nobody asks with any more is forgotten.
        self._rates: WeakValueDictionary[tuple[str, str], Rate] = WeakValueDictionary()
        self._circuits: WeakValueDictionary[Keys | Login, Circuit] = WeakValueDictionary()

    def of(self, credentials: Keys | Login, origin: str, ceiling: float) -> Limit:
        """The limit for who asks `origin` with these credentials; of several ceilings the lowest holds."""
        with self._lock:
            rate = self._rates.get((credentials.name, origin))
            if rate is None:
                rate = Rate(ceiling, monotonic=self._monotonic, wait=self._wait)
                self._rates[credentials.name, origin] = rate
            rate.lower(ceiling)
            circuit = self._circuits.get(credentials)
            if circuit is None:
                circuit = Circuit(monotonic=self._monotonic, wall=self._wall)
                self._circuits[credentials] = circuit
            return Limit(credentials, rate, circuit)
