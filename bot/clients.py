"""How long may those who speak to the bot over HTTP take, and how many may there be at once?

Whoever sends a request in drips holds a connection and no thread. They are cut off all the same, and where there are
too many connections the one makes room that has kept the bot waiting longest. Slack and Teams send a request in one go,
so it is not theirs.
"""

import asyncio
import logging
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

# Line, headers and all: several times what Slack and Teams send.
MOST_HEAD_BYTES = 16_384

# Whoever sends what is no request would else fill the log with it; what goes wrong here is an error, and still told.
_log = logging.getLogger("uvicorn.error.clients")
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked of clients; all times are seconds.

    Args:
        connections: How many there may be. Each may hold a body of a megabyte: together they stay below half of what
            the container may use.
        head: For the head of a request, or until a new connection sends one.
        body: For the body after that.
        answer: From then on. The bot answers within seconds; the rest is the client's, which may read slowly.
        linger: For so long the rest of what was refused is read, and forgotten: cut off at once, the client would not
            see why.
        look: How often it is looked.
    """

    connections: int = 200
    head: float = 10.0
    body: float = 15.0
    answer: float = 60.0
    linger: float = 2.0
    look: float = 0.5


class BoundedClient(H11Protocol):
    """One connection, with an end to every wait."""

    bounds: ClassVar[Bounds] = Bounds()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _log.setLevel(logging.ERROR)
        self.logger = _log
        self._look: asyncio.TimerHandle | None = None
        self._stage: tuple[object, ...] = ()
        # When the wait began for what is to come next.
        self.since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to count; where there are too many connections, one makes room."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._look = self.loop.call_later(self.bounds.look, self._look_again)
        if len(self.connections) > self.bounds.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what was sent; the answer's head tells the date, which needs nobody who wakes up each second for it."""
        date = formatdate(usegmt=True).encode()
        self.server_state.default_headers = [(b"date", date), *self.config.encoded_headers]
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing left to wait for."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; whoever is about to answer the part of it that was, need not any more."""
        if self._begun is not None and not self._begun.response_complete:
            self._begun.disconnected = True
            self._begun.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _look_again(self) -> None:
        """Cut the connection when it has been in the same stage for too long."""
        stage = (self.conn.their_state, self._is_answered, self.transport.is_closing(), self.cycle)
        now = self.loop.time()
        if stage != self._stage:
            self._stage, self.since = stage, now
        elif now - self.since >= self._allowed():
            self._cut()
        self._look = self.loop.call_later(self.bounds.look, self._look_again)

    def _allowed(self) -> float:
        if self.transport.is_closing() or self._is_refused:
            return self.bounds.linger
        if self.conn.their_state is h11.IDLE:
            return self.bounds.head
        return self.bounds.body if self.conn.their_state is h11.SEND_BODY else self.bounds.answer

    def _cut(self) -> None:
        if self.may_go and not self._is_refused:
            self.transport.write(_TOO_SLOW)
            self.transport.close()
        else:
            # What is still to be sent is for somebody who does not read it.
            self.transport.abort()

    def _make_room(self) -> None:
        """Let go of who has kept the bot waiting longest; where all are being answered, of the newest."""
        clients = [each for each in self.connections if isinstance(each, BoundedClient) and each.may_go]
        longest = min(clients, key=lambda each: each.since, default=self)
        longest.transport.write(_TOO_MANY)
        longest.transport.close()

    @property
    def may_go(self) -> bool:
        """Whether nothing is lost with this connection but what its client has not said yet."""
        return self._is_awaited and not self.transport.is_closing()

    @property
    def _is_answered(self) -> bool:
        return self._begun is not None and self._begun.response_complete

    @property
    def _is_refused(self) -> bool:
        """Whether the answer was given before the whole request was there."""
        return self._is_answered and self.conn.their_state is h11.SEND_BODY

    @property
    def _is_awaited(self) -> bool:
        """Whether a request is to come, or the rest of one, and nothing of its answer is on the way."""
        is_begun = self._begun is not None and self._begun.response_started and not self._is_answered
        return not is_begun and self.conn.their_state in {h11.IDLE, h11.SEND_BODY}

    @property
    def _begun(self) -> RequestResponseCycle | None:
        """The newest request; its type in uvicorn says that there always is one."""
        return self.cycle
