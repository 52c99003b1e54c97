"""The product as a process, the way a person runs it."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")
PATIENCE = 30.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of this machine's in it but where programs are."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHONWARNINGS": "error::ResourceWarning",
        **more,
    }


def pool_stats(*args: str, env: Mapping[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *args], env=dict(env), capture_output=True, text=True, timeout=timeout
    )


class Running:
    """The command while it runs; its output is collected."""

    def __init__(self, *args: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *args],
            env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=lambda: self.out.extend(self.process.stdout or ()), daemon=True),
            threading.Thread(target=lambda: self.err.extend(self.process.stderr or ()), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def stop(self, how: signal.Signals = signal.SIGTERM, *, within: float = PATIENCE) -> int:
        """Send the signal and wait for the end; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(within)
        for reader in self._readers:
            reader.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return status

    @property
    def said(self) -> str:
        """Everything on standard error so far."""
        return "".join(self.err)


@contextmanager
def running(*args: str, env: Mapping[str, str]) -> Iterator[Running]:
    """The command, killed in the end if it still runs."""
    it = Running(*args, env=env)
    try:
        yield it
    finally:
        it.stop(signal.SIGKILL)


def eventually(look: Callable[[], _T], *, within: float = PATIENCE, what: str = "it") -> _T:
    """What `look` gives, once it gives something; a failure when it never does."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about within {within:g} s")
        threading.Event().wait(0.05)


class HeldPort:
    """A port that nobody else is given while it is held, whether somebody listens there just now or not.

    Who is bound and does not listen is in nobody's way who asks for this very port, and hides it from who asks for any.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def __enter__(self) -> "HeldPort":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()


def free_port() -> int:
    """A port that nobody listens on, and that nobody else is given until the tests are over."""
    held = HeldPort()
    atexit.register(held.close)
    return held.number
