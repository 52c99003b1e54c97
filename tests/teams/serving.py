"""The bot's Teams side as it runs: the endpoint on a port before the stand-in; answers made by the test."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.core.command import Asker
from bot.later import Later
from bot.messages.form import Form, Purpose
from bot.messages.model import Message, Verb
from bot.messages.sending import Posted
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.tokens import Key, new_key
from bot.teams.answering import Answers
from bot.teams.app import TeamsApp
from bot.teams.asking import new_session
from bot.teams.connector import Connector
from bot.teams.http import teams_endpoint
from bot.teams.login import Login
from bot.teams.pace import Pace
from bot.teams.places import Places
from bot.teams.sender import TeamsSender
from bot.teams.standing import Standing
from bot.teams.verifying import Verifier


@cache
def keys() -> tuple[Key, Key]:
    """Keys for all tests: making one takes longer than most of them."""
    return new_key(), new_key()


def with_keys(teams: TeamsStandIn) -> TeamsStandIn:
    teams.login.directory.use(keys()[0])
    teams.login.framework.use(keys()[1])
    return teams


@dataclass
class Bot:
    """Stands in for the jobs: remembers what it was asked, and answers what the test wants."""

    answer: Callable[[str], Message | Form] = lambda asked: Message("Answer", asked)
    said: Message | Form | None = None
    taken: Callable[[dict[str, str]], Message | Form | None] = lambda _: None
    stands: Message | None = None
    sees_more: bool = False
    submitted: list[tuple[Purpose, str, dict[str, str], Asker]] = field(default_factory=list)
    asked: list[tuple[str, str, Asker]] = field(default_factory=list)
    pressed: list[tuple[Verb, str, Asker]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def on_asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        self.asked.append((command, text, asker))
        return self.answer(f"{command} {text}".strip())

    def on_pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form | None:
        self.pressed.append((verb, subject, asker))
        return self.said

    def on_submitted(
        self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker
    ) -> Message | Form | None:
        self.submitted.append((purpose, subject, typed, asker))
        return self.taken(typed)

    def on_shown(self, posted: Posted) -> Message | None:
        assert posted.message
        return self.stands


@dataclass
class Side:
    """The Teams side of the bot, and what it talks to."""

    teams: TeamsStandIn
    bot: Bot
    app: TeamsApp
    connector: Connector
    places: Places
    standing: Standing
    sender: TeamsSender
    endpoint: BaseRoute

    @property
    def service_url(self) -> str:
        return self.teams.service_url


@contextmanager
def side(teams: TeamsStandIn, engine: Engine, *, patience: float = 3.5, pace: Pace | None = None) -> Iterator[Side]:
    """Everything of Teams' side, put together as the product does, with jobs made by the test."""
    credentials, bot = teams.tenant.credentials, Bot()
    later = Later("Teams", threads=4)
    with new_session() as session:
        login = Login(
            session,
            credentials.client_id,
            credentials.client_secret,
            credentials.tenant_id,
            login=teams.base_url,
        )
        connector, standing = Connector(session, login, pace or Pace()), Standing()
        places = Places(engine, connector, Clock())
        app = TeamsApp(
            Answers(connector),
            places,
            standing,
            later,
            asked=bot.on_asked,
            pressed=bot.on_pressed,
            submitted=bot.on_submitted,
            shown=bot.on_shown,
            unknown=bot.unknown.append,
            sees_more=lambda _: bot.sees_more,
        )
        verifier = verifier_of(teams)
        route = Route("/api/messages", teams_endpoint(verifier, app.take, patience=patience), methods=["POST"])
        sender = TeamsSender(connector, places, standing)
        try:
            yield Side(teams, bot, app, connector, places, standing, sender, route)
        finally:
            assert later.stop()


def verifier_of(teams: TeamsStandIn) -> Verifier:
    environment = teams.environment()
    return Verifier(
        environment["CLIENT_ID"],
        openid_metadata_url=environment["POOL_STATS_TEAMS__OPENID_METADATA_URL"],
        token_issuer=environment["POOL_STATS_TEAMS__TOKEN_ISSUER"],
    )


def wait_for(condition: Callable[[], bool], *, within: float = 20.0) -> None:
    """Wait until `condition` holds; an error when it does not in time."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)
