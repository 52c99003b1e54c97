"""How does a benchmark get a server at the other end of the line, and a certificate that it can trust?"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import upstream

ROOT = Path(__file__).parents[2]
# Each of these would lead the requests of a benchmark elsewhere, or change what is trusted.
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class CannotMeasure(Exception):  # noqa: N818 - named for what a person reads
    """Something that the measurement needs is not on this machine."""


class Child:
    """A process that says a number at first, and another one whenever it is asked."""

    def __init__(self, *args: str | Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.port = int(self._said())

    def ask(self) -> float:
        """What it counts, as of now."""
        return float(self.tell())

    def tell(self) -> str:
        """What it says, as of now."""
        self.nudge()
        return self._said()

    def nudge(self) -> None:
        """Let it go on."""
        if self._process.stdin is not None:
            self._process.stdin.write("\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """Let it go."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait(10)

    def _said(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise CannotMeasure("the process that belongs to the measurement ended")
        return line


@dataclass(frozen=True, slots=True)
class Line:
    """A server that speaks TLS, and the file that makes its certificate trusted."""

    url: str
    certificate: Path
    server: Child

    @property
    def handshakes(self) -> int:
        """How many TLS handshakes it has seen."""
        return int(self.server.ask())


@contextmanager
def line() -> Iterator[Line]:
    """A server at the other end of a TLS line; requests and the clients built on it trust it meanwhile.

    Raises:
        CannotMeasure: There is no openssl to make a certificate with.
    """
    with tempfile.TemporaryDirectory(prefix="pool-stats-bench-") as folder:
        certificate = certificate_in(Path(folder))
        server = Child(upstream.__file__, certificate)
        try:
            with environment(REQUESTS_CA_BUNDLE=str(certificate)):
                yield Line(f"https://127.0.0.1:{server.port}", certificate, server)
        finally:
            server.end()


@contextmanager
def environment(**more: str) -> Iterator[None]:
    """This process's environment without proxies and with `more`; as it was, afterwards."""
    before: Mapping[str, str] = dict(os.environ)
    for name in _PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def certificate_in(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    if shutil.which("openssl") is None:
        raise CannotMeasure("openssl is needed to make a certificate: apt install openssl")
    key, certificate, both = (folder / name for name in ("key.pem", "certificate.pem", "both.pem"))
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=upstream"
    command += " -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both
