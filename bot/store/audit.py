"""Who did what, and what did it change?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.store.tables import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did. `before` and `after` are JSON values; `None` where there was or is nothing."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: Any = None
    after: Any = None


def record(
    db: Connection, *, at: datetime, actor: str, action: str, subject: str, before: Any = None, after: Any = None
) -> None:
    """Keep that `actor` did `action` to `subject`, in the transaction that did it."""
    db.execute(insert(audit).values(at=at, actor=actor, action=action, subject=subject, before=before, after=after))


def entries(db: Connection, *, limit: int) -> list[Entry]:
    """The newest entries, the newest first."""
    chosen = select(audit).order_by(audit.c.at.desc(), audit.c.seq.desc()).limit(limit)
    return [Entry(row.at, row.actor, row.action, row.subject, row.before, row.after) for row in db.execute(chosen)]
