"""What is still to be said where? A message is put in the transaction that made it true, and claimed with a lease.

Of the messages about one alert in one place only the oldest unsettled one is handed out, so they arrive in order. What
goes into the thread waits until the alert's message stands, and holds up nobody meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, and_, case, delete, exists, func, literal, or_, select, update

from bot.core.routes import Place
from bot.messages.model import Message, to_json
from bot.messages.sending import Posted
from bot.store.deliveries import (
    IS_WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Rank,
    next_in_line,
    of_alert,
    read,
    stands,
)
from bot.store.engine import writing
from bot.store.moments import Moment
from bot.store.names import upsert
from bot.store.tables import deliveries as table
from bot.store.tables import posts

__all__ = [
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Rank",
    "Waiting",
    "claim_due",
    "delivered",
    "done",
    "doubtful",
    "forget_posted",
    "give_up",
    "posted_at",
    "put",
    "try_again",
    "waiting",
]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not reached a place yet.

    Attributes:
        oldest: When the first of them was to be told; in the future when nothing is late.
        why: What went wrong last, as far as something did.
    """

    place: Place
    count: int
    oldest: datetime
    why: str | None


def put(
    db: Connection,
    *,
    place: Place,
    message: Message,
    now: datetime,
    kind: DeliveryKind = DeliveryKind.MESSAGE,
    alert_id: str | None = None,
    about: str | None = None,
    rank: Rank | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
) -> str | None:
    """Have `message` told in `place`, at `due_at` or at once; the id of the delivery.

    The newest message about an alert wins: one that nobody has tried to send yet is replaced. What has a `key` is put
    once: `None` when there is, or was, a delivery of that key.

    Args:
        db: The transaction that makes it true.
        place: Where.
        message: What.
        now: In real time.
        kind: How.
        alert_id: Whose message it is, or belongs under: an alert's, or that of what several alerts are told in.
        about: The alert that the label names; the same where it is not given.
        rank: How urgent it is; where it is not given: an alert's first message, a change, or what is about no alert.
        key: What must not be told twice.
        due_at: Not before that.
    """
    if kind is DeliveryKind.MESSAGE and alert_id is not None and key is None:
        replaced = _replace(db, place, alert_id, message, due_at or now)
        if replaced is not None:
            return replaced
    if kind.in_thread and alert_id is None:
        raise ValueError("a message for a thread needs the alert whose thread it is")
    row = {
        "id": uuid4().hex,
        "key": key,
        "platform": place.platform,
        "channel": place.channel,
        "kind": kind,
        "alert_id": alert_id,
        "about": about or alert_id,
        "rank": rank if rank is not None else _rank(db, place, alert_id, kind),
        "message": to_json(message),
        "state": DeliveryState.WAITING,
        "created_at": now,
        "wanted_at": due_at or now,
        "due_at": due_at or now,
        "attempts": 0,
        "unclear": False,
    }
    saved = upsert(db, table).values(row).on_conflict_do_nothing(index_elements=["key"])
    delivery_id: str | None = db.scalar(saved.returning(table.c.id))
    return delivery_id


def claim_due(engine: Engine, *, now: datetime, lease: timedelta, limit: int = 20) -> list[Delivery]:
    """Deliveries whose time has come, the longest due first; they are the caller's until the lease is over.

    Two workers never get the same one. One whose worker died comes again after the lease, and is `unclear` then.
    """
    claimed = {
        "attempts": table.c.attempts + 1,
        # A lease that nobody ended: its worker died, before or after the platform took the message.
        "unclear": or_(table.c.unclear, table.c.leased_until.is_not(None)),
        "leased_until": now + lease,
    }
    with writing(engine) as db:
        numbers = db.scalars(next_in_line(now).limit(limit)).all()
        if not numbers:
            return []
        of_these = table.c.seq.in_(numbers)
        db.execute(update(table).where(of_these).values(claimed))
        found, unreadable = read(db, of_these)
        for delivery_id in unreadable:
            _settle(db, delivery_id, DeliveryState.GIVEN_UP, now, why="this version cannot read the message")
        return found


def done(engine: Engine, delivery_id: str, posted: Posted, *, now: datetime) -> Posted | None:
    """The delivery stands in its channel, at `posted`.

    Returns:
        Where it stood already, at another place, because another worker was faster: the caller takes its own back.
        `None` when all is well.
    """
    with writing(engine) as db:
        row = db.execute(select(table).where(table.c.id == delivery_id).with_for_update()).first()
        if row is None:
            return None
        if row.state == DeliveryState.SENT:
            first = Posted(row.posted_channel, row.posted_message)
            return None if first == posted else first
        where = {"posted_channel": posted.channel, "posted_message": posted.message}
        _settle(db, delivery_id, DeliveryState.SENT, now, **where)
        if row.kind == DeliveryKind.MESSAGE and row.alert_id is not None:
            of = {"alert_id": row.alert_id, "platform": row.platform, "channel": row.channel}
            saved = upsert(db, posts).values(of | where | {"at": now})
            db.execute(saved.on_conflict_do_update(index_elements=list(of), set_=where | {"at": now}))
    return None


