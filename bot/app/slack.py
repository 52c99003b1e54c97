"""Slack's side of the bot, put together: what listens, what answers, what sends."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import requests
from slack_bolt import App, BoltRequest
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.core.access import Access
from bot.core.language import Languages
from bot.later import Later
from bot.messages.hearing import Asked, Homed, Offered, Pressed, Submitted
from bot.messages.installed import not_installed
from bot.messages.sending import Health
from bot.settings.reading import Configured
from bot.slack.app import build_app, is_acknowledged_at_once
from bot.slack.doors import Door, Doors
from bot.slack.drawing import Drawings
from bot.slack.gone import Gone
from bot.slack.http import slack_endpoint
from bot.slack.installed import Installations
from bot.slack.installing import BACK, Installing
from bot.slack.knowing import Knowing
from bot.slack.manifest import INSTALLED_SCOPES
from bot.slack.oauth import SlackOAuth
from bot.slack.sender import SlackSender
from bot.slack.vault import HOW_TO_MAKE_ONE, VARIABLE, Vault
from bot.slack.web import SlackError, SlackRefused, SlackWeb, new_session
from bot.slack.workspaces import Each, OneSender, SlackSenders, WorkspaceWeb
from bot.store.engine import StoreError

if TYPE_CHECKING:
    from bot.slack.socket import SocketMode

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SlackParts:
    """What belongs to Slack; `start` and `stop` in the bot's order."""

    sender: OneSender
    session: requests.Session
    later: Later
    socket: "SocketMode | None"
    routes: tuple[BaseRoute, ...] = field(default=())
    installations: Installations | None = None

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
class _Heard:
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

    def app(self, web: SlackWeb, drawings: Drawings, knowing: Knowing, *, gone: Gone | None = None) -> App:
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
    heard = _Heard(asked, pressed, submitted, homed, offered, later, signing, languages, first)
    if config.installs_by_oauth:
        if engine is None:
            raise ValueError("the workspaces that have installed the app are in the database, which is not there yet")
        return _several(config, heard, session, engine, access)
    token = secrets.bot_token.get_secret_value() if secrets.bot_token else ""
    web, drawings = SlackWeb(secrets.api_url, token, session), Drawings()
    knowing = Knowing(web, access)
    sender = SlackSender(web, drawings, knowing=knowing)
    return _parts(config, sender, session, later, heard.app(web, drawings, knowing))


def demand(config: Configured) -> None:
    """Look whether every secret is there that Slack needs.

    Raises:
        ValueError: One is missing, or is none.
    """
    mode, secrets = config.slack_mode, config.slack
    if mode == "off":
        return
    if config.installs_by_oauth:
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


def vault_of(config: Configured) -> Vault:
    """What seals the tokens of workspaces.

    Raises:
        ValueError: There is no key, or it is none.
    """
    key = config.settings.slack.token_key
    if key is None:
        raise ValueError(
            f"with SLACK_CLIENT_ID and SLACK_CLIENT_SECRET the tokens of workspaces are kept in the database, encrypted"
            f" with {VARIABLE} (or {VARIABLE}_FILE), which is not set: {HOW_TO_MAKE_ONE}"
        )
    return Vault(key.get_secret_value())


def app_problem(config: Configured) -> str | None:
    """Whether Slack knows the app by its client id and secret: asked for a token with a code that cannot be."""
    with new_session() as session:
        try:
            oauth_of(config, session).granted("no-such-code")
        except SlackRefused as refused:
            return None if refused.code == "invalid_code" else f"Slack says {refused.code}"
        except SlackError as error:
            return str(error)
    return None


def oauth_of(config: Configured, session: requests.Session) -> SlackOAuth:
    """Slack's side of installing the app."""
    secrets, public = config.slack, config.settings.slack.public_url
    secret = secrets.client_secret.get_secret_value() if secrets.client_secret else ""
    back = f"{public}{BACK}" if public else ""
    return SlackOAuth(secrets.api_url, secrets.client_id or "", secret, session, redirect_uri=back)


def _several(
    config: Configured, heard: _Heard, session: requests.Session, engine: Engine, access: Callable[[], Access]
) -> SlackParts:
    """Slack where the app is installed into workspaces by OAuth."""
    clock, url = Clock(), config.slack.api_url
    oauth = oauth_of(config, session)
    known = Installations(engine, vault_of(config), oauth, wall=clock.wall)
    webs = Each(lambda key: WorkspaceWeb(url, known, key, session))
    drawings = Each(lambda _: Drawings())
    knowing = Each(lambda key: Knowing(webs.of(key), access, key=key))
    front = replace(
        heard,
        asked=lambda *_, **__: not_installed(),
        pressed=lambda *_, **__: not_installed(),
        submitted=None,
        homed=None,
        offered=None,
    )
    nowhere = SlackWeb(url, "", session)
    door = Doors(
        known,
        lambda key: heard.app(webs.of(key), drawings.of(key), knowing.of(key), gone=Gone(known, key)),
        front.app(nowhere, Drawings(), Knowing(nowhere, Access)),
    )
    sender = SlackSenders(known, lambda key: SlackSender(webs.of(key), drawings.of(key), knowing=knowing.of(key)))
    parts = _parts(config, sender, session, heard.later, door)
    pages = Installing(engine, oauth, known, INSTALLED_SCOPES, wall=clock.wall).routes()
    return replace(parts, routes=(*parts.routes, *pages), installations=known)


def _parts(config: Configured, sender: OneSender, session: requests.Session, later: Later, door: Door) -> SlackParts:
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
