"""May the credentials be used at all? Where they were refused nobody uses them for five minutes, then one request may.

More than five failed authentications in a row lock an access key for five minutes, for everyone who uses it (API
Gateway, "Common Errors Related to IAM Authentication Information"). So credentials that have not been accepted yet are
tried by one request at a time, however many threads are waiting.

What one address refuses another may accept: a proxy that changes what was signed, a region of another cloud that knows
no such key. So a refusal holds for its address; once several addresses in a row have refused, and none has accepted
meanwhile, the credentials are at fault, and are spared everywhere.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from weakref import WeakSet

from bot.core.because import Because
from bot.core.durations import spoken
from bot.modelarts.errors import BadCredentials, Unavailable

log = logging.getLogger(__name__)

CLOSED_FOR = timedelta(minutes=5)
# So many addresses may refuse an access key in a row: with one more try in five minutes that is not more than five.
MOST_ADDRESSES = 3


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


@dataclass(eq=False, slots=True, weakref_slot=True)
class Everywhere:
    """What is known of some credentials at all addresses together; used by their circuits alone.

    Attributes:
        most: From so many addresses on that refuse them in a row they are used nowhere.
        refused_by: The circuits of the addresses that have refused them since an address last accepted them.
        refusal: The last of those, once there are so many.
        proven: Whether an address has accepted them.
        first: Held by whoever tries what no address has accepted yet.
        lock: Held to look at any of this, and at the circuits.
    """

    most: int = MOST_ADDRESSES
    refused_by: WeakSet["Circuit"] = field(default_factory=WeakSet)
    refusal: _Refusal | None = None
    proven: bool = False
    first: threading.Lock = field(default_factory=threading.Lock)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Circuit:
    """What is known of some credentials at one address, shared by all who use them there.

    Args:
        monotonic: Seconds that only grow.
        wall: The time of day, to say until when nothing is asked.
        everywhere: What is known of them at all addresses; where there is one address that is the same.
        where: The address, for the log.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        wall: Callable[[], datetime],
        everywhere: Everywhere | None = None,
        where: str = "ModelArts",
    ) -> None:
        self._where = where
        self._monotonic = monotonic
        self._wall = wall
        self._everywhere = everywhere or Everywhere()
        self._lock = self._everywhere.lock
        self._first = threading.Lock()
        # What is held by the one who tries credentials that have not been accepted here.
        self._turn = ExitStack()
        self._proven = False
        self._refusal: _Refusal | None = None

    def check(self) -> None:
        """Return if a request may be prepared.

        Raises:
            BadCredentials: The credentials were refused less than five minutes ago.
        """
        with self._lock:
            self._check()

    def enter(self, due: float) -> Pass:
        """On what terms a request may be sent now; every `enter` is followed by one `leave`.

        Raises:
            BadCredentials: The credentials were refused less than five minutes ago.
            Unavailable: The credentials are being tried for the first time, and that lasts longer than `due`.
        """
        known = self._known()
        if known is not None:
            return known
        with ExitStack() as turn:
            # One of an address waits for those of others, so that an address that is slow is tried no more often.
            for first in (self._first,) if self._everywhere.proven else (self._first, self._everywhere.first):
                if not first.acquire(timeout=max(0.0, due - self._monotonic())):
                    why = Because("ModelArts has not yet answered the first question asked with these credentials")
                    raise Unavailable(why)
                turn.callback(first.release)
            known = self._known()
            if known is None:
                self._turn = turn.pop_all()
                return Pass.FIRST
        return known

    def leave(self, terms: Pass, outcome: Outcome | BadCredentials) -> None:
        """Take note of what an attempt sent on `terms` showed."""
        with self._lock:
            if isinstance(outcome, BadCredentials):
                self._refuse(outcome)
            elif outcome is Outcome.ACCEPTED and (terms is not Pass.FREE or not self._refusals()):
                # An answer to a request sent before the refusal does not undo it.
                if self._refusal is not None:
                    log.info("%s accepts our credentials again", self._where)
                self._refusal = self._everywhere.refusal = None
                self._everywhere.refused_by.clear()
                self._proven = self._everywhere.proven = True
        if terms is Pass.FIRST:
            turn, self._turn = self._turn, ExitStack()
            turn.close()

    def _refusals(self) -> list[_Refusal]:
        """What keeps them from being used here."""
        return [each for each in (self._refusal, self._everywhere.refusal) if each is not None]

    def _check(self) -> None:
        for refusal in self._refusals():
            if self._monotonic() < refusal.until:
                raise self._still_refused(refusal)

    def _known(self) -> Pass | None:
        with self._lock:
            self._check()
            refusals = self._refusals()
            # Ours is the probe; whatever comes of it, the next one is five minutes away.
            for refusal in refusals:
                refusal.until = self._monotonic() + CLOSED_FOR.total_seconds()
            if refusals:
                return Pass.PROBE
            return Pass.FREE if self._proven else None

    def _refuse(self, error: BadCredentials) -> None:
        error.open_until = self._wall() + CLOSED_FOR
        if self._refusal is None:
            log.error("%s; nothing is asked of %s with them for %s", error, self._where, spoken(CLOSED_FOR))
        until = self._monotonic() + CLOSED_FOR.total_seconds()
        self._refusal = _Refusal(error, until)
        self._proven = False
        everywhere = self._everywhere
        everywhere.refused_by.add(self)
        if len(everywhere.refused_by) >= everywhere.most:
            everywhere.refusal, everywhere.proven = _Refusal(error, until), False

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
