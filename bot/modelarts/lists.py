"""Which pools does each of several accounts list, and what is known of one whose list cannot be had?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.stats import Pool
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import ModelArtsError, NotAllowed, NotServed
from bot.modelarts.names import folded, is_id

# An account whose list could not be had is asked for it again after so long; nobody who asks about another waits.
AGAIN_AFTER_SECONDS = 15.0
# So long holds what was found by asking for each pool by its id, where none may be listed.
BY_ID_FOR_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Member:
    """One of the accounts."""

    name: str
    region: str
    client: ModelArts


class Lists:
    """Asks accounts for their pools, and remembers what each has said. For all threads.

    Args:
        monotonic: Seconds that only grow.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # What each account listed last.
        self._last: dict[str, tuple[Pool, ...]] = {}
        # The pools of accounts that may list none, and until when what was found by their ids holds.
        self._named: Mapping[str, Sequence[str]] = {}
        self._by_id_until: dict[str, float] = {}
        # Why the list of an account could not be had, and when.
        self._failed: dict[str, tuple[ModelArtsError, float]] = {}

    def name(self, named: Mapping[str, Sequence[str]]) -> None:
        """The pools, by their ids, of accounts that may not list any."""
        self._named = named

    def of(self, member: Member, now: datetime) -> tuple[Pool, ...]:
        """The pools that the account lists, or that are named by an id where it may list none.

        Raises:
            ModelArtsError: They could not be had, now or a moment ago: one that has just failed is not waited for.
        """
        if self._monotonic() < self._by_id_until.get(member.name, 0.0):
            return self._last[member.name]
        error, at = self._failed.get(member.name, (None, 0.0))
        if error is not None and self._monotonic() - at < AGAIN_AFTER_SECONDS:
            raise error
        try:
            own = tuple(placed(pool, member) for pool in member.client.known_pools(now=now))
        except ModelArtsError as failed:
            may_not = isinstance(failed, NotAllowed | NotServed)
            own = _by_id(member, self._named.get(member.name, ()), now) if may_not else ()
            if not own:
                self._failed[member.name] = failed, self._monotonic()
                raise
            self._by_id_until[member.name] = self._monotonic() + BY_ID_FOR_SECONDS
        self._failed.pop(member.name, None)
        self._last[member.name] = own
        return own

    def last(self, member: Member, known: Iterable[Pool]) -> tuple[Pool, ...]:
        """What it listed last; before it ever did, those of its pools that are `known` from earlier days."""
        # Remembered, so that whoever asks for a pool without knowing any finds it under the same name.
        own = self._last.get(member.name) or tuple(pool for pool in known if pool.account == member.name)
        self._last[member.name] = own
        return own

    @property
    def unlisted(self) -> Mapping[str, ModelArtsError]:
        """Why the list of an account could not be had when it was asked for last, by its name."""
        return {name: error for name, (error, _) in self._failed.items()}


def _by_id(member: Member, named: Sequence[str], now: datetime) -> tuple[Pool, ...]:
    """Those of the pools that are named by an id: to ask about one it need not be listed."""
    found: list[Pool] = []
    for each in named:
        if is_id(folded(each)):
            with suppress(ModelArtsError):
                found.append(placed(member.client.resolve(each, now=now), member))
    return tuple(found)


def placed(pool: Pool, member: Member) -> Pool:
    """The pool, with whose it is."""
    return replace(pool, account=member.name, region=member.region)
