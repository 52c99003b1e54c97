"""How does the bot hear from Slack without an address of its own (Socket Mode), without a gap?

Slack ends every connection after a while and asks for a new one; it takes up to ten from an app and sends each request
over any one of them (https://docs.slack.dev/apis/events-api/using-socket-mode). Of two, one always stands.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from bot.slack.connection import Connection
from bot.slack.door import Door

_PING_SECONDS = 5.0
# Connections that began together would also end together.
_APART_SECONDS = 20.0


class SocketMode:
    """Two connections to Slack over which commands, presses and events come in.

    Args:
        app: The Bolt app, or several, that take them.
        app_token: An app-level token with `connections:write`.
        wall: The real time.
        ping_seconds: How often Slack is pinged on each.
        apart_seconds: How long after the first the second connects.
    """

    def __init__(
        self,
        app: Door,
        app_token: str,
        *,
        wall: Callable[[], datetime] | None = None,
        ping_seconds: float = _PING_SECONDS,
        apart_seconds: float = _APART_SECONDS,
    ) -> None:
        self._first, self._second = (
            Connection(app, app_token, wall=wall, ping_seconds=ping_seconds, begins_after=begins_after)
            for begins_after in (0.0, apart_seconds)
        )

    @property
    def connected(self) -> bool:
        """Whether Slack reaches us over one of them at least."""
        return self._first.connected or self._second.connected

    @property
    def problem(self) -> str | None:
        """Why there is no connection, as one sentence; `None` when there is one."""
        return None if self.connected else self._first.problem

    def start(self) -> None:
        """Connect, and stay connected, in the background; returns at once."""
        self._first.start()
        self._second.start()

    def wait_until_connected(self, within: float) -> bool:
        """Whether a connection stands within so many seconds."""
        return self._first.wait_until_connected(within) or self.connected

    def stop(self, *, within: float = 5.0) -> None:
        """Acknowledge what has come in, take nothing more, and hang up; on both at once."""
        second = threading.Thread(target=self._second.stop, kwargs={"within": within}, name="slack-socket-stop")
        second.start()
        self._first.stop(within=within)
        second.join()
