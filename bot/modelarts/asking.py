"""How is a question asked that may have to be asked again? In its turn, signed afresh, few times, before a deadline."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.because import Because
from bot.modelarts.circuit import Outcome, Pass
from bot.modelarts.credentials import Keys, Login
from bot.modelarts.errors import (
    BadCredentials,
    BadRequest,
    ModelArtsError,
    NotAllowed,
    Throttled,
    Unavailable,
    UnknownPool,
)
from bot.modelarts.failures import clock_skew, failure
from bot.modelarts.limits import Limit
from bot.modelarts.rate import Rate
from bot.modelarts.transport import Answer, Request, Transport
from bot.tracing import Span, span

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
_FIRST_BACKOFF = 0.5
# Where a throttle answer names no window: the vendor's advice is two to five seconds.
_THROTTLE_PAUSE = timedelta(seconds=2)
# Answers that are about the question show that we were let in.
_LET_IN = (NotAllowed, UnknownPool, BadRequest)
_RETRIED = frozenset({429, 500, 502, 503, 504})


class Proof(Protocol):
    """Proves who asks, with what holds at one moment: by a signature or by a token."""

    @property
    def credentials(self) -> Keys | Login:
        """Whose limit and whose circuit it is."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never appear in an error."""

    def headers(self, request: Request, at: datetime) -> Mapping[str, str]:
        """The headers that prove it for `request`, sent at `at`; may ask IAM first."""

    def renew(self, used: Mapping[str, str], error: BadCredentials) -> bool:
        """Forget what was `used` and refused; whether there is another that has not been refused."""


class Auth(Protocol):
    """Who asks, for as long as the bot runs."""

    def now(self) -> Proof:
        """What proves it now."""


