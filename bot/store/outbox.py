"""What is still to be said where? A message is put in the transaction that made it true, and claimed with a lease.

Of the messages about one alert in one place only the oldest unsettled one is handed out, so they arrive in order. What
goes into the thread waits until the alert's message stands, and holds up nobody meanwhile. What is sent is the
difference between what a place was last told and what is true when it is sent.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from bot.core.routes import Place
from bot.messages.model import Message, Tone, to_json
from bot.messages.sending import Posted
from bot.store import summaries
from bot.store.deliveries import (
    IS_WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Head,
    Rank,
    Ready,
    fingerprint,
    heads,
    is_free,
    next_at,
    of_alert,
    read,
    stands,
)
from bot.store.engine import reading, writing
from bot.store.moments import Moment
from bot.store.names import upsert
from bot.store.tables import deliveries as table
from bot.store.tables import posts

__all__ = [
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Done",
    "Rank",
    "Waiting",
    "claim_due",
    "comes_due",
    "delivered",
    "done",
    "doubtful",
    "forget_posted",
    "give_up",
    "hears_of",
    "is_known",
    "is_put",
    "newest",
    "places_told",
    "posted_at",
    "put",
    "shorten",
    "stranded",
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


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a delivery that was made.

    Attributes:
        kept: Whether it was ours to settle; if not, another worker has it, or had it.
        first: Where it stood already, at another place, because another worker was faster: ours is to be taken back.
    """

    kept: bool = True
    first: Posted | None = None


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
    """Have `message` told in `place`, at `due_at` or at once.

    The newest message about an alert wins: one that nobody has tried to send yet is replaced. Before its message stands
    there is no thread, and nothing to say in it that the message will not say itself.

    Args:
        db: The transaction that makes it true.
        place: Where.
        message: What.
        now: In real time.
        kind: How.
        alert_id: Whose message it is, or belongs under: an alert's, or that of what several alerts are told in.
        about: The alert that the label names; the same where it is not given.
        rank: How urgent it is; where it is not given it follows from the rest.
        key: What must not be told twice.
        due_at: Not before that.

    Returns:
        The id of the delivery. `None` when nothing is to be told: there is, or was, a delivery of that key; or the
        place knows it; or the alert's first message will say it.
    """
    if kind.in_thread and alert_id is None:
        raise ValueError("a message for a thread needs the alert whose thread it is")
    about = about or alert_id
    if alert_id is not None and key is None:
        summary_id = summaries.holding(db, place, alert_id)
        if summary_id is not None:
            if kind is DeliveryKind.MESSAGE:
                summaries.change(db, place, alert_id, message)
                message, rank, about = summaries.drawn(db, summary_id), None, summary_id
            alert_id = summary_id
        if kind.in_thread:
            if not _is_told(db, place, alert_id):
                return None
            joined = summaries.join_entry(db, place, alert_id, kind, message)
            if joined is not None:
                return joined
        else:
            known = _unless_new(db, place, alert_id, message, rank, due_at or now)
            if known is not None:
                return known or None
    row = {
        "id": uuid4().hex,
        "key": key,
        "platform": place.platform,
        "channel": place.channel,
        "kind": kind,
        "alert_id": alert_id,
        "about": about,
        "rank": rank if rank is not None else _rank(db, place, alert_id, kind, message),
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


def claim_due(
    engine: Engine,
    *,
    now: datetime,
    lease: timedelta,
    limit: int = 20,
    platform: str | None = None,
    ready: Ready | None = None,
    gather: timedelta = timedelta(),
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
        gather: How old an alert's first message must be, so that those that come with it can be told together.
    """
    with reading(engine) as db:
        line = heads(db, platform=platform, now=now, gather=gather, most=limit)
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
        _settle(db, table.c.id == delivery_id, DeliveryState.GIVEN_UP, now, why=why)
    return [_as_it_stands(db, each) for each in found]


def _as_it_stands(db: Connection, delivery: Delivery) -> Delivery:
    """A summary as its alerts are now; what may stand in its channel already stays as it was sent."""
    if delivery.unclear or delivery.kind.in_thread or not summaries.is_summary(delivery.alert_id):
        return delivery
    drawn = summaries.drawn(db, delivery.alert_id or "")
    db.execute(update(table).where(table.c.id == delivery.id).values(message=to_json(drawn)))
    return replace(delivery, message=drawn)


def comes_due(
    engine: Engine, *, now: datetime, platform: str | None = None, gather: timedelta = timedelta()
) -> tuple[list[Head], datetime | None]:
    """What could go now if its place were ready, and when something else comes due."""
    with reading(engine) as db:
        line = heads(db, platform=platform, now=now, gather=gather, most=1)
        return line, next_at(db, platform=platform, now=now, gather=gather)


def done(engine: Engine, delivery: Delivery, posted: Posted, *, now: datetime, content: Message | None = None) -> Done:
    """The delivery stands in its channel, at `posted`; with `content`, as far as that is known."""
    with writing(engine) as db:
        row = db.execute(select(table).where(table.c.id == delivery.id).with_for_update()).first()
        if row is None:
            return Done(kept=False)
        if row.state == DeliveryState.SENT:
            first = Posted(row.posted_channel, row.posted_message)
            if first == posted:
                _tell_again(db, row, now)
            return Done(kept=False, first=None if first == posted else first)
        if row.attempts != delivery.attempts or row.state != DeliveryState.WAITING:
            # Whoever has it now reads the channel back, and what stands twice in the end is taken back.
            return Done(kept=False)
        where = {"posted_channel": posted.channel, "posted_message": posted.message}
        _settle(db, table.c.id == delivery.id, DeliveryState.SENT, now, **where)
        if row.kind == DeliveryKind.MESSAGE and row.alert_id is not None:
            told = None if content is None else fingerprint(content)
            place = Place(row.platform, row.channel)
            for alert_id in (row.alert_id, *summaries.members(db, place, row.alert_id)):
                of = {"alert_id": alert_id, "platform": row.platform, "channel": row.channel}
                facts = where | {"at": now, "content": told}
                saved = upsert(db, posts).values(of | facts)
                db.execute(saved.on_conflict_do_update(index_elements=list(of), set_=facts))
    return Done()


def _tell_again(db: Connection, row: Any, now: datetime) -> None:
    """Somebody who was late may have put an older message in the place of a newer one: the newest is sent again."""
    if row.kind != DeliveryKind.MESSAGE or row.alert_id is None:
        return
    place = Place(row.platform, row.channel)
    ours = (of_alert(place, row.alert_id), table.c.kind == DeliveryKind.MESSAGE)
    sent = select(table).where(*ours, table.c.state == DeliveryState.SENT).order_by(table.c.seq.desc())
    last = db.execute(sent.limit(1)).first()
    if last is None or last.id == row.id:
        return
    db.execute(update(posts).where(stands(place, row.alert_id)).values(content=null()))
    if not db.scalar(select(exists().where(*ours, IS_WAITING))):
        facts = {name: getattr(last, name) for name in ("platform", "channel", "kind", "alert_id", "about", "message")}
        moments = dict.fromkeys(("created_at", "wanted_at", "due_at"), now)
        more = {
            "id": uuid4().hex,
            "rank": Rank.CHANGED,
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "unclear": False,
        }
        db.execute(table.insert().values(facts | moments | more))


def shorten(engine: Engine, delivery: Delivery, head: Message, rest: Collection[Message], *, now: datetime) -> None:
    """Tell `head` instead, now, and the rest in the thread under it."""
    with writing(engine) as db:
        row = db.execute(select(table).where(_ours(delivery)).with_for_update()).first()
        if row is None:
            return
        # What is about no alert has a thread of its own.
        alert_id = row.alert_id or row.id
        back = {"message": to_json(head), "alert_id": alert_id, "due_at": now, "leased_until": None}
        db.execute(update(table).where(table.c.id == row.id).values(back))
        facts = {name: getattr(row, name) for name in ("platform", "channel", "about")} | {"alert_id": alert_id}
        facts |= {"kind": DeliveryKind.ALOUD if row.kind == DeliveryKind.ALOUD else DeliveryKind.THREAD}
        moments = dict.fromkeys(("created_at", "wanted_at", "due_at"), now)
        more = {"rank": Rank.CHANGED, "state": DeliveryState.WAITING, "attempts": 0, "unclear": False}
        for each in rest:
            db.execute(table.insert().values(facts | moments | more | {"id": uuid4().hex, "message": to_json(each)}))


def try_again(engine: Engine, delivery: Delivery, *, at: datetime, why: str, unclear: bool) -> None:
    """The delivery did not succeed: hand it out again at `at`. Once it is `unclear` it stays so.

    Nothing happens when the lease was over and another worker has it.
    """
    back: dict[str, Any] = {"due_at": at, "why": why, "leased_until": None}
    if unclear:
        back["unclear"] = True
    else:
        back["tried_at"] = case((table.c.unclear, table.c.tried_at), else_=null())
    with writing(engine) as db:
        db.execute(update(table).where(_ours(delivery)).values(back))


def give_up(engine: Engine, delivery: Delivery, *, why: str, now: datetime) -> bool:
    """The delivery can never succeed; whether it was ours to give up.

    When it would have been the alert's first message in that place, and no newer one is waiting, what waits for the
    thread under it is given up too.
    """
    with writing(engine) as db:
        row = db.execute(select(table).where(_ours(delivery)).with_for_update()).first()
        if row is None:
            return False
        _settle(db, table.c.id == delivery.id, DeliveryState.GIVEN_UP, now, why=why)
        if row.alert_id is None or row.kind != DeliveryKind.MESSAGE:
            return True
        place = Place(row.platform, row.channel)
        rest = and_(IS_WAITING, of_alert(place, row.alert_id))
        newer = exists().where(rest, table.c.kind == DeliveryKind.MESSAGE)
        if posted_at(db, row.alert_id, place) is None and not db.scalar(select(newer)):
            _settle(db, rest, DeliveryState.GIVEN_UP, now, why=why)
        return True


def newest(engine: Engine, delivery: Delivery) -> Message:
    """What the delivery's place should be told by now: a newer message about the same alert may be waiting behind."""
    if delivery.alert_id is None or delivery.kind.in_thread:
        return delivery.message
    with reading(engine) as db:
        if summaries.is_summary(delivery.alert_id):
            return summaries.drawn(db, delivery.alert_id)
        behind = and_(is_free(table), of_alert(delivery.place, delivery.alert_id))
        found, _ = read(db, and_(behind, table.c.kind == DeliveryKind.MESSAGE))
        return found[-1].message if found else delivery.message


def forget_posted(engine: Engine, alert_id: str, place: Place) -> None:
    """The alert's message does not stand in `place` any more (a person deleted it): the next is posted anew."""
    with writing(engine) as db:
        posted = posted_at(db, alert_id, place)
        if posted is None:
            return
        there = (posts.c.posted_channel == posted.channel, posts.c.posted_message == posted.message)
        # Whatever else stood in the same message is gone with it.
        db.execute(delete(posts).where(posts.c.platform == place.platform, posts.c.channel == place.channel, *there))


def stranded(engine: Engine, connected: Collection[str]) -> None:
    """Note why messages for platforms that are not connected wait."""
    lost = and_(IS_WAITING, table.c.platform.not_in(connected), table.c.why.is_(None))
    with reading(engine) as db:
        if not db.scalar(select(exists().where(lost))):
            return
    with writing(engine) as db:
        db.execute(update(table).where(lost).values(why=table.c.platform + " is not connected"))


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


def _ours(delivery: Delivery) -> ColumnElement[bool]:
    """The row while nobody else has claimed it since."""
    return and_(IS_WAITING, table.c.id == delivery.id, table.c.attempts == delivery.attempts)


def _is_told(db: Connection, place: Place, alert_id: str) -> bool:
    """Whether the alert's message stands in `place`, or may stand there: an attempt is under way or was unclear."""
    tried = and_(IS_WAITING, of_alert(place, alert_id), table.c.kind == DeliveryKind.MESSAGE, ~is_free(table))
    return posted_at(db, alert_id, place) is not None or bool(db.scalar(select(exists().where(tried))))


def _rank(db: Connection, place: Place, alert_id: str | None, kind: DeliveryKind, message: Message) -> Rank:
    if alert_id is None:
        return Rank.DIGEST
    match kind:
        case DeliveryKind.ALOUD:
            return Rank.WORSE
        case DeliveryKind.THREAD:
            return Rank.CHANGED
        case DeliveryKind.MESSAGE:
            if message.tone is Tone.GOOD:
                return Rank.ENDED
            return Rank.FIRST if posted_at(db, alert_id, place) is None else Rank.CHANGED


def _unless_new(
    db: Connection, place: Place, alert_id: str, message: Message, rank: Rank | None, due_at: datetime
) -> str | None:
    """The delivery that tells the message now; empty when the place knows it; `None` when it needs a new delivery."""
    rows = (of_alert(place, alert_id), table.c.kind == DeliveryKind.MESSAGE)
    known = db.scalar(select(posts.c.content).where(stands(place, alert_id)))
    being_told = db.scalar(select(exists().where(IS_WAITING, *rows, ~is_free(table))))
    if known == fingerprint(message) and not being_told:
        # What was to be told since has not been, and is not so any more.
        db.execute(delete(table).where(is_free(table), *rows))
        return ""
    # What was refused comes again when it was to, not earlier.
    kept = or_(table.c.due_at < due_at, table.c.attempts > 0)
    earlier = case((kept, table.c.due_at), else_=literal(due_at, Moment))
    rank = rank if rank is not None else _rank(db, place, alert_id, DeliveryKind.MESSAGE, message)
    values = {"message": to_json(message), "due_at": earlier, "rank": rank}
    changed: str | None = db.scalar(update(table).where(is_free(table), *rows).values(values).returning(table.c.id))
    return changed


def _settle(db: Connection, which: ColumnElement[bool], state: DeliveryState, now: datetime, **facts: str) -> None:
    final = {"state": state, "settled_at": now, "leased_until": None, "why": None, **facts}
    db.execute(update(table).where(which).values(final))
