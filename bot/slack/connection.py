"""How does one Socket Mode connection come about, and how is it noticed that nobody is there any more?

https://docs.slack.dev/apis/events-api/using-socket-mode. Of the SDK's clients the one on `websocket-client` comes back
by itself from every end of a connection but one: a link that swallows everything without an end. A watchdog looks at
the age of the last pong for that.
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.interval_runner import IntervalRunner
from slack_sdk.socket_mode.request import SocketModeRequest
from websocket import WebSocket, WebSocketApp, WebSocketException

from bot.clock import Clock, wait
from bot.slack.codes import sentence
from bot.slack.door import Door
from bot.slack.web import SlackRefused

log = logging.getLogger(__name__)

# apps.connections.open is of Slack's slowest tier: about one a minute once the first few are used up.
_TRY_AGAIN_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
_CONCURRENCY = 10
# What the SDK logs as errors when a link ends or Slack is away: `problem` says the same, once and in a sentence.
_WEB_LOGGER = "slack_sdk.web"
_SOCKET_LOGGER = "slack_sdk.socket_mode"


class Connection:
    """A connection to Slack over which commands, presses and events come in.

    Args:
        app: The Bolt app, or several, that take them.
        app_token: An app-level token with `connections:write`.
        wall: The real time.
        ping_seconds: How often Slack is pinged; after twice that without a pong, or three times in silence, the
            connection is given up.
        begins_after: Seconds from `start` until it connects.
    """

    def __init__(
        self,
        app: Door,
        app_token: str,
        *,
        wall: Callable[[], datetime] | None = None,
        ping_seconds: float,
        begins_after: float = 0.0,
    ) -> None:
        self._begins_after = begins_after
        self._wall = wall or Clock().wall
        self._ping_seconds = ping_seconds
        self._stopping = threading.Event()
        self._greeted = threading.Event()
        self._in_hand = 0
        self._changed = threading.Condition()
        self._problem: str | None = None
        self._session: object = None
        self._since = 0.0
        self._lost_at: float | None = None
        self._link: WebSocket | None = None
        for name in (_WEB_LOGGER, _SOCKET_LOGGER):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # Of its own, so that no retry of the SDK's is in between and a hanging call ends.
        web_client = WebClient(base_url=app.client.base_url, timeout=10, retry_handlers=[])
        self._client = _Counting(app, app_token, web_client, ping_seconds, self).client
        # The SDK's own monitor would ask for a new connection at every ping, and be refused for asking too often.
        self._client.current_app_monitor_started = True
        self._client.message_listeners.append(self._on_message)
        self._client.on_open_listeners.append(self._on_open)
        self._client.on_close_listeners.append(self._on_close)
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
            self._watchdog.join(max(deadline - time.monotonic(), 1.0))
        self._say_goodbye(max(deadline - time.monotonic(), 1.0))
        # The library may wait for ten seconds on a link that does not answer; nothing comes in any more by now.
        closing = threading.Thread(target=self._client.close, name="slack-socket-close", daemon=True)
        closing.start()
        closing.join(max(deadline - time.monotonic(), 1.0))
        self._greeted.clear()
        self._release()

    def handled(self, change: int) -> None:
        """Count a request in (1) or out (-1)."""
        with self._changed:
            self._in_hand += change
            self._changed.notify_all()

    def _on_open(self, session: WebSocketApp) -> None:
        self._release()
        self._link = session.sock

    def _on_close(self, _session: WebSocketApp) -> None:
        self._greeted.clear()
        self._release()

    def _release(self) -> None:
        """Close the socket for good: after Slack's goodbye the library only forgets it."""
        link, self._link = self._link, None
        if link is not None:
            link.shutdown()  # type: ignore[no-untyped-call] # websocket-client annotates only some of its methods

    def _on_message(self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._problem = None
            self._greeted.set()
            log.info("Slack: connected")

    def _watch(self) -> None:
        """Connect first; then look again and again whether somebody still answers."""
        failures = 0
        self._stopping.wait(self._begins_after)
        while not self._stopping.is_set():
            try:
                if self._client.current_session is None:
                    self._connect()
                elif self._is_lost():
                    log.warning("Slack: the connection is lost; connecting anew")
                    self._greeted.clear()
                    self._lost_at = None
                    if not _hang_up(self._client.current_session):
                        self._client.connect_to_new_endpoint(force=True)
                failures = 0
            except Exception as error:  # noqa: BLE001 - the watchdog outlives whatever the network comes up with
                failures += 1
                self._failed(error)
            pause = (
                _TRY_AGAIN_SECONDS[min(failures, len(_TRY_AGAIN_SECONDS)) - 1] if failures else 0.4 * self._ping_seconds
            )
            self._stopping.wait(pause)

    def _connect(self) -> None:
        """Connect for the first time. The SDK would look twice a second whether there is a connection to read from."""
        looking = self._client.current_session_runner
        looking.shutdown()  # type: ignore[no-untyped-call] # the SDK annotates only some of its methods
        try:
            self._client.connect()
        finally:
            if not self._stopping.is_set():
                # It looks at once when it begins.
                self._client.current_session_runner = IntervalRunner(looking.target, looking.interval_seconds).start()

    def _is_lost(self) -> bool:
        """Whether nobody is there any more, for longer than the SDK needs to come back by itself."""
        now, session = time.monotonic(), self._client.current_session
        if session is not self._session:
            self._session, self._since, self._lost_at = session, now, None
        if session is None or not self.connected:
            self._lost_at = self._lost_at or now
            # Without a socket nothing is under way; with one, Slack may be about to greet us.
            patience = 1 if session is None or session.sock is None else 3
            return now - self._lost_at > patience * self._ping_seconds
        self._lost_at = None
        pinged, ponged = float(session.last_ping_tm), float(session.last_pong_tm)
        if not ponged:
            return now - self._since > 4 * self._ping_seconds
        is_silent = self._wall().timestamp() - ponged > 3 * self._ping_seconds
        return is_silent or pinged - ponged > 2 * self._ping_seconds

    def _say_goodbye(self, within: float) -> None:
        """Close as the protocol wants it; the thread that reads sees Slack's answer, and ends.

        `WebSocketApp.close()` from here would close the socket under that thread, which then waits for ten seconds.
        """
        session = self._client.current_session
        self._client.current_session = None  # so that the SDK does not begin it again
        if session is None or session.sock is None:
            return
        session.keep_running = False
        with contextlib.suppress(OSError, WebSocketException):
            session.sock.send_close()
        deadline = time.monotonic() + within
        while _link_of(session) is not None and time.monotonic() < deadline:
            wait(0.02)
        _hang_up(session)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, SlackApiError):
            code = str(error.response.get("error") or "unknown_error")
            needed = str(error.response.get("needed") or "connections:write")
            said = _OF_THE_APP_TOKEN.get(code) or sentence(SlackRefused(code, needed=needed), "Socket Mode")
            why = str(said)
        else:
            why = f"Slack cannot be reached for Socket Mode ({type(error).__name__})"
        if why != self._problem:
            log.warning("Slack: %s", why)
        self._problem = why


