"""Where is it of no use to try, because it has just failed for everything there?"""

import threading
from collections.abc import Callable

from bot.messages.sending import DeliveryError, Needs

# After a call of which nobody knows what became: doubled with each one more, so that little is in doubt at once.
_FIRST_SECONDS = 2.0
_MOST_SECONDS = 30.0
_EVERYWHERE = ""


class Blocked:
    """Channels that wait for people, and the platform while it does not answer.

    One message at a time shows whether it still is so, and the others wait untried.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._failures = 0

    def left(self, channel: str) -> float:
        """For how many seconds it is better not to try."""
        with self._lock:
            until = max(self._until.get(channel, 0.0), self._until.get(_EVERYWHERE, 0.0))
            return max(0.0, until - self._monotonic())

    def refused(self, channel: str, error: DeliveryError) -> None:
        """The platform answers; in that channel, or everywhere, only people can help."""
        with self._lock:
            self._failures = 0
            if error.needs is not None and error.retry_after is not None:
                where = channel if error.needs is Needs.CHANNEL else _EVERYWHERE
                self._until[where] = self._monotonic() + error.retry_after.total_seconds()

    def failed(self) -> None:
        """The platform did not answer, or not so that it could be understood."""
        with self._lock:
            wait = min(_MOST_SECONDS, _FIRST_SECONDS * 2.0**self._failures)
            self._failures = min(self._failures + 1, 10)
            self._until[_EVERYWHERE] = self._monotonic() + wait

    def worked(self, channel: str) -> None:
        """The platform did what it was asked, in that channel."""
        with self._lock:
            self._failures = 0
            self._until.pop(_EVERYWHERE, None)
            self._until.pop(channel, None)
