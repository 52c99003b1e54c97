"""Slack on this machine, and Teams beside it where it is asked for: one server that plays both for one app."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self, TextIO
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.sandbox import faults
from bot.sandbox.addresses import Addresses
from bot.sandbox.api import WebApi
from bot.sandbox.authorizing import Authorizing
from bot.sandbox.breaking import Breakable
from bot.sandbox.calls import Calls
from bot.sandbox.control import control_routes
from bot.sandbox.courier import Courier
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.granting import Granting
from bot.sandbox.methods.files import Uploads
from bot.sandbox.methods.table import methods
from bot.sandbox.model import Ack, Json
from bot.sandbox.page import routes
from bot.sandbox.sockets import Sockets
from bot.sandbox.switches import Switches, Tokens
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.workspace import Workspace

_STARTS_WITHIN = 10.0


class Sandbox:
    """A Slack workspace that listens on a port of this machine.

    Args:
        app_url: Where the app takes HTTP deliveries (without a path, at `/slack/events`); not needed for Socket Mode.
        host: Where to listen.
        port: 0 takes a free one.
        workspace: Who and what is in it; by default two people and a few channels.
        switches: How it behaves where workspaces differ.
        tokens: Tokens and signing secret.
        banner: A sentence that the chat page shows above the messages.
        opens: The channel the chat page begins with.
        teams: A tenant of Teams to serve beside it.
        neighbours: Further workspaces, which the app can be installed in (`/oauth/v2/authorize`).
    """

    def __init__(
        self,
        app_url: str = "",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        workspace: Workspace | None = None,
        switches: Switches | None = None,
        tokens: Tokens | None = None,
        banner: str | None = None,
        opens: str = "ml-platform",
        neighbours: Iterable[Workspace] = (),
        teams: TeamsStandIn | None = None,
    ) -> None:
        self.workspace = workspace or Workspace()
        self.switches = switches or self.workspace.switches
        self.workspace.switches = self.switches
        self.tokens = tokens or Tokens()
        self.neighbours = tuple(neighbours)
        self.granting = Granting(self.workspace, self.neighbours, self.switches, self.tokens)
        self.faults = Faults()
        self.calls = Calls()
        self._app_url = app_url
        self._listening = _listen(host, port)
        self.url = f"http://{host}:{self._listening.getsockname()[1]}/"
        for each in (self.workspace, *self.neighbours):
            each.base_url, each.switches = self.url, self.switches
        self.teams = teams
        if teams is not None:
            teams.base_url = self.url.rstrip("/")
        self._page = routes(self.workspace, banner, opens=opens, beside=teams is not None)
        self.sockets = Sockets(self.switches, self.url)
        self._started = threading.Event()
        self._server: uvicorn.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._courier: Courier | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    # -- life

    def start(self) -> Self:
        """Listen; returns once requests are answered.

        Raises:
            RuntimeError: It did not come up.
        """
        self._thread.start()
        if not self._started.wait(_STARTS_WITHIN) or self._server is None:
            raise RuntimeError("the Slack stand-in did not start")
        return self

    def close(self) -> None:
        """Hang up on everybody and stop."""
        self.workspace.close()
        if self.teams is not None:
            self.teams.close()
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._stop)
        if self._thread.ident is not None:
            self._thread.join(_STARTS_WITHIN)
        self._listening.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- for the one who runs it

    def environment(self) -> dict[str, str]:
        """What an app must have in its environment to use this workspace."""
        return {
            "SLACK_API_URL": f"{self.url}api/",
            "SLACK_BOT_TOKEN": self.tokens.bot,
            "SLACK_APP_TOKEN": self.tokens.app,
            "SLACK_SIGNING_SECRET": self.tokens.signing_secret,
            **(self.teams.environment() if self.teams is not None else {}),
        }

    @property
    def app_url(self) -> str:
        """Where the app takes HTTP deliveries."""
        return self._app_url

    @app_url.setter
    def app_url(self, url: str) -> None:
        self._app_url = url
        if self._courier is not None:
            self._courier.app_url = url

    @property
    def courier(self) -> Courier:
        """Who delivers to the app.

        Raises:
            RuntimeError: The server does not run.
        """
        if self._courier is None:
            raise RuntimeError("the Slack stand-in does not run")
        return self._courier

    def misbehave(self, kind: str, methods: Iterable[str] | str = (), **more: Any) -> Fault:
        """Let something go wrong (see `faults.Fault`); `behave` calls it off."""
        return self.faults.add(faults.fault(kind, methods, **more))

    def behave(self) -> None:
        """Call off all faults."""
        self.faults.clear()

    def refresh_sockets(
        self, reason: str = "refresh_requested", *, warning_before: float = 0.0, only_the_oldest: bool = False
    ) -> None:
        """Ask all Socket Mode connections, or the oldest, to come again; waits until they were told."""
        if self._loop is not None:
            telling = self.sockets.refresh(reason, warning_before=warning_before, only_the_oldest=only_the_oldest)
            asyncio.run_coroutine_threadsafe(telling, self._loop).result(warning_before + _STARTS_WITHIN)

    def drop_sockets(self, how: Literal["close", "reset", "silence"] = "close") -> None:
        """Lose all Socket Mode connections without a word (see `Sockets.drop`)."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.sockets.drop(how), self._loop).result(_STARTS_WITHIN)

    # -- inside

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._courier = Courier(
            self._app_url,
            self.sockets,
            switches=self.switches,
            tokens=self.tokens,
            clock=self.workspace.now,
            loop=self._loop,
            stopping=self._stopping,
        )
        for each in (self.workspace, *self.neighbours):
            each.deliver = partial(self._deliver, self._courier, each)
        config = uvicorn.Config(
            Breakable(Starlette(routes=self._routes(self._stopping))),
            http="h11",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        server = _Server(config, self._started.set)
        self._server = server
        await server.serve(sockets=[self._listening])
        self._stopping.set()
        await self._courier.finish()

    def _deliver(self, courier: Courier, home: Workspace, kind: str, payload: Json) -> Ack:
        return courier.deliver(kind, self.granting.delivered(kind, payload, home))

    def _stop(self) -> None:
        if self._stopping is not None and self._server is not None and self._loop is not None:
            self._stopping.set()
            self._closing = self._loop.create_task(self.sockets.drop())
            self._server.should_exit = True

    def _back(self) -> str:
        """Where the app takes people back to after an installation, as its settings in Slack would say."""
        parts = urlsplit(self._app_url)
        return f"{parts.scheme}://{parts.netloc}/slack/oauth_redirect"

    def _routes(self, stopping: asyncio.Event) -> list[BaseRoute]:
        uploads = Uploads()
        api = WebApi(
            self.workspace,
            methods(uploads, self.sockets.open, self.granting),
            switches=self.switches,
            tokens=self.tokens,
            faults=self.faults,
            calls=self.calls,
            stopping=stopping,
            granting=self.granting,
        )
        addresses = Addresses(self.workspace, uploads, self.tokens, self.faults, self.calls, self.neighbours)
        return [
            Route("/api/{method}", api.answer, methods=["GET", "POST"]),
            *addresses.routes(),
            WebSocketRoute("/link/", self.sockets.serve),
            *Authorizing(self.granting, self._back).routes(),
            *control_routes(self.workspace, self.switches, self.faults, self.calls, self.granting),
            *(self.teams.routes(stopping) if self.teams is not None else []),
            *self._page,
        ]


class _Server(uvicorn.Server):
    """Says when it answers, and leaves signals to whoever runs the program."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told()


def _listen(host: str, port: int) -> socket.socket:
    # TCP by name: else asyncio leaves Nagle's algorithm on, and every answer on a kept connection is 40 ms late.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def serve(
    port: int,
    app_url: str,
    *,
    out: TextIO,
    switches: Switches | None = None,
    host: str = "127.0.0.1",
    stop: threading.Event | None = None,
) -> None:
    """Run until interrupted or stopped; first prints the environment an app needs, one `NAME=value` a line.

    Raises:
        OSError: The port is taken.
    """
    stop = stop or threading.Event()
    with Sandbox(app_url, host=host, port=port, switches=switches, teams=TeamsStandIn(app_url=app_url)) as sandbox:
        out.writelines(f"{name}={value}\n" for name, value in sandbox.environment().items())
        out.flush()
        with contextlib.suppress(KeyboardInterrupt):
            stop.wait()