_NEW_ONE = "set one from the app's page (Basic Information, App-Level Tokens) that has the right connections:write"
# What means another thing here than of the bot token.
_OF_THE_APP_TOKEN = {
    "not_allowed_token_type": "SLACK_APP_TOKEN is not an app token, which begins with xapp-: " + _NEW_ONE,
    **{
        code: f"Slack does not take the app token ({code}): {_NEW_ONE}"
        for code in ("invalid_auth", "not_authed", "token_revoked", "token_expired")
    },
}


def _link_of(session: WebSocketApp | None) -> WebSocket | None:
    """What the session reads from now; the library sets it to `None` when it is done."""
    return session.sock if session is not None else None


def _hang_up(session: WebSocketApp | None) -> bool:
    """End the connection underneath, so that whoever reads from it notices at once; whether there was one."""
    link = _link_of(session)
    under = link.sock if link is not None else None
    if under is None:
        return False
    with contextlib.suppress(OSError):
        under.shutdown(socket.SHUT_RDWR)
    return True


class _Counting(SocketModeHandler):
    """Bolt's handler, which says when it has a request in hand."""

    def __init__(
        self, app: Door, app_token: str, web_client: WebClient, ping_seconds: float, counter: Connection
    ) -> None:
        self._counter = counter
        super().__init__(
            app,  # type: ignore[arg-type] # of a Bolt app it only dispatches
            app_token,
            logger=logging.getLogger(_SOCKET_LOGGER),
            web_client=web_client,
            ping_interval=ping_seconds,
            concurrency=_CONCURRENCY,
        )

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Hand the request to Bolt and send the acknowledgement."""
        self._counter.handled(1)
        try:
            super().handle(client, req)  # type: ignore[arg-type]
        except Exception:
            # The SDK only logs what comes out of here, and its logger is quiet.
            log.exception("Slack: a request was not acknowledged")
            raise
        finally:
            self._counter.handled(-1)
