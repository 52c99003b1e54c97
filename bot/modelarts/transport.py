"""How does one request travel? Once, over a kept connection, within time and size; whatever arrives is an `Answer`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import requests
import urllib3

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


@dataclass(frozen=True, slots=True)
class _Route:
    """How an address is reached: over which kept connections, and what stands before the path on this way."""

    connections: urllib3.HTTPConnectionPool
    prefix: str


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
        self._routes: dict[str, _Route] = {}

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
        route = self._route(request)
        try:
            # Not by way of requests, which spends as much on a request again as urllib3 does, normalises the address
            # after it was signed, and replaces the authorization by what ~/.netrc says about the host.
            response = route.connections.urlopen(
                request.method,
                route.prefix + _target(request),
                body=request.body or None,
                headers={**self._headers, **dict(request.headers), **headers},
                timeout=urllib3.Timeout(connect, read),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(request, _cause(error)) from None
        try:
            body, flaw = _read(response)
        finally:
            # Of an answer that did not arrive whole the connection cannot be kept.
            response.close()
            response.release_conn()
        return Answer(response.status, response.headers, body, flaw)

    def close(self) -> None:
        """Give up the connections."""
        self._session.close()

    def _route(self, request: Request) -> _Route:
        """The way there; reading the environment each time would cost more than signing."""
        known = self._routes.get(request.origin)
        if known is None:
            try:
                known = self._found(request.origin)
            except (requests.RequestException, urllib3.exceptions.HTTPError):
                # Its address may hold a password, so no more is said of it.
                raise _unreachable(request, N_("the proxy that the environment names cannot be used")) from None
            except OSError:
                raise _unreachable(request, N_("the certificates that the environment names are not there")) from None
            self._routes[request.origin] = known
        return known

    def _found(self, origin: str) -> _Route:
        asked = requests.Request("GET", f"{origin}/").prepare()
        way = self._session.merge_environment_settings(f"{origin}/", {}, True, None, None)
        verify, cert, proxies = way["verify"], way["cert"], way["proxies"]
        found = self._adapter.get_connection_with_tls_context(asked, verify, proxies=proxies, cert=cert)
        pool = cast("urllib3.HTTPConnectionPool", found)
        self._adapter.cert_verify(pool, asked.url, verify, cert)  # type: ignore[no-untyped-call] # it has no types
        # A proxy is told the whole address where it does not pass on TLS.
        return _Route(pool, self._adapter.request_url(asked, proxies).removesuffix("/"))


def _unreachable(request: Request, why: str) -> Unavailable:
    return Unavailable(Because("{host} cannot be reached: {why}", host=request.host, why=Because(why)))


def _target(request: Request) -> str:
    query = query_string(request.query)
    return f"{request.path}?{query}" if query else request.path


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
    except (urllib3.exceptions.HTTPError, ValueError):
        # A ValueError is what Python makes of a chunk of less than no length.
        return b"", N_("it was cut off")
    if len(body) > MOST_BYTES:
        return b"", N_("it is larger than 5 MB")
    return body, None


# From the particular to the general: the first that fits is told.
_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (urllib3.exceptions.NameResolutionError, N_("its name cannot be resolved")),
    (urllib3.exceptions.NewConnectionError, N_("the connection fails")),
    (urllib3.exceptions.ConnectTimeoutError, N_("no connection in time")),
    (urllib3.exceptions.ReadTimeoutError, N_("no answer in time")),
    (urllib3.exceptions.ProxyError, N_("the proxy does not let us through")),
    (urllib3.exceptions.SSLError, N_("its certificate is not trusted or TLS fails")),
    (urllib3.exceptions.LocationParseError, N_("the address is wrong")),
)


def _cause(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.ProxyError) and "NameResolutionError" in repr(error):
        return N_("its name cannot be resolved")
    return next((told for kind, told in _CAUSES if isinstance(error, kind)), N_("the connection fails"))
