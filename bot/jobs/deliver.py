"""Send what is due in the outbox; one failure does not hold up the rest."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.core.durations import spoken
from bot.core.routes import Place
from bot.messages.sending import DeliveryError, Label, Posted, Sender, Unclear
from bot.store import outbox
from bot.store.errors import StoreError
from bot.store.outbox import Delivery, DeliveryKind

log = logging.getLogger(__name__)

# Few at a time, so that they are sent well within the lease.
AT_ONCE = 5
# How long to wait after the first failure, and at the most; it doubles in between.
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=2)
# Being asked to wait for no longer than this is the channel's usual pace.
PACE = timedelta(seconds=5)
# After an unclear outcome the channel is read back once the platform has had time to show what it took.
LOOK_AGAIN = timedelta(seconds=2)


@dataclass(slots=True)
class Delivered:
    """What a round did: outcomes by platform, and how long what was told had waited.

    `more`: something was done, so that what had to wait for it may be due now.
    """

    outcomes: list[tuple[str, str]] = field(default_factory=list)
    lags: list[timedelta] = field(default_factory=list)
    more: bool = False


def deliver(
    engine: Engine,
    senders: Mapping[str, Sender],
    *,
    now: datetime,
    lease: timedelta,
    passed: Callable[[], timedelta] = timedelta,
    limit: int = AT_ONCE,
) -> Delivered:
    """Send what is due, as of the real time `now`.

    Args:
        engine: The store.
        senders: By platform.
        now: When the round begins.
        lease: How long what is handed out is ours. What could not be begun in half of that is put back.
        passed: How long ago `now` is.
        limit: How many at most.

    Raises:
        StoreError: The database cannot be used now; what was claimed is handed out again after its lease.
    """
    done = Delivered()
    due = outbox.claim_due(engine, now=now, lease=lease, limit=limit)
    done.more = bool(due)
    paused: dict[Place, timedelta] = {}
    for delivery in due:
        at = now + passed()
        if at - now > lease / 2:
            why = "the messages before it took long"
            outbox.try_again(engine, delivery.id, at=at, why=why, unclear=delivery.unclear)
            continue
        outcome = _one(engine, senders, delivery, at, paused)
        done.outcomes.append((delivery.platform, outcome))
        if outcome == "sent":
            done.lags.append(now + passed() - delivery.created_at)
    return done


def _one(
    engine: Engine,
    senders: Mapping[str, Sender],
    delivery: Delivery,
    now: datetime,
    paused: dict[Place, timedelta],
) -> str:
    """Send one delivery and settle it; what became of it. `paused`: channels that asked us to come back later."""
    place = delivery.place
    if place in paused:
        why = "the channel takes no more messages for the moment"
        outbox.try_again(engine, delivery.id, at=now + paused[place], why=why, unclear=delivery.unclear)
        return "waiting"
    sender = senders.get(delivery.platform)
    if sender is None:
        why = f"{delivery.platform} is not connected"
        outbox.try_again(engine, delivery.id, at=now + LONGEST_WAIT, why=why, unclear=delivery.unclear)
        return "waiting"
    try:
        posted = _send(sender, engine, delivery)
    except DeliveryError as error:
        if error.retry_after is not None:
            paused[place] = error.retry_after
        return _put_back(engine, delivery, error, now)
    except Unclear as error:
        log.warning("delivery %s to %s: the outcome is unclear: %s", delivery.id, delivery.channel, error)
        outbox.try_again(engine, delivery.id, at=now + LOOK_AGAIN, why=str(error), unclear=True)
        return "unclear"
    except StoreError:
        raise
    except Exception as error:
        # One message that breaks the sender must not take the others with it, again and again.
        log.exception("delivery %s to %s failed in a way that nobody foresaw", delivery.id, delivery.channel)
        why = f"this should not have happened ({type(error).__name__})"
        outbox.try_again(engine, delivery.id, at=now + LONGEST_WAIT, why=why, unclear=True)
        return "error"
    first = outbox.done(engine, delivery.id, posted, now=now)
    return "sent" if first is None else _take_back(sender, posted, delivery)


def _send(sender: Sender, engine: Engine, delivery: Delivery) -> Posted:
    """Put the message where it belongs: into the thread, in place of the earlier one, or as a new one."""
    label = Label(delivery.id, delivery.about)
    thread = delivery.posted if delivery.kind.in_thread else None
    replaces = None if delivery.kind.in_thread else delivery.posted
    if replaces is not None:
        try:
            return sender.replace(replaces, delivery.message, label)
        except DeliveryError as error:
            if not error.gone:
                raise
        # A person deleted it: what has changed since is worth a new message.
        outbox.forget_posted(engine, delivery.alert_id or "", delivery.place)
    if delivery.unclear:
        try:
            found = sender.find(delivery.channel, label, thread=thread)
        except NotImplementedError:
            log.warning("delivery %s may be repeated: %s cannot be read back", delivery.id, delivery.channel)
            found = None
        if found is not None:
            return found
    aloud = delivery.kind is DeliveryKind.ALOUD
    return sender.post(delivery.channel, delivery.message, label, thread=thread, aloud=aloud)


def _take_back(sender: Sender, posted: Posted, delivery: Delivery) -> str:
    """Another worker was faster: what we posted is a repeat."""
    log.warning("delivery %s was made twice: the second one is deleted", delivery.id)
    try:
        sender.delete(posted)
    except (DeliveryError, Unclear) as error:
        log.warning("the repeat of delivery %s could not be deleted: %s", delivery.id, error)
    return "repeated"


def _put_back(engine: Engine, delivery: Delivery, error: DeliveryError, now: datetime) -> str:
    if error.gone:
        # Only an entry comes here: the message it belongs under was deleted, and there is nowhere to tell it.
        outbox.forget_posted(engine, delivery.alert_id or "", delivery.place)
    if error.permanent or error.gone:
        log.error("delivery %s to %s cannot be made: %s", delivery.id, delivery.channel, error)
        outbox.give_up(engine, delivery.id, why=error.why, now=now)
        return "given up"
    wait = error.retry_after or _backoff(delivery.attempts)
    # Once a delivery: what lasts is in /readyz, and a channel's pace of a message a second is no trouble at all.
    is_news = delivery.attempts == 1 and (error.retry_after or LONGEST_WAIT) > PACE
    level = logging.WARNING if is_news else logging.DEBUG
    told = (delivery.id, delivery.channel, spoken(wait), error)
    log.log(level, "delivery %s to %s will be tried again in %s: %s", *told)
    # The platform said that it did not take the message, so this attempt leaves no doubt behind.
    outbox.try_again(engine, delivery.id, at=now + wait, why=error.why, unclear=delivery.unclear)
    return "waiting"


def _backoff(attempts: int) -> timedelta:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 10))
    return wait * random.uniform(0.8, 1.2)
