"""How much may those who speak to the bot over HTTP send, and on how many threads is it looked at?"""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

_T = TypeVar("_T")


async def capped(request: Request, most_bytes: int) -> bytes | None:
    """The body, or `None` when it is too long; no more than the limit is ever held.

    Raises:
        ClientDisconnect: It broke off.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit() or len(announced) > 9 or int(announced) > most_bytes:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            return None
    return bytes(body)


class Threads:
    """So many threads beside the server's own, which waits for nothing."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, do: Callable[..., _T], *args: object) -> _T:
        """What comes of it, done on one of them."""
        if self._limiter is None:  # belongs to the running loop, so it is made there
            self._limiter = anyio.CapacityLimiter(self._number)
        return await anyio.to_thread.run_sync(do, *args, limiter=self._limiter)
