"""Are connections kept, and is the time that an answer may take limited as a whole?"""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import Clock, wait
from bot.modelarts.client import ModelArts
from bot.modelarts.errors import Unavailable
from tests.modelarts.stub import (
    KEYS,
    NOON,
    PROJECT,
    SECRET,
    STATISTICS,
    Hands,
    Reply,
    Stub,
    client,
    failed,
    ok,
)
from tests.modelarts.test_statistics import POOL


def test_one_connection_is_kept_for_question_after_question(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok(), failed(400, "APIG.0201", "API request error."), ok())

    for place in range(50):
        if place == 1:
            with pytest.raises(Exception, match="finds the question wrong"):
                modelarts.pool_stats(POOL, now=NOON)
        else:
            modelarts.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 50
    assert stub.accepted == 1


def test_threads_share_the_connections_of_one_account(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, ok())

    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            list(threads.map(lambda _: modelarts.pool_stats(POOL, now=NOON), range(40)))

    assert len(stub.seen) == 200
    assert stub.accepted <= 8


def test_a_kept_connection_that_the_server_closed_is_replaced(stub: Stub, modelarts: ModelArts) -> None:
    closing = Reply(200, ok().body, {"Connection": "close"})
    stub.on(STATISTICS, closing, closing, ok())

    for _ in range(4):
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert stub.accepted == 3


@contextmanager
def silent_server(speak: bytes = b"") -> Iterator[str]:
    """A server that accepts, and then says `speak` one byte at a time, again and again, or nothing."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.02)

        def serve() -> None:
            kept = []
            while not stop.is_set():
                with suppress(TimeoutError):
                    kept.append(listening.accept()[0])
                for connection in kept if speak else []:
                    try:
                        connection.sendall(speak)
                    except OSError:
                        continue
            for connection in kept:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        thread.join()


def asking(url: str, **settings: object) -> ModelArts:
    """A client in real time, with little patience."""
    patience = {"read_timeout": timedelta(seconds=0.2), "deadline": timedelta(seconds=0.5), **settings}
    return ModelArts(
        KEYS,
        wall=Clock().wall,
        monotonic=time.monotonic,
        wait=wait,
        endpoint=url,
        project_id=PROJECT,
        trust_env=False,
        **patience,  # type: ignore[arg-type]
    )


def test_a_server_that_never_answers_is_unavailable_within_the_deadline() -> None:
    with silent_server() as url, asking(url) as modelarts:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no answer in time"):
            modelarts.pool_stats(POOL, now=NOON)

        assert time.monotonic() - began < 1.5


def test_a_head_that_drips_for_longer_than_the_time_out_is_unavailable() -> None:
    with silent_server(b"H") as url, asking(url) as modelarts:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            modelarts.pool_stats(POOL, now=NOON)

        assert time.monotonic() - began < 1.5


def test_an_address_where_nobody_listens_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with asking(url) as modelarts, pytest.raises(Unavailable, match=r"127\.0\.0\.1:[0-9]+ cannot be reached"):
        modelarts.pool_stats(POOL, now=NOON)


def test_the_environments_proxy_is_used_where_it_is_trusted(
    stub: Stub, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", stub.url)
    monkeypatch.setenv("no_proxy", "")
    stub.on("/", ok())
    elsewhere = "http://127.0.0.2:9"

    with client(stub, hands, endpoint=elsewhere, trust_env=True) as trusting:
        assert trusting.pool_stats(POOL, now=NOON).jobs == 234
    with client(stub, hands, endpoint=elsewhere, trust_env=False) as not_trusting, pytest.raises(Unavailable):
        not_trusting.pool_stats(POOL, now=NOON)

    assert len(stub.seen) == 1
    assert stub.seen[0].headers["Host"] == "127.0.0.2:9"


def test_a_netrc_file_does_not_replace_our_signature(
    stub: Stub, hands: Hands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    stub.on(STATISTICS, ok())

    with client(stub, hands, trust_env=True) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)

    assert stub.seen[0].headers["Authorization"].startswith("SDK-HMAC-SHA256")


def test_cookies_are_not_kept(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(200, ok().body, {"Set-Cookie": "session=1"}))

    modelarts.pool_stats(POOL, now=NOON)
    modelarts.pool_stats(POOL, now=NOON)

    assert "Cookie" not in stub.seen[1].headers


def test_no_secret_and_no_body_is_logged(stub: Stub, hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stub.on(STATISTICS, Reply(500, {"error_msg": "a body"}), ok())

    with client(stub, hands) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)

    assert caplog.records
    for word in (SECRET, KEYS.access_key, "Signature=", "a body", "Pending"):
        assert word not in caplog.text
