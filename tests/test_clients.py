"""Does whoever sends too much, or too slowly, or too often, hurt only themselves?"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.clients import MOST_HEAD_BYTES, BoundedClient, Bounds
from bot.clock import Clock
from bot.metrics import Metrics
from bot.slack.http import slack_endpoint
from bot.teams.http import Json, teams_endpoint
from bot.teams.turns import Turn
from bot.teams.verifying import Intruder
from bot.web import WebServer, web_app
from tests.running import eventually

PATIENCE = 10.0
PATHS = ["/slack/events", "/api/messages", "/slack/install", "/healthz", "/metrics", "/nowhere"]
MANY_BYTES = 10_000_000


class Hasty(BoundedClient):
    """As in the product, in less time."""

    bounds = Bounds(connections=8, head=0.6, body=0.6, answer=0.6, linger=0.3, look=0.05)


class Nobody:
    """Takes nothing for Teams' own."""

    def check(self, authorization: str, service_url: str) -> None:
        raise Intruder(f"{authorization} for {service_url}")


def never(body: Json) -> Turn:
    raise AssertionError(f"nothing of this is from Teams: {body}")


async def long_answer(_: Request) -> Response:
    return PlainTextResponse("x" * 50_000_000)


async def install(_: Request) -> Response:
    return PlainTextResponse("a page")


@pytest.fixture
def port() -> Iterator[int]:
    with served(Hasty) as port:
        yield port


@contextmanager
def served(clients: type[BoundedClient]) -> Iterator[int]:
    # Nothing here is signed, so that Slack is never asked for anything.
    slack = App(client=WebClient("xoxb-none"), signing_secret="none", token_verification_enabled=False)
    routes = [
        Route("/slack/events", slack_endpoint(slack), methods=["POST"]),
        Route("/slack/install", install, methods=["GET"]),
        Route("/api/messages", teams_endpoint(Nobody(), never), methods=["POST"]),
        Route("/long", long_answer),
    ]
    server = WebServer(web_app(Metrics(), dict, lambda: None, routes), "127.0.0.1", 0, clients)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        yield client


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: bot", *lines, "", ""]).encode()


def status(client: socket.socket) -> int:
    """The status of the answer; 0 where there is none."""
    answer = rest(client, until=b"\r\n")
    return int(answer.split()[1]) if answer else 0


def rest(client: socket.socket, *, until: bytes | None = None) -> bytes:
    """What comes, up to the end of the connection."""
    said = b""
    try:
        while (until is None or until not in said) and (part := client.recv(65_536)):
            said += part
    except ConnectionError:
        pass
    return said


def drip(client: socket.socket, drop: bytes, port: int) -> bytes:
    """What is answered to somebody who sends drop by drop, while others are served at once."""
    deadline = time.monotonic() + PATIENCE
    client.settimeout(0.05)
    while time.monotonic() < deadline:
        try:
            client.sendall(drop)
            if said := client.recv(65_536):
                return said
        except TimeoutError:
            began = time.monotonic()
            assert asked(port) == 200
            assert time.monotonic() - began < 2
        except ConnectionError:
            return b""
    raise AssertionError("the connection was not cut")


def asked(port: int) -> int:
    with connected(port) as client:
        client.sendall(head("/healthz", method="GET"))
        return status(client)


def test_the_body_of_an_answer_does_not_wait_for_its_head_to_be_confirmed(port: int) -> None:
    took = []
    with connected(port) as client:
        for _ in range(20):
            begun = time.perf_counter()
            client.sendall(head("/readyz", method="GET"))
            rest(client, until=b"}")
            took.append(time.perf_counter() - begun)

    # On a kept connection a client confirms what it has after 40 ms.
    assert min(took[10:]) < 0.03


def test_each_answer_on_a_connection_tells_its_own_date(port: int) -> None:
    with connected(port) as client:
        first = date(client)
        assert abs(first - Clock().wall().timestamp()) < PATIENCE
        # Asked again and again, for who says nothing for long is cut off.
        eventually(lambda: date(client) > first, what="the date of another second")


