"""Slack where the app is installed into workspaces by OAuth: a Bolt app, a token and a sender for each."""

from collections.abc import Callable
from dataclasses import replace

import requests
from sqlalchemy import Engine

from bot.app.slack import HeardInSlack, SlackParts, parts_of
from bot.clock import Clock
from bot.core.access import Access
from bot.messages.installed import not_installed
from bot.settings.reading import Configured
from bot.slack.doors import Doors
from bot.slack.drawing import Drawings
from bot.slack.gone import Gone
from bot.slack.installed import Installations
from bot.slack.installing import BACK, Installing
from bot.slack.knowing import Knowing
from bot.slack.manifest import INSTALLED_SCOPES
from bot.slack.oauth import SlackOAuth
from bot.slack.sender import SlackSender
from bot.slack.vault import HOW_TO_MAKE_ONE, VARIABLE, Vault
from bot.slack.web import SlackError, SlackRefused, SlackWeb, new_session
from bot.slack.workspaces import Each, SlackSenders, WorkspaceWeb


def connect_several(
    config: Configured, heard: HeardInSlack, session: requests.Session, engine: Engine, access: Callable[[], Access]
) -> SlackParts:
    """Slack where the app is installed into workspaces by OAuth."""
    """The workspaces that have installed the app, and those that are yet to.

    Raises:
        ValueError: There is no key, or it is none.
    """
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
    parts = parts_of(config, sender, session, heard.later, door)
    pages = Installing(engine, oauth, known, INSTALLED_SCOPES, wall=clock.wall).routes()
    return replace(parts, routes=(*parts.routes, *pages), installations=known)


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
