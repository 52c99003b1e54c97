"""Which digests were made in chat, and which drills are under way?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from bot.core.routes import Place
from bot.core.rules.model import Severity
from bot.store.tables import IN_USE, chat_digests, drills

# Asked every few seconds, so made once.
_DIGESTS = select(chat_digests).where(IN_USE).order_by(chat_digests.c.changed_at, chat_digests.c.id)
_RUNNING = select(drills.c.id).where(drills.c.ended.is_(False)).limit(1)


@dataclass(frozen=True, slots=True)
class KeptDigest:
    """A digest that was made in chat.

    Attributes:
        place: The channel it goes to.
        cron, timezone: When.
        pools: Globs; `None` for all.
        removed: Whether it is kept only to be had back.
    """

    id: str
    place: Place
    cron: str
    timezone: str
    pools: tuple[str, ...] | None
    changed_by: str
    changed_at: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise: a message like an alert's that is about nothing."""

    id: str
    began_at: datetime
    ends_at: datetime
    asked_by: str
    severity: Severity

    @property
    def alert_id(self) -> str:
        """By what its messages belong together; no alert is called so."""
        return f"drill-{self.id}"


def digests(db: Connection) -> list[KeptDigest]:
    """The digests that are in use, in the order in which they were made."""
    return [_digest(row) for row in db.execute(_DIGESTS)]


def get_digest(db: Connection, digest_id: str) -> KeptDigest | None:
    """The digest, also a removed one."""
    row = db.execute(select(chat_digests).where(chat_digests.c.id == digest_id).with_for_update()).first()
    return None if row is None else _digest(row)


def add_digest(
    db: Connection, place: Place, cron: str, timezone: str, pools: Sequence[str] | None, *, by: str, at: datetime
) -> KeptDigest:
    """Keep a new digest."""
    made = KeptDigest(uuid4().hex[:12], place, cron, timezone, None if pools is None else tuple(pools), by, at)
    row = {
        "id": made.id,
        "platform": place.platform,
        "channel": place.channel,
        "cron": cron,
        "timezone": timezone,
        "pools": None if pools is None else list(pools),
        "changed_by": by,
        "changed_at": at,
        "removed": False,
    }
    db.execute(insert(chat_digests).values(row))
    return made


def remove_digest(db: Connection, digest_id: str, *, removed: bool, by: str, at: datetime) -> None:
    """Keep whether the digest is in use."""
    values = {"removed": removed, "changed_by": by, "changed_at": at}
    db.execute(update(chat_digests).where(chat_digests.c.id == digest_id).values(values))


def begin_drill(db: Connection, *, at: datetime, until: datetime, by: str, severity: Severity) -> Drill:
    """Keep that an exercise has begun."""
    drill = Drill(uuid4().hex[:12], at, until, by, severity)
    db.execute(
        insert(drills).values(id=drill.id, began_at=at, ends_at=until, asked_by=by, severity=severity, ended=False)
    )
    return drill


def drills_over(db: Connection, *, at: datetime) -> list[Drill]:
    """Exercises that should have ended by `at` and have not, locked."""
    over = select(drills).where(drills.c.ended.is_(False), drills.c.ends_at <= at).with_for_update(skip_locked=True)
    return [Drill(row.id, row.began_at, row.ends_at, row.asked_by, Severity(row.severity)) for row in db.execute(over)]


def running_drills(db: Connection) -> bool:
    """Whether any exercise is under way."""
    return db.execute(_RUNNING).first() is not None


def end_drill(db: Connection, drill: Drill) -> None:
    """Keep that it is over."""
    db.execute(update(drills).where(drills.c.id == drill.id).values(ended=True))


def _digest(row: Row[Any]) -> KeptDigest:
    pools = None if row.pools is None else tuple(row.pools)
    return KeptDigest(
        row.id,
        Place(row.platform, row.channel),
        row.cron,
        row.timezone,
        pools,
        row.changed_by,
        row.changed_at,
        row.removed,
    )
