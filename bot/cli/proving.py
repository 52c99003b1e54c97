"""Do the database, ModelArts and Slack agree with the configuration? They are asked, and nothing is changed there."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Engine

from bot.app.slack import SlackParts, connect_slack, demand
from bot.app.slack_installed import app_problem
from bot.cli import advising, reaching
from bot.cli.failing import Failure
from bot.cli.loading import connect
from bot.clock import Clock
from bot.core.command import Asker
from bot.core.durations import spoken
from bot.core.places import told_apart
from bot.core.routes import Place
from bot.core.stats import Pool
from bot.jobs.pools import pools_to_read
from bot.messages.model import Message, Verb
from bot.messages.sending import DeliveryError, Unclear
from bot.modelarts.accounts import Accounts
from bot.modelarts.errors import BadCredentials, ModelArtsError, NotAllowed, NotServed
from bot.modelarts.source import Source
from bot.settings.accounts import ChosenAccount
from bot.settings.reading import Configured
from bot.store.engine import StoreError, StoreMissing, StoreUnknown, StoreUnreachable, is_current, open_store

# A clock that is off by this much is worth a word; at fifteen minutes ModelArts refuses every request.
SKEW_WORTH_TELLING = timedelta(minutes=1)
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")


def places(config: Configured) -> tuple[Place, ...]:
    """Every channel that is told of something."""
    settings = config.settings
    to = [place for route in settings.routes for place in route.to]
    to += [place for route in settings.routes for step in route.escalate for place in step.to]
    to += [place for digest in settings.digests for place in digest.to]
    return tuple(dict.fromkeys([*to, *([settings.delivery.fallback] if settings.delivery.fallback else [])]))


def missing_of_slack(config: Configured) -> Iterator[str]:
    """What the bot lacks to connect to Slack."""
    try:
        demand(config)
    except ValueError as error:
        yield str(error)


def database(config: Configured) -> Iterator[str]:
    """What is wrong with the database. One that is not there is made by `run`, not by a check."""
    url = config.database_url.get_secret_value() if config.database_url else None
    try:
        engine = open_store(url, make=False)
        try:
            current = is_current(engine)
        finally:
            engine.dispose()
    except StoreMissing as error:
        yield from _said(f"{error}; pool-stats run makes it", None)
    except StoreUnknown:
        # Said already, as something that is missing.
        return
    except StoreUnreachable as error:
        yield f"{error}; {advising.DATABASE_URL}" if url and url.startswith("postgres") else advising.with_advice(error)
    except StoreError as error:
        yield advising.with_advice(error)
    else:
        yield from _said(
            "the database" if current else "the database can be read; pool-stats run upgrades its tables", None
        )


def _said(what: str, problem: str | None) -> Iterator[str]:
    if problem is None:
        print(f"ok: {what}")  # noqa: T201 - standard output is the answer
    else:
        yield f"{what}: {problem}"


def _problem(look: Callable[[], object]) -> str | None:
    try:
        look()
    except (ModelArtsError, DeliveryError, Unclear) as error:
        return advising.with_advice(error)
    return None


def modelarts(config: Configured, found: list[Pool]) -> Iterator[str]:
    """What is wrong with the way to ModelArts; every pool it lists is added to `found`."""
    clock = Clock()
    try:
        with connect(config, clock) as client:
            if not isinstance(client, Accounts):
                yield from _account(client, config.accounts[0], found, clock)
                return
            for member, account in zip(client.members, config.accounts, strict=True):
                yield from _account(member.client, account, found, clock)
            found[:] = told_apart(found)
    except Failure:
        # Said already, as something that is missing.
        return


def _account(client: Source, account: ChosenAccount, found: list[Pool], clock: Clock) -> Iterator[str]:
    """What is wrong with the way to the pools of one account; every pool it lists is added to `found`."""
    called, wanted = f"account {account.name}: " if account.name else "", account.modelarts.pools
    region = (account.modelarts.region or "") if account.name else ""
    try:
        known = tuple(replace(pool, account=account.name, region=region) for pool in _listed(client, clock))
        found.extend(known)
        pools: Sequence[Pool] = tuple(pool for pool in known if wanted == "all" or pool.named_by(wanted))
        if not (account.name and known):
            pools = pools_to_read(client, wanted, now=clock.now())
    except ModelArtsError as error:
        problem = advising.with_advice(error)
        if account.name and isinstance(error, BadCredentials):
            problem = f"{error}; put valid credentials where it has them: {account.origin}"
        yield from _said(f"{called}ModelArts' list of pools", problem)
        return
    several = "1 pool of ModelArts is" if len(pools) == 1 else f"{len(pools)} pools of ModelArts are"
    # One of several accounts may have nothing to read; with none anywhere the bot is not ready.
    nothing = None if pools or account.name else advising.NO_POOL
    yield from _said("there is no pool to read" if nothing else f"{called}{several} to be read", nothing)
    if pools:
        look = partial(client.pool_stats, pools[0], now=clock.now())
        yield from _said(f"{called}ModelArts answers about {pools[0].name}", _problem(look))
    skew = client.clock_skew
    if skew is not None and abs(skew) >= SKEW_WORTH_TELLING:
        ahead = "ahead of" if skew > timedelta() else "behind"
        yield f"{called}this machine's clock is {spoken(abs(skew))} {ahead} ModelArts': {advising.CLOCK}"
    else:
        yield from _said(f"{called}the clock agrees with ModelArts'", None)


def _listed(client: Source, clock: Clock) -> Sequence[Pool]:
    """Every pool, whether it is to be read or not; none where listing is not permitted."""
    try:
        return client.known_pools(now=clock.now())
    except (NotAllowed, NotServed):
        return ()


def slack(config: Configured) -> Iterator[str]:
    """What is wrong with the way to Slack, and to each channel."""
    try:
        demand(config)
    except ValueError:
        # Said already, as something that is missing.
        return
    with ExitStack() as opened:
        engine = None
        if config.installs_by_oauth:
            problem = app_problem(config)
            unknown = None if problem is None else f"{problem}; {advising.CLIENT}"
            yield from _said("Slack knows the app by SLACK_CLIENT_ID and SLACK_CLIENT_SECRET", unknown)
            engine = _store_of_workspaces(config, opened)
            if engine is None:
                print("note: no workspace has installed the app yet: open /slack/install")  # noqa: T201 - as above
                return
        access = config.settings.access.access
        parts = connect_slack(config, asked=_nobody_asks, pressed=_nobody_presses, engine=engine, access=access)
        if parts is not None:
            yield from _slack(config, parts)


def _store_of_workspaces(config: Configured, opened: ExitStack) -> Engine | None:
    """The database, if the workspaces can be read there; what is wrong with it is said where it is looked at."""
    try:
        engine = open_store(config.database_url.get_secret_value() if config.database_url else None, make=False)
        opened.callback(engine.dispose)
        return engine if is_current(engine) else None
    except StoreError:
        return None


def _slack(config: Configured, parts: SlackParts) -> Iterator[str]:
    try:
        yield from _as_the_bot(config, parts)
        if config.slack_mode == "http":
            yield from _over_http(config, parts)
        if parts.socket is not None:
            parts.socket.start()
            up = parts.socket.wait_until_connected(10.0)
            why = None if up else advising.unless_said(str(parts.socket.problem), advising.APP_TOKEN)
            yield from _said("Socket Mode connects", why)
    finally:
        parts.stop()
        parts.close()


def _as_the_bot(config: Configured, parts: SlackParts) -> Iterator[str]:
    """What is wrong with the token, or else with what it is allowed and with each channel."""
    health = parts.sender.health()
    if not health.connected and not config.installs_by_oauth:
        # Each channel would only say the same.
        if elsewhere := reaching.not_slack(parts.session, config.slack.api_url):
            yield from _said("Slack accepts the bot token", f"this cannot be asked: {elsewhere}")
            return
        why = health.problems.get("workspace", "for no reason that is known")
        is_refused = not why.startswith("Slack cannot be")
        said = f"{why.partition(': ')[0]}; {advising.BOT_TOKEN}" if is_refused else f"{why}; {advising.SLACK}"
        yield from _said("Slack accepts the bot token", f"no, {said}" if is_refused else said)
        return
    yield from _said("Slack accepts the bot token", None if health.connected else f"no; {advising.BOT_TOKEN}")
    yield from (f"Slack, {name}: {why}" for name, why in health.problems.items())
    for note in health.notes.values():
        print(f"note: Slack: {note}")  # noqa: T201 - standard output is the answer
    for place in places(config):
        if place.platform == "slack":
            yield from _said(f"Slack, {place.channel}", _problem(partial(parts.sender.look, place.channel)))


def _over_http(config: Configured, parts: SlackParts) -> Iterator[str]:
    """What is wrong with what Slack sends here, as far as that shows without Slack."""
    secret = config.slack.signing_secret
    if secret is not None and not _SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        yield (
            "SLACK_SIGNING_SECRET is not one of Slack's, which are 32 digits and letters from a to f, so nothing of"
            f" Slack's would be taken: {advising.SIGNING_SECRET}"
        )
    for what, problem in reaching.slack_endpoint(parts.session, config.settings.slack.public_url):
        yield from _said(what, problem)


def _nobody_asks(command: str, text: str, asker: Asker) -> Message:
    raise AssertionError(f"{asker} asks {command} {text} during a check")


def _nobody_presses(verb: Verb, subject: str, asker: Asker) -> Message | None:
    raise AssertionError(f"{asker} presses {verb} {subject} during a check")