def date(client: socket.socket) -> float:
    """When the next answer on the connection says that it was given."""
    client.sendall(head("/healthz", method="GET"))
    (told,) = (line for line in rest(client, until=b"ok\n").split(b"\r\n") if line.startswith(b"date: "))
    return parsedate_to_datetime(told[6:].decode()).timestamp()


def test_a_head_in_drips_is_cut_off_and_holds_up_nobody(port: int) -> None:
    with connected(port) as client:
        client.sendall(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\n")
        assert b" 408 " in drip(client, b"X-A: b\r\n", port)


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_body_in_drips_is_cut_off_and_holds_up_nobody(port: int, path: str) -> None:
    with connected(port) as client:
        client.sendall(head(path, "Content-Length: 100000"))
        assert b" 408 " in drip(client, b"x", port)


def test_who_says_nothing_is_cut_off(port: int) -> None:
    with connected(port) as client:
        assert status(client) == 408


def test_who_does_not_read_the_answer_is_cut_off(port: int) -> None:
    with connected(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(head("/long", method="GET"))
        deadline = time.monotonic() + PATIENCE
        # Nothing is read; the bot's end of the connection tells that it is gone.
        while time.monotonic() < deadline:
            try:
                client.send(b"\r\n")
            except ConnectionError:
                break
            assert asked(port) == 200
        else:
            pytest.fail("the connection was not cut")


@pytest.mark.parametrize("path", PATHS)
def test_ten_megabytes_are_refused_before_they_are_sent(port: int, path: str) -> None:
    with connected(port) as client:
        client.sendall(head(path, f"Content-Length: {MANY_BYTES}"))
        assert status(client) in ({413} if path in PATHS[:2] else {404, 405})


@pytest.mark.parametrize("path", PATHS)
def test_a_body_without_an_end_is_not_read_to_its_end(port: int, path: str) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    with connected(port) as client:
        client.sendall(head(path, "Transfer-Encoding: chunked"))
        deadline = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < deadline:
                client.sendall(chunk)
                sent += len(chunk)
        except ConnectionError:
            pass
        else:
            pytest.fail("it took what had no end")
    assert sent > 0
    assert asked(port) == 200


def test_where_there_are_too_many_the_ones_that_only_wait_make_room(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(Hasty.bounds.connections)]
    try:
        assert asked(port) == 200
        assert status(silent[0]) in {503, 0}
    finally:
        for client in silent:
            client.close()


def test_a_head_that_is_too_long_is_refused(port: int) -> None:
    with connected(port) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nX-Long: " + b"x" * (MOST_HEAD_BYTES + 1))
        assert status(client) == 400


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["Content-Length: 5", "Content-Length: 6"], id="two lengths"),
        pytest.param(["Content-Length: -1"], id="less than nothing"),
        pytest.param(["Content-Length: ٣"], id="digits of another script"),
        pytest.param(["X-A: b\x00c"], id="a null byte"),
        pytest.param(["Transfer-Encoding: gzip, chunked"], id="packed"),
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(port: int, lines: list[str]) -> None:
    with connected(port) as client:
        client.sendall(head("/slack/events", *lines))
        assert status(client) in {400, 501}


def test_a_body_that_breaks_the_rules_is_refused_once_and_no_error_of_ours(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    for path in PATHS:
        with connected(port) as client:
            client.sendall(head(path, "Transfer-Encoding: chunked") + b"zz\r\n")
            assert rest(client).count(b"HTTP/1.1 ") == 1

    assert "Exception" not in caplog.text


def test_nobody_gets_a_websocket_or_learns_what_the_server_is(port: int) -> None:
    asking = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    with connected(port) as client:
        client.sendall(head("/slack/events", *asking, method="GET"))
        said = rest(client, until=b"\r\n\r\n")
    assert b" 405 " in said
    assert b"uvicorn" not in said


def test_the_product_grants_slack_the_time_it_needs() -> None:
    bounds = BoundedClient.bounds

    assert bounds.connections >= 100
    assert min(bounds.head, bounds.body, bounds.answer) >= 10
    assert max(bounds.head, bounds.body, bounds.answer) <= 60
