"""Where can we not do our work in Teams, and where is it of no use to try for a while?"""

import logging
import threading
import time
from collections.abc import Callable

from bot.messages.sending import DeliveryError, Health, Needs

log = logging.getLogger(__name__)

# After a call of which nobody knows what became: doubled with each one more, so that little is in doubt at once.
_FIRST_SECONDS, _MOST_SECONDS = 2.0, 30.0
# A channel that nothing was tried in for so long is no longer anybody's concern: its messages were routed elsewhere.
_FORGOTTEN_SECONDS = 1800.0
_TENANT = "tenant"
_NOTES = {
    "history": "Teams lets the bot read no channel back: after an unclear answer a message may be told twice; it is"
    " marked then"
}


class Standing:
    """What is known of our token and our channels; each thing that is wrong is logged once, when it begins.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._problems: dict[str, tuple[str, float]] = {}
        self._until: dict[str, float] = {}
        self._failures = 0
        self._is_connected = False

    def left(self, *names: str) -> float:
        """For how many seconds it is better not to try there, by whichever of its names."""
        with self._lock:
            until = max(self._until.get(name, 0.0) for name in (_TENANT, *names))
            return max(0.0, until - self._monotonic())

    def refused(self, name: str, error: DeliveryError) -> None:
        """Teams answers; in that channel, or everywhere, only people can help."""
        if error.needs is None or error.retry_after is None:
            return
        about = _TENANT if error.needs is Needs.WORKSPACE else name
        with self._lock:
            self._failures = 0
            self._until[about] = self._monotonic() + error.retry_after.total_seconds()
            self._is_connected = about != _TENANT
            known = self._problems.get(about)
            self._problems[about] = str(error), self._monotonic()
        if known is None or known[0] != str(error):
            log.warning("Teams: %s", str(error))

    def failed(self, why: str) -> None:
        """Teams did not answer, or not so that it could be understood."""
        with self._lock:
            wait = min(_MOST_SECONDS, _FIRST_SECONDS * 2.0**self._failures)
            self._failures = min(self._failures + 1, 10)
            self._until[_TENANT] = self._monotonic() + wait
            is_new = _TENANT not in self._problems
            self._problems[_TENANT] = why, self._monotonic()
            self._is_connected = False
        if is_new:
            log.warning("Teams: %s", why)

    def worked(self, *names: str) -> None:
        """Teams did what it was asked, or somebody spoke to us, in that channel."""
        with self._lock:
            self._failures = 0
            self._is_connected = True
            over = [self._problems.pop(name, None) for name in (_TENANT, *names)]
            for name in (_TENANT, *names):
                self._until.pop(name, None)
        for was in over:
            if was is not None:
                log.info("Teams: no longer so: %s", was[0])

    def health(self) -> Health:
        """What is known."""
        begin = self._monotonic() - _FORGOTTEN_SECONDS
        with self._lock:
            problems = {about: why for about, (why, at) in self._problems.items() if about == _TENANT or at >= begin}
            return Health(self._is_connected, problems, _NOTES)