def try_again(engine: Engine, delivery_id: str, *, at: datetime, why: str, unclear: bool) -> None:
    """The delivery did not succeed: hand it out again at `at`. Once it is `unclear` it stays so."""
    back: dict[str, Any] = {"due_at": at, "why": why, "leased_until": None}
    if unclear:
        back["unclear"] = True
    with writing(engine) as db:
        db.execute(update(table).where(table.c.id == delivery_id, IS_WAITING).values(back))


def give_up(engine: Engine, delivery_id: str, *, why: str, now: datetime) -> None:
    """The delivery can never succeed.

    When it would have been the alert's first message in that place, and no newer one is waiting, what waits for the
    thread under it is given up too.
    """
    with writing(engine) as db:
        row = db.execute(select(table).where(table.c.id == delivery_id, IS_WAITING).with_for_update()).first()
        if row is None:
            return
        _settle(db, delivery_id, DeliveryState.GIVEN_UP, now, why=why)
        if row.alert_id is None or row.kind != DeliveryKind.MESSAGE:
            return
        place = Place(row.platform, row.channel)
        rest = and_(IS_WAITING, of_alert(place, row.alert_id))
        newer = exists().where(rest, table.c.kind == DeliveryKind.MESSAGE)
        if posted_at(db, row.alert_id, place) is None and not db.scalar(select(newer)):
            for rest_id in db.scalars(select(table.c.id).where(rest)).all():
                _settle(db, rest_id, DeliveryState.GIVEN_UP, now, why=why)


def forget_posted(engine: Engine, alert_id: str, place: Place) -> None:
    """The alert's message does not stand in `place` any more (a person deleted it): the next is posted anew."""
    with writing(engine) as db:
        db.execute(delete(posts).where(stands(place, alert_id)))


def posted_at(db: Connection, alert_id: str, place: Place) -> Posted | None:
    """Where the alert's message stands in `place`."""
    chosen = select(posts.c.posted_channel, posts.c.posted_message).where(stands(place, alert_id))
    row = db.execute(chosen).first()
    return None if row is None else Posted(row.posted_channel, row.posted_message)


def places_told(db: Connection, alert_id: str) -> list[Place]:
    """Every place that has heard of the alert, or is about to."""
    chosen = select(table.c.platform, table.c.channel).where(table.c.alert_id == alert_id).distinct()
    return sorted(Place(row.platform, row.channel) for row in db.execute(chosen))


def waiting(db: Connection) -> list[Waiting]:
    """What has not reached its place yet, place by place."""
    of = (table.c.platform, table.c.channel)
    chosen = select(*of, func.count().label("n"), func.min(table.c.wanted_at).label("oldest")).where(IS_WAITING)
    rows = db.execute(chosen.group_by(*of).order_by(*of)).all()
    failed = select(*of, table.c.why).where(IS_WAITING, table.c.why.is_not(None)).order_by(table.c.seq.desc())
    # The oldest comes last and stays: it is what holds up the others.
    reasons = {Place(row.platform, row.channel): row.why for row in db.execute(failed)}
    places = [(Place(row.platform, row.channel), row) for row in rows]
    return [Waiting(place, row.n, row.oldest, reasons.get(place)) for place, row in places]


def is_put(db: Connection, key: str) -> bool:
    """Whether there is, or was, a delivery with that key, whatever became of it."""
    return bool(db.scalar(select(exists().where(table.c.key == key))))


def delivered(db: Connection, key: str) -> bool:
    """Whether the delivery with that key stands in its channel."""
    return bool(db.scalar(select(exists().where(table.c.key == key, table.c.state == DeliveryState.SENT))))


def doubtful(db: Connection, *, since: datetime) -> list[Delivery]:
    """What was sent from `since` on after an attempt whose outcome was unclear: it may stand in its channel twice.

    `posted` is where this very delivery was said to stand.
    """
    sent = and_(table.c.state == DeliveryState.SENT, table.c.settled_at >= since)
    found, _ = read(db, and_(sent, table.c.unclear), own=True)
    return found


def _rank(db: Connection, place: Place, alert_id: str | None, kind: DeliveryKind) -> Rank:
    if alert_id is None:
        return Rank.DIGEST
    match kind:
        case DeliveryKind.ALOUD:
            return Rank.WORSE
        case DeliveryKind.THREAD:
            return Rank.CHANGED
        case DeliveryKind.MESSAGE:
            return Rank.FIRST if posted_at(db, alert_id, place) is None else Rank.CHANGED


def _replace(db: Connection, place: Place, alert_id: str, message: Message, due_at: datetime) -> str | None:
    """Put `message` into the row that nobody has tried to send yet, if there is one; its id."""
    untried = (IS_WAITING, of_alert(place, alert_id), table.c.kind == DeliveryKind.MESSAGE, table.c.attempts == 0)
    earlier = case((table.c.due_at < due_at, table.c.due_at), else_=literal(due_at, Moment))
    changed = update(table).where(*untried).values(message=to_json(message), due_at=earlier)
    delivery_id: str | None = db.scalar(changed.returning(table.c.id))
    return delivery_id


def _settle(db: Connection, delivery_id: str, state: DeliveryState, now: datetime, **facts: str) -> None:
    final = {"state": state, "settled_at": now, "leased_until": None, "why": None, **facts}
    db.execute(update(table).where(table.c.id == delivery_id).values(final))
