"""What was told where, and what waits to be?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, delete, exists, func, select, update

from bot.core.routes import Place
from bot.messages.sending import Posted
from bot.store.deliveries import IS_WAITING, Delivery, DeliveryState, read, stands
from bot.store.engine import reading, writing
from bot.store.tables import deliveries as table
from bot.store.tables import posts


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


def posted_at(db: Connection, alert_id: str, place: Place) -> Posted | None:
    """Where the alert's message stands in `place`."""
    chosen = select(posts.c.posted_channel, posts.c.posted_message).where(stands(place, alert_id))
    row = db.execute(chosen).first()
    return None if row is None else Posted(row.posted_channel, row.posted_message)


def places_told(db: Connection, alert_id: str) -> list[Place]:
    """Every place that has heard of the alert, or is about to."""
    chosen = select(table.c.platform, table.c.channel).where(table.c.alert_id == alert_id).distinct()
    return sorted(Place(row.platform, row.channel) for row in db.execute(chosen))


def forget_posted(engine: Engine, alert_id: str, place: Place) -> None:
    """The alert's message does not stand in `place` any more (a person deleted it): the next is posted anew."""
    with writing(engine) as db:
        posted = posted_at(db, alert_id, place)
        if posted is None:
            return
        there = (posts.c.posted_channel == posted.channel, posts.c.posted_message == posted.message)
        # Whatever else stood in the same message is gone with it.
        db.execute(delete(posts).where(posts.c.platform == place.platform, posts.c.channel == place.channel, *there))


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


def stranded(engine: Engine, connected: Collection[str]) -> None:
    """Note why messages for platforms that are not connected wait."""
    lost = and_(IS_WAITING, table.c.platform.not_in(connected), table.c.why.is_(None))
    with reading(engine) as db:
        if not db.scalar(select(exists().where(lost))):
            return
    with writing(engine) as db:
        db.execute(update(table).where(lost).values(why=table.c.platform + " is not connected"))


def is_put(db: Connection, key: str) -> bool:
    """Whether there is, or was, a delivery with that key, whatever became of it."""
    return bool(db.scalar(select(exists().where(table.c.key == key))))


def is_known(db: Connection, prefix: str, place: Place) -> bool:
    """Whether a delivery with such a key was put since `place` is in trouble: since what waits longest for it was."""
    said = select(func.max(table.c.created_at)).where(table.c.key.startswith(prefix, autoescape=True))
    of_place = (table.c.platform == place.platform, table.c.channel == place.channel)
    began = select(func.min(table.c.created_at)).where(IS_WAITING, *of_place)
    last, first = db.scalar(said), db.scalar(began)
    return last is not None and first is not None and bool(last >= first)


def hears_of(db: Connection, delivery: Delivery, place: Place | None) -> bool:
    """Whether `place` is told of the same alert anyway."""
    return place is not None and delivery.alert_id is not None and place in places_told(db, delivery.alert_id)


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
