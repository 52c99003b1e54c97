"""What was told where, and what waits to be?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, bindparam, delete, exists, func, or_, select, update

from bot.core.routes import Place, in_workspace
from bot.messages.sending import Posted
from bot.store.deliveries import IS_WAITING, Delivery, DeliveryKind, DeliveryState, of_alert, read
from bot.store.engine import reading, writing
from bot.store.tables import deliveries as table
from bot.store.tables import posts

# Asked every few seconds, so made once.
_UNEXPLAINED = select(table.c.platform).where(IS_WAITING, table.c.why.is_(None)).distinct()


# Asked for every message that is put, so made once.
_POSTED = select(posts.c.posted_channel, posts.c.posted_message).where(
    posts.c.alert_id == bindparam("alert"),
    posts.c.platform == bindparam("platform"),
    posts.c.channel == bindparam("channel"),
)
_PLACES_TOLD = select(table.c.platform, table.c.channel).where(table.c.alert_id == bindparam("alert")).distinct()


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
    row = db.execute(_POSTED, {"alert": alert_id, "platform": place.platform, "channel": place.channel}).first()
    return None if row is None else Posted(row.posted_channel, row.posted_message)


def places_told(db: Connection, alert_id: str) -> list[Place]:
    """Every place that has heard of the alert, or is about to."""
    return sorted(Place(row.platform, row.channel) for row in db.execute(_PLACES_TOLD, {"alert": alert_id}))


def names_of(db: Connection, platform: str, posted_channel: str) -> set[str]:
    """What the configuration calls the channel that the platform knows by this id, where something was told there."""
    of = (posts.c.platform == platform, posts.c.posted_channel == posted_channel)
    told = (table.c.platform == platform, table.c.posted_channel == posted_channel)
    return {
        *db.scalars(select(posts.c.channel).where(*of)),
        *db.scalars(select(table.c.channel).where(*told).distinct()),
    }


def forget_posted(engine: Engine, gone: Posted, place: Place) -> None:
    """The message at `gone` does not stand any more (a person deleted it): what stood in it is next posted anew.

    What another worker has posted anew since is not forgotten.
    """
    with writing(engine) as db:
        there = (posts.c.posted_channel == gone.channel, posts.c.posted_message == gone.message)
        db.execute(delete(posts).where(posts.c.platform == place.platform, posts.c.channel == place.channel, *there))


def posted_in(db: Connection, place: Place, *, since: datetime, until: datetime) -> int:
    """How many messages `place` saw from `since` to `until`: new ones, not those that were changed, and no drills.

    One route may call a channel by its name and another by its id: what stands in it is counted, however it got there.
    """
    is_drill = and_(table.c.alert_id.is_not(None), table.c.alert_id.startswith("drill-", autoescape=True))
    named = (table.c.platform == place.platform, table.c.channel == place.channel)
    its_ids = select(table.c.posted_channel).where(*named, table.c.posted_channel.is_not(None))
    first = (
        select(func.min(table.c.settled_at).label("at"))
        .where(
            table.c.platform == place.platform,
            or_(table.c.posted_channel == in_workspace(place.channel)[1], table.c.posted_channel.in_(its_ids)),
            table.c.kind != DeliveryKind.THREAD,
            table.c.posted_message.is_not(None),
            ~is_drill,
        )
        .group_by(table.c.posted_message)
        .subquery()
    )
    return int(db.scalar(select(func.count()).where(first.c.at.between(since, until))) or 0)


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
    with reading(engine) as db:
        if set(connected).issuperset(db.scalars(_UNEXPLAINED)):
            return
    lost = and_(IS_WAITING, table.c.platform.not_in(connected), table.c.why.is_(None))
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
    """What was settled from `since` on after an attempt whose outcome was unclear.

    What was sent may stand in its channel twice, or in the place of something newer; what was given up may stand there
    all the same. `posted` is where this very delivery was said to stand.
    """
    over = table.c.state.in_([DeliveryState.SENT, DeliveryState.GIVEN_UP])
    found, _ = read(db, and_(over, table.c.settled_at >= since, table.c.unclear), own=True)
    return found


def superseded(db: Connection, delivery: Delivery) -> bool:
    """Whether a newer message was sent into the place of this one, and stands there as far as is known."""
    if delivery.alert_id is None or delivery.kind.in_thread or delivery.posted is None:
        return False
    ours = select(table.c.seq).where(table.c.id == delivery.id).scalar_subquery()
    sent = (table.c.kind == delivery.kind, table.c.state == DeliveryState.SENT)
    newer = exists().where(of_alert(delivery.place, delivery.alert_id), *sent, table.c.seq > ours)
    return posted_at(db, delivery.alert_id, delivery.place) == delivery.posted and bool(db.scalar(select(newer)))
