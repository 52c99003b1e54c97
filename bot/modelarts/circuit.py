"""May the credentials be used at all? After the first refusal nobody uses them for five minutes, then one request may.

More than five failed authentications in a row lock an access key for five minutes, for everyone who uses it (API
Gateway, "Common Errors Related to IAM Authentication Information"). So credentials that have not been accepted yet are
tried by one request at a time, however many threads are waiting.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.because import Because
from bot.core.durations import spoken
from bot.modelarts.errors import BadCredentials, Unavailable

log = logging.getLogger(__name__)

CLOSED_FOR = timedelta(minutes=5)


class Pass(Enum):
    """On what terms a request is sent."""

    FREE = "the credentials were accepted before"
    FIRST = "whether they are accepted is not known; everyone else waits"
    PROBE = "they were refused five minutes ago or more; a single attempt"


class Outcome(Enum):
    """What an attempt showed about the credentials, when they were not refused."""

    ACCEPTED = "ModelArts knows who asks"
    UNKNOWN = "it did not come to that"


@dataclass(slots=True)
class _Refusal:
    error: BadCredentials
    until: float


class Circuit:
    """What is known of some credentials, shared by all who use them.

    Args:
        monotonic: Seconds that only grow.
        wall: The time of day, to say until when nothing is asked.
    """

    def __init__(self, *, monotonic: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._first = threading.Lock()
        self._proven = False
        self._refusal: _Refusal | None = None

    def check(self) -> None:
        """Return if a request may be prepared.

        Raises:
            BadCredentials: The credentials were refused less than five minutes ago.
        """
        with self._lock:
            if self._refusal is not None and self._monotonic() < self._refusal.until:
                raise self._still_refused(self._refusal)

    def enter(self, due: float) -> Pass:
        """On what terms a request may be sent now; every `enter` is followed by one `leave`.

        Raises:
            BadCredentials: The credentials were refused less than five minutes ago.
            Unavailable: The credentials are being tried for the first time, and that lasts longer than `due`.
        """
        known = self._known()
        if known is not None:
            return known
        if not self._first.acquire(timeout=max(0.0, due - self._monotonic())):
            raise Unavailable(Because("ModelArts has not yet answered the first question asked with these credentials"))
        try:
            known = self._known()
        except BadCredentials:
            self._first.release()
            raise
        if known is None:
            return Pass.FIRST
        self._first.release()
        return known

    def leave(self, terms: Pass, outcome: Outcome | BadCredentials) -> None:
        """Take note of what an attempt sent on `terms` showed."""
        with self._lock:
            if isinstance(outcome, BadCredentials):
                self._refuse(outcome)
            elif outcome is Outcome.ACCEPTED and (terms is not Pass.FREE or self._refusal is None):
                # An answer to a request sent before the refusal does not undo it.
                if self._refusal is not None:
                    log.info("modelarts accepts our credentials again")
                self._refusal = None
                self._proven = True
        if terms is Pass.FIRST:
            self._first.release()

    def _known(self) -> Pass | None:
        with self._lock:
            if self._refusal is None:
                return Pass.FREE if self._proven else None
            if self._monotonic() < self._refusal.until:
                raise self._still_refused(self._refusal)
            # Ours is the probe; whatever comes of it, the next one is five minutes away.
            self._refusal.until = self._monotonic() + CLOSED_FOR.total_seconds()
            return Pass.PROBE

    def _refuse(self, error: BadCredentials) -> None:
        error.open_until = self._wall() + CLOSED_FOR
        if self._refusal is None:
            log.error("%s; nothing is asked with them for %s", error, spoken(CLOSED_FOR))
        self._refusal = _Refusal(error, self._monotonic() + CLOSED_FOR.total_seconds())
        self._proven = False

    def _still_refused(self, refusal: _Refusal) -> BadCredentials:
        left = timedelta(seconds=refusal.until - self._monotonic())
        again = BadCredentials(
            Because(
                "{why}; to spare the key, ModelArts is not asked again for {time}", why=refusal.error.why, time=left
            ),
            refusal.error.clock_skew,
            self._wall() + left,
        )
        return again.traced(refusal.error.request_id, refusal.error.error_code)
