"""Where can the bot die? Before and after each request that leaves it and each commit; it is told which is its last.

It works from outside, on the libraries that send and commit, so that a request or commit that is added to the bot is a
boundary by itself.
"""

import http.client
import os
import re
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, event
from sqlalchemy.engine.default import DefaultDialect

_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|(CREATE) (?:TABLE|INDEX))\s+"?(\w+)', re.IGNORECASE)
_NUMBERED = re.compile(r"[^/]*[0-9a-f]{8}[^/]*")


class Boundaries:
    """Counts the boundaries that are reached, writes each into `log`, and sends its own process a signal at `last`.

    Args:
        log: One line a boundary, as it is reached.
        last: The boundary to die or to stop at, as it stands in the log; `None` to go on.
        how: SIGKILL, or SIGSTOP.
    """

    def __init__(self, log: Path, last: str | None, how: int = signal.SIGKILL) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._last = last
        self._how = how
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()

    def reached(self, name: str) -> None:
        """The process is at a boundary."""
        with self._lock:
            self._seen[name] += 1
            numbered = f"{name} #{self._seen[name]}"
            os.write(self._log, f"{numbered}\n".encode())
            if numbered == self._last:
                os.kill(os.getpid(), self._how)

    def watch(self) -> None:
        """Watch this process's requests and commits from now on."""
        self._watch_requests()
        self._watch_commits()

    def _watch_requests(self) -> None:
        connection = http.client.HTTPConnection
        reached, put, end, answer = self.reached, connection.putrequest, connection.endheaders, connection.getresponse

        def putrequest(of: Any, method: str, url: str, *args: Any, **more: Any) -> None:
            of.boundary = f"{method} {_shape(url)}"
            put(of, method, url, *args, **more)

        def endheaders(of: Any, *args: Any, **more: Any) -> None:
            reached(f"before {of.boundary}")
            end(of, *args, **more)

        def getresponse(of: Any) -> http.client.HTTPResponse:
            # The request has left; whether it has arrived is not known here.
            reached(f"sent {of.boundary}")
            response = answer(of)
            reached(f"answered {of.boundary}")
            return response

        for name, wrapped in {"putrequest": putrequest, "endheaders": endheaders, "getresponse": getresponse}.items():
            setattr(connection, name, wrapped)

    def _watch_commits(self) -> None:
        reached = self.reached
        commit: Callable[[Any, Any], None] = DefaultDialect.do_commit

        def begin(connection: Any) -> None:
            connection.info["written"] = set()

        def note(info: dict[str, Any], statement: str) -> None:
            if found := _WRITES.match(statement):
                info.setdefault("written", set()).add("schema" if found[1] else found[2])

        def connect(raw: Any, record: Any) -> None:
            # Of SQLite all that is run, by whatever way.
            if isinstance(raw, sqlite3.Connection):
                raw.set_trace_callback(partial(note, record.info))

        def execute(connection: Any, _cursor: object, statement: str, *_: object) -> None:
            note(connection.info, statement)

        def do_commit(of: Any, dbapi_connection: Any) -> None:
            written = dbapi_connection.info.get("written")
            if not written:
                commit(of, dbapi_connection)
                return
            name = "commit of " + ("schema" if "schema" in written else ", ".join(sorted(written)))
            reached(f"before {name}")
            commit(of, dbapi_connection)
            reached(f"after {name}")

        event.listen(Pool, "connect", connect)
        event.listen(Engine, "begin", begin)
        event.listen(Engine, "before_cursor_execute", execute)
        setattr(DefaultDialect, "do_commit", do_commit)  # noqa: B010 - it is not ours to be typed


def _shape(url: str) -> str:
    """The path without what differs from run to run."""
    path = re.sub(r"^https?://[^/]+", "", url).partition("?")[0]
    return "/".join(_NUMBERED.sub("…", part) for part in path.split("/"))
