"""What would one straight script do? The steps of a whole tick, one after the other, and nothing else.

This is the floor of the polls: a plain `requests.Session` for each thread, a signature, pydantic, two rules in memory,
and all rows of the tick in one insert of SQLAlchemy Core in one transaction of SQLite.
"""

import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import requests
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event

ALGORITHM = "SDK-HMAC-SHA256"
STATUSES = ("queue", "pending", "abnormal", "terminating", "creating", "running", "completed", "terminated", "failed")
TYPES = {"train": 1, "infer": 2, "notebook": 3}
EMPTY_BODY = hashlib.sha256(b"").hexdigest()


class Status(BaseModel):
    """The counts of one type."""

    model_config = ConfigDict(alias_generator=str.capitalize)

    queue: int = 0
    pending: int = 0
    abnormal: int = 0
    terminating: int = 0
    creating: int = 0
    running: int = 0
    completed: int = 0
    terminated: int = 0
    failed: int = 0


class Item(BaseModel):
    """One type."""

    type: str
    total: int = 0
    status: Status


class Statistics(BaseModel):
    """All types."""

    total: int = 0
    items: list[Item] = Field(default_factory=list)


class Answer(BaseModel):
    """The whole body."""

    statistics: Statistics


def wide_table(metadata: MetaData) -> Table:
    """A row for each pool, moment and job type, a column for each status."""
    return Table(
        "wide",
        metadata,
        *(Column(name, Integer, primary_key=True, autoincrement=False) for name in ("pool", "at", "type")),
        *(Column(status, Integer, nullable=False) for status in STATUSES),
        sqlite_with_rowid=False,
    )


class WideStore:
    """The wide table in a new SQLite file, written by SQLAlchemy Core."""

    def __init__(self, path: Path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        event.listen(self.engine, "connect", _in_wal_mode)
        metadata = MetaData()
        self._insert = wide_table(metadata).insert()
        metadata.create_all(self.engine)

    def save(self, rows: list[dict[str, int]]) -> None:
        """Insert all rows in one transaction."""
        with self.engine.begin() as db:
            db.execute(self._insert, rows)

    def close(self) -> None:
        """Let the file go."""
        self.engine.dispose()


def _in_wal_mode(raw: Connection, _record: object) -> None:
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=NORMAL")


class PlainRules:
    """A limit on Queue, and a rise of Failed above the average of the last ten readings; in memory."""

    def __init__(self) -> None:
        self._seen: dict[int, deque[int]] = {}
        self._on: dict[tuple[int, str], bool] = {}

    def see(self, pool: int, queue: int, failed: int) -> list[str]:
        """The rules whose verdict has changed."""
        seen = self._seen.setdefault(pool, deque(maxlen=10))
        usual = sum(seen) / len(seen) if seen else failed
        seen.append(failed)
        changed = []
        for rule, on in (("queue", queue > 500), ("failed", failed - usual > 50)):
            if self._on.get((pool, rule), False) != on:
                self._on[pool, rule] = on
                changed.append(rule)
        return changed


class Straight:
    """The script.

    Args:
        url: Where the counts are.
        project: The project's id.
        access_key: The AK.
        secret_key: The SK.
        path: Where the SQLite file shall be.
        threads: How many poll at once.
        wall: The time of day, for signatures.
    """

    def __init__(
        self,
        url: str,
        project: str,
        access_key: str,
        secret_key: str,
        path: Path,
        *,
        threads: int,
        wall: Callable[[], datetime],
    ) -> None:
        self._url, self._project, self._keys, self._wall = url, project, (access_key, secret_key), wall
        self._threads = ThreadPoolExecutor(threads) if threads > 1 else None
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._store = WideStore(path)
        self._rules = PlainRules()

    def get(self, pool: str, headers: dict[str, str] | None = None) -> requests.Response:
        """The plain GET on this thread's session."""
        return self._session().get(self._url + self._path(pool), headers=headers, timeout=(5, 10))

    def tick(self, pools: Iterable[str], at: int) -> None:
        """Poll all pools, judge them, keep the rows."""
        polled = self._threads.map(self._poll, pools) if self._threads else map(self._poll, pools)
        rows: list[dict[str, int]] = []
        for pool, answer in enumerate(list(polled)):
            queue = failed = 0
            for item in answer.statistics.items:
                queue += item.status.queue
                failed += item.status.failed
                rows.append({"pool": pool, "at": at, "type": TYPES[item.type], **item.status.__dict__})
            self._rules.see(pool, queue, failed)
        self._store.save(rows)

    def close(self) -> None:
        """Let everything go."""
        if self._threads:
            self._threads.shutdown()
        for session in self._sessions:
            session.close()
        self._store.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            self._sessions.append(session)
        return session

    def _path(self, pool: str) -> str:
        return f"/v2/{self._project}/statistics/pools/{pool}/workloads"

    def _poll(self, pool: str) -> Answer:
        response = self.get(pool, self._signed(self._path(pool)))
        response.raise_for_status()
        return Answer.model_validate_json(response.content)

    def _signed(self, path: str) -> dict[str, str]:
        access_key, secret_key = self._keys
        host = self._url.partition("://")[2]
        date = self._wall().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": "application/json", "host": host, "x-project-id": self._project, "x-sdk-date": date}
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"GET\n{path}/\n\n{lines}\n{names}\n{EMPTY_BODY}"
        to_sign = f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        proof = f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "Authorization": proof}
