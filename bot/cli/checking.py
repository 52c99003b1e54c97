"""Is the configuration right, and does the world agree with it?"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.app.slack import connect_slack
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured, connect
from bot.clock import Clock
from bot.core.command import Asker
from bot.core.durations import spoken
from bot.core.routes import Place
from bot.jobs.pools import pools_to_read
from bot.messages.model import Message, Verb
from bot.messages.sending import DeliveryError, Unclear
from bot.modelarts.errors import ModelArtsError
from bot.settings.reading import Configured
from bot.store.engine import StoreError, open_store, reading, upgrade

# A clock that is off by this much is worth a word; at fifteen minutes ModelArts refuses every request.
SKEW_WORTH_TELLING = timedelta(minutes=1)


def check(path: Path | None, *, online: bool) -> None:
    """Say what is configured and what is wrong with it; online also what the services say."""
    config = configured(path)
    for line in (*_configured(config), *_notes(config)):
        print(line)  # noqa: T201 - standard output is the answer
    missing = list(_missing(config))
    if not online:
        if missing:
            raise Failure(missing, status=WRONG_USE)
        print("the configuration is valid")  # noqa: T201 - standard output is the answer
        return
    problems = missing + [problem for look in (_database, _modelarts, _slack) for problem in look(config)]
    if problems:
        raise Failure(problems, status=WRONG_USE if missing else COULD_NOT)
    print("everything works")  # noqa: T201 - standard output is the answer


def _configured(config: Configured) -> Iterator[str]:
    """What the configuration means, in a few lines."""
    settings = config.settings
    pools = "all pools" if settings.modelarts.pools == "all" else f"the pools {', '.join(settings.modelarts.pools)}"
    where = settings.modelarts.endpoint or settings.modelarts.region or "nowhere"
    yield f"reads {pools} of {where} every {spoken(settings.poll.every)}"
    yield f"rules: {', '.join(rule.name for rule in settings.rules) or 'none'}"
    told = dict.fromkeys(str(place) for route in settings.routes for place in route.to)
    yield f"alerts go to: {', '.join(told) or 'nobody'}"
    yield f"digests: {len(settings.digests)}; Slack: {config.slack_mode}; Teams: {settings.teams.mode}"


def _missing(config: Configured) -> Iterator[str]:
    """What no single value is wrong about, but the bot cannot do its work without."""
    try:
        with connect(config, Clock()):
            pass
    except Failure as failure:
        yield from failure.lines
    if config.database_url is not None:
        try:
            open_store(config.database_url.get_secret_value()).dispose()
        except StoreError as error:
            yield f"DATABASE_URL: {error}"
    try:
        parts = connect_slack(config, asked=_nobody_asks, pressed=_nobody_presses)
        if parts is not None:
            parts.stop()
            parts.close()
    except ValueError as error:
        yield str(error)
    for place in _places(config):
        if place.platform == "slack" and config.slack_mode == "off":
            yield f"{place} is to hear of something, but Slack is off: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
    if config.settings.teams.mode != "off":
        yield "teams.mode is on, and this version does not speak to Teams yet: set it to off"


def _notes(config: Configured) -> Iterator[str]:
    """What works, though perhaps not as it was meant."""
    for place in _places(config):
        if place.platform == "teams":
            yield f"note: this version does not speak to Teams yet; what is for {place} waits"
    told = dict.fromkeys(str(place) for route in config.settings.routes for place in route.to)
    for grant in config.settings.access.pools:
        for channel in told:
            if channel not in grant.channels:
                pools = ", ".join(grant.pools)
                yield f"note: a route may tell {channel} of alerts about {pools}, which access does not show there"


def _places(config: Configured) -> tuple[Place, ...]:
    settings = config.settings
    to = [place for route in settings.routes for place in route.to]
    return tuple(dict.fromkeys([*to, *(place for digest in settings.digests for place in digest.to)]))


def _said(what: str, problem: str | None) -> Iterator[str]:
    if problem is None:
        print(f"ok: {what}")  # noqa: T201 - standard output is the answer
    else:
        yield f"{what}: {problem}"


def _database(config: Configured) -> Iterator[str]:
    yield from _said("the database", _problem(lambda: _open(config)))


def _open(config: Configured) -> None:
    engine = open_store(config.database_url.get_secret_value() if config.database_url else None)
    try:
        upgrade(engine)
        with reading(engine):
            pass
    finally:
        engine.dispose()


def _problem(look: Callable[[], object]) -> str | None:
    try:
        look()
    except (StoreError, ModelArtsError, DeliveryError, Unclear) as error:
        return str(error)
    return None


def _modelarts(config: Configured) -> Iterator[str]:
    clock = Clock()
    try:
        with connect(config, clock) as modelarts:
            try:
                pools = pools_to_read(modelarts, config.settings.modelarts.pools, now=clock.now())
            except ModelArtsError as error:
                yield from _said("ModelArts' list of pools", str(error))
                return
            yield from _said(f"ModelArts lists {len(pools)} pools", None)
            if pools:
                look = partial(modelarts.pool_stats, pools[0], now=clock.now())
                yield from _said(f"ModelArts answers about {pools[0].name}", _problem(look))
            skew = modelarts.clock_skew
            if skew is not None and abs(skew) >= SKEW_WORTH_TELLING:
                ahead = "ahead of" if skew > timedelta() else "behind"
                yield f"this machine's clock is {spoken(abs(skew))} {ahead} ModelArts'"
            else:
                yield from _said("the clock agrees with ModelArts'", None)
    except Failure:
        # Said already, as something that is missing.
        return


def _slack(config: Configured) -> Iterator[str]:
    try:
        parts = connect_slack(config, asked=_nobody_asks, pressed=_nobody_presses)
    except ValueError:
        # Said already, as something that is missing.
        return
    if parts is None:
        return
    try:
        health = parts.sender.health()
        yield from _said("Slack accepts the bot token", None if health.connected else "it does not")
        yield from (f"Slack, {name}: {why}" for name, why in health.problems.items())
        for place in _places(config):
            if place.platform == "slack":
                yield from _said(f"Slack, {place.channel}", _problem(partial(parts.sender.look, place.channel)))
        if parts.socket is not None:
            parts.socket.start()
            up = parts.socket.wait_until_connected(10.0)
            yield from _said("Socket Mode connects", None if up else parts.socket.problem)
    finally:
        parts.stop()
        parts.close()


def _nobody_asks(command: str, text: str, asker: Asker) -> Message:
    raise AssertionError(f"{asker} asks {command} {text} during a check")


def _nobody_presses(verb: Verb, subject: str, asker: Asker) -> Message | None:
    raise AssertionError(f"{asker} presses {verb} {subject} during a check")
