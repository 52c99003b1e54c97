"""Who shares a limit and a circuit? All who ask with the same access key, whichever project they ask about."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from bot.modelarts.circuit import Circuit, Everywhere
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
    and address. So is whether the credentials are refused, for the address may be at fault; their circuits know of one
    another, so that credentials that are refused at several addresses are used nowhere, and a password, of which there
    is but one judge, once it is refused at all. Other credentials, such as a new secret for the same key, begin anew.

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
        self._circuits: WeakValueDictionary[tuple[Keys | Login, str], Circuit] = WeakValueDictionary()
        self._everywhere: WeakValueDictionary[Keys | Login, Everywhere] = WeakValueDictionary()

    def of(self, credentials: Keys | Login, origin: str, ceiling: float) -> Limit:
        """The limit for who asks `origin` with these credentials; of several ceilings the lowest holds."""
        with self._lock:
            rate = self._rates.get((credentials.name, origin))
            if rate is None:
                rate = Rate(ceiling, monotonic=self._monotonic, wait=self._wait)
                self._rates[credentials.name, origin] = rate
            rate.lower(ceiling)
            circuit = self._circuits.get((credentials, origin))
            if circuit is None:
                everywhere = self._everywhere.get(credentials)
                if everywhere is None:
                    everywhere = Everywhere(most=1) if isinstance(credentials, Login) else Everywhere()
                    self._everywhere[credentials] = everywhere
                circuit = Circuit(monotonic=self._monotonic, wall=self._wall, everywhere=everywhere, where=origin)
                self._circuits[credentials, origin] = circuit
            return Limit(credentials, rate, circuit)
