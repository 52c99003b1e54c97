"""What does ModelArts say? One method, one question; one client, one account, used by all threads."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from bot.core.because import Because
from bot.core.stats import Pool, PoolStats
from bot.modelarts import regions
from bot.modelarts.account import Account, segment
from bot.modelarts.asking import Clocks, Patience
from bot.modelarts.credentials import Keys, Login
from bot.modelarts.errors import NotServed, UnexpectedAnswer, UnknownPool
from bot.modelarts.facts import PoolDetails, RuntimeLoad, Workloads
from bot.modelarts.limits import Limits
from bot.modelarts.listings import PoolElement, PoolList, RuntimeList, WorkloadList, understood
from bot.modelarts.rate import Rate
from bot.modelarts.resolve import Resolver
from bot.modelarts.rotating import Rotating
from bot.modelarts.transport import Transport
from bot.modelarts.wire import parsed, read_statistics

_MOST_PAGES = 50
_MOST_WORKLOADS = 500


class ModelArts:
    """Asks ModelArts about the pools of one project.

    Args:
        credentials: A key pair, which signs each request, or the login of an IAM user, who gets a token; or either of
            them as something that may be exchanged.
        region: The region; names the project and, unless they are given, the addresses.
        endpoint: Where ModelArts answers, instead of the region's address.
        iam_endpoint: Where IAM answers, instead of the region's address.
        project_id: The project; looked up by the region's name where it is not given.
        wall: The time of day, for signatures; always the real one, even while a replay asks.
        monotonic: Seconds that only grow.
        wait: Waits for some seconds.
        trust_env: Whether the environment's proxy and CA settings apply.
        connect_timeout: How long a connection may take.
        read_timeout: How long one whole answer may take.
        deadline: How long a question may take in all, its turn and its repetitions included.
        max_rate: Requests a second; less for a while after ModelArts throttled us.
        connections: How many connections to keep open, at least one for each thread that asks.
        user_agent: How we introduce ourselves.
        limits: Those that are shared with clients of other projects; its own where there are none.

    Raises:
        ValueError: Neither an address nor a region is given, or an address is not usable.
    """

    def __init__(
        self,
        credentials: Keys | Login | Rotating,
        *,
        wall: Callable[[], datetime],
        monotonic: Callable[[], float],
        wait: Callable[[float], object],
        region: str | None = None,
        endpoint: str | None = None,
        iam_endpoint: str | None = None,
        project_id: str | None = None,
        trust_env: bool = True,
        connect_timeout: timedelta = timedelta(seconds=3),
        read_timeout: timedelta = timedelta(seconds=10),
        deadline: timedelta = timedelta(seconds=20),
        max_rate: float = 10.0,
        connections: int = 32,
        user_agent: str = "pool-stats-bot",
        limits: Limits | None = None,
    ) -> None:
        if endpoint is None and region is None:
            raise ValueError("ModelArts' region or endpoint must be stated")
        if project_id is None and region is None:
            raise ValueError("ModelArts' project id must be stated, or the region, whose name finds it")
        self._account = Account(
            credentials if isinstance(credentials, Rotating) else Rotating(credentials),
            origin=regions.checked_endpoint(endpoint) if endpoint else regions.modelarts_endpoint(region or ""),
            iam=regions.checked_endpoint(iam_endpoint) if iam_endpoint else regions.iam_endpoint(region),
            region=region,
            project_id=project_id,
            transport=Transport(trust_env=trust_env, connections=connections, user_agent=user_agent),
            clocks=Clocks(wall, monotonic, wait),
            patience=Patience(connect_timeout.total_seconds(), read_timeout.total_seconds(), deadline.total_seconds()),
            max_rate=max_rate,
            limits=limits or Limits(monotonic=monotonic, wall=wall, wait=wait),
        )
        self._resolver = Resolver(
            list_pools=lambda: tuple(details.pool for details in self._listed()),
            show_pool=lambda pool_id: self.show_pool(pool_id).pool,
            monotonic=monotonic,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up the connections."""
        self._account.close()

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock was ahead of ModelArts' at its last answer (negative: behind)."""
        return self._account.clock_skew

    @property
    def rate(self) -> float:
        """Requests a second that we allow ourselves at present."""
        return self._account.rate

    def spaced_by(self, pool: Pool) -> Rate:  # noqa: ARG002 - of several accounts the pool says which
        """What spaces the questions about `pool`: one for each access key."""
        return self._account.spaced_by

    @property
    def stated_project(self) -> tuple[str, str] | None:
        """Where the pools are: the address and the project; `None` where its id is still to be looked up."""
        return self._account.stated_project

    def renew_credentials(self) -> None:
        """Read the credentials again, where they come from a file that may have been exchanged."""
        self._account.renew_credentials()

    @property
    def project_id(self) -> str:
        """The project; looked up once where it was not given.

        Raises:
            ModelArtsError: It cannot be looked up.
        """
        return self._account.project_id

    def pool_stats(self, pool: Pool | str, *, now: datetime) -> PoolStats:
        """The jobs of `pool` by type and status, read at `now`.

        Args:
            pool: The pool, or what a person calls it.
            now: When the question is asked, by the clock that the readings are kept by.

        Raises:
            UnknownPool: There is no such pool.
            AmbiguousPool: The name means several.
            Refused: The credentials are wrong or lack a right.
            Unavailable: ModelArts cannot answer now.
            UnexpectedAnswer: The answer cannot be believed.
        """
        if isinstance(pool, Pool):
            return self._stats(pool, now)
        try:
            return self._stats(self.resolve(pool, now=now), now)
        except UnknownPool as error:
            if error.pool == pool:
                raise
        # The list named a pool that is gone; its name may have passed to another.
        self._resolver.forget()
        return self._stats(self.resolve(pool, now=now), now)

    def pools(self, *, now: datetime) -> tuple[PoolDetails, ...]:
        """All pools of the project (of its default workspace), with what is known of them, asked anew.

        Raises:
            ModelArtsError: As for `pool_stats`.
        """
        found = self._listed()
        self._resolver.learn((details.pool for details in found), now=now)
        return found

    def show_pool(self, pool_id: str, *, within: timedelta | None = None, aside: bool = False) -> PoolDetails:
        """The pool with this id.

        Args:
            pool_id: Its id.
            within: How long it may take in all, where that is less than usual.
            aside: Whether it must hold up no other question; it is asked once.

        Raises:
            UnknownPool: There is none.
            ModelArtsError: As for `pool_stats`.
        """
        return self._account.get(
            f"pools/{segment(pool_id)}",
            lambda body: parsed(PoolElement, body).to_details(),
            pool=pool_id,
            within=within,
            aside=aside,
        )

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
        """The jobs of a pool by the time they were submitted, newest first unless told otherwise.

        Args:
            pool_id: The pool's id.
            job_types: Only these types, or all.
            status: Only jobs in this status.
            oldest_first: The longest waiting first.
            limit: At most so many, up to 500.
            offset: Leave out so many at the beginning.
            within: How long it may take in all, where that is less than usual.
            aside: Whether it must hold up no other question; it is asked once.

        Raises:
            UnknownPool: There is no such pool.
            ModelArtsError: As for `pool_stats`.
        """
        query = [("type", job_type) for job_type in job_types]
        query += [("status", str(status))] if status else []
        query += [
            ("sort", "create_time"),
            ("ascend", "true" if oldest_first else "false"),
            ("limit", str(max(1, min(limit, _MOST_WORKLOADS)))),
            ("offset", str(max(0, offset))),
        ]
        return self._account.get(
            f"pools/{segment(pool_id)}/workloads",
            lambda body: parsed(WorkloadList, body).to_workloads(),
            pool=pool_id,
            query=tuple(query),
            within=within,
            aside=aside,
        )

    def runtime_metrics(self) -> tuple[RuntimeLoad, ...] | None:
        """How many jobs every pool runs and queues, by one question; `None` where the region does not serve it.

        Raises:
            ModelArtsError: As for `pool_stats`.
        """
        try:
            return self._account.get("metrics/runtime/pools", lambda body: parsed(RuntimeList, body).to_loads())
        except NotServed:
            return None

    def resolve(self, text: str, *, now: datetime) -> Pool:
        """The pool that `text` names: by exact id, exact display name or unique beginning, whatever its case.

        Raises:
            UnknownPool: There is none; the nearest names are suggested.
            AmbiguousPool: There are several; they are the choices.
            ModelArtsError: As for `pool_stats`.
        """
        return self._resolver.resolve(text, now=now)

    def known_pools(self, *, now: datetime) -> tuple[Pool, ...]:
        """All pools, from a list that is at most five minutes old.

        Raises:
            ModelArtsError: As for `pool_stats`.
        """
        return self._resolver.known_pools(now=now)

    def _stats(self, pool: Pool, now: datetime) -> PoolStats:
        return self._account.get(
            f"statistics/pools/{segment(pool.id)}/workloads",
            lambda body: read_statistics(body, pool, now),
            pool=pool.id,
        )

    def _listed(self) -> tuple[PoolDetails, ...]:
        listed: list[PoolDetails | None] = []
        query: tuple[tuple[str, str], ...] = ()
        for _ in range(_MOST_PAGES):
            page = self._account.get("pools", lambda body: parsed(PoolList, body), query=query)
            listed += page.to_details()
            if page.next_page is None:
                return understood(listed)
            query = (("continue", page.next_page),)
        raise UnexpectedAnswer(Because("ModelArts lists pools on page after page without end"))
