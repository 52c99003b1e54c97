"""Slack's side of the bot, put together: what listens, what answers, what sends."""

from dataclasses import dataclass, field, replace

import requests
from starlette.routing import BaseRoute, Route

from bot.later import Later
from bot.messages.hearing import Asked, Pressed, Submitted
from bot.messages.sending import Health
from bot.settings.reading import Configured
from bot.slack.app import build_app
from bot.slack.drawing import Drawings
from bot.slack.http import slack_endpoint
from bot.slack.sender import SlackSender
from bot.slack.socket import SocketMode
from bot.slack.web import SlackWeb, new_session


@dataclass(slots=True)
class SlackParts:
    """What belongs to Slack; `start` and `stop` in the bot's order."""

    sender: SlackSender
    session: requests.Session
    later: Later
    socket: SocketMode | None
    routes: tuple[BaseRoute, ...] = field(default=())

    def start(self) -> None:
        """Begin to hear from Slack (in HTTP mode the web server does)."""
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


def connect_slack(
    config: Configured, *, asked: Asked, pressed: Pressed, submitted: Submitted | None = None
) -> SlackParts | None:
    """Slack as it is configured; `None` when it is off.

    Raises:
        ValueError: A secret that the mode needs is missing.
    """
    mode, secrets = config.slack_mode, config.slack
    if mode == "off":
        return None
    if secrets.bot_token is None:
        raise ValueError("Slack needs SLACK_BOT_TOKEN (or SLACK_BOT_TOKEN_FILE); or set slack.mode to off")
    if mode == "socket" and secrets.app_token is None:
        raise ValueError("slack.mode is socket, which needs SLACK_APP_TOKEN (or SLACK_APP_TOKEN_FILE)")
    if mode == "http" and secrets.signing_secret is None:
        raise ValueError("slack.mode is http, which needs SLACK_SIGNING_SECRET (or SLACK_SIGNING_SECRET_FILE)")
    session = new_session()
    web = SlackWeb(secrets.api_url, secrets.bot_token.get_secret_value(), session)
    drawings, later = Drawings(), Later("Slack")
    signing = secrets.signing_secret.get_secret_value() if mode == "http" and secrets.signing_secret else None
    app = build_app(
        web,
        signing_secret=signing,
        asked=asked,
        pressed=pressed,
        later=later,
        drawings=drawings,
        submitted=submitted,
    )
    token = secrets.app_token.get_secret_value() if mode == "socket" and secrets.app_token else None
    routes = (Route("/slack/events", slack_endpoint(app), methods=["POST"]),) if mode == "http" else ()
    return SlackParts(SlackSender(web, drawings), session, later, SocketMode(app, token) if token else None, routes)
