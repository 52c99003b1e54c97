"""What does the bot answer over HTTP? Health, metrics, and whatever the chat platforms send."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clients import MOST_HEAD_BYTES, BoundedClient
from bot.metrics import Metrics

# What each thing that the bot needs says about itself: nothing when it is well, else one sentence.
Checks = Mapping[str, str | None]


def web_app(
    metrics: Metrics,
    ready: Callable[[], Checks],
    refresh: Callable[[], None],
    routes: Sequence[BaseRoute],
    notes: Callable[[], Mapping[str, str]] = dict,
) -> Starlette:
    """The one ASGI application: `/healthz`, `/readyz`, `/metrics`, and `routes`.

    Args:
        metrics: What `/metrics` shows.
        ready: What `/readyz` shows; called in a thread.
        refresh: Brings the gauges up to date before they are shown; called in a thread.
        routes: Those of the chat platforms.
        notes: What the bot does without while it is ready all the same; called in a thread.
    """

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        checks = await asyncio.to_thread(ready)
        problems = {name: why for name, why in checks.items() if why is not None}
        body: dict[str, Any] = {
            "ready": not problems,
            "checks": {name: why or "ok" for name, why in checks.items()},
            "reasons": [f"{name}: {why}" for name, why in problems.items()],
            "notes": [f"{name}: {why}" for name, why in (await asyncio.to_thread(notes)).items()],
        }
        return JSONResponse(body, status_code=503 if problems else 200)

    async def shown(_: Request) -> Response:
        await asyncio.to_thread(refresh)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", shown)]
    return Starlette(routes=[*own, *routes])


class PortTaken(Exception):  # noqa: N818 - named for what a person reads
    """Something else listens there already."""


class WebServer:
    """Serves an ASGI application on a thread of its own.

    Args:
        app: What answers.
        host: The address to listen on.
        port: The port; 0 for any that is free.
        clients: What is made for each connection.

    Raises:
        PortTaken: Something else listens there already, or the address is not this machine's.
    """

    def __init__(self, app: Starlette, host: str, port: int, clients: type[BoundedClient] = BoundedClient) -> None:
        try:
            self._socket = socket.create_server((host, port), family=_family(host), backlog=128)
        except OSError as error:
            # Python adds what it was about to do to the system's own words.
            why = (error.strerror or "the address is not this machine's").partition(" (while attempting")[0]
            raise PortTaken(f"cannot listen on {host}:{port}: {why}; choose another web.port") from error
        # The connections have it from this socket. Without it the body of an answer waits for the client to confirm its
        # head, which takes it 40 ms on a kept connection; asyncio asks for it only where a socket names its protocol.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=clients,
            ws="none",
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
            server_header=False,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the answers under way and stop."""
        self._server.leave()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


class _Server(uvicorn.Server):
    """Uvicorn's server, which looks ten times a second whether it shall end; ours is told, and else sleeps."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    def leave(self) -> None:
        """End, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            # Where it ended by itself nobody is left who could be told.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    async def main_loop(self) -> None:
        """Wait until it is time to leave. The date in the head of answers is written by those who answer."""
        self._loop = asyncio.get_running_loop()
        while not self.should_exit:
            await self._woken.wait()
            self._woken.clear()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
