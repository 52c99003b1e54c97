"""What can the bot not see, and how well is each pool seen?"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import IntegrityError

from bot.core.because import from_kept, kept
from bot.core.blindness import NO_SUCH_POOL, Sight, Spell, SpellKind, Unseen
from bot.core.stats import Pool
from bot.store.errors import StoreError
from bot.store.moments import from_seconds
from bot.store.names import upsert
from bot.store.tables import failures, pools, samples
from bot.store.tables import spells as table

_READ_AT = select(func.max(samples.c.at)).where(samples.c.pool == pools.c.key).scalar_subquery()
_FAILED_AT = select(func.max(failures.c.at)).where(failures.c.pool == pools.c.key).scalar_subquery()
_WHOSE = (pools.c.id, pools.c.name, pools.c.account, pools.c.region)
_NEWEST = select(pools.c.key, *_WHOSE, _READ_AT.label("read_at"), _FAILED_AT.label("failed_at"))
_EACH = _NEWEST.subquery()
# Asked every few seconds, so made once.
_SIGHTS = (
    select(_EACH, failures.c.kind, failures.c.why)
    .outerjoin(failures, (failures.c.pool == _EACH.c.key) & (failures.c.at == _EACH.c.failed_at))
    .order_by(_EACH.c.id)
)
_OPEN = select(table).where(table.c.ended_at.is_(None)).order_by(table.c.told_at, table.c.id)


class AlreadyTold(StoreError):  # noqa: N818 - named for what it says
    """Another process has just said so: this transaction is to be given up."""


def sights(db: Connection) -> list[Sight]:
    """Every pool that anybody tried to read, by id: when it was read, and what went wrong since."""
    return [_sight(db, row) for row in db.execute(_SIGHTS)]


def open_spells(db: Connection) -> list[Spell]:
    """What is not over, the oldest first."""
    return [_spell(row) for row in db.execute(_OPEN)]


def save(db: Connection, spell: Spell) -> None:
    """Keep the spell as it stands now.

    Raises:
        AlreadyTold: Another one about the same is not over.
    """
    row = {**asdict(spell), "pools": [_written(each) for each in spell.pools]}
    saved = upsert(db, table).values(row)
    changed = {name: saved.excluded[name] for name in row if name != "id"}
    try:
        db.execute(saved.on_conflict_do_update(index_elements=["id"], set_=changed))
    except IntegrityError as error:
        raise AlreadyTold(f"a spell of blindness about {spell.kind} is told already") from error


def _sight(db: Connection, row: Row[Any]) -> Sight:
    pool = Pool(row.id, row.name, row.account, row.region)
    seen_at = None if row.read_at is None else from_seconds(row.read_at)
    if row.failed_at is None or (row.read_at is not None and row.failed_at <= row.read_at):
        return Sight(pool, seen_at)
    sight = Sight(pool, seen_at, from_seconds(row.failed_at), row.kind, row.why)
    if row.kind != NO_SUCH_POOL:
        return sight
    after = [failures.c.pool == row.key, failures.c.kind == NO_SUCH_POOL]
    after += [] if row.read_at is None else [failures.c.at > row.read_at]
    return replace(sight, missing_since=from_seconds(db.scalar(select(func.min(failures.c.at)).where(*after)) or 0))


def _written(unseen: Unseen) -> dict[str, Any]:
    back_at = None if unseen.back_at is None else unseen.back_at.isoformat()
    pool = asdict(unseen.pool)
    return {**pool, "since": unseen.since.isoformat(), "kind": unseen.kind, "why": kept(unseen.why), "back_at": back_at}


def _spell(row: Row[Any]) -> Spell:
    facts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Spell(kind=SpellKind(facts.pop("kind")), pools=_read(facts.pop("pools")), **facts)


def _read(written: Sequence[dict[str, Any]]) -> tuple[Unseen, ...]:
    return tuple(
        Unseen(
            Pool(each["id"], each["name"], each.get("account", ""), each.get("region", "")),
            datetime.fromisoformat(each["since"]),
            each["kind"],
            from_kept(each["why"]),
            None if each["back_at"] is None else datetime.fromisoformat(each["back_at"]),
        )
        for each in written
    )
