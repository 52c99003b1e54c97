"""What can go wrong with the database, in words for people?

* StoreError            the database could not do it; the sentence says why
  x StoreBusy           another process holds it: try again
  x StoreReadOnly       it may not be written
  x StoreFull           there is no room left
  x StoreUnreachable    it cannot be opened or spoken to
    x StoreMissing      there is none yet
  x StoreUnknown        it is not named in a way that we understand: correct the configuration
"""

import os
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.core.because import Because, Explained
from bot.core.language import N_


class StoreError(Explained):
    """The database could not do it; nothing of the transaction was kept."""


class StoreBusy(StoreError):  # noqa: N818 - named for what can be done about it
    """Another process holds the database: try again."""


class StoreReadOnly(StoreError):  # noqa: N818 - named for what can be done about it
    """The database may not be written."""


class StoreFull(StoreError):  # noqa: N818 - named for what can be done about it
    """There is no room left for the database."""


class StoreUnreachable(StoreError):  # noqa: N818 - named for what can be done about it
    """The database cannot be opened or spoken to."""


class StoreMissing(StoreUnreachable):
    """There is no database yet, and none was to be made."""


class StoreUnknown(StoreError):  # noqa: N818 - named for what can be done about it
    """What names the database cannot be understood."""


_TEXTS: dict[type[StoreError], str] = {
    StoreBusy: N_("{where} is locked by another process; trying again usually helps"),
    StoreReadOnly: N_("{where} is read-only: let this user write it (and its folder, for SQLite)"),
    StoreFull: N_("there is no room left for {where}: free some disk space"),
    StoreUnreachable: N_("{where} cannot be reached: see that it is there, running and open to this user"),
}

# https://www.sqlite.org/rescode.html (the low byte is the primary code)
_SQLITE: dict[int, type[StoreError]] = {
    3: StoreReadOnly,  # SQLITE_PERM
    5: StoreBusy,  # SQLITE_BUSY
    6: StoreBusy,  # SQLITE_LOCKED
    8: StoreReadOnly,  # SQLITE_READONLY
    13: StoreFull,  # SQLITE_FULL
    14: StoreUnreachable,  # SQLITE_CANTOPEN
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html (a whole code, or its class)
_POSTGRESQL: dict[str, type[StoreError]] = {
    "08": StoreUnreachable,  # connection exception
    "25006": StoreReadOnly,  # read_only_sql_transaction
    "28": StoreUnreachable,  # invalid authorization
    "3D000": StoreUnreachable,  # no such database
    "40001": StoreBusy,  # serialization_failure
    "40P01": StoreBusy,  # deadlock_detected
    "42501": StoreReadOnly,  # insufficient_privilege
    "53100": StoreFull,  # disk_full
    "53300": StoreUnreachable,  # too_many_connections
    "55P03": StoreBusy,  # lock_not_available
    "57014": StoreBusy,  # query_canceled, by a time limit
    "57P": StoreUnreachable,  # shutting down, starting up
}


def place_of(url: URL) -> Because:
    """Which database, for people: never a user's name or a password."""
    if url.get_backend_name() == "sqlite":
        return Because("the database {name}", name=str(url.database))
    port = f":{url.port}" if url.port else ""
    host = f"{url.host}{port}" if url.host else Because("the local socket{port}", port=port)
    return Because("the database {name} at {host}", name=url.database or "", host=host)


def translated(error: SQLAlchemyError, url: URL) -> StoreError:
    """`error` as one of ours, in one sentence."""
    kind = _kind(error, url)
    if kind in _TEXTS:
        return kind(Because(_TEXTS[kind], where=place_of(url)))
    said = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
    return kind(Because("{where} could not do this: {why}", where=place_of(url), why=_without_secrets(said, url)))


def _kind(error: SQLAlchemyError, url: URL) -> type[StoreError]:
    if isinstance(error, PoolTimeoutError):
        return StoreBusy
    if not isinstance(error, DBAPIError):
        return StoreError
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        kind = _SQLITE.get(code & 0xFF, StoreError)
        # A WAL database in a folder that may not be written cannot even be opened.
        return StoreReadOnly if kind is StoreUnreachable and _may_only_be_read(url) else kind
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return next((_POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRESQL), StoreError)
    # psycopg gives no code when there was no server to give one.
    lost = error.connection_invalidated or type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}
    return StoreUnreachable if lost else StoreError


def _may_only_be_read(url: URL) -> bool:
    file = Path(url.database or "")
    return file.is_file() and os.access(file, os.R_OK) and not os.access(file.parent, os.W_OK)


def _without_secrets(said: str, url: URL) -> str:
    line = said.strip().splitlines()[0] if said.strip() else "no reason was given"
    asked = [value for key, value in url.query.items() if "pass" in key.lower()]
    secrets = [
        str(url.password or ""),
        *(part for value in asked for part in ([value] if isinstance(value, str) else value)),
    ]
    for secret in filter(None, secrets):
        line = line.replace(secret, "***")
    return line
