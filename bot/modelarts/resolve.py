"""How is a pool found without listing all pools for every question? From a list kept for a few minutes."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.because import Because
from bot.core.stats import Pool
from bot.modelarts.errors import NotAllowed, NotServed, Unavailable, UnknownPool
from bot.modelarts.flight import Flight
from bot.modelarts.names import chosen, folded, is_id, nearest

KEPT_FOR = timedelta(minutes=5)
# A name that is not in the list may be new; but asking for it again and again must not list pools each time.
_LEAST_SECONDS_BETWEEN = 5.0


@dataclass(frozen=True, slots=True)
class _Listing:
    """What listing gave: the pools, or why they cannot be listed here: not permitted, or not offered."""

    pools: tuple[Pool, ...]
    refusal: NotAllowed | NotServed | None
    now: datetime
    read_at: float

    def is_fresh(self, now: datetime) -> bool:
        # A replay may set the clock back; then nothing kept is of its time.
        return timedelta() <= now - self.now < KEPT_FOR


class Resolver:
    """Finds pools by what people call them, for all threads.

    Args:
        list_pools: Lists all pools.
        show_pool: Looks up one pool by its id.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        list_pools: Callable[[], tuple[Pool, ...]],
        show_pool: Callable[[str], Pool],
        monotonic: Callable[[], float],
    ) -> None:
        self._list_pools = list_pools
        self._show_pool = show_pool
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._flight: Flight[_Listing] = Flight()
        self._listing: _Listing | None = None
        self._direct: dict[str, tuple[Pool, datetime]] = {}

    def known_pools(self, *, now: datetime) -> tuple[Pool, ...]:
        """All pools, from a list at most five minutes old.

        Raises:
            ModelArtsError: They cannot be listed.
        """
        listing = self._current(now)
        if listing.refusal is not None:
            raise _again(listing.refusal)
        return listing.pools

    def resolve(self, text: str, *, now: datetime) -> Pool:
        """The pool that `text` names.

        Raises:
            UnknownPool: There is none; the nearest names are suggested.
            AmbiguousPool: There are several.
            ModelArtsError: ModelArts cannot be asked.
        """
        listing = self._current(now)
        if listing.refusal is None:
            try:
                return chosen(text, listing.pools)
            except UnknownPool:
                listing = self._current(now, renewed=True)
        if listing.refusal is not None:
            return self._asked_directly(text, now, listing.refusal)
        try:
            return chosen(text, listing.pools)
        except UnknownPool:
            # Pools of other workspaces are not listed but can be asked about.
            if not is_id(folded(text)):
                raise
        try:
            return self._asked_directly(text, now, None)
        except UnknownPool:
            raise UnknownPool(text, nearest(folded(text), listing.pools)) from None

    def learn(self, pools: Iterable[Pool], *, now: datetime) -> None:
        """Take note of pools that were listed for another reason."""
        with self._lock:
            self._listing = _Listing(tuple(pools), None, now, self._monotonic())

    def forget(self) -> None:
        """Take the list for outdated: it named a pool that ModelArts does not know."""
        with self._lock:
            self._listing = None
            self._direct.clear()

    def _current(self, now: datetime, *, renewed: bool = False) -> _Listing:
        kept = self._listing
        if kept is not None and self._serves(kept, now, renewed=renewed):
            return kept
        try:
            return self._flight.run(lambda: self._read(now, renewed=renewed))
        except Unavailable:
            # Names change seldom: an old list is better than no answer.
            if kept is None:
                raise
            return kept

    def _serves(self, kept: _Listing, now: datetime, *, renewed: bool) -> bool:
        recent = self._monotonic() - kept.read_at < _LEAST_SECONDS_BETWEEN
        return recent or (kept.is_fresh(now) and not renewed)

    def _read(self, now: datetime, *, renewed: bool) -> _Listing:
        """A new listing, unless another thread has just read one."""
        listing = self._listing
        if listing is None or not self._serves(listing, now, renewed=renewed):
            try:
                listing = _Listing(self._list_pools(), None, now, self._monotonic())
            except (NotAllowed, NotServed) as error:
                listing = _Listing((), error, now, self._monotonic())
            with self._lock:
                self._listing = listing
        return listing

    def _asked_directly(self, text: str, now: datetime, refusal: NotAllowed | NotServed | None) -> Pool:
        wanted = folded(text)
        if not is_id(wanted):
            if refusal is None:
                raise UnknownPool(text)
            raise _again(refusal)
        with self._lock:
            kept = self._direct.get(wanted)
        if kept is not None and timedelta() <= now - kept[1] < KEPT_FOR:
            return kept[0]
        try:
            pool = self._show_pool(wanted)
        except NotServed:
            # Only its display name is missing then; whether there is such a pool its statistics will tell.
            pool = Pool(wanted, wanted)
        with self._lock:
            self._direct[wanted] = (pool, now)
        return pool


def _again(refusal: NotAllowed | NotServed) -> NotAllowed | NotServed:
    """The refusal for another caller, who has to give the full id of a pool instead."""
    why = Because("{why}; where pools cannot be listed, a pool is found by its full id only", why=refusal.why)
    return type(refusal)(why).traced(refusal.request_id, refusal.error_code)
