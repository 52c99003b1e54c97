"""Is the configuration right, and does the world agree with it?"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.app.teams import missing_of_teams
from bot.app.traces import missing_of_traces
from bot.cli import proving
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured, connect
from bot.cli.proving_teams import teams
from bot.cli.reviewing import UNREAD, review
from bot.clock import Clock
from bot.core.durations import spoken
from bot.core.review.model import several
from bot.core.stats import Pool
from bot.settings.reading import Configured
from bot.store import queue_schema
from bot.store.engine import StoreError, StoreMissing, StoreReadOnly, open_store


def check(path: Path | None, *, online: bool) -> None:
    """Say what is configured, what is wrong with it and what its rules would have told; online also what others say."""
    config = configured(path)
    _say((*_configured(config), *_notes(config)))
    listed: list[Pool] = []
    wrong, failing = list(_missing(config)), list[str]()
    if online:
        failing = [*proving.database(config), *proving.modelarts(config, listed)]
        failing += [*proving.slack(config), *teams(config)]
    reviewed = review(config, listed)
    known = [*wrong, *failing]
    # Why the database cannot be read may have been said already.
    _say(each for each in reviewed.notes if not any(each.removeprefix(f"note: {UNREAD}: ") in line for line in known))
    _say(reviewed.previews)
    wrong += reviewed.wrong
    if wrong or failing:
        raise Failure([*wrong, *failing], status=WRONG_USE if wrong else COULD_NOT)
    _say(["everything works" if online else "the configuration is valid"])


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201 - standard output is the answer


def _configured(config: Configured) -> Iterator[str]:
    """What the configuration means, in a few lines."""
    settings = config.settings
    for account in config.accounts:
        chosen = account.modelarts
        pools = "all pools" if chosen.pools == "all" else f"the pools {', '.join(chosen.pools)}"
        where = chosen.endpoint or chosen.region or "nowhere"
        whose = f"account {account.name}: " if account.name else ""
        yield f"{whose}reads {pools} of {where} every {spoken(settings.poll.every)}"
    yield f"rules: {', '.join(rule.name for rule in settings.rules) or 'none'}"
    told = dict.fromkeys(str(place) for route in settings.routes for place in route.to)
    yield f"alerts go to: {', '.join(told) or 'nobody'}"
    steps = [step for route in settings.routes for step in route.escalate]
    after = dict.fromkeys(f"{place} after {spoken(step.after)}" for step in steps for place in step.to)
    if steps:
        called = dict.fromkeys(str(each) for step in steps for each in step.mention)
        yield f"where nobody acknowledges: {', '.join([*after, *called])}"
    rests = dict.fromkeys(f"{rest.kind} {rest.name}" for route in settings.told_by() for rest in route.rests)
    if rests:
        yield f"kept quiet: {'; '.join(rests)}"
    yield f"digests: {len(settings.digests)}; Slack: {config.slack_mode}; Teams: {settings.teams.mode}"


def _missing(config: Configured) -> Iterator[str]:
    """What no single value is wrong about, but the bot cannot do its work without."""
    try:
        with connect(config, Clock()):
            pass
    except Failure as failure:
        yield from failure.lines
    url = config.database_url.get_secret_value() if config.database_url is not None else ""
    if config.settings.scale.mode == "cluster":
        yield from queue_schema.lacks(url)
    if url:
        try:
            open_store(url, make=False).dispose()
        except (StoreMissing, StoreReadOnly):
            # It will be made, perhaps on another machine than this one.
            pass
        except StoreError as error:
            yield f"DATABASE_URL: {error}"
    yield from proving.missing_of_slack(config)
    for place in proving.places(config):
        if place.platform == "slack" and config.slack_mode == "off":
            yield f"{place} is to hear of something, but Slack is off: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
    yield from missing_of_teams(config)
    yield from missing_of_traces(config)


def _notes(config: Configured) -> Iterator[str]:
    """What works, though perhaps not as it was meant."""
    if not config.settings.routes:
        yield 'note: routes: there is none, so nobody is told of alerts: add one, such as {to: ["slack:#ml-platform"]}'
    for place in proving.places(config):
        if place.platform == "teams" and config.settings.teams.mode == "off":
            yield f"note: Teams is off; what is for {place} waits until teams.mode is bot or webhook"
        if place.platform == "slack" and config.installs_by_oauth and not place.workspace:
            named = f"slack:T0123ABCD/{place.channel}"
            yield f"note: {place} names no workspace, as {named} does: it is told while only one has the app"
    if config.installs_by_oauth and config.slack.bot_token is not None:
        yield "note: SLACK_BOT_TOKEN is not used: with SLACK_CLIENT_ID and _SECRET each workspace has its own token"
    now = Clock().now()
    for number, each in enumerate(config.settings.maintenance):
        if each.ends_at is not None and each.ends_at <= now:
            yield f"note: {config.place(('maintenance', number))}: {each.name} is over: drop it"
    routes = config.settings.routes
    told = dict.fromkeys(str(place) for route in routes for place in route.to)
    told |= dict.fromkeys(str(place) for route in routes for step in route.escalate for place in step.to)
    for grant in config.settings.access.pools:
        hidden = [channel for channel in told if not grant.grant().is_heard_in(channel)]
        if hidden:
            pools = several(grant.pools)
            yield f"note: a route may tell {several(hidden)} of alerts about {pools}, which access does not show there"
