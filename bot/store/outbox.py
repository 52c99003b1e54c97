"""What is still to be said where? A message is put in the transaction that made it true, and claimed with a lease.

Of the messages about one alert in one place only the oldest unsettled one is handed out, so they arrive in order. What
goes into the thread waits until the alert's message stands, and holds up nobody meanwhile. What is sent is the
difference between what a place was last told and what is true when it is sent.
"""

from datetime import datetime
from functools import cache
from uuid import uuid4

from sqlalchemy import Connection, Executable, and_, case, delete, exists, literal, or_, select, update

from bot.core.routes import Place
from bot.messages.model import Message, Tone, to_json
from bot.store import summaries
from bot.store.claims import claim_due, comes_due, is_anything_waiting, newest
from bot.store.deliveries import (
    IS_WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Rank,
    fingerprint,
    is_free,
    of_alert,
    stands,
)
from bot.store.moments import Moment
from bot.store.names import inserting
from bot.store.settling import Done, done, give_up, overwritten, shorten, try_again
from bot.store.tables import deliveries as table
from bot.store.tables import posts
from bot.store.told import (
    Waiting,
    delivered,
    doubtful,
    forget_posted,
    hears_of,
    is_known,
    is_put,
    names_of,
    places_told,
    posted_at,
    posted_in,
    stranded,
    superseded,
    waiting,
)
from bot.tracing import leads_to

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
    "is_anything_waiting",
    "is_known",
    "is_put",
    "names_of",
    "newest",
    "overwritten",
    "places_told",
    "posted_at",
    "posted_in",
    "put",
    "put_news",
    "shorten",
    "stranded",
    "superseded",
    "try_again",
    "waiting",
]


@cache
def _putting(dialect: str) -> Executable:
    # Made once: making a statement takes longer than running it.
    return inserting(dialect, table).on_conflict_do_nothing(index_elements=["key"]).returning(table.c.id)


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
                message, rank, about = summaries.drawn(db, place, summary_id), None, summary_id
            alert_id = summary_id
        if kind.in_thread:
            if not _is_told(db, place, alert_id):
                return None
            joined = summaries.join_entry(db, place, alert_id, kind, message)
            if joined is not None:
                leads_to(joined)
                return joined
        else:
            known = _unless_new(db, place, alert_id, message, rank, due_at or now)
            if known:
                leads_to(known)
            if known is not None:
                return known or None
            if summary_id is None and summaries.holding(db, place, alert_id) is not None:
                # It has become part of a summary while we waited for its row.
                return put(db, place=place, message=message, now=now, alert_id=alert_id, about=about, due_at=due_at)
    rank = rank if rank is not None else _rank(db, place, alert_id, kind, message)
    return _add(
        db, place, message, now, kind=kind, alert_id=alert_id, about=about, rank=rank, key=key, due_at=due_at or now
    )


def put_news(
    db: Connection, *, place: Place, message: Message, now: datetime, alert_id: str, rank: Rank | None = None
) -> str | None:
    """As `put`, of an alert about which certainly nothing was ever put anywhere."""
    if rank is None:
        rank = Rank.ENDED if message.tone is Tone.GOOD else Rank.FIRST
    kind = DeliveryKind.MESSAGE
    return _add(db, place, message, now, kind=kind, alert_id=alert_id, about=alert_id, rank=rank, key=None, due_at=now)


def _add(
    db: Connection,
    place: Place,
    message: Message,
    now: datetime,
    *,
    kind: DeliveryKind,
    alert_id: str | None,
    about: str | None,
    rank: Rank,
    key: str | None,
    due_at: datetime,
) -> str | None:
    row = {
        "id": uuid4().hex,
        "key": key,
        "platform": place.platform,
        "channel": place.channel,
        "kind": kind,
        "alert_id": alert_id,
        "about": about,
        "rank": rank,
        "message": to_json(message),
        "state": DeliveryState.WAITING,
        "created_at": now,
        "wanted_at": due_at,
        "due_at": due_at,
        "attempts": 0,
        "unclear": False,
    }
    delivery_id: str | None = db.scalar(_putting(db.dialect.name), row)
    if delivery_id is not None:
        leads_to(delivery_id)
    return delivery_id


def _is_told(db: Connection, place: Place, alert_id: str) -> bool:
    """Whether the alert's message stands in `place`, or may stand there: an attempt is under way or was unclear.

    One statement, so that it sees one moment: between two of them an attempt that was under way may come to its end.
    """
    tried = and_(IS_WAITING, of_alert(place, alert_id), table.c.kind == DeliveryKind.MESSAGE, ~is_free(table))
    return bool(db.scalar(select(or_(exists().where(stands(place, alert_id)), exists().where(tried)))))


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
    # Nothing that is under way comes to its end between the statements that follow. In SQLite nobody else writes.
    if db.dialect.name != "sqlite":
        db.execute(select(table.c.seq).where(IS_WAITING, *rows).order_by(table.c.seq).with_for_update())
    known = db.scalar(select(posts.c.content).where(stands(place, alert_id)))
    if known == fingerprint(message):
        # What was to be told since has not been, and is not so any more; unless somebody is about to tell it.
        db.execute(delete(table).where(is_free(table), *rows))
        being_told = exists().where(IS_WAITING, *rows)
        return None if db.scalar(select(being_told)) else ""
    # What was refused comes again when it was to, not earlier.
    kept = or_(table.c.due_at < due_at, table.c.attempts > 0)
    earlier = case((kept, table.c.due_at), else_=literal(due_at, Moment))
    rank = rank if rank is not None else _rank(db, place, alert_id, DeliveryKind.MESSAGE, message)
    values = {"message": to_json(message), "due_at": earlier, "rank": rank}
    changed: str | None = db.scalar(update(table).where(is_free(table), *rows).values(values).returning(table.c.id))
    return changed
