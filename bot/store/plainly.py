"""How does a statement run that runs with every reading? By the driver: SQLAlchemy takes longer than SQLite itself.

Only SQLite's does so: of a connection to PostgreSQL that is lost in the middle SQLAlchemy has to know, and there the
statement itself takes most of the time.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(db: Connection, statement: str) -> None:
    """Run a statement that gives no rows."""
    try:
        _driver(db).execute(statement)
    except sqlite3.Error as error:
        raise DBAPIError(None, None, error) from error


def rows_of(db: Connection, statement: str, values: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
    """What the statement finds."""
    if not _is_for_driver(db):
        return db.exec_driver_sql(statement, tuple(values)).fetchall()
    try:
        return _driver(db).execute(statement, values).fetchall()
    except sqlite3.Error as error:
        raise DBAPIError(None, None, error) from error


def for_each(db: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run the statement with each of these rows."""
    if not _is_for_driver(db):
        db.exec_driver_sql(statement, list(rows))
        return
    try:
        _driver(db).executemany(statement, rows)
    except sqlite3.Error as error:
        raise DBAPIError(None, None, error) from error


def _is_for_driver(db: Connection) -> bool:
    # Where there is no transaction yet, SQLAlchemy begins it.
    return db.dialect.name == "sqlite" and db.in_transaction()


def _driver(db: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = db.connection.dbapi_connection  # type: ignore[assignment] # it is SQLite's
    return driver
