"""Does what holds over plain HTTP hold over TLS, directly and through a proxy?"""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.modelarts.client import ModelArts
from bot.modelarts.errors import Unavailable, UnexpectedAnswer
from tests.modelarts.stub import NOON, STATISTICS, Hands, Reply, Stub, client, ok
from tests.modelarts.test_statistics import POOL

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stub"
    command += " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[Stub]:
    with Stub(certificate) as stub:
        yield stub


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> pytest.MonkeyPatch:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    return monkeypatch


def asking(stub: Stub, hands: Hands) -> ModelArts:
    return client(stub, hands, trust_env=True, read_timeout=timedelta(seconds=0.5))


@pytest.mark.usefixtures("trusting")
def test_one_handshake_serves_question_after_question(secure: Stub, hands: Hands) -> None:
    secure.on(STATISTICS, ok())

    with asking(secure, hands) as modelarts:
        for _ in range(30):
            assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert secure.accepted == 1


@pytest.mark.usefixtures("trusting")
def test_an_answer_that_drips_over_tls_is_an_unexpected_answer(secure: Stub, hands: Hands) -> None:
    secure.on(STATISTICS, Reply(drip=1000))

    with asking(secure, hands) as modelarts, pytest.raises(UnexpectedAnswer, match="too long"):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_certificate_that_is_not_trusted_is_told_as_such(secure: Stub, hands: Hands) -> None:
    with client(secure, hands) as modelarts, pytest.raises(Unavailable, match="certificate is not trusted"):
        modelarts.pool_stats(POOL, now=NOON)

    assert secure.seen == []


def test_a_proxy_of_the_environment_tunnels_to_modelarts_over_one_connection(
    secure: Stub, hands: Hands, trusting: pytest.MonkeyPatch
) -> None:
    secure.on(STATISTICS, ok())

    with Tunnel() as tunnel:
        trusting.setenv("https_proxy", tunnel.url)
        with asking(secure, hands) as modelarts:
            for _ in range(5):
                assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert tunnel.opened == [secure.url.removeprefix("https://")]


class Tunnel:
    """A proxy that takes CONNECT and carries bytes both ways."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listening]
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "Tunnel":
        self._threads[0].start()
        return self

    def __exit__(self, *error: object) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                self._sockets.append(near)
                target = near.recv(65536).split()[1].decode()
                self.opened.append(target)
                host, _, port = target.partition(":")
                far = socket.create_connection((host, int(port)))
                self._sockets.append(far)
                near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                for one, other in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=_carry, args=(one, other)))
                    self._threads[-1].start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
