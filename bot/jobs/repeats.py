"""What became of what was in doubt? What stands twice is taken back, and what was overwritten is told again."""

import logging
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.routes import Place
from bot.messages.sending import CLOCKS_DIFFER, DeliveryError, Label, Posted, Sender, Unclear
from bot.store import outbox
from bot.store.engine import reading
from bot.store.outbox import Delivery

log = logging.getLogger(__name__)

# For so long after a delivery whose outcome was unclear its channel is looked at: a platform may take a message long
# after we gave up waiting for its answer.
WATCHED_FOR = timedelta(minutes=10)
# So many channels or threads are looked at in a round: reading back must not use up what deliveries need.
AT_ONCE = 10

Where = tuple[Place, Posted | None]


def repeats(engine: Engine, senders: Mapping[str, Sender], *, now: datetime) -> list[str]:
    """Delete every copy of a delivery but the one that the store knows; the platform of each that was deleted.

    Only deliveries are looked for of which an attempt ended unclear: no other can stand twice. One that was given up
    and stands there all the same is taken for sent. One that an attempt that came late has put in the place of
    something newer is replaced again.

    Raises:
        StoreError: The database cannot be used now.
    """
    doubtful = _doubtful(engine, now - WATCHED_FOR)
    gone: list[str] = []
    for place, thread in random.sample(list(doubtful), min(AT_ONCE, len(doubtful))):
        sender = senders.get(place.platform)
        if sender is None:
            continue
        try:
            taken_back = _take_back(engine, sender, (place, thread), doubtful[place, thread], now)
            if thread is None:
                _put_right(engine, sender, doubtful[place, thread], now)
        except NotImplementedError:
            continue  # said when it was sent
        except (DeliveryError, Unclear) as error:
            log.warning("whether something stands twice in %s could not be seen: %s", place, error)
        else:
            gone += [place.platform] * taken_back
    return gone


def _doubtful(engine: Engine, since: datetime) -> dict[Where, list[Delivery]]:
    """What may stand twice, by the channel or thread where it stands."""
    found: dict[Where, list[Delivery]] = {}
    with reading(engine) as db:
        for delivery in outbox.doubtful(db, since=since):
            thread = None
            if delivery.kind.in_thread:
                thread = outbox.posted_at(db, delivery.alert_id or "", delivery.place)
                if thread is None:
                    continue
            found.setdefault((delivery.place, thread), []).append(delivery)
    return found


def _take_back(engine: Engine, sender: Sender, where: Where, deliveries: Sequence[Delivery], now: datetime) -> int:
    place, thread = where
    labels = [Label(delivery.id, delivery.about) for delivery in deliveries]
    since = min(delivery.tried_at for delivery in deliveries) - CLOCKS_DIFFER
    copies = sender.copies(place.channel, labels, since=since, thread=thread)
    taken_back = 0
    for delivery in deliveries:
        stands = delivery.posted
        for copy in copies.get(delivery.id, ()):
            if stands is None:
                # It was given up, and an attempt came through after all.
                stands = outbox.done(engine, delivery, copy, now=now).first or copy
            if copy.message == stands.message:
                continue
            sender.delete(copy)
            log.warning("delivery %s stood in %s twice: the second one is deleted", delivery.id, place)
            taken_back += 1
    return taken_back


def _put_right(engine: Engine, sender: Sender, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Have the newest told again where an edit that came late stands in its place."""
    with reading(engine) as db:
        replaced = [each for each in deliveries if outbox.superseded(db, each)]
    for delivery in random.sample(replaced, min(AT_ONCE, len(replaced))):
        if delivery.posted is not None and sender.standing_at(delivery.posted) == delivery.id:
            log.warning("delivery %s came late and stands where something newer did: that is told again", delivery.id)
            outbox.overwritten(engine, delivery, now=now)
