"""How does a reply break off? Responses that end a connection the hard way."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ABORT = "sandbox.abort"
_DEAFEN = "sandbox.deafen"


class Breakable:
    """Outermost application: lets a response inside reset the connection it would be sent on."""

    def __init__(self, inside: ASGIApp) -> None:
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the way to reset the connection in the scope."""
        # The bound object is uvicorn's cycle of request and response (or its WebSocket), which knows the transport.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.Transport):
            scope = {**scope, _ABORT: lambda: _reset(transport), _DEAFEN: transport.pause_reading}
        await self.inside(scope, receive, send)


class Reset(Response):
    """No answer at all: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Reset, and wait until the server has noticed."""
        _abort(scope)()
        await _gone(receive)


class Cut(Response):
    """The head and half of a good answer, then the connection breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half."""
        whole = bytes(self.body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(whole) + 1).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
        await asyncio.sleep(0.01)  # lets the half that is there leave the socket
        _abort(scope)()
        await _gone(receive)


class Hang(Response):
    """No answer, for a while; then the connection closes."""

    def __init__(self, seconds: float, stopping: asyncio.Event) -> None:
        super().__init__()
        self.seconds = seconds
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Wait until the caller gives up, the time is up, or the workspace closes."""
        waits = [asyncio.create_task(_gone(receive)), asyncio.create_task(self.stopping.wait())]
        await asyncio.wait(waits, timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        _abort(scope)()
        await _gone(receive)


def cut(body: object) -> Cut:
    """A reply that breaks off."""
    return Cut(json.dumps(body))


def reset(scope: Scope) -> None:
    """Reset the connection of this scope."""
    _abort(scope)()


def deafen(scope: Scope) -> None:
    """Hear nothing more on the connection of this scope, and leave it open: a black hole."""
    stop: Callable[[], None] = scope.get(_DEAFEN, lambda: None)
    stop()


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        # Linger for no time: the other side gets RST instead of FIN.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _abort(scope: Scope) -> Callable[[], None]:
    found: Callable[[], None] = scope.get(_ABORT, lambda: None)
    return found


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
