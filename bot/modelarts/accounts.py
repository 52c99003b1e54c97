"""What does ModelArts say about the pools of several accounts? Each is asked about its own."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

from bot.core.because import Because
from bot.core.places import told_apart
from bot.core.stats import Pool, PoolStats
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import BadCredentials, ModelArtsError, NotAllowed, NotServed, Unavailable, UnknownPool
from bot.modelarts.facts import PoolDetails, Workloads
from bot.modelarts.lists import Lists, Member, placed
from bot.modelarts.names import chosen, folded, is_id
from bot.modelarts.rate import Rate

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Listed:
    """What the accounts list.

    Attributes:
        pools: Under the names that tell them apart; of an account that does not answer, those that it listed last.
        unlisted: Why the list of an account could not be had, by its name.
    """

    pools: tuple[Pool, ...]
    unlisted: Mapping[str, ModelArtsError]


class Accounts:
    """Asks several accounts as if they were one; an account that fails stands in no other's way. For all threads.

    Args:
        members: At least one; a pool that two of them list belongs to the first.
        monotonic: Seconds that only grow.
    """

    def __init__(self, members: Sequence[Member], *, monotonic: Callable[[], float]) -> None:
        self._members = {member.name: member for member in members}
        self._lock = threading.Lock()
        self._lists = Lists(monotonic)
        # Which of the accounts a pool belongs to, by its id.
        self._of: dict[str, str] = {}
        self._clashing: set[str] = set()
        # Which accounts' credentials were refused at their last question about a pool.
        self._refused: dict[str, BadCredentials] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up the connections."""
        with ExitStack() as closing:
            for member in self._members.values():
                closing.callback(member.client.close)

    def renew_credentials(self) -> None:
        """Read the credentials of all accounts again, where they come from files."""
        for member in self._members.values():
            member.client.renew_credentials()

    @property
    def members(self) -> tuple[Member, ...]:
        """The accounts, in the order in which they are configured."""
        return tuple(self._members.values())

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock was ahead of ModelArts' (negative: behind), where it differed most."""
        known = [skew for each in self._members.values() if (skew := each.client.clock_skew) is not None]
        return max(known, key=abs, default=None)

    def listed(
        self, *, now: datetime, known: Iterable[Pool] = (), named: Mapping[str, Sequence[str]] | None = None
    ) -> Listed:
        """The pools of all accounts, from lists at most five minutes old.

        Args:
            now: By which clock lists grow old.
            known: Pools of earlier days, for an account whose list cannot be had now and has not been had before.
            named: Pools by their ids, for an account that may not list any; remembered for whoever names none.
        """
        if named is not None:
            self._lists.name(named)
        found: dict[str, Pool] = {}
        unlisted: dict[str, ModelArtsError] = {}
        known = tuple(known)
        for member in self._members.values():
            try:
                own = self._lists.of(member, now)
            except ModelArtsError as error:
                unlisted[member.name] = error
                own = self._lists.last(member, known)
            for pool in own:
                first = found.setdefault(pool.id, pool)
                if first.account != pool.account:
                    self._clash(first, pool)
        with self._lock:
            self._of.update({pool.id: pool.account for pool in found.values()})
        return Listed(told_apart(tuple(found.values())), MappingProxyType(unlisted))

    @property
    def unlisted(self) -> Mapping[str, ModelArtsError]:
        """Why the list of an account could not be had when it was asked for last, by its name."""
        return self._lists.unlisted

    @property
    def refused(self) -> Mapping[str, BadCredentials]:
        """Which accounts' credentials are refused."""
        return dict(self._refused)

    def known_pools(self, *, now: datetime) -> tuple[Pool, ...]:
        """The pools of all accounts; of one that does not answer, those that it listed last.

        Raises:
            ModelArtsError: No account can be asked.
        """
        listed = self.listed(now=now)
        if len(listed.unlisted) == len(self._members):
            raise self.told(listed.unlisted)
        return listed.pools

    def resolve(self, text: str, *, now: datetime) -> Pool:
        """The pool that `text` names; `NAME@REGION` and `NAME@ACCOUNT` say which, where several accounts have the name.

        Raises:
            UnknownPool: There is none; the nearest names are suggested.
            AmbiguousPool: There are several; they are the choices.
            ModelArtsError: It could be one of an account that cannot be asked.
        """
        listed = self.listed(now=now)
        try:
            return chosen(text, listed.pools)
        except UnknownPool as error:
            unknown = error
        self._look_again(text, now)
        listed = self.listed(now=now)
        try:
            return chosen(text, listed.pools)
        except UnknownPool as error:
            unknown = error
        if is_id(folded(text)):
            for member in self._members.values():
                # Pools of other workspaces are not listed but can be asked about.
                try:
                    return placed(member.client.resolve(text, now=now), member)
                except ModelArtsError:
                    continue
        if listed.unlisted:
            raise self.told(listed.unlisted)
        raise unknown

    def spaced_by(self, pool: Pool) -> Rate:
        """What spaces the questions about `pool`; where it is not known whose that is, those of the first account."""
        account = pool.account or self._of.get(pool.id, "")
        return self._members.get(account, self.members[0]).client.spaced_by(pool)

    def pool_stats(self, pool: Pool | str, *, now: datetime) -> PoolStats:
        """The jobs of `pool`, asked of the account that it belongs to.

        Raises:
            ModelArtsError: As for one account; `Unavailable` where it is not known whose the pool is.
        """
        if isinstance(pool, str):
            pool = self.resolve(pool, now=now)
        account = pool.account or self._of.get(pool.id, "")
        if account in self._members:
            try:
                stats = self._members[account].client.pool_stats(pool, now=now)
            except BadCredentials as error:
                self._refused[account] = error
                raise
            self._refused.pop(account, None)
            return stats
        return self._whoever_knows(pool.id, lambda client: client.pool_stats(pool, now=now))

    def show_pool(self, pool_id: str, *, within: timedelta | None = None, aside: bool = False) -> PoolDetails:
        """The pool with this id, asked of its account.

        Raises:
            ModelArtsError: As for `pool_stats`.
        """
        return self._whoever_knows(pool_id, lambda client: client.show_pool(pool_id, within=within, aside=aside))

    def workloads(self, pool_id: str, **what: Any) -> Workloads:
        """The jobs of a pool, asked of its account; `what` is as for one account.

        Raises:
            ModelArtsError: As for `pool_stats`.
        """
        return self._whoever_knows(pool_id, lambda client: client.workloads(pool_id, **what))

    def told(self, unlisted: Mapping[str, ModelArtsError]) -> ModelArtsError:
        """The first of the failures, which says whose it is."""
        name, error = next(iter(unlisted.items()))
        why = Because("account {account}: {why}", account=name, why=error.why)
        told: ModelArtsError
        match error:
            case BadCredentials():
                told = BadCredentials(why, error.clock_skew, error.open_until)
            case Unavailable():
                told = type(error)(why, error.retry_after)
            case NotAllowed() | NotServed():
                told = type(error)(why)
            case _:
                told = Unavailable(why)
        return told.traced(error.request_id, error.error_code)

    def _whoever_knows(self, pool_id: str, ask: Callable[[ModelArts], Answer]) -> Answer:
        """The answer of the account that the pool belongs to; where that is not known, of the first that knows it."""
        account = self._of.get(pool_id)
        if account is not None:
            return ask(self._members[account].client)
        failed: ModelArtsError | None = None
        for member in self._members.values():
            try:
                answer = ask(member.client)
            except ModelArtsError as error:
                # That one account does not know it says nothing while another cannot be asked.
                failed = error if failed is None or isinstance(failed, UnknownPool) else failed
            else:
                with self._lock:
                    self._of[pool_id] = member.name
                return answer
        raise failed or UnknownPool(pool_id)

    def _look_again(self, text: str, now: datetime) -> None:
        """Let each account look whether the pool is new there; it does so at most every few seconds."""
        plain = text.rpartition("@")[0] or text
        for member in self._members.values():
            if member.name in self._lists.unlisted:
                continue
            try:
                member.client.resolve(plain, now=now)
            except ModelArtsError:
                continue

    def _clash(self, first: Pool, second: Pool) -> None:
        with self._lock:
            is_new = second.id not in self._clashing
            self._clashing.add(second.id)
        if is_new:
            log.error(
                "the accounts %s and %s both list pool %s: it is read for %s alone; are they about one project?",
                first.account,
                second.account,
                second.id,
                first.account,
            )
