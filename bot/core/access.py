"""Who may see which pool, and do what?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.command import Asker
from bot.core.stats import Pool


@dataclass(frozen=True, slots=True)
class Grant:
    """Pools (globs over id and name) that only these channels may see, such as slack:C012ABC."""

    pools: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of who sees what. Without any grant everyone sees everything; admins always do.

    A pool that some grant is about is seen only in that grant's channels; elsewhere it is as if it did not exist.

    Attributes:
        admins: Who sees everything, such as slack:U012ABC.
        grants: Which pools are seen where.
        hide_users_in: Channels (globs over slack:C012ABC) in which the users of jobs are not named, to admins neither:
            what one asks there may be shared there.
    """

    admins: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    hide_users_in: tuple[str, ...] = ()

    def may_see(self, asker: Asker, pool: Pool) -> bool:
        """Whether `asker` may know of `pool` here. The command line belongs to whoever runs the bot."""
        about = [grant for grant in self.grants if pool.named_by(grant.pools)]
        if not about or asker.platform == "cli" or str(asker) in self.admins:
            return True
        return any(place in grant.channels for grant in about for place in asker.places)

    def may_hear(self, place: str, pool: Pool) -> bool:
        """Whether a channel, such as slack:#ml-ops, may be told of `pool` unasked."""
        about = [grant for grant in self.grants if pool.named_by(grant.pools)]
        return not about or any(place in grant.channels for grant in about)

    def may_change(self, asker: Asker) -> bool:
        """Whether `asker` may change what everybody hears: the admins, and everyone where none are named."""
        return not self.admins or asker.platform == "cli" or str(asker) in self.admins

    def shows_users(self, asker: Asker) -> bool:
        """Whether an answer given here may name the users of jobs."""
        return not users_are_hidden((asker.place,), self.hide_users_in)

    def visible(self, asker: Asker, pools: Sequence[Pool]) -> tuple[Pool, ...]:
        """Those of `pools` that `asker` may know of here."""
        return tuple(pool for pool in pools if self.may_see(asker, pool))


def users_are_hidden(places: Iterable[str], hide_users_in: Sequence[str]) -> bool:
    """Whether the users of jobs are not named in a channel, given all that it is called, such as slack:C012ABC."""
    return any(fnmatchcase(place, glob) for place in places for glob in hide_users_in)
