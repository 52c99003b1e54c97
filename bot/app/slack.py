"""Slack's side of the bot, put together: what listens, what answers, what sends."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import requests
from slack_bolt import App, BoltRequest
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from bot.core.access import Access
from bot.core.language import Languages
from bot.later import Later
from bot.messages.hearing import Asked, Homed, Offered, Pressed, Submitted
from bot.messages.sending import Health
from bot.settings.reading import Configured
from bot.slack.app import build_app, is_acknowledged_at_once
from bot.slack.door import Door
from bot.slack.drawing import Drawings
from bot.slack.http import slack_endpoint
from bot.slack.knowing import Knowing
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from bot.store.engine import StoreError

if TYPE_CHECKING:
    from bot.slack.gone import Gone
    from bot.slack.installed import Installations
    from bot.slack.socket import SocketMode
    from bot.slack.workspaces import OneSender

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SlackParts:
    """What belongs to Slack; `start` and `stop` in the bot's order."""

    sender: "OneSender"
    session: requests.Session
    later: Later
    socket: "SocketMode | None"
    routes: tuple[BaseRoute, ...] = field(default=())
    installations: "Installations | None" = None

    @property
    def is_in_several(self) -> bool:
        """Whether more than one workspace has the app; as good as so while that cannot be said."""
        try:
            return self.installations is not None and len(self.installations.here()) > 1
        except StoreError:
            return True

    def start(self) -> None:
        """Begin to hear from Slack (in HTTP mode the web server does).

        Raises:
            StoreError: The workspaces cannot be read.
        """
        if self.installations is not None:
            if changed := self.installations.seal_anew():
                log.info("Slack: the tokens of %d workspaces are sealed with the newest key now", changed)
            for problem in self.installations.unreadable().values():
                log.error("Slack: %s", problem)
        if self.socket is not None:
            self.socket.start()

    def wait_until_connected(self, within: float) -> bool:
        """Whether Slack reaches the bot, at the latest after so many seconds."""
        return self.socket is None or self.socket.wait_until_connected(within)

    def stop(self) -> None:
        """Hear no more, finish the answers under way, and hang up."""
        if self.socket is not None:
            self.socket.stop()
        self.later.stop()

    def close(self) -> None:
        """Give up the connections, once nothing is sent any more."""
        self.session.close()

    def health(self) -> Health:
        """Of the Web API, the channels, and in Socket Mode the connection."""
        found = self.sender.health()
        if self.socket is None or self.socket.problem is None:
            return found
        return replace(found, connected=False, problems={**found.problems, "socket": self.socket.problem})


@dataclass(frozen=True, slots=True)
class HeardInSlack:
    """Who does what Slack tells us of."""

    asked: Asked
    pressed: Pressed
    submitted: Submitted | None
    homed: Homed | None
    offered: Offered | None
    later: Later
    signing_secret: str | None
    languages: Callable[[], Languages]
    first: Callable[[str], bool]

    def app(self, web: SlackWeb, drawings: Drawings, knowing: Knowing, *, gone: "Gone | None" = None) -> App:
        """The Bolt app of a workspace."""
        return build_app(
            web,
            signing_secret=self.signing_secret,
            asked=knowing.asked(self.asked),
            pressed=knowing.pressed(self.pressed),
            later=self.later,
            drawings=drawings,
            submitted=knowing.submitted(self.submitted),
            gone=gone,
            homed=knowing.homed(self.homed),
            offered=knowing.offered(self.offered),
            languages=self.languages,
            first=self.first,
        )


def connect_slack(
    config: Configured,
    *,
    asked: Asked,
    pressed: Pressed,
    submitted: Submitted | None = None,
    homed: Homed | None = None,
    offered: Offered | None = None,
    engine: Engine | None = None,
    access: Callable[[], Access] = Access,
    languages: Callable[[], Languages] = Languages,
    first: Callable[[str], bool] = lambda _: True,
) -> SlackParts | None:
    """Slack as it is configured; `None` when it is off.

    Args:
        config: The configuration.
        asked: Answers commands.
        pressed: Does what buttons ask for.
        submitted: Does what forms ask for.
        homed: Gathers what stands in Home.
        offered: Makes the form of the shortcuts.
        engine: The store, where the workspaces are kept that install the app; needed for that alone.
        access: Who may see what, as it is now.
        languages: What is spoken to whom no language is known of.
        first: Whether nobody has answered yet what was said, by its id.

    Raises:
        ValueError: A secret that the mode needs is missing.
        StoreError: The workspaces that have installed the app cannot be read.
    """
    demand(config)
    mode, secrets = config.slack_mode, config.slack
    if mode == "off":
        return None
    session, later = new_session(), Later("Slack")
    signing = secrets.signing_secret.get_secret_value() if mode == "http" and secrets.signing_secret else None
    heard = HeardInSlack(asked, pressed, submitted, homed, offered, later, signing, languages, first)
    if config.installs_by_oauth:
        if engine is None:
            raise ValueError("the workspaces that have installed the app are in the database, which is not there yet")
        # Most bots are in one workspace.
        from bot.app.slack_installed import connect_several  # noqa: PLC0415 - see above

        return connect_several(config, heard, session, engine, access)
    token = secrets.bot_token.get_secret_value() if secrets.bot_token else ""
    web, drawings = SlackWeb(secrets.api_url, token, session), Drawings()
    knowing = Knowing(web, access)
    sender = SlackSender(web, drawings, knowing=knowing)
    return parts_of(config, sender, session, later, heard.app(web, drawings, knowing))


def demand(config: Configured) -> None:
    """Look whether every secret is there that Slack needs.

    Raises:
        ValueError: One is missing, or is none.
    """
    mode, secrets = config.slack_mode, config.slack
    if mode == "off":
        return
    if config.installs_by_oauth:
        from bot.app.slack_installed import vault_of  # noqa: PLC0415 - needed for that alone

        vault_of(config)
    elif secrets.bot_token is None:
        raise ValueError(
            "Slack needs SLACK_BOT_TOKEN (or SLACK_BOT_TOKEN_FILE), or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for"
            " several workspaces; or set slack.mode to off"
        )
    if mode == "socket" and secrets.app_token is None:
        raise ValueError("slack.mode is socket, which needs SLACK_APP_TOKEN (or SLACK_APP_TOKEN_FILE)")
    if mode == "http" and secrets.signing_secret is None:
        raise ValueError("slack.mode is http, which needs SLACK_SIGNING_SECRET (or SLACK_SIGNING_SECRET_FILE)")


def parts_of(
    config: Configured, sender: "OneSender", session: requests.Session, later: Later, door: Door
) -> SlackParts:
    """What hears and sends, as the mode wants it."""
    mode, app_token = config.slack_mode, config.slack.app_token
    token = app_token.get_secret_value() if mode == "socket" and app_token else None
    # Which of several workspaces a request is of may have to be read from the store.
    endpoint = slack_endpoint(door, is_acknowledged_at_once if isinstance(door, App) else _never)
    routes = (Route("/slack/events", endpoint, methods=["POST"]),) if mode == "http" else ()
    return SlackParts(sender, session, later, _socket_mode(door, token) if token else None, routes)


def _socket_mode(door: Door, token: str) -> "SocketMode":
    # Over HTTP neither it nor the WebSockets that it is made of are needed.
    from bot.slack.socket import SocketMode  # noqa: PLC0415 - see above

    return SocketMode(door, token)


def _never(_: BoltRequest) -> bool:
    return False
