"""Does the stand-in behave as a server: keep-alive, one write, clean start and stop, no harm from bad HTTP?"""

import http.client
import socket
import threading

import pytest

from bot.emulator import Emulator
from tests.emulator.asking import STATISTICS, Asked, Hands, ask, signed, wait_for


def raw(emulator: Emulator, request: bytes) -> bytes:
    """Everything the server says to some bytes until it closes."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while received := connection.recv(65536):
            said += received
        return said


def test_a_connection_is_kept_for_many_calls(emulator: Emulator, hands: Hands) -> None:
    headers = signed(emulator, Asked(), emulator.access_key, at=hands.at)
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    for _ in range(5):
        connection.request("GET", STATISTICS, headers=headers)
        assert connection.getresponse().read()
    connection.close()

    assert emulator.connections == 1
    assert {seen.connection for seen in emulator.requests} == {1}


def test_an_answer_comes_in_one_piece(emulator: Emulator, hands: Hands) -> None:
    headers = signed(emulator, Asked(), emulator.access_key, at=hands.at)
    lines = [f"GET {STATISTICS} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        piece = connection.recv(65536)

    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b"}")


def test_a_client_that_says_close_is_left(emulator: Emulator) -> None:
    said = raw(emulator, b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /y HTTP/1.1\r\n\r\n")

    assert said.count(b"HTTP/1.1 404") == 1
    assert b"Connection: close" in said


def test_a_chunked_body_is_read_to_its_end(emulator: Emulator) -> None:
    head = b"POST /v3/auth/tokens HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    said = raw(emulator, head + b"2\r\n[]\r\n0\r\n\r\n" + b"GET /x HTTP/1.1\r\n\r\n")

    assert b"HTTP/1.1 400 Bad Request" in said
    assert b"The request body is invalid" in said
    assert b"HTTP/1.1 404" in said


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"hello\r\n\r\n", b"400", id="no request"),
        pytest.param(b"GET http://evil/ HTTP/1.1\r\n\r\n", b"400", id="a proxy request"),
        pytest.param(b"GET /x HTTP/1.1\r\nbad header\r\n\r\n", b"400", id="no header"),
        pytest.param(b"GET /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400", id="a negative length"),
        pytest.param(b"GET /x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413", id="a body too large"),
        pytest.param(b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n", b"414", id="a path too long"),
        pytest.param(b"GET /x HTTP/1.1\r\nA: " + b"x" * 40_000 + b"\r\n\r\n", b"494", id="headers too large"),
        pytest.param(b"GET /x HTTP/1.1\r\nA: " + b"x" * 200_000 + b"\r\n\r\n", b"494", id="headers far too large"),
    ],
)
def test_bad_http_is_refused_as_the_gateway_does(emulator: Emulator, request_bytes: bytes, status: bytes) -> None:
    said = raw(emulator, request_bytes)

    assert said.startswith(b"HTTP/1.1 " + status)
    assert b'"APIG.0201"' in said
    assert ask(emulator).status == 200


def test_a_connection_that_breaks_off_harms_nobody(emulator: Emulator) -> None:
    assert raw(emulator, b"GET /x HTT") == b""
    assert raw(emulator, b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc") == b""
    assert ask(emulator).status == 200


def test_a_taken_port_is_told_at_once(emulator: Emulator) -> None:
    with pytest.raises(OSError, match="in use"):
        Emulator(port=emulator.port).start()


def test_stopping_ends_the_thread_and_frees_the_port() -> None:
    emulator = Emulator().start()
    port = emulator.port
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        emulator.stop()
        emulator.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "modelarts-stand-in"]
    with Emulator(port=port) as again:
        assert again.port == port


def test_stopping_does_not_wait_for_an_answer_that_hangs(emulator: Emulator) -> None:
    emulator.misbehave("hang")
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    connection.request("GET", "/x")

    wait_for(lambda: bool(emulator.requests))
    emulator.stop()

    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        connection.getresponse()
    connection.close()


def test_many_clients_are_served_at_once(emulator: Emulator) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(emulator).status)) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 20


def test_the_environment_points_a_client_here(emulator: Emulator) -> None:
    assert emulator.environment == {
        "POOL_STATS_MODELARTS__ENDPOINT": f"http://127.0.0.1:{emulator.port}",
        "HUAWEICLOUD_SDK_AK": emulator.access_key.access,
        "HUAWEICLOUD_SDK_SK": emulator.access_key.secret,
        "HUAWEICLOUD_SDK_PROJECT_ID": emulator.project_id,
    }
