"""What is a delivery, and which of them are next in line?"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from bot.core.routes import Place
from bot.messages.model import Message, from_json
from bot.messages.sending import Posted
from bot.store.tables import deliveries as table
from bot.store.tables import posts


class DeliveryKind(StrEnum):
    """How a message is told."""

    MESSAGE = "message"  # in the channel; of an alert there is one, and a newer one takes its place
    THREAD = "thread"  # under the alert's message
    ALOUD = "aloud"  # under the alert's message, and the channel sees it too

    @property
    def in_thread(self) -> bool:
        """Whether it belongs under the alert's message."""
        return self is not DeliveryKind.MESSAGE


class Rank(IntEnum):
    """What goes first when not all can go at once, the most urgent first."""

    FIRST = 0  # nobody there has heard of the alert
    WORSE = 1
    ENDED = 2
    CHANGED = 3
    DIGEST = 4  # and whatever else is about no alert


class DeliveryState(StrEnum):
    """What became of a delivery; all but `WAITING` are final."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one place.

    Attributes:
        alert_id: Whose message it is, or is to stand under. `about`: the alert that its label names.
        attempts: How often it was handed out, this time included.
        unclear: Whether an earlier attempt may have reached the channel: read it back before sending.
        posted: Where the alert's message stands in that place: to be replaced by a `MESSAGE`, the parent of a
            `THREAD`; `None` while it stands nowhere.
    """

    id: str
    platform: str
    channel: str
    kind: DeliveryKind
    alert_id: str | None
    about: str | None
    message: Message
    created_at: datetime
    due_at: datetime
    attempts: int
    unclear: bool
    posted: Posted | None

    @property
    def place(self) -> Place:
        """Where it is to be told."""
        return Place(self.platform, self.channel)


def is_waiting(of: FromClause) -> ColumnElement[bool]:
    """Not settled yet; written out, because a partial index is not used for a parameter."""
    return of.c.state == literal_column("'waiting'")


IS_WAITING = is_waiting(table)


def of_alert(place: Place, alert_id: str) -> ColumnElement[bool]:
    """What was put about this alert in `place`."""
    return and_(table.c.alert_id == alert_id, table.c.platform == place.platform, table.c.channel == place.channel)


def stands(place: Place, alert_id: str) -> ColumnElement[bool]:
    """The row that says where the alert's message stands in `place`."""
    return and_(posts.c.alert_id == alert_id, posts.c.platform == place.platform, posts.c.channel == place.channel)


def next_in_line(now: datetime) -> Select[tuple[int]]:
    """The numbers of what may be handed out, locked: the longest due of every place, then the second ones, and so on.

    So a channel with a thousand messages holds up no other.
    """
    older = table.alias("older")
    held_up = exists().where(is_waiting(older), _same_alert_and_place(older), older.c.seq < table.c.seq, _may_go(older))
    free = and_(IS_WAITING, table.c.due_at <= now, or_(table.c.leased_until.is_(None), table.c.leased_until <= now))
    of_its_place = func.row_number().over(
        partition_by=(table.c.platform, table.c.channel), order_by=(table.c.due_at, table.c.seq)
    )
    ranked = (
        select(table.c.seq, of_its_place.label("rank")).where(free, _may_go(table), not_(held_up)).subquery("ranked")
    )
    # `free` again: another worker may have taken a row between our look at it and our lock on it.
    return (
        select(table.c.seq)
        .join(ranked, ranked.c.seq == table.c.seq)
        .where(free)
        .order_by(ranked.c.rank, table.c.due_at, table.c.seq)
        .with_for_update(skip_locked=True, of=table)
    )


def read(db: Connection, condition: ColumnElement[bool], *, own: bool = False) -> tuple[list[Delivery], list[str]]:
    """The deliveries, the longest due first, and the ids of those whose message cannot be read.

    With `own`, `posted` is where the delivery itself stands, not its alert's message.
    """
    stood = table if own else posts
    there = and_(*(posts.c[name] == table.c[name] for name in ("alert_id", "platform", "channel")))
    posted = (stood.c.posted_channel.label("post_channel"), stood.c.posted_message.label("post_message"))
    chosen = select(table, *posted)
    rows = db.execute(chosen.outerjoin_from(table, posts, there).where(condition).order_by(table.c.due_at, table.c.seq))
    found: list[Delivery] = []
    unreadable: list[str] = []
    for row in rows:
        try:
            message = from_json(row.message)
        except ValidationError:
            unreadable.append(row.id)
        else:
            found.append(_delivery(row, message))
    return found, unreadable


def _delivery(row: Any, message: Message) -> Delivery:
    return Delivery(
        id=row.id,
        platform=row.platform,
        channel=row.channel,
        kind=DeliveryKind(row.kind),
        alert_id=row.alert_id,
        about=row.about,
        message=message,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        unclear=row.unclear,
        posted=None if row.post_channel is None else Posted(row.post_channel, row.post_message),
    )


def _may_go(of: FromClause) -> ColumnElement[bool]:
    """Whether it is for the channel, or for a thread that is there."""
    parent = exists().where(*(posts.c[name] == of.c[name] for name in ("alert_id", "platform", "channel")))
    return or_(of.c.kind == DeliveryKind.MESSAGE, parent)


def _same_alert_and_place(older: FromClause) -> ColumnElement[bool]:
    return and_(*(older.c[name] == table.c[name] for name in ("alert_id", "platform", "channel")))
