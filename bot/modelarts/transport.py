"""How does one request travel? Once, over a kept connection, within time and size; whatever arrives is an `Answer`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from bot.core.because import Because
from bot.core.language import N_
from bot.modelarts.connections import TimedAdapter
from bot.modelarts.errors import Unavailable
from bot.modelarts.signing import Pairs, query_string

MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One question as it is sent, apart from the proof of who asks.

    Attributes:
        method: The HTTP method.
        origin: `https://host[:port]`.
        path: Percent-encoded.
        query: Names and values, not encoded.
        headers: Headers that belong to the question.
        body: What is sent along; may hold a password, so it is not in the `repr`.
        pool: The id of the pool that the question is about, if it is about one.
    """

    method: str
    origin: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    pool: str | None = None

    @property
    def host(self) -> str:
        """The `Host` header."""
        return self.origin.partition("://")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status.
        headers: The headers, whatever their case.
        body: The body, empty where it did not arrive whole.
        flaw: Why the body did not arrive whole, if so.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    flaw: str | None = None


class Transport:
    """One session of kept connections for one account, shared by all threads.

    Args:
        trust_env: Whether the environment's proxy and CA settings apply. They are looked up once per address.
        connections: How many connections to keep to a host.
        user_agent: How we introduce ourselves.
    """

    def __init__(self, *, trust_env: bool, connections: int, user_agent: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = trust_env
        self._adapter = TimedAdapter(pool_connections=4, pool_maxsize=connections)
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        self._routes: dict[str, Mapping[str, object]] = {}

    def send(self, request: Request, headers: Mapping[str, str], *, connect: float, read: float) -> Answer:
        """The answer to `request`; redirects are not followed, cookies not kept.

        Args:
            request: The question.
            headers: Headers that prove who asks, besides those of the question.
            connect: Seconds to establish a connection.
            read: Seconds until all of the answer has arrived.

        Raises:
            Unavailable: No answer arrived.
        """
        try:
            response = self._adapter.send(
                self._prepared(request, headers),
                stream=True,
                timeout=(connect, read),
                **self._route(request.origin),  # type: ignore[arg-type]  # verify, cert and proxies, as requests made them
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise Unavailable(
                Because("{host} cannot be reached: {why}", host=request.host, why=Because(_cause(error)))
            ) from None
        try:
            body, flaw = _read(response.raw)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, body, flaw)

    def close(self) -> None:
        """Give up the connections."""
        self._session.close()

    def _prepared(self, request: Request, headers: Mapping[str, str]) -> requests.PreparedRequest:
        # By hand, because requests' own preparation is a third of the cost of a poll, normalises the address after it
        # was signed, and replaces the authorization by what ~/.netrc says about the host.
        prepared = requests.PreparedRequest()
        query = query_string(request.query)
        prepared.method = request.method
        prepared.url = f"{request.origin}{request.path}?{query}" if query else f"{request.origin}{request.path}"
        prepared.headers = CaseInsensitiveDict({**self._headers, **dict(request.headers), **headers})
        prepared.body = request.body or None
        if request.body:
            prepared.headers["Content-Length"] = str(len(request.body))
        return prepared

    def _route(self, origin: str) -> Mapping[str, object]:
        """The proxies and certificates for `origin`; reading the environment each time would cost more than signing."""
        known = self._routes.get(origin)
        if known is None:
            known = dict(self._session.merge_environment_settings(f"{origin}/", {}, True, None, None))
            known.pop("stream")
            self._routes[origin] = known
        return known


def full_headers(request: Request, more: Pairs = ()) -> dict[str, str]:
    """The headers of `request` that are worth signing."""
    return {"Host": request.host, **dict(request.headers), **dict(more)}


def _read(raw: urllib3.BaseHTTPResponse) -> tuple[bytes, str | None]:
    """The body and what is wrong with it, if anything."""
    try:
        body = raw.read(MOST_BYTES + 1, decode_content=True)
    except urllib3.exceptions.ReadTimeoutError:
        return b"", N_("it took too long to arrive")
    except urllib3.exceptions.DecodeError:
        return b"", N_("its compression is broken")
    except urllib3.exceptions.HTTPError:
        return b"", N_("it was cut off")
    if len(body) > MOST_BYTES:
        return b"", N_("it is larger than 5 MB")
    return body, None


# From the particular to the general: the first that fits is told.
_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ConnectTimeout, N_("no connection in time")),
    (requests.exceptions.ReadTimeout, N_("no answer in time")),
    (requests.exceptions.ProxyError, N_("the proxy does not let us through")),
    (requests.exceptions.SSLError, N_("its certificate is not trusted or TLS fails")),
    (requests.exceptions.ConnectionError, N_("the connection fails")),
    (urllib3.exceptions.LocationParseError, N_("the address is wrong")),
)


def _cause(error: Exception) -> str:
    if "NameResolutionError" in repr(error):
        return N_("its name cannot be resolved")
    return next((told for kind, told in _CAUSES if isinstance(error, kind)), N_("the connection fails"))
