"""How does a change of an alert get into the outbox, in the transaction that made it true?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.core.alerts import Event
from bot.core.judge import Change
from bot.core.routes import Route, places
from bot.messages.alert import alert_entry, alert_message
from bot.store import alerts, outbox


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happens: `now` in the product's time, `wall` in real time (for when messages are sent)."""

    now: datetime
    wall: datetime


def tell(db: Connection, changes: Iterable[Change], routes: Sequence[Route], *, at: Moment) -> int:
    """Save the changes with what the channels shall hear of them; how many messages that makes."""
    told = 0
    for change in changes:
        alerts.save(db, change.alert, change.moves)
        if change.worth_telling:
            told += _announce(db, change, routes, at)
    return told


def _announce(db: Connection, change: Change, routes: Sequence[Route], at: Moment) -> int:
    """The alert's one message per channel, and an entry in its thread for what happened to it after it was told."""
    alert = change.alert
    told = 0
    # A channel that heard of the alert hears of its end, even if the routes have changed since; no other does.
    now_told = places(routes, alert) if alert.open else ()
    for place in dict.fromkeys((*now_told, *outbox.places_told(db, alert.id))):
        outbox.put(db, place=place, message=alert_message(alert, now=at.now), now=at.wall, alert_id=alert.id)
        told += 1
        for move in change.moves:
            if move.event is Event.HELD:
                continue
            outbox.put(
                db,
                place=place,
                message=alert_entry(alert, move, now=at.now),
                now=at.wall,
                kind=outbox.DeliveryKind.THREAD,
                alert_id=alert.id,
            )
            told += 1
    return told
