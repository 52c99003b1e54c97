"""What is a delivery, and which of them are next in line?"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    exists,
    literal_column,
    not_,
    select,
)

from bot.core.routes import Place
from bot.messages.model import Message, from_json, to_json
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
    GATHERED = "gathered"  # told in a summary
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one place.

    Attributes:
        alert_id: Whose message it is, or is to stand under. `about`: the alert that its label names.
        attempts: How often it was handed out, this time included; only who has the latest attempt may settle it.
        unclear: Whether an earlier attempt may have reached the channel: read it back before sending.
        tried_at: Since when it may stand in its channel.
        posted: Where the alert's message stands in that place: to be replaced by a `MESSAGE`, the parent of what
            belongs into its thread; `None` while it stands nowhere.
        told: The fingerprint of what stands there, as far as it is known.
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
    tried_at: datetime
    posted: Posted | None
    told: str | None = None
    rank: Rank = Rank.CHANGED

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


def is_first(of: FromClause) -> ColumnElement[bool]:
    """Whether it is an alert's first message in its place, which may yet become part of a summary."""
    # A label that names no alert is that of something else, such as a digest.
    of_alert = and_(of.c.alert_id.is_not(None), of.c.about.is_not(None))
    return and_(of.c.kind == DeliveryKind.MESSAGE, of_alert, of.c.key.is_(None), not_(has_parent(of)))


def is_free(of: FromClause) -> ColumnElement[bool]:
    """Nobody sends it now, and it is certain that it does not stand in its channel: it can still be changed."""
    return and_(is_waiting(of), of.c.leased_until.is_(None), of.c.unclear.is_(False))


def fingerprint(message: Message) -> str:
    """What tells one message from another."""
    return hashlib.sha256(to_json(message).encode()).hexdigest()


def read(db: Connection, condition: ColumnElement[bool], *, own: bool = False) -> tuple[list[Delivery], list[str]]:
    """The deliveries, the longest due first, and the ids of those whose message cannot be read.

    With `own`, `posted` is where the delivery itself stands, not its alert's message.
    """
    stood = table if own else posts
    there = and_(*(posts.c[name] == table.c[name] for name in ("alert_id", "platform", "channel")))
    posted = (
        stood.c.posted_channel.label("post_channel"),
        stood.c.posted_message.label("post_message"),
        posts.c.content.label("post_content"),
    )
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
        tried_at=row.tried_at or row.created_at,
        told=row.post_content,
        rank=Rank(row.rank),
        posted=None if row.post_channel is None else Posted(row.post_channel, row.post_message),
    )


def has_parent(of: FromClause) -> ColumnElement[bool]:
    """Whether the message of its alert stands in its place."""
    return exists().where(*(posts.c[name] == of.c[name] for name in ("alert_id", "platform", "channel")))
