"""Does whatever a server or the environment does to one request end in an answer or in a named error?"""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.modelarts.errors import ModelArtsError, Unavailable, UnexpectedAnswer
from bot.modelarts.transport import Request, Transport
from tests.modelarts.stub import EXAMPLE, NOON, STATISTICS, Hands, Reply, Stub, client, ok
from tests.modelarts.test_statistics import POOL

BODY = json.dumps(EXAMPLE).encode()
PASSWORD = "sesame"
MEGABYTES = 1024 * 1024


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxies and no certificates but those that the test sets."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


class Once(threading.Thread):
    """Answers one question on a connection that it does not say it will close, and closes it."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__()
        self.heard = b""
        self._listening = listening
        self.start()

    def run(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            self.heard = connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)


@pytest.fixture
def one() -> Iterator[Transport]:
    """What sends once, whatever comes of it."""
    made = Transport(trust_env=False, connections=2, user_agent="test")
    yield made
    made.close()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, id="HTTP/1.0, as long as the connection"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + BODY, id="a length that is none"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 200 OK\r\n\r\n" + BODY, id="after others"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"1\r\n%c\r\n" % letter for letter in BODY)
            + b"0\r\nX-Trailer: 1\r\n\r\n",
            id="letter by letter",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nDate: \xff\r\nContent-Type: \xe4\r\n\r\n" + BODY, id="odd headers"),
    ],
)
def test_an_odd_answer_that_can_be_read_is_read(raw: bytes, stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(raw=raw))

    with client(stub, hands) as modelarts:
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


@pytest.mark.parametrize(
    ("reply", "error", "why"),
    [
        (Reply(raw=b"SSH-2.0-OpenSSH\r\n"), Unavailable, "connection fails"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"), Unavailable, "connection fails"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"), Unavailable, "connection fails"),
        (
            Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\n12345"),
            Unavailable,
            "connection fails",
        ),
        *(
            (
                Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + length + b"\r\n" + BODY),
                UnexpectedAnswer,
                "cut off",
            )
            for length in (b"-5", b"zz", b"f" * 15, b"")
        ),
        (
            Reply(200, gzip.compress(b" " * 200 * MEGABYTES, 1), {"Content-Encoding": "gzip"}),
            UnexpectedAnswer,
            "larger than 5 MB",
        ),
        (Reply(200, BODY, {"Content-Encoding": ", ".join(["gzip"] * 50)}), UnexpectedAnswer, "compression is broken"),
        (Reply(200, b" " * 10 * MEGABYTES), UnexpectedAnswer, "larger than 5 MB"),
        (Reply(302, b"", {"Location": "http://[no address"}), UnexpectedAnswer, "sent us elsewhere"),
    ],
)
def test_a_broken_answer_is_a_named_error_and_harms_no_later_one(
    reply: Reply, error: type[ModelArtsError], why: str, stub: Stub, hands: Hands
) -> None:
    attempts = 3 if error is Unavailable else 1
    stub.on(STATISTICS, *([reply] * attempts), ok())

    with client(stub, hands) as modelarts:
        with pytest.raises(error, match=why):
            modelarts.pool_stats(POOL, now=NOON)
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234


def test_a_redirect_takes_our_signature_nowhere(stub: Stub, hands: Hands) -> None:
    with Stub() as elsewhere:
        stub.on(STATISTICS, Reply(307, b"", {"Location": f"{elsewhere.url}/"}))
        with client(stub, hands) as modelarts, pytest.raises(UnexpectedAnswer):
            modelarts.pool_stats(POOL, now=NOON)

        assert elsewhere.seen == []


def test_a_connection_that_the_server_gave_up_while_it_was_idle_is_replaced_without_a_failure(one: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for _ in range(3):
            told = Once(listening)
            assert one.send(Request("GET", url, "/"), {}, connect=5, read=5).body == BODY
            # It has said nothing of closing, and closes.
            told.join()


@pytest.mark.parametrize(
    "proxy",
    [
        f"socks5://me:{PASSWORD}@127.0.0.1:9",
        f"ftp://me:{PASSWORD}@127.0.0.1:9",
        f"http://me:{PASSWORD}@[::1",
        f"http://me:{PASSWORD}@:99999999",
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    proxy: str, stub: Stub, hands: Hands, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("http_proxy", proxy)

    with client(stub, hands, trust_env=True) as modelarts, pytest.raises(Unavailable) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert str(caught.value).endswith("the proxy that the environment names cannot be used")
    assert caught.value.__cause__ is None
    assert stub.seen == []


def test_a_proxy_gets_its_name_and_password_and_a_host_that_needs_none_is_asked_directly(
    stub: Stub, hands: Hands, environment: pytest.MonkeyPatch
) -> None:
    with Stub() as proxy:
        proxy.on("/", ok())
        stub.on(STATISTICS, ok())
        environment.setenv("http_proxy", proxy.url.replace("//", f"//me:{PASSWORD}@"))
        with client(stub, hands, trust_env=True) as modelarts:
            modelarts.pool_stats(POOL, now=NOON)
        environment.setenv("no_proxy", "127.0.0.1")
        with client(stub, hands, trust_env=True) as modelarts:
            modelarts.pool_stats(POOL, now=NOON)

        assert [seen.headers.get("Proxy-Authorization") for seen in proxy.seen] == ["Basic bWU6c2VzYW1l"]
    assert [seen.headers.get("Proxy-Authorization") for seen in stub.seen] == [None]


def test_certificates_that_are_not_there_are_told(
    hands: Hands, environment: pytest.MonkeyPatch, stub: Stub, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    environment.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    endpoint = stub.url.replace("http:", "https:")

    with client(stub, hands, endpoint=endpoint, trust_env=True) as modelarts:
        with pytest.raises(Unavailable, match="the certificates that the environment names are not there"):
            modelarts.pool_stats(POOL, now=NOON)
        bundle.write_text("no certificate\n")
        with pytest.raises(Unavailable, match="certificate is not trusted or TLS fails"):
            modelarts.pool_stats(POOL, now=NOON)


def test_an_address_of_ipv6_is_asked(stub: Stub, hands: Hands) -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 here")
    with listening:
        told = Once(listening)
        url = f"http://[::1]:{listening.getsockname()[1]}"
        with client(stub, hands, endpoint=url) as modelarts:
            assert modelarts.pool_stats(POOL, now=NOON).jobs == 234
        told.join()
    assert f"Host: {url.removeprefix('http://')}".encode() in told.heard
