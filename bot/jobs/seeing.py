"""Read one pool, and what of it is counted, logged and passed on? The same in whichever process it is read."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.stats import Pool
from bot.jobs.poll import Outcome, Polled
from bot.logs import Troubles
from bot.metrics import Metrics
from bot.store.engine import StoreError

# Failures that one pool has in common with all others: told once, not for every pool.
REFUSED = "BadCredentials"
_OF_THE_ACCOUNT = frozenset({"Unavailable", "Throttled", "NotServed"})


@dataclass(frozen=True, slots=True)
class Seeing:
    """Reads pools.

    Attributes:
        poll: Read one, and keep what was read.
        metrics: Where it is counted.
        stored: It was stored, so the database works.
        told: Something was put into the outbox.
        escaped: Given the name of the work, an error that nobody foresaw, or one of the database.
    """

    poll: Callable[[Pool], Polled]
    metrics: Metrics
    stored: Callable[[], object]
    told: Callable[[], object]
    escaped: Callable[[str, Exception], object]

    def see(self, pool: Pool, troubles: Troubles) -> Polled | None:
        """Read `pool`; `None` where that ended in an error, which is told."""
        try:
            polled = self.poll(pool)
        except Exception as error:  # noqa: BLE001 - whatever escapes is counted here and the pool's turn comes again
            self.metrics.polls.labels("error").inc()
            self.escaped("poll" if isinstance(error, StoreError) else f"poll {pool.id}", error)
            return None
        self.metrics.polls.labels(polled.outcome.value).inc()
        self.stored()
        if polled.outcome is Outcome.FAILED:
            _not_read(pool, polled, troubles)
        else:
            troubles.over(f"poll {pool.id}")
        if polled.told:
            self.told()
        return polled


def _not_read(pool: Pool, polled: Polled, troubles: Troubles) -> None:
    """Tell why: of what is wrong with the pool for each pool, of what is wrong with the account once."""
    about, by = f"pool {pool.id}", f"poll {pool.id}"
    why = f"pool {pool.id} cannot be read: {polled.why}"
    if polled.kind == REFUSED:
        # Of one account among several the others are no less ready.
        about, why = f"pools refused {pool.account}" if pool.account else "credentials", lasting(polled.why)
    elif polled.kind in _OF_THE_ACCOUNT:
        about = f"pools {polled.kind} {pool.account}".rstrip()
    troubles.only(by, about)
    troubles.begin(about, polled.kind, why, by=by, quiet=polled.kind == REFUSED)


def lasting(why: str) -> str:
    """The reason without what is true for a moment only: for how long nothing is asked."""
    return why.partition("; ")[0]
