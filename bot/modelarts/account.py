"""As whom, and about which project, is ModelArts asked: the account behind a client, shared by all threads."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote

from bot.modelarts.asking import Asker, Clocks, Patience
from bot.modelarts.auth import Signing, Tokens, looked_up_project
from bot.modelarts.credentials import Keys
from bot.modelarts.errors import UnexpectedAnswer, UnknownPool
from bot.modelarts.failures import request_id
from bot.modelarts.flight import Flight
from bot.modelarts.limits import Limits
from bot.modelarts.rate import Rate
from bot.modelarts.rotating import Rotating
from bot.modelarts.transport import Request, Transport

_JSON = ("Content-Type", "application/json")

Read = TypeVar("Read")


class Account:
    """One session of kept connections for one project; its limit and circuit are those of its credentials.

    Args:
        source: What proves who asks.
        origin: Where ModelArts answers.
        iam: Where IAM answers.
        region: Names the project where its id is not given.
        project_id: The project.
        transport: How requests travel.
        clocks: The times that asking depends on.
        patience: How long to wait.
        max_rate: Requests a second.
        limits: Those that are shared with other accounts.
    """

    def __init__(
        self,
        source: Rotating,
        *,
        origin: str,
        iam: str,
        region: str | None,
        project_id: str | None,
        transport: Transport,
        clocks: Clocks,
        patience: Patience,
        max_rate: float,
        limits: Limits,
    ) -> None:
        self._origin = origin
        self._iam = iam
        self._region = region or ""
        self._wall = clocks.wall
        self._transport = transport
        self._asker = Asker(
            transport,
            clocks=clocks,
            patience=patience,
            limit_of=lambda credentials: limits.of(credentials, origin, max_rate),
        )
        self._source = source
        # Taken at once, so that whoever shares it keeps to the lowest rate from the beginning.
        self._asker.limit(source.current())
        self._auth: Signing | Tokens
        if isinstance(source.current(), Keys):
            self._auth = Signing(source)
        else:
            scope = {"id": project_id} if project_id else {"name": self._region}
            self._auth = Tokens(source, iam=iam, scope=scope, ask=self._asker.ask)
        self._project_id = project_id
        self._lookup: Flight[str] = Flight()

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock was ahead of the last answer's."""
        return self._asker.clock_skew

    @property
    def spaced_by(self) -> Rate:
        """What spaces the requests: that of the access key, whoever else asks with it."""
        return self._asker.limit(self._source.current()).rate

    @property
    def rate(self) -> float:
        """Requests a second that are allowed at present."""
        return self.spaced_by.current

    @property
    def stated_project(self) -> tuple[str, str] | None:
        """The address and the project, where its id is known."""
        return None if self._project_id is None else (self._origin, self._project_id)

    def renew_credentials(self) -> None:
        """Read the credentials again, where they come from a file."""
        self._source.renewed()

    @property
    def project_id(self) -> str:
        """The project; looked up once where it was not given.

        Raises:
            ModelArtsError: It cannot be looked up.
        """
        if self._project_id is None:
            self._project_id = self._lookup.run(lambda: self._project_id or self._found_project())
        return self._project_id

    def get(
        self,
        path: str,
        read: Callable[[bytes], Read],
        *,
        pool: str | None = None,
        query: tuple[tuple[str, str], ...] = (),
        within: timedelta | None = None,
        aside: bool = False,
    ) -> Read:
        """What `read` finds in the answer to a question about the project.

        Args:
            path: What follows the project in the address, percent-encoded.
            read: Understands the body, or raises `UnexpectedAnswer`.
            pool: The id of the pool that the question is about.
            query: Names and values.
            within: How long it may take in all, where that is less than usual.
            aside: Whether it must hold up no other question.

        Raises:
            ModelArtsError: There is no answer, or `read` does not understand it.
        """
        project = self.project_id
        request = Request(
            "GET",
            self._origin,
            f"/v2/{quote(project, safe='')}/{path}",
            query=query,
            headers=(_JSON, ("X-Project-Id", project)),
            pool=pool,
        )
        answer = self._asker.ask(request, self._auth, within=within, aside=aside)
        try:
            return read(answer.body)
        except UnexpectedAnswer as error:
            raise error.traced(request_id(answer), None) from None

    def close(self) -> None:
        """Give up the connections."""
        self._transport.close()

    def _found_project(self) -> str:
        if isinstance(self._auth, Tokens):
            return self._auth.project_id(self._wall())
        return looked_up_project(self._asker.ask, self._auth, iam=self._iam, region=self._region)


def segment(pool_id: str) -> str:
    """A pool's id as a segment of a path.

    Raises:
        UnknownPool: No pool has such an id, and it could lead elsewhere.
    """
    if pool_id in {"", ".", ".."} or "/" in pool_id or len(pool_id) > 200 or not pool_id.isprintable():
        raise UnknownPool(pool_id)
    return quote(pool_id, safe="")
