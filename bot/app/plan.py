"""What does the configuration say, in the core's terms, and what of it takes effect when it is read again?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel
from sqlalchemy import Engine

from bot.core.access import Access
from bot.core.because import Because, Why
from bot.core.blindness import Patience
from bot.core.language import Languages
from bot.core.persons import IN_TEAMS
from bot.core.routes import Route, parse_place
from bot.core.stats import Pool
from bot.cron import Cron
from bot.jobs import poll
from bot.jobs.planned_digests import Planned
from bot.jobs.telling import NOWHERE
from bot.jobs.undelivered import Elsewhere
from bot.settings.accounts import chosen, wants
from bot.settings.model import Settings

# An alert is marked once two readings in a row have failed.
STALE_AFTER = 2
# An admin by any other name cannot be written to.
_WRITTEN_TO = ("slack:U", "slack:W")
_NOBODY = re.compile(r"(?!)")
_WRITTEN_TO_IN_TEAMS = re.compile(rf"teams:(?:{IN_TEAMS.pattern})")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the configuration file says, in the core's terms; exchanged as a whole when it is read again."""

    settings: Settings
    routes: tuple[Route, ...]
    digests: tuple[Planned, ...]
    access: Access
    judges: poll.Judges

    @property
    def stale_after(self) -> timedelta:
        """After how long without a reading an alert is marked."""
        return self.settings.poll.every * STALE_AFTER

    @property
    def grouped(self) -> bool:
        """Whether the alerts of a pool are told in one message."""
        return self.settings.delivery.group_by_pool

    @property
    def elsewhere(self) -> Elsewhere:
        """Who hears of what cannot be told."""
        # A webhook reaches a channel, and nobody alone.
        in_teams = _WRITTEN_TO_IN_TEAMS if self.settings.teams.mode == "bot" else _NOBODY
        admins = (each for each in self.access.admins if each.startswith(_WRITTEN_TO) or in_teams.fullmatch(each))
        return Elsewhere(self.settings.delivery.fallback, tuple(parse_place(each) for each in admins))

    @property
    def hide_users_in(self) -> tuple[str, ...]:
        """The channels (globs) whose messages name no users: everywhere, if what cannot be told goes to such a one."""
        fallback, hidden = self.settings.delivery.fallback, self.access.hide_users_in
        return NOWHERE if fallback is not None and hidden else hidden

    def wants(self, pool: Pool) -> bool:
        """Whether the configuration is about `pool`."""
        return wants(self.settings, pool)

    @property
    def named_pools(self) -> dict[str, tuple[str, ...]]:
        """How the configuration names the pools of each of several accounts, where that is not all of them."""
        settings = self.settings
        several = chosen(settings.modelarts, settings.accounts) if settings.accounts else ()
        return {each.name: each.modelarts.pools for each in several if each.modelarts.pools != "all"}

    @property
    def patience(self) -> Patience:
        """How long something must last before it is told that it cannot be seen."""
        poll = self.settings.poll
        return Patience(self.stale_after, poll.blind_after, poll.gone_after)

    @property
    def languages(self) -> Languages:
        """Which language is spoken where."""
        return Languages(self.settings.language, {str(place): each for place, each in self.settings.languages.items()})

    @property
    def credentials_of(self) -> dict[str, Why]:
        """With what the bot proves who it is to which of several accounts."""
        settings = self.settings
        several = chosen(settings.modelarts, settings.accounts) if settings.accounts else ()
        return {
            each.name: Because("the credentials of account {account} ({where})", account=each.name, where=each.origin)
            for each in several
        }

    @property
    def login(self) -> str | None:
        """With what the bot proves who it is, where that is not an access key."""
        login = self.settings.modelarts
        if login.auth == "aksk":
            return None
        return f"the password of the IAM user {login.iam_user} (POOL_STATS_MODELARTS__IAM_PASSWORD)"


def planned(settings: Settings, engine: Engine) -> Plan:
    """The plan of a configuration."""
    return Plan(
        settings,
        settings.told_by(),
        tuple(
            Planned(Cron(each.cron, each.timezone), each.to, None if each.pools == "all" else each.pools)
            for each in settings.digests
        ),
        settings.access.access(),
        poll.Judges(engine, settings.rules),
    )


# What is used from the next message, reading or round on when the configuration is read again.
_AT_ONCE = frozenset({
    "poll.blind_after", "poll.gone_after",
    "rules", "routes", "maintenance", "digests", "access", "retention", "language", "languages",
    "delivery.lease", "delivery.summary_above", "delivery.gather", "delivery.fallback",
    "delivery.group_by_pool", "delivery.ask_for_jobs", "modelarts.pools", "poll.every",
})  # fmt: skip


# Which pools of an account matter is used at once, too.
_POOLS = {"pools": None}


def connected(running: Settings, read: Settings) -> Settings:
    """What was `read`, about the accounts that are connected: which others there are takes effect at the next start."""
    if bool(running.accounts) != bool(read.accounts):
        pools = {"pools": running.modelarts.pools}
        return read.model_copy(
            update={"accounts": running.accounts, "modelarts": read.modelarts.model_copy(update=pools)}
        )
    wanted = {each.name: each.pools for each in read.accounts}
    kept = (each.model_copy(update={"pools": wanted.get(each.name, each.pools)}) for each in running.accounts)
    return read.model_copy(update={"accounts": tuple(kept)})


def fixed(before: Settings, after: Settings) -> Iterator[str]:
    """The keys that differ and that only a new start takes over."""
    if [each.model_copy(update=_POOLS) for each in before.accounts] != [
        each.model_copy(update=_POOLS) for each in after.accounts
    ]:
        yield "accounts"
    for section in type(before).model_fields:
        was, now = getattr(before, section), getattr(after, section)
        keys = type(was).model_fields if isinstance(was, BaseModel) else ()
        for key in keys:
            if getattr(was, key) != getattr(now, key) and not {section, f"{section}.{key}"} & _AT_ONCE:
                yield f"{section}.{key}"
