"""How does the bot hear from Slack without an address of its own (Socket Mode), and notice when it no longer does?

https://docs.slack.dev/apis/events-api/using-socket-mode. Of the SDK's clients the one on `websocket-client` comes back
by itself from every end of a connection but one: a link that swallows everything without an end. A watchdog looks at
the age of the last pong for that.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.clock import Clock
from bot.slack.codes import sentence
from bot.slack.web import SlackRefused

log = logging.getLogger(__name__)

_PING_SECONDS = 5.0
_NO_PONG_SECONDS = 10.0
_SILENT_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 2.0
# apps.connections.open is of Slack's slowest tier: about one a minute once the first few are used up.
_TRY_AGAIN_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
_CONCURRENCY = 10


class SocketMode:
    """A connection to Slack over which commands, presses and events come in.

    Args:
        app: The Bolt app that takes them.
        app_token: An app-level token with `connections:write`.
        wall: The real time.
    """

    def __init__(self, app: App, app_token: str, *, wall: Callable[[], datetime] | None = None) -> None:
        self._wall = wall or Clock().wall
        self._stopping = threading.Event()
        self._greeted = threading.Event()
        self._in_hand = 0
        self._changed = threading.Condition()
        self._problem: str | None = None
        self._opened_at: float | None = None
        # Of its own, so that no retry of the SDK's is in between and a hanging call ends.
        web_client = WebClient(base_url=app.client.base_url, timeout=10, retry_handlers=[])
        self._handler = _Counting(app, app_token, web_client, self)
        self._client = self._handler.client
        self._client.message_listeners.append(self._on_message)
        self._client.on_close_listeners.append(lambda _: self._greeted.clear())
        self._watchdog = threading.Thread(target=self._watch, name="slack-socket-watchdog", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether Slack has greeted us on the connection that is open now."""
        return self._greeted.is_set() and self._client.is_connected()

    @property
    def problem(self) -> str | None:
        """Why there is no connection, as one sentence; `None` when there is one."""
        if self.connected:
            return None
        return self._problem or "the connection to Slack is not there yet"

    def start(self) -> None:
        """Connect, and stay connected, in the background; returns at once."""
        self._watchdog.start()

    def wait_until_connected(self, within: float) -> bool:
        """Whether the connection stands within so many seconds."""
        return self._greeted.wait(within) and self.connected

    def stop(self, *, within: float = 5.0) -> None:
        """Acknowledge what has come in, take nothing more, and hang up."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._client.auto_reconnect_enabled = False
        self._client.default_auto_reconnect_enabled = False
        deadline = time.monotonic() + within
        with self._changed:
            while self._in_hand or not self._client.message_queue.empty():
                left = deadline - time.monotonic()
                if left <= 0:
                    log.warning("Slack: %d requests were not acknowledged when the bot stopped", self._in_hand)
                    break
                self._changed.wait(min(left, 0.05))
        if self._watchdog.ident is not None:
            self._watchdog.join(within)
        self._client.close()
        self._greeted.clear()

    def handled(self, change: int) -> None:
        """Count a request in (1) or out (-1)."""
        with self._changed:
            self._in_hand += change
            self._changed.notify_all()

    def _on_message(self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._opened_at = time.monotonic()
            self._problem = None
            self._greeted.set()
            log.info("Slack: connected")

    def _watch(self) -> None:
        """Connect first; then look again and again whether somebody still answers."""
        failures = 0
        while not self._stopping.is_set():
            try:
                if self._client.current_session is None:
                    self._client.connect()
                elif self._is_deaf():
                    log.warning("Slack: nothing has been heard for a while; connecting anew")
                    self._greeted.clear()
                    self._client.connect_to_new_endpoint(force=True)
                failures = 0
            except Exception as error:  # noqa: BLE001 - the watchdog outlives whatever the network comes up with
                failures += 1
                self._failed(error)
            wait = _TRY_AGAIN_SECONDS[min(failures, len(_TRY_AGAIN_SECONDS)) - 1] if failures else _LOOK_EVERY_SECONDS
            self._stopping.wait(wait)

    def _is_deaf(self) -> bool:
        session = self._client.current_session
        if session is None or session.sock is None:
            return False  # the SDK sees this by itself
        pinged, ponged = float(session.last_ping_tm), float(session.last_pong_tm)
        now = self._wall().timestamp()
        if not pinged:
            # No ping yet: as long as the greeting is young, that is as it should be.
            opened = self._opened_at
            return opened is not None and self._greeted.is_set() and time.monotonic() - opened > _SILENT_SECONDS
        if not ponged:
            return now - pinged > _NO_PONG_SECONDS
        return pinged - ponged > _NO_PONG_SECONDS or now - ponged > _SILENT_SECONDS

    def _failed(self, error: Exception) -> None:
        if isinstance(error, SlackApiError):
            code = str(error.response.get("error") or "unknown_error")
            needed = str(error.response.get("needed") or "connections:write")
            why = sentence(SlackRefused(code, needed=needed), "Socket Mode").replace("bot token", "app token")
        else:
            why = f"Slack cannot be reached for Socket Mode ({type(error).__name__})"
        if why != self._problem:
            log.warning("Slack: %s", why)
        self._problem = why


class _Counting(SocketModeHandler):
    """Bolt's handler, which says when it has a request in hand."""

    def __init__(self, app: App, app_token: str, web_client: WebClient, counter: SocketMode) -> None:
        self._counter = counter
        super().__init__(
            app,
            app_token,
            logger=app.logger,
            web_client=web_client,
            ping_interval=_PING_SECONDS,
            concurrency=_CONCURRENCY,
        )

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Hand the request to Bolt and send the acknowledgement."""
        self._counter.handled(1)
        try:
            super().handle(client, req)  # type: ignore[arg-type]
        finally:
            self._counter.handled(-1)
