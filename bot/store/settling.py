"""What became of a delivery that was claimed? Only the latest claim may say so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, exists, null, select, update

from bot.core.routes import Place
from bot.messages.model import Message, to_json
from bot.messages.sending import Posted
from bot.store import summaries
from bot.store.deliveries import (
    IS_WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Rank,
    fingerprint,
    of_alert,
    stands,
)
from bot.store.engine import writing
from bot.store.names import upsert
from bot.store.tables import deliveries as table
from bot.store.tables import posts
from bot.store.told import posted_at


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a delivery that was made.

    Attributes:
        kept: Whether it was ours to settle; if not, another worker has it, or had it.
        first: Where it stood already, at another place, because another worker was faster: ours is to be taken back.
    """

    kept: bool = True
    first: Posted | None = None


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
        if row.state == DeliveryState.GIVEN_UP:
            return _adopt(db, row, posted, now)
        if row.attempts != delivery.attempts or row.state != DeliveryState.WAITING:
            # Whoever has it now reads the channel back, and what stands twice in the end is taken back.
            return Done(kept=False)
        where = {"posted_channel": posted.channel, "posted_message": posted.message}
        settle(db, table.c.id == delivery.id, DeliveryState.SENT, now, **where)
        if row.kind == DeliveryKind.MESSAGE and row.alert_id is not None:
            # Doubted only since it was claimed: somebody who was late has put an older message in its place.
            is_doubted = row.unclear and not delivery.unclear
            told = None if content is None or is_doubted else fingerprint(content)
            _stands_at(db, row, posted, told, now)
            if is_doubted:
                _send_again(db, row, now)
    return Done()


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
        settle(db, table.c.id == delivery.id, DeliveryState.GIVEN_UP, now, why=why)
        if row.alert_id is None or row.kind != DeliveryKind.MESSAGE:
            return True
        place = Place(row.platform, row.channel)
        rest = and_(IS_WAITING, of_alert(place, row.alert_id))
        newer = exists().where(rest, table.c.kind == DeliveryKind.MESSAGE)
        if posted_at(db, row.alert_id, place) is None and not db.scalar(select(newer)):
            settle(db, rest, DeliveryState.GIVEN_UP, now, why=why)
        return True


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


def overwritten(engine: Engine, delivery: Delivery, *, now: datetime) -> None:
    """This delivery stands where something newer did: the newest is sent again."""
    with writing(engine) as db:
        row = db.execute(select(table).where(table.c.id == delivery.id).with_for_update()).first()
        if row is not None:
            _tell_again(db, row, now)


def _adopt(db: Connection, row: Any, posted: Posted, now: datetime) -> Done:
    """What was given up stands in its channel all the same: it is taken for sent, unless another one stands instead."""
    place = Place(row.platform, row.channel)
    is_alerts = row.kind == DeliveryKind.MESSAGE and row.alert_id is not None
    instead = posted_at(db, row.alert_id, place) if is_alerts else None
    if instead is not None and instead != posted:
        return Done(kept=False, first=instead)
    where = {"posted_channel": posted.channel, "posted_message": posted.message}
    settle(db, table.c.id == row.id, DeliveryState.SENT, now, **where)
    if is_alerts:
        _stands_at(db, row, posted, None, now)
    return Done()


def _stands_at(db: Connection, row: Any, posted: Posted, told: str | None, now: datetime) -> None:
    """The message of the row's alert, and of those that are told with it, stands there now."""
    facts = {"posted_channel": posted.channel, "posted_message": posted.message, "at": now, "content": told}
    for alert_id in (row.alert_id, *summaries.members(db, Place(row.platform, row.channel), row.alert_id)):
        of = {"alert_id": alert_id, "platform": row.platform, "channel": row.channel}
        saved = upsert(db, posts).values(of | facts)
        db.execute(saved.on_conflict_do_update(index_elements=list(of), set_=facts))


def _tell_again(db: Connection, row: Any, now: datetime) -> None:
    """Somebody who was late may have put an older message in the place of a newer one: the newest is sent again."""
    if row.kind != DeliveryKind.MESSAGE or row.alert_id is None:
        return
    place = Place(row.platform, row.channel)
    ours = (of_alert(place, row.alert_id), table.c.kind == DeliveryKind.MESSAGE)
    sent = select(table).where(*ours, table.c.state == DeliveryState.SENT).order_by(table.c.seq.desc())
    last = db.execute(sent.limit(1)).first()
    # What is under way may have been there already when it was overwritten.
    db.execute(update(table).where(*ours, IS_WAITING, table.c.leased_until.is_not(None)).values(unclear=True))
    if last is not None and last.id != row.id:
        db.execute(update(posts).where(stands(place, row.alert_id)).values(content=null()))
        _send_again(db, last, now)


def _send_again(db: Connection, row: Any, now: datetime) -> None:
    """Put the message of a delivery that was made once more, unless a newer one is waiting anyway."""
    place = Place(row.platform, row.channel)
    waits = exists().where(IS_WAITING, of_alert(place, row.alert_id), table.c.kind == DeliveryKind.MESSAGE)
    if db.scalar(select(waits)):
        return
    facts = {name: getattr(row, name) for name in ("platform", "channel", "kind", "alert_id", "about", "message")}
    moments = dict.fromkeys(("created_at", "wanted_at", "due_at"), now)
    more = {"rank": Rank.CHANGED, "state": DeliveryState.WAITING, "attempts": 0, "unclear": False}
    db.execute(table.insert().values(facts | moments | more | {"id": uuid4().hex}))


def _ours(delivery: Delivery) -> ColumnElement[bool]:
    """The row while nobody else has claimed it since."""
    return and_(IS_WAITING, table.c.id == delivery.id, table.c.attempts == delivery.attempts)


def settle(db: Connection, which: ColumnElement[bool], state: DeliveryState, now: datetime, **facts: str) -> None:
    """Nothing more is done about these."""
    final = {"state": state, "settled_at": now, "leased_until": None, "why": None, **facts}
    db.execute(update(table).where(which).values(final))
