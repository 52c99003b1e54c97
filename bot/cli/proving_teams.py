"""Does Teams agree with the configuration? It is asked, and nothing is changed there."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NoReturn

from sqlalchemy import Engine, create_engine

from bot.app.hearing import Heard
from bot.app.teams import connect_teams
from bot.cli import reaching
from bot.cli.advising import FIRST_RUN, with_advice
from bot.cli.proving import places
from bot.clock import Clock
from bot.messages.sending import DeliveryError, Unclear
from bot.settings.reading import Configured
from bot.store import conversations
from bot.store.engine import StoreError, StoreMissing, is_current, open_store, reading
from bot.teams.sender import TeamsSender


def teams(config: Configured) -> Iterator[str]:
    """What is wrong with the way to Teams, and to each channel."""
    if config.settings.teams.mode == "off":
        return
    try:
        engine, is_known = _store(config)
    except StoreError:
        # Said already, about the database.
        return
    try:
        parts = connect_teams(config, engine, Clock(), Heard(_nobody, _nobody, _nobody, _nobody, _nobody))
        if parts is None:
            return
        try:
            if isinstance(parts.sender, TeamsSender):
                yield from _tried(reaching.messaging_endpoint(parts.session, config.settings.teams.public_url))
                yield from _of_bot(config, parts.sender, engine if is_known else None)
            elif (url := config.settings.teams.webhook_url) is not None:
                yield from _tried(reaching.webhook(parts.session, url.get_secret_value()))
        finally:
            parts.stop()
            parts.close()
    except ValueError:
        # Said already, as something that is missing.
        return
    finally:
        engine.dispose()


def _store(config: Configured) -> tuple[Engine, bool]:
    """The database, and whether conversations are known there; an empty one in its place while it is not made yet."""
    try:
        engine = open_store(config.database_url.get_secret_value() if config.database_url else None, make=False)
    except StoreMissing:
        return create_engine("sqlite://"), False
    return engine, is_current(engine)


def _tried(found: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    for what, problem in found:
        yield from _said(what, problem)


def _of_bot(config: Configured, sender: TeamsSender, engine: Engine | None) -> Iterator[str]:
    """What is wrong with the credentials and each channel. Teams tells a bot where it is only when it runs."""
    problem = _problem(sender.prove)
    yield from _said("Teams lets the bot in", problem)
    if problem is not None:
        return
    told = [place for place in places(config) if place.platform == "teams"]
    number = 0 if engine is None else _conversations(engine)
    if engine is None or not number:
        # Before its first run the bot can know none, so nothing is wrong yet.
        print(f"note: the bot knows no conversation of Teams yet: {FIRST_RUN}")  # noqa: T201 - the answer
        if engine is None:
            return
    else:
        yield from _said(f"the bot is in {number} {'conversation' if number == 1 else 'conversations'} of Teams", None)
    for place in told:
        yield from _said(f"Teams, {place.channel}", _problem(partial(sender.look, place.channel)))


def _conversations(engine: Engine) -> int:
    with reading(engine) as db:
        return sum(not each.left for each in conversations.all_of(db))


def _problem(look: Callable[[], object]) -> str | None:
    try:
        look()
    except (DeliveryError, Unclear, StoreError) as error:
        return with_advice(error)
    return None


def _said(what: str, problem: str | None) -> Iterator[str]:
    if problem is None:
        print(f"ok: {what}")  # noqa: T201 - standard output is the answer
    else:
        yield f"{what}: {problem}"


def _nobody(*_: object, **__: object) -> NoReturn:
    raise AssertionError("somebody asks during a check")
