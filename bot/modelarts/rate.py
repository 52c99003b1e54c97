"""How fast may we ask with one access key? Less fast after each throttle answer, and slowly faster again."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from bot.core.because import Because
from bot.core.durations import spoken
from bot.core.language import N_
from bot.modelarts.errors import Throttled

log = logging.getLogger(__name__)

# From a standstill back to the full rate; after one halving it is half of this.
_RECOVERY_SECONDS = 300.0
_SLOWEST = 0.1
# A window that nobody would sit out is a mistake of the message.
_LONGEST_PAUSE = timedelta(days=1)


class Rate:
    """Spaces the requests of all threads evenly, at most `ceiling` a second.

    Args:
        ceiling: Requests a second when nobody complains.
        monotonic: Seconds that only grow.
        wait: Waits for some seconds.
    """

    def __init__(self, ceiling: float, *, monotonic: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._ceiling = ceiling
        self._monotonic = monotonic
        self._wait = wait
        self._lock = threading.Lock()
        self._rate = ceiling
        self._judged_at = monotonic()
        self._next_at = self._judged_at
        self._closed_until = self._judged_at
        self._halved_at = self._judged_at - 1

    @property
    def ceiling(self) -> float:
        """Requests a second when nobody complains."""
        with self._lock:
            return self._ceiling

    def lower(self, ceiling: float) -> None:
        """Allow no more than `ceiling` requests a second, because somebody else who shares this wants no more."""
        with self._lock:
            self._ceiling = min(self._ceiling, ceiling)
            self._rate = min(self._rate, self._ceiling)

    @property
    def current(self) -> float:
        """Requests a second at present."""
        with self._lock:
            self._recover(self._monotonic())
            return self._rate

    def turn(self, due: float) -> float:
        """Wait until it is this request's turn; the moment it is.

        Raises:
            Throttled: That would be after `due`.
        """
        while True:
            with self._lock:
                now = self._monotonic()
                self._recover(now)
                at = max(now, self._next_at, self._closed_until)
                if at > due:
                    raise self._too_late(at - now, paused=self._closed_until > now)
                self._next_at = at + 1 / self._rate
            if at > now:
                self._wait(at - now)
            with self._lock:
                # A throttle answer may have come in meanwhile: then this turn is void.
                if self._closed_until <= self._monotonic():
                    return at

    def spare_turn(self, due: float) -> float:
        """Wait for a turn that nobody else wants, and leave the next one to others; the moment it is.

        Raises:
            Throttled: There is none before `due`.
        """
        while True:
            with self._lock:
                now = self._monotonic()
                self._recover(now)
                # A whole turn has passed that nobody took.
                at = max(self._next_at + 1 / self._rate, self._closed_until)
                if at <= now:
                    self._next_at = now + 1 / self._rate
                    return now
                if at > due:
                    raise self._too_late(at - now, paused=self._closed_until > now)
            self._wait(at - now)

    def throttled(self, sent_at: float, pause: timedelta) -> None:
        """Take note that the request sent at `sent_at` was throttled: halve the rate, ask nothing for `pause`.

        Requests that were under way when the rate was halved do not halve it again.
        """
        with self._lock:
            now = self._monotonic()
            self._recover(now)
            self._closed_until = max(self._closed_until, now + min(pause, _LONGEST_PAUSE).total_seconds())
            if sent_at <= self._halved_at:
                return
            self._halved_at = now
            self._rate = max(self._rate / 2, min(_SLOWEST, self._ceiling))
            log.warning(
                "modelarts throttles us: no question for %s, then at most %.1f a second", spoken(pause), self._rate
            )

    def _recover(self, now: float) -> None:
        gained = self._ceiling * max(0.0, now - max(self._judged_at, self._closed_until)) / _RECOVERY_SECONDS
        self._rate = min(self._ceiling, self._rate + gained)
        self._judged_at = max(self._judged_at, now)

    def _too_late(self, seconds: float, *, paused: bool) -> Throttled:
        wait = timedelta(seconds=seconds)
        if paused:
            return Throttled(Because("ModelArts asked us to pause; it can be asked again in {time}", time=wait), wait)
        too_many = N_("too many questions to ModelArts are waiting; this one had to wait {time}")
        return Throttled(Because(too_many, time=wait), wait)
