"""Does Teams agree with the configuration? It is asked, and nothing is changed there."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NoReturn

from bot.app.teams import Heard, connect_teams
from bot.cli.proving import places
from bot.clock import Clock
from bot.messages.sending import DeliveryError, Unclear
from bot.settings.reading import Configured
from bot.store.engine import StoreError, StoreMissing, open_store
from bot.teams.sender import TeamsSender


def teams(config: Configured) -> Iterator[str]:
    """What is wrong with the way to Teams, and to each channel."""
    if config.settings.teams.mode == "off":
        return
    try:
        engine = open_store(config.database_url.get_secret_value() if config.database_url else None, make=False)
    except StoreMissing:
        yield "Teams: the bot has not run yet, so it knows no conversation of Teams"
        return
    except StoreError:
        # Said already, about the database.
        return
    try:
        parts = connect_teams(config, engine, Clock(), Heard(_nobody, _nobody, _nobody, _nobody, _nobody))
        if parts is None:
            return
        try:
            if isinstance(parts.sender, TeamsSender):
                yield from _of_bot(config, parts.sender)
            else:
                print("note: whether the webhook of Teams works shows when it is used")  # noqa: T201 - the answer
        finally:
            parts.stop()
            parts.close()
    except ValueError:
        # Said already, as something that is missing.
        return
    finally:
        engine.dispose()


def _of_bot(config: Configured, sender: TeamsSender) -> Iterator[str]:
    problem = _problem(sender.prove)
    yield from _said("Teams lets the bot in", problem)
    if problem is not None:
        return
    for place in places(config):
        if place.platform == "teams":
            yield from _said(f"Teams, {place.channel}", _problem(partial(sender.look, place.channel)))


def _problem(look: Callable[[], object]) -> str | None:
    try:
        look()
    except (DeliveryError, Unclear, StoreError) as error:
        return str(error)
    return None


def _said(what: str, problem: str | None) -> Iterator[str]:
    if problem is None:
        print(f"ok: {what}")  # noqa: T201 - standard output is the answer
    else:
        yield f"{what}: {problem}"


def _nobody(*_: object, **__: object) -> NoReturn:
    raise AssertionError("somebody asks during a check")
