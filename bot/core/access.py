"""Who may see which pool, and do what?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.command import Asker
from bot.core.stats import Pool

# Slack's ids of channels, people and groups are the same wherever they are seen: in a channel that two workspaces share
# people of both stand side by side. So an id needs no workspace before it, while a name does.
_SLACK_ID = re.compile(r"slack:[TE][A-Z0-9]+/([CGDUWS][A-Z0-9]{7,})")


@dataclass(frozen=True, slots=True)
class Grant:
    """Pools (globs over id and name) that are seen by these alone.

    Attributes:
        pools: Which.
        channels: Where, such as slack:C012ABC or, in one of several workspaces, slack:T012ABC/C012ABC.
        groups: By whom, wherever they are: user groups such as slack:S012ABC.
        workspaces: By everybody there, such as slack:T012ABC.
    """

    pools: tuple[str, ...]
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()

    def is_for(self, asker: Asker) -> bool:
        """Whether `asker` is among them, here."""
        ids = {f"{asker.platform}:{key}" for key in (asker.workspace, asker.installed) if key}
        return (
            not ids.isdisjoint(self.workspaces)
            or not set(asker.groups).isdisjoint(self.groups)
            or _any_of(asker.places, self.channels)
        )

    def is_heard_in(self, place: str) -> bool:
        """Whether a channel is among them: all who are there hear what is told there."""
        platform, _, channel = place.partition(":")
        workspace, in_one, _ = channel.partition("/")
        return (bool(in_one) and f"{platform}:{workspace}" in self.workspaces) or _any_of((place,), self.channels)


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of who sees what. Without any grant everyone sees everything; admins always do.

    A pool that some grant is about is seen only by those whom it names; for others it is as if it did not exist. In
    several workspaces that holds for every pool: what no grant is about only admins see. Where another organisation
    listens nothing is seen at all.

    Attributes:
        admins: Who sees and may do everything: people, such as slack:U012ABC, and user groups, slack:S012ABC.
        grants: Which pools are seen by whom.
        hide_users_in: Channels (globs over slack:C012ABC) in which the users of jobs are not named, to admins neither:
            what one asks there may be shared there.
        external: Channels (ids) that are shared with other organisations, in which pools are seen all the same.
        several: Whether the bot is in several workspaces of Slack.
    """

    admins: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    hide_users_in: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    several: bool = False

    @property
    def groups(self) -> frozenset[str]:
        """The user groups that anything depends on."""
        admins = (each for each in self.admins if each.rpartition("/")[2].removeprefix("slack:").startswith("S"))
        return frozenset(admins).union(*(grant.groups for grant in self.grants))

    def may_see(self, asker: Asker, pool: Pool) -> bool:
        """Whether `asker` may know of `pool` here. The command line belongs to whoever runs the bot."""
        if asker.platform == "cli":
            return True
        if self.is_shut_out(asker):
            return False
        if self.is_admin(asker):
            return True
        about = [grant for grant in self.grants if pool.named_by(grant.pools)]
        if not about:
            return not self._is_closed(asker.platform)
        return any(grant.is_for(asker) for grant in about)

    def sees_all(self, asker: Asker) -> bool:
        """Whether there is no pool that `asker` may not know of here, whichever there are."""
        if asker.platform == "cli":
            return True
        is_open = self.is_admin(asker) or not (self.grants or self._is_closed(asker.platform))
        return is_open and not self.is_shut_out(asker)

    def knows_of(self, asker: Asker, globs: Sequence[str], pools: Sequence[Pool]) -> bool:
        """Whether `asker` may be shown what names pools by `globs`: all of them, or one that may be seen."""
        if self.sees_all(asker):
            return True
        if self.is_shut_out(asker):
            return False
        return "*" in globs or any(pool.named_by(globs) for pool in self.visible(asker, pools))

    def known_of(self, asker: Asker, globs: Sequence[str], pools: Sequence[Pool]) -> tuple[str, ...]:
        """Those of `globs` that `asker` may be shown."""
        return tuple(glob for glob in globs if self.knows_of(asker, (glob,), pools))

    def knows_all_of(self, asker: Asker, globs: Sequence[str], pools: Sequence[Pool]) -> bool:
        """Whether `asker` may be shown each of `globs`."""
        return len(self.known_of(asker, globs, pools)) == len(globs)

    def may_hear(self, place: str, pool: Pool) -> bool:
        """Whether a channel, such as slack:#ml-ops, may be told of `pool` unasked."""
        about = [grant for grant in self.grants if pool.named_by(grant.pools)]
        if not about:
            return not self._is_closed(place.partition(":")[0])
        return any(grant.is_heard_in(place) for grant in about)

    def may_change(self, asker: Asker) -> bool:
        """Whether `asker` may change what everybody hears: the admins, and everyone where none are named.

        In several workspaces "everyone" would be strangers to each other, so there it is the admins alone.
        """
        if asker.platform == "cli":
            return True
        if self.is_shut_out(asker):
            return False
        return self.is_admin(asker) or (not self.admins and not self._is_closed(asker.platform))

    def is_admin(self, asker: Asker) -> bool:
        """Whether `asker` is one of the admins."""
        return _any_of((asker.person, str(asker)), self.admins) or not set(asker.groups).isdisjoint(self.admins)

    def is_shut_out(self, asker: Asker) -> bool:
        """Whether another organisation listens here, or asks, and is not to hear anything."""
        return asker.is_outside and not self.allows_outside(asker.place)

    def allows_outside(self, *places: str) -> bool:
        """Whether a channel may be told of pools although it is shared with another organisation."""
        return _any_of(places, self.external)

    def _is_closed(self, platform: str) -> bool:
        """Whether a pool that no grant is about is seen by nobody there."""
        return self.several and platform == "slack"

    def shows_users(self, asker: Asker) -> bool:
        """Whether an answer given here may name the users of jobs."""
        return not users_are_hidden(called(asker.place), self.hide_users_in)

    def visible(self, asker: Asker, pools: Sequence[Pool]) -> tuple[Pool, ...]:
        """Those of `pools` that `asker` may know of here."""
        return tuple(pool for pool in pools if self.may_see(asker, pool))


def users_are_hidden(places: Iterable[str], hide_users_in: Sequence[str]) -> bool:
    """Whether the users of jobs are not named in a channel, given all that it is called, such as slack:C012ABC."""
    return any(fnmatchcase(place, glob) for place in places for glob in hide_users_in)


def called(place: str) -> tuple[str, ...]:
    """Every name by which access rules may know a place, a person or a group: an id without its workspace too."""
    found = _SLACK_ID.fullmatch(place)
    return (place, f"slack:{found[1]}") if found is not None else (place,)


def _any_of(places: Iterable[str], named: Sequence[str]) -> bool:
    return any(name in named for place in places for name in called(place))
