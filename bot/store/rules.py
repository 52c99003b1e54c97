"""Which rules were made in chat? Names are unique whatever their case; what was removed can be had back."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.core.because import Because
from bot.core.rule_text import ChatRule, checked_rule
from bot.core.stats import Pool
from bot.store.errors import StoreError
from bot.store.tables import IN_USE, alerts, pools
from bot.store.tables import chat_rules as table

# Asked with every reading, so made once.
_REVISION = select(func.max(table.c.revision))


class NameTaken(StoreError):  # noqa: N818 - named for what it says
    """Another rule has that name; the transaction is to be given up."""


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule that was made in chat.

    Attributes:
        id: Ours; it stays when the name changes.
        rule: What it says.
        before: What it said before it was last changed.
        revision: Grows with every change of any rule.
        changed_by, changed_at: Who changed it last, and when.
        removed: Whether it is kept only to be had back.
    """

    id: str
    rule: ChatRule
    before: ChatRule | None
    revision: int
    changed_by: str
    changed_at: datetime
    removed: bool = False


def all_of(db: Connection) -> list[KeptRule]:
    """The rules that are in use, by name; one that cannot be read any more is left out."""
    rows = db.execute(select(table).where(IN_USE).order_by(table.c.folded))
    return [kept for row in rows if (kept := _kept(row)) is not None]


def revision(db: Connection) -> int:
    """Of the newest change; 0 where there was none."""
    return int(db.scalar(_REVISION) or 0)


def get(db: Connection, rule_id: str, *, lock: bool = False) -> KeptRule | None:
    """The rule, also a removed one; with `lock`, nobody else changes it before the transaction ends."""
    chosen = select(table).where(table.c.id == rule_id)
    row = db.execute(chosen.with_for_update() if lock else chosen).first()
    return None if row is None else _kept(row)


def add(db: Connection, rule: ChatRule, *, by: str, at: datetime) -> KeptRule:
    """Keep a new rule.

    Raises:
        NameTaken: There is one of that name.
    """
    _alone(db)
    made = KeptRule(uuid4().hex[:12], rule, None, revision(db) + 1, by, at)
    try:
        db.execute(insert(table).values(id=made.id, removed=False, **_columns(made)))
    except IntegrityError as error:
        raise NameTaken(Because("there is a rule {rule} already: choose another name", rule=repr(rule.name))) from error
    return made


def change(db: Connection, kept: KeptRule, rule: ChatRule, *, by: str, at: datetime, removed: bool = False) -> KeptRule:
    """Keep what the rule says now, or that it is `removed`.

    Raises:
        NameTaken: There is another one of that name.
    """
    _alone(db)
    before = kept.rule if rule != kept.rule else kept.before
    made = KeptRule(kept.id, rule, before, revision(db) + 1, by, at, removed)
    try:
        db.execute(update(table).where(table.c.id == kept.id).values(removed=removed, **_columns(made)))
    except IntegrityError as error:
        raise NameTaken(Because("there is a rule {rule} already: choose another name", rule=repr(rule.name))) from error
    return made


def fired_since(db: Connection, since: datetime) -> list[tuple[str, Pool, int]]:
    """How many alerts of which rule (its name) were told of which pool from `since` on."""
    of = (alerts.c.rule, alerts.c.pool_id, alerts.c.pool_name, pools.c.account, pools.c.region)
    about = alerts.outerjoin(pools, pools.c.id == alerts.c.pool_id)
    chosen = select(*of, func.count().label("n")).select_from(about).where(alerts.c.fired_at >= since).group_by(*of)
    return [
        (row.rule, Pool(row.pool_id, row.pool_name, row.account or "", row.region or ""), row.n)
        for row in db.execute(chosen)
    ]


def _alone(db: Connection) -> None:
    """Let nobody else change rules before the transaction ends: two changes must not get the same revision."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def _columns(kept: KeptRule) -> dict[str, object]:
    return {
        "name": kept.rule.name,
        "folded": kept.rule.name.casefold(),
        "rule": _json(kept.rule),
        "before": None if kept.before is None else _json(kept.before),
        "revision": kept.revision,
        "changed_by": kept.changed_by,
        "changed_at": kept.changed_at,
    }


def _json(rule: ChatRule) -> str:
    return rule.model_dump_json(exclude_none=True)


def _kept(row: object) -> KeptRule | None:
    facts = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's public name for it
    rule, before = _rule(facts["rule"]), _rule(facts["before"])
    if rule is None:
        return None
    return KeptRule(
        facts["id"], rule, before, facts["revision"], facts["changed_by"], facts["changed_at"], facts["removed"]
    )


def _rule(text: str | None) -> ChatRule | None:
    """The rule in `text`; `None` when this version does not know such a rule."""
    if text is None:
        return None
    try:
        return checked_rule(json.loads(text))
    except ValueError:
        return None
