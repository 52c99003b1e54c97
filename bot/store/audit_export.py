"""The audit log out: as CSV that no spreadsheet takes for formulas, or as JSON, one entry a line, as it is."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from sqlalchemy import Connection

from bot.store.audit import Entry, entries

HEADER = ("seq", "at", "actor", "action", "subject", "place", "pool_id", "pool_name", "before", "after")
# A cell that begins so is taken for a formula, or for the end of the cell before:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_AT_ONCE = 500


def all_entries(db: Connection) -> Iterator[Entry]:
    """Every entry, the newest first."""
    before: int | None = None
    while batch := entries(db, limit=_AT_ONCE, before=before):
        yield from batch
        before = batch[-1].seq


def write_csv(found: Iterable[Entry], out: TextIO) -> int:
    """Write the entries with a header; how many there were."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    number = 0
    for number, entry in enumerate(found, 1):  # noqa: B007 - how many is what is wanted of it
        writer.writerow([_cell(value) for value in _row(entry).values()])
    return number


def write_jsonl(found: Iterable[Entry], out: TextIO) -> int:
    """Write the entries, one object a line; how many there were."""
    number = 0
    for number, entry in enumerate(found, 1):  # noqa: B007 - how many is what is wanted of it
        out.write(json.dumps(_row(entry), ensure_ascii=False, separators=(",", ":")) + "\n")
    return number


def _row(entry: Entry) -> dict[str, Any]:
    pool = entry.pool
    at = entry.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    said = (entry.seq, at, entry.actor, entry.action, entry.subject, entry.place)
    about = (pool.id if pool else None, pool.name if pool else None)
    return dict(zip(HEADER, (*said, *about, entry.before, entry.after), strict=True))


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            # Spaces before it are passed over by some spreadsheets.
            return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
        case int():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
