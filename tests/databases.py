"""Databases for tests: SQLite in a file of its own, PostgreSQL in a server that the tests start."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic

import psycopg

from bot.store.engine import open_store, upgrade

_NUMBERS = count(1)


def sqlite_url(folder: Path) -> str:
    """A new SQLite database in `folder`."""
    return f"sqlite:///{folder}/store-{next(_NUMBERS)}.db"


def sqlite_store(folder: Path) -> str:
    """The same with the newest tables."""
    url = sqlite_url(folder)
    Path(url.removeprefix("sqlite:///")).write_bytes(_newest_tables())
    return url


@cache
def _newest_tables() -> bytes:
    """What a store is before anything is put into it: making it takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "newest.db"
        _upgrade(f"sqlite:///{file}")
        return file.read_bytes()


def _upgrade(url: str) -> None:
    engine = open_store(url)
    try:
        upgrade(engine)
    finally:
        # The last connection that is closed leaves everything in the one file.
        engine.dispose()


def postgresql_programs() -> Path | None:
    """Where Debian puts the newest PostgreSQL server; `None` where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class PostgreSQL:
    """A running server on loopback, with nothing in it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._newest = ""
        self._making = threading.Lock()

    def new_database(self) -> str:
        """The URL of a database that nobody uses."""
        return self._url(self._make())

    def new_store(self) -> str:
        """The same with the newest tables."""
        with self._making:
            if not self._newest:
                made = self._make()
                _upgrade(self._url(made))
                self._newest = made
        return self._url(self._make(f" TEMPLATE {self._newest}"))

    def _make(self, like: str = "") -> str:
        name = f"store_{next(_NUMBERS)}{_of_test()}"
        with self._connect() as db:
            db.execute(f"CREATE DATABASE {name}{like}".encode())
        return name

    def _url(self, name: str) -> str:
        return f"postgresql://postgres:not-for-logs@127.0.0.1:{self._port}/{name}"

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self._port, user="postgres", dbname="postgres", autocommit=True, connect_timeout=5
        )


def _of_test() -> str:
    """The end of a database's name, from the test that wants it: a connection that is left open tells whose it was."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::test_")[2].partition("[")[0].partition(" ")[0]
    # PostgreSQL cuts a name off at 63 bytes.
    return f"_{test[:50]}" if test.isidentifier() and test.isascii() and test.islower() else ""


@contextmanager
def running_postgresql(programs: Path) -> Iterator[PostgreSQL]:
    """Start a server for the tests, and stop and forget it afterwards.

    PostgreSQL refuses to run as root, so then it runs as the unprivileged user nobody.
    """
    user = "nobody" if os.geteuid() == 0 else None
    # Not below pytest's folder: that one is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="pool-stats-postgresql-"))
    try:
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        make: list[str | Path] = [
            programs / "initdb",
            "-D",
            folder / "db",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ]
        subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)
        with (folder / "log").open("wb") as log:
            port = _free_port()
            server = subprocess.Popen(_command(programs, folder, port), stdout=log, stderr=log, user=user, cwd=folder)
            try:
                yield _wait_for(PostgreSQL(port), server, folder / "log")
            finally:
                server.terminate()
                server.wait(timeout=30)
    finally:
        shutil.rmtree(folder)


def _command(programs: Path, folder: Path, port: int) -> list[str]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "16MB",
        "max_connections": "150",
    }
    return [
        str(programs / "postgres"),
        "-D",
        str(folder / "db"),
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def _wait_for(database: PostgreSQL, server: "subprocess.Popen[bytes]", log: Path) -> PostgreSQL:
    deadline = monotonic() + 60
    pause = threading.Event()
    while not database.ready():
        if server.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        pause.wait(0.05)
    return database


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