@dataclass(frozen=True, slots=True)
class _Miss:
    """An attempt that gave no answer worth reading.

    Attributes:
        error: Why.
        again: Whether another attempt might do better.
    """

    error: ModelArtsError
    again: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    Attributes:
        connect: For a connection.
        read: For the whole of one answer.
        deadline: For everything: turns, attempts and the waits between them.
    """

    connect: float
    read: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """The times that asking depends on: of day (for signatures), elapsed, and a way to let it pass."""

    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    wait: Callable[[float], object]


class Asker:
    """Asks for one account, for all threads; `limit_of` is what holds for whoever asks with some credentials."""

    def __init__(
        self, transport: Transport, *, clocks: Clocks, patience: Patience, limit_of: Callable[[Keys | Login], Limit]
    ) -> None:
        self._transport = transport
        self._clocks = clocks
        self._patience = patience
        self._limit_of = limit_of
        self._limit: Limit | None = None
        # The last answer and the time of day here when it came, to tell how far the clocks are apart.
        self._last: tuple[Answer, datetime] | None = None

    def limit(self, credentials: Keys | Login) -> Limit:
        """What holds for whoever asks with these."""
        known = self._limit
        if known is None or known.credentials is not credentials:
            known = self._limit = self._limit_of(credentials)
        return known

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock was ahead of the last answer's; `None` before there is one."""
        return None if self._last is None else clock_skew(*self._last)

    def ask(self, request: Request, auth: Auth, *, within: timedelta | None = None, aside: bool = False) -> Answer:
        """The answer to `request`, a success.

        Args:
            request: The question.
            auth: Who asks.
            within: How long it may take in all, where that is less than usual.
            aside: Whether it must hold up no other question: it takes a turn that nobody wants, is asked once, and is
                throttled alone, because limits are also set for single questions.

        Raises:
            ModelArtsError: There is none; which one says why.
        """
        patience = self._patience.deadline
        due = self._clocks.monotonic() + (patience if within is None else min(patience, within.total_seconds()))
        renewed = False
        attempt = 1
        while True:
            proof = auth.now()
            limit = self.limit(proof.credentials)
            limit.circuit.check()
            sent_at = limit.rate.spare_turn(due) if aside else limit.rate.turn(due)
            headers = proof.headers(request, self._clocks.wall())
            # For a token a password may just have been read that has not been refused.
            limit = self.limit(proof.credentials)
            terms = limit.circuit.enter(due)
            outcome: Outcome | BadCredentials = Outcome.UNKNOWN
            try:
                result = self._attempt(request, headers, proof.secrets, due, attempt)
                stale = self._is_stale(result, proof, headers) and not renewed
                if not stale:
                    outcome = _outcome(result)
            finally:
                limit.circuit.leave(terms, outcome)
            if isinstance(result, Answer):
                return result
            if stale:
                renewed = True
                continue
            if aside:
                raise result.error
            _note(limit.rate, result.error, sent_at)
            if not result.again or attempt == MOST_ATTEMPTS or terms is Pass.PROBE:
                raise result.error
            self._pause(result.error, attempt, due)
            attempt += 1

    def _attempt(
        self, request: Request, headers: Mapping[str, str], secrets: tuple[str, ...], due: float, attempt: int
    ) -> Answer | _Miss:
        with span("ask ModelArts", method=request.method, host=request.host, attempt=attempt) as seen:
            result = self._sent(request, headers, secrets, due, seen)
            if isinstance(result, _Miss):
                seen.failed(type(result.error).__name__)
            return result

    def _sent(
        self, request: Request, headers: Mapping[str, str], secrets: tuple[str, ...], due: float, seen: Span
    ) -> Answer | _Miss:
        left = due - self._clocks.monotonic()
        if left <= 0:
            return _Miss(Unavailable(Because("ModelArts did not answer in time")), again=False)
        connect, read = min(self._patience.connect, left), min(self._patience.read, left)
        try:
            answer = self._transport.send(request, headers, connect=connect, read=read)
        except Unavailable as error:
            return _Miss(error, again=True)
        at = self._clocks.wall()
        seen.note(status=answer.status)
        self._last = (answer, at)
        failed = failure(request, answer, secrets=secrets, at=at)
        return answer if failed is None else _Miss(failed, again=answer.status in _RETRIED)

    @staticmethod
    def _is_stale(result: Answer | _Miss, proof: Proof, headers: Mapping[str, str]) -> bool:
        """Whether another is to be had for what was refused, which is forgotten in any case."""
        if isinstance(result, Answer) or not isinstance(result.error, BadCredentials):
            return False
        return proof.renew(headers, result.error)

    def _pause(self, error: ModelArtsError, attempt: int, due: float) -> None:
        """Wait before the next attempt.

        Raises:
            ModelArtsError: `error`, where the wait would end after the deadline.
        """
        delay = _healed_after(error).total_seconds() + random.uniform(0, _FIRST_BACKOFF * 2 ** (attempt - 1))
        if self._clocks.monotonic() + delay >= due:
            raise error
        log.debug("attempt %s will be repeated in %.2f s: %s", attempt, delay, error)
        self._clocks.wait(delay)


def _note(rate: Rate, error: ModelArtsError, sent_at: float) -> None:
    if isinstance(error, Throttled):
        rate.throttled(sent_at, _healed_after(error))


def _healed_after(error: ModelArtsError) -> timedelta:
    """How long the trouble lasts at least."""
    if isinstance(error, Unavailable) and error.retry_after is not None:
        return error.retry_after
    return _THROTTLE_PAUSE if isinstance(error, Throttled) else timedelta()


def _outcome(result: Answer | _Miss) -> Outcome | BadCredentials:
    """What the attempt showed about the credentials."""
    if isinstance(result, Answer):
        # A portal that answers 200 with a page of its own has not looked at our credentials.
        return Outcome.ACCEPTED if result.body.lstrip()[:1] == b"{" else Outcome.UNKNOWN
    if isinstance(result.error, BadCredentials):
        return result.error
    return Outcome.ACCEPTED if isinstance(result.error, _LET_IN) else Outcome.UNKNOWN
