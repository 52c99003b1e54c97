"""Whose turn is it? What is due is claimed with a lease, the most urgent first."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, bindparam, func, literal, or_, select, update

from bot.core.crowds import ALONE, Gathering
from bot.messages.model import Message, to_json
from bot.store import summaries
from bot.store.deliveries import IS_WAITING, Delivery, DeliveryKind, DeliveryState, is_free, of_alert, read
from bot.store.engine import reading, writing
from bot.store.line import Head, Ready, heads, next_at
from bot.store.moments import Moment
from bot.store.settling import settle
from bot.store.tables import deliveries as table

# Made once: making a statement costs more than asking whether anything waits.
_ANYTHING = select(literal(1)).where(IS_WAITING, table.c.platform == bindparam("of")).limit(1)


def is_anything_waiting(engine: Engine, platform: str) -> bool:
    """Whether anything is still to be told there, now or later; cheap, for it is asked again and again."""
    with reading(engine) as db:
        return db.execute(_ANYTHING, {"of": platform}).first() is not None


def claim_due(
    engine: Engine,
    *,
    now: datetime,
    lease: timedelta,
    limit: int = 20,
    platform: str | None = None,
    ready: Ready | None = None,
    gathering: Gathering = ALONE,
) -> list[Delivery]:
    """Deliveries whose time has come, the most urgent first; they are the caller's until the lease is over.

    Two workers never get the same one. One whose worker died comes again after the lease, and is `unclear` then.

    Args:
        engine: The store.
        now: In real time.
        lease: How long they are the caller's.
        limit: How many at most.
        platform: Only what is for this platform.
        ready: Whether something can be done in a place now; what cannot is left to wait.
        gathering: For how long an alert's first message waits, so that those that come with it can be told together.
    """
    with reading(engine) as db:
        line = heads(db, platform=platform, now=now, gathering=gathering, most=limit)
    claimed: list[Delivery] = []
    for head in line:
        if len(claimed) == limit:
            break
        if ready is None or ready(head.place, head.acts):
            with writing(engine) as db:
                claimed += _claim(db, head, now, lease)
    return claimed


def _claim(db: Connection, head: Head, now: datetime, lease: timedelta) -> list[Delivery]:
    """That delivery, unless somebody else has claimed it meanwhile."""
    values = {
        "attempts": table.c.attempts + 1,
        # A lease that nobody ended: its worker died, before or after the platform took the message.
        "unclear": or_(table.c.unclear, table.c.leased_until.is_not(None)),
        "tried_at": func.coalesce(table.c.tried_at, literal(now, Moment)),
        "leased_until": now + lease,
    }
    same = (IS_WAITING, table.c.seq == head.seq, table.c.attempts == head.attempts)
    if not db.execute(update(table).where(*same).values(values)).rowcount:
        return []
    found, unreadable = read(db, table.c.seq == head.seq)
    for delivery_id in unreadable:
        why = "this version cannot read the message"
        settle(db, table.c.id == delivery_id, DeliveryState.GIVEN_UP, now, why=why)
    return [_as_it_stands(db, each) for each in found]


def _as_it_stands(db: Connection, delivery: Delivery) -> Delivery:
    """A summary as its alerts are now; what may stand in its channel already stays as it was sent."""
    if delivery.unclear or delivery.kind.in_thread or not summaries.is_summary(delivery.alert_id):
        return delivery
    drawn = summaries.drawn(db, delivery.place, delivery.alert_id or "")
    db.execute(update(table).where(table.c.id == delivery.id).values(message=to_json(drawn)))
    return replace(delivery, message=drawn)


def comes_due(
    engine: Engine, *, now: datetime, platform: str | None = None, gathering: Gathering = ALONE
) -> tuple[list[Head], datetime | None]:
    """What could go now if its place were ready, and when something else comes due."""
    with reading(engine) as db:
        line = heads(db, platform=platform, now=now, gathering=gathering, most=1)
        return line, next_at(db, platform=platform, now=now, gathering=gathering)


def newest(engine: Engine, delivery: Delivery) -> Message:
    """What the delivery's place should be told by now: a newer message about the same alert may be waiting behind."""
    if delivery.alert_id is None or delivery.kind.in_thread:
        return delivery.message
    with reading(engine) as db:
        if summaries.is_summary(delivery.alert_id):
            return summaries.drawn(db, delivery.place, delivery.alert_id)
        behind = and_(is_free(table), of_alert(delivery.place, delivery.alert_id))
        found, _ = read(db, and_(behind, table.c.kind == DeliveryKind.MESSAGE))
        return found[-1].message if found else delivery.message
