"""What can be asked about pools, whether they are those of one account or of several?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from bot.core.stats import Pool, PoolStats
from bot.modelarts.facts import PoolDetails, Workloads
from bot.modelarts.rate import Rate


class Source(Protocol):
    """The questions of `ModelArts` (`bot.modelarts.client`), which says what each of them answers."""

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock is ahead of theirs (negative: behind); of several, the worst."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """Give up the connections."""

    def renew_credentials(self) -> None:
        """Read the credentials again, where they come from a file."""

    def spaced_by(self, pool: Pool) -> Rate:
        """What spaces the questions about `pool`: one for each access key."""

    def pool_stats(self, pool: Pool | str, *, now: datetime) -> PoolStats:
        """The jobs of `pool` by type and status."""

    def show_pool(self, pool_id: str, *, within: timedelta | None = None, aside: bool = False) -> PoolDetails:
        """The pool with this id."""

    def workloads(
        self,
        pool_id: str,
        *,
        job_types: Iterable[str] = (),
        status: str | None = None,
        oldest_first: bool = False,
        limit: int = 100,
        offset: int = 0,
        within: timedelta | None = None,
        aside: bool = False,
    ) -> Workloads:
        """The jobs of a pool by the time they were submitted."""

    def resolve(self, text: str, *, now: datetime) -> Pool:
        """The pool that `text` names."""

    def known_pools(self, *, now: datetime) -> tuple[Pool, ...]:
        """All pools, from a list that is at most five minutes old."""
