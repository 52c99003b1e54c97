"""Which pools of several accounts are to be read, whatever becomes of one of the accounts?"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from bot.core.because import Why
from bot.core.stats import Pool
from bot.jobs.pools import STILL_KNOWN
from bot.modelarts.accounts import Accounts, Listed
from bot.store import names, samples
from bot.store.engine import reading, writing

log = logging.getLogger(__name__)

AGAIN_AFTER_SECONDS = 20.0


class Listing:
    """Lists the pools of all accounts again and again, and remembers which of them could not be listed last time.

    Used by one thread at a time; what it remembers may be read by any.
    """

    def __init__(self, accounts: Accounts, engine: Engine, monotonic: Callable[[], float]) -> None:
        self._accounts = accounts
        self._engine = engine
        self._monotonic = monotonic
        self._read_at = monotonic()
        self._unlisted: Mapping[str, Why] = {}

    @property
    def unlisted(self) -> Mapping[str, Why]:
        """Why which account could not be listed."""
        return self._unlisted

    @property
    def is_due(self) -> bool:
        """Whether it is time to look again for what could not be listed."""
        return bool(self._unlisted) and self._monotonic() - self._read_at >= AGAIN_AFTER_SECONDS

    def read(
        self, wanted: Callable[[Pool], bool], *, now: datetime, named: Mapping[str, Sequence[str]] | None = None
    ) -> tuple[Pool, ...]:
        """The wanted pools of all accounts; of one that cannot be listed, those that were read not long ago.

        Args:
            wanted: Whether the configuration is about a pool.
            now: The time.
            named: The ids, names and globs by which it names them, by account, where it does. Of an account whose pools
                may not be listed the ids are taken as they are.

        Raises:
            ModelArtsError: No account can be listed now.
            StoreError: The database cannot be used now.
        """
        with reading(self._engine) as db:
            lately = [stats.pool for stats in samples.latest_all(db) if now - stats.taken_at <= STILL_KNOWN]
            before = {pool.id: pool for pool in samples.pools_seen(db)}
        self._read_at = self._monotonic()
        named = named or {}
        listed = self._accounts.listed(now=now, known=lately, named=named)
        self._note(listed)
        if len(listed.unlisted) == len(self._accounts.members):
            raise self._accounts.told(listed.unlisted)
        moved = [pool for pool in listed.pools if pool.id in before and before[pool.id] != pool]
        if moved:
            with writing(self._engine) as db:
                names.placed(db, moved)
        for account, globs in named.items():
            own = [pool for pool in listed.pools if pool.account == account]
            missing = [each for each in globs if not any(pool.named_by((each,)) for pool in own)]
            if missing and account not in listed.unlisted:
                log.warning("account %s has no pool that %s of its pools names", account, ", ".join(map(repr, missing)))
        return tuple(pool for pool in listed.pools if wanted(pool))

    def _note(self, listed: Listed) -> None:
        for name, error in listed.unlisted.items():
            if name not in self._unlisted:
                log.warning("the pools of account %s cannot be listed; this will be tried again: %s", name, error)
        for name in self._unlisted:
            if name not in listed.unlisted:
                log.info("the pools of account %s can be listed again", name)
        self._unlisted = {name: error.why for name, error in listed.unlisted.items()}
