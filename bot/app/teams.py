"""Teams' side of the bot, put together: what listens, what answers, what sends."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from bot.app.hearing import Heard
from bot.clock import Clock
from bot.later import Later
from bot.messages.sending import Health
from bot.settings.reading import Configured
from bot.teams.answering import Answers
from bot.teams.app import TeamsApp
from bot.teams.asking import new_session
from bot.teams.connector import Connector
from bot.teams.http import teams_endpoint
from bot.teams.login import LOGIN, Login
from bot.teams.pace import Pace
from bot.teams.places import Places
from bot.teams.sender import TeamsSender
from bot.teams.standing import Standing
from bot.teams.verifying import SWITCH_OFF, Verifier
from bot.teams.webhook import WebhookSender


@dataclass(slots=True)
class TeamsParts:
    """What belongs to Teams; the web server hears from it."""

    sender: TeamsSender | WebhookSender
    session: requests.Session
    later: Later | None = None
    routes: tuple[BaseRoute, ...] = ()

    def stop(self) -> None:
        """Finish the answers under way."""
        if self.later is not None:
            self.later.stop()

    def close(self) -> None:
        """Give up the connections, once nothing is sent any more."""
        self.session.close()

    def health(self) -> Health:
        """Of the token and each channel."""
        return self.sender.health()


def connect_teams(config: Configured, engine: Engine, clock: Clock, heard: Heard) -> TeamsParts | None:
    """Teams as it is configured; `None` when it is off.

    Raises:
        ValueError: A secret that the mode needs is missing, or requests would be taken unchecked.
    """
    chosen = config.settings.teams
    missing = next(missing_of_teams(config), None)
    if missing is not None:
        raise ValueError(missing)
    match chosen.mode:
        case "off":
            return None
        case "webhook":
            session = new_session()
            url = chosen.webhook_url.get_secret_value() if chosen.webhook_url else ""
            return TeamsParts(WebhookSender(session, url, Standing()), session)
        case "bot":
            return _bot(config, engine, clock, heard)


def missing_of_teams(config: Configured) -> Iterator[str]:
    """What the mode needs and is not there, and what must not be."""
    chosen, secrets = config.settings.teams, config.teams
    if chosen.mode == "webhook" and chosen.webhook_url is None:
        yield "teams.mode is webhook, which needs POOL_STATS_TEAMS__WEBHOOK_URL (or …_FILE)"
    if chosen.mode != "bot":
        return
    found = {"CLIENT_ID": secrets.client_id, "CLIENT_SECRET": secrets.client_secret, "TENANT_ID": secrets.tenant_id}
    lacking = [name for name, value in found.items() if not value]
    if lacking:
        yield f"teams.mode is bot, which needs {', '.join(lacking)} (or …_FILE)"
    if config.environ.get(SWITCH_OFF, "").strip():
        yield f"{SWITCH_OFF} is set, which asks for requests to be taken that Teams did not send: unset it"


def _bot(config: Configured, engine: Engine, clock: Clock, heard: Heard) -> TeamsParts:
    chosen, secrets = config.settings.teams, config.teams
    client_id = secrets.client_id or ""
    try:
        verifier = Verifier(client_id, openid_metadata_url=chosen.openid_metadata_url, token_issuer=chosen.token_issuer)
    except ImportError as error:
        raise ValueError("teams.mode is bot, which needs more: pip install 'pool-stats-bot[teams]'") from error
    session, standing, later = new_session(), Standing(), Later("Teams")
    # Whoever stands in for the issuer of Teams' tokens issues ours too.
    login = Login(
        session,
        client_id,
        secrets.client_secret.get_secret_value() if secrets.client_secret else "",
        secrets.tenant_id or "",
        login=chosen.token_issuer or LOGIN,
    )
    connector = Connector(session, login, Pace())
    places = Places(engine, connector, clock)
    app = TeamsApp(
        Answers(connector),
        places,
        standing,
        later,
        asked=heard.asked,
        pressed=heard.pressed,
        submitted=heard.submitted,
        shown=heard.shown,
        unknown=heard.unknown,
        sees_more=heard.sees_more,
        languages=heard.languages,
        first=heard.first,
    )
    route = Route("/api/messages", teams_endpoint(verifier, app.take), methods=["POST"])
    return TeamsParts(TeamsSender(connector, places, standing), session, later, (route,))
