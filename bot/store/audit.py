"""Who did what, and what did it change?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from bot.core.stats import Pool
from bot.store.tables import audit, pools

# Who may see what happened to a pool may depend on where it is.
_IS_ABOUT = pools.c.id == audit.c.pool_id
_WITH_PLACE = (
    audit,
    select(pools.c.account).where(_IS_ABOUT).scalar_subquery().label("pool_account"),
    select(pools.c.region).where(_IS_ABOUT).scalar_subquery().label("pool_region"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did. `before` and `after` are JSON values; `None` where there was or is nothing.

    `place` says where, such as slack:C012ABC; `pool` about which pool, where it was about one. `seq` is its number.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    before: Any = None
    after: Any = None
    place: str | None = None
    pool: Pool | None = None
    seq: int = 0


def record(
    db: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    before: Any = None,
    after: Any = None,
    place: str | None = None,
    pool: Pool | None = None,
) -> int:
    """Keep that `actor` did `action` to `subject`, in the transaction that did it; the number of the entry."""
    row = {
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
        "place": place,
        "pool_id": pool.id if pool else None,
        "pool_name": pool.name if pool else None,
    }
    done = db.execute(insert(audit).values(row).returning(audit.c.seq))
    return int(done.scalar_one())


def entries(db: Connection, *, limit: int, before: int | None = None) -> list[Entry]:
    """The newest entries, the newest first; with `before`, the newest of those with a smaller number."""
    chosen = select(*_WITH_PLACE).order_by(audit.c.seq.desc()).limit(limit)
    return [_entry(row) for row in db.execute(chosen if before is None else chosen.where(audit.c.seq < before))]


def get(db: Connection, seq: int) -> Entry | None:
    """The entry of that number."""
    row = db.execute(select(*_WITH_PLACE).where(audit.c.seq == seq)).first()
    return None if row is None else _entry(row)


def _entry(row: Row[Any]) -> Entry:
    name, account, region = row.pool_name or row.pool_id, row.pool_account or "", row.pool_region or ""
    pool = Pool(row.pool_id, name, account, region) if row.pool_id else None
    return Entry(row.at, row.actor, row.action, row.subject, row.before, row.after, row.place, pool, row.seq)
