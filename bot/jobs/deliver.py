"""Send what is due in the outbox, the most urgent first; one failure does not hold up the rest."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot import tracing
from bot.core.crowds import ALONE, Gathering
from bot.core.durations import spoken
from bot.core.language import speaking_at
from bot.core.routes import Place
from bot.jobs.undelivered import Elsewhere
from bot.jobs.unsettled import Told, Unsettled
from bot.messages.delivery import possible_repeat
from bot.messages.fitting import split
from bot.messages.model import Message
from bot.messages.sending import CLOCKS_DIFFER, Act, DeliveryError, Label, Posted, Sender, Unclear
from bot.store import outbox, summaries
from bot.store.deliveries import fingerprint
from bot.store.errors import StoreError
from bot.store.fencing import unfenced
from bot.store.outbox import Delivery, DeliveryKind

log = logging.getLogger(__name__)

# So many in a round; then the caller may stop, or see to something else.
AT_ONCE = 20
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

    `more`: there may be more that can be sent at once. `again_in`: else, after how long there will be, as far as known.
    """

    outcomes: list[tuple[str, str]] = field(default_factory=list)
    lags: list[timedelta] = field(default_factory=list)
    more: bool = False
    again_in: timedelta | None = None


def deliver(
    engine: Engine,
    senders: Mapping[str, Sender],
    *,
    now: datetime,
    lease: timedelta,
    gathering: Gathering = ALONE,
    elsewhere: Elsewhere | None = None,
    passed: Callable[[], timedelta] = timedelta,
    limit: int = AT_ONCE,
    unsettled: Unsettled | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Delivered:
    """Send what is due, as of the real time `now`.

    Each delivery is claimed just before it is sent, and only when its platform takes it: until then a newer message
    about the same alert can take its place, and what is more urgent can go before it.

    Args:
        engine: The store.
        senders: By platform; what is for any other platform waits.
        now: When the round begins.
        lease: How long what is handed out is ours.
        gathering: What is told together.
        elsewhere: Whom to tell of what cannot be told.
        passed: How long ago `now` is.
        limit: How many at most for each platform.
        unsettled: What earlier rounds have told without being able to say so to the store; they share it.
        goes_on: Whether another one is to be sent; asked before each.

    Raises:
        StoreError: The database cannot be used now; what was claimed is handed out again after its lease.
    """
    done = Delivered()
    unsettled = Unsettled() if unsettled is None else unsettled
    for platform, sender in senders.items():
        line = _Line(engine, platform, sender, lease, gathering, elsewhere, unsettled)
        with unfenced():
            done.outcomes += [(platform, outcome) for outcome in line.settle_late(now + passed())]
        if not outbox.is_anything_waiting(engine, platform):
            continue
        for _ in range(limit):
            if not goes_on():
                return done
            at = now + passed()
            delivery = line.next(at)
            if delivery is None:
                break
            # What became of it is true whoever leads by then, and kept only if nobody else has claimed it since.
            with unfenced():
                outcomes = line.send(delivery, at)
            done.outcomes += [(platform, outcome) for outcome in outcomes]
            if "sent" in outcomes:
                done.lags.append(now + passed() - delivery.created_at)
        else:
            done.more = True
        again_in = line.again_in(now + passed())
        if again_in is not None and (done.again_in is None or again_in < done.again_in):
            done.again_in = again_in
    return done


class _TooLong(Exception):  # noqa: N818 - it is no error, but another way to tell it
    """Not all of it fits into one message: `head` does, and the rest goes into the thread."""

    def __init__(self, head: Message, rest: tuple[Message, ...]) -> None:
        super().__init__("too long for one message")
        self.head = head
        self.rest = rest


@dataclass(slots=True)
class _Line:
    """What waits for one platform, one after the other."""

    engine: Engine
    platform: str
    sender: Sender
    lease: timedelta
    gathering: Gathering
    elsewhere: Elsewhere | None
    unsettled: Unsettled
    # Channels that asked us to come back later.
    paused: dict[Place, datetime] = field(default_factory=dict)

    def next(self, now: datetime) -> Delivery | None:
        """What is to be sent now, claimed; `None` when nothing can be."""
        # While a channel takes nothing its alerts are not told together yet: there may be more by the time it does.
        summaries.gather(
            self.engine,
            self.gathering,
            platform=self.platform,
            now=now,
            ready=lambda place: self._wait(place, (Act.POST,), now) <= timedelta(),
        )
        claimed = outbox.claim_due(
            self.engine,
            now=now,
            lease=self.lease,
            limit=1,
            platform=self.platform,
            ready=lambda place, acts: self._wait(place, acts, now) <= timedelta(),
            gathering=self.gathering,
        )
        return claimed[0] if claimed else None

    def again_in(self, now: datetime) -> timedelta | None:
        """After how long there is something to send; `None` when nothing is known to come."""
        heads, due = outbox.comes_due(self.engine, now=now, platform=self.platform, gathering=self.gathering)
        waits = [self._wait(head.place, head.acts, now) for head in heads]
        return min([*waits, *([due - now] if due is not None else [])], default=None)

    def send(self, delivery: Delivery, now: datetime) -> list[str]:
        """Send one delivery and settle it; what became of it."""
        about = {"alert": delivery.about} if delivery.about else {}
        kind = delivery.kind.value
        with tracing.delivery(delivery.id, delivery.attempts, platform=self.platform, kind=kind, **about) as seen:
            outcomes = self._told_and_settled(delivery, now)
            seen.note(outcome=", ".join(outcomes))
            if "sent" not in outcomes and "unchanged" not in outcomes:
                seen.failed(outcomes[0])
            return outcomes

    def _told_and_settled(self, delivery: Delivery, now: datetime) -> list[str]:
        try:
            with speaking_at(str(delivery.place)):
                said, outcomes = self._send(delivery)
        except _TooLong as long:
            outbox.shorten(self.engine, delivery, long.head, long.rest, now=now)
            return ["shortened"]
        except DeliveryError as error:
            if error.retry_after is not None:
                self.paused[delivery.place] = now + error.retry_after
            return [self._put_back(delivery, error, now)]
        except Unclear as error:
            log.warning("delivery %s to %s: the outcome is unclear: %s", delivery.id, delivery.channel, error)
            outbox.try_again(self.engine, delivery, at=now + LOOK_AGAIN, why=str(error), unclear=True)
            return ["unclear"]
        except StoreError:
            raise
        except Exception as error:
            # One message that breaks the sender must not take the others with it, again and again.
            log.exception("delivery %s to %s failed in a way that nobody foresaw", delivery.id, delivery.channel)
            why = f"this should not have happened ({type(error).__name__})"
            outbox.try_again(self.engine, delivery, at=now + LONGEST_WAIT, why=why, unclear=True)
            return ["error"]
        told = Told(delivery, *said, outcomes)
        try:
            return self._settle(told, now)
        except StoreError:
            self.unsettled.told.append(told)
            raise

    def settle_late(self, now: datetime) -> list[str]:
        """Settle what was told when the database could not be used; what became of it."""
        outcomes: list[str] = []
        while self.unsettled.told:
            outcomes += self._settle(self.unsettled.told[0], now)
            del self.unsettled.told[0]
        return outcomes

    def _settle(self, told: Told, now: datetime) -> list[str]:
        delivery = told.delivery
        settled = outbox.done(self.engine, delivery, told.posted, now=now, content=told.content)
        if settled.first is not None:
            return [self._take_back(told.posted, delivery)]
        if not settled.kept:
            log.warning("delivery %s was handed to somebody else meanwhile, who sees to it", delivery.id)
            return ["late"]
        return told.outcomes

    def _wait(self, place: Place, acts: tuple[Act, ...], now: datetime) -> timedelta:
        until = self.paused.get(place, now) - now
        return max(until, *(self.sender.wait(place.channel, act) for act in acts))

    def _send(self, delivery: Delivery) -> tuple[tuple[Posted, Message | None], list[str]]:
        """Put the message where it belongs: into the thread, in place of the earlier one, or as a new one.

        Returns:
            Where it stands, and with which content as far as that is known; and what became of it.
        """
        label = Label(delivery.id, delivery.about)
        thread = delivery.posted if delivery.kind.in_thread else None
        replaces = None if delivery.kind.in_thread else delivery.posted
        if replaces is not None:
            if delivery.told == fingerprint(delivery.message) and not delivery.unclear:
                return (replaces, delivery.message), ["unchanged"]
            try:
                return (self.sender.replace(replaces, delivery.message, label), delivery.message), ["sent"]
            except DeliveryError as error:
                if not error.gone:
                    raise
            # A person deleted it: what has changed since is worth a new message.
            outbox.forget_posted(self.engine, replaces, delivery.place)
        content, outcomes = delivery.message, ["sent"]
        if delivery.unclear:
            try:
                since = delivery.tried_at - CLOCKS_DIFFER
                found = self.sender.find(delivery.channel, label, since=since, thread=thread)
            except NotImplementedError:
                log.warning("delivery %s may be repeated: %s cannot be read back", delivery.id, delivery.channel)
                with speaking_at(str(delivery.place)):
                    content = possible_repeat(outbox.newest(self.engine, delivery))
                outcomes = ["sent", "possible repeat"]
            else:
                if found is not None:
                    return (found, None), ["sent"]
                content = outbox.newest(self.engine, delivery)
        if not delivery.unclear and not summaries.is_summary(delivery.alert_id):
            head, rest = split(content, self.sender.fits)
            if rest:
                raise _TooLong(head, rest)
        aloud = delivery.kind is DeliveryKind.ALOUD
        posted = self.sender.post(delivery.channel, content, label, thread=thread, aloud=aloud)
        return (posted, content), outcomes

    def _take_back(self, posted: Posted, delivery: Delivery) -> str:
        """Another worker was faster: what we posted is a repeat."""
        log.warning("delivery %s was made twice: the second one is deleted", delivery.id)
        try:
            self.sender.delete(posted)
        except (DeliveryError, Unclear) as error:
            log.warning("the repeat of delivery %s could not be deleted: %s", delivery.id, error)
        except Exception:
            # It is settled: to fail would have it settled again and again, and nothing else sent.
            log.exception("the repeat of delivery %s could not be deleted, which nobody foresaw", delivery.id)
        return "repeated"

    def _put_back(self, delivery: Delivery, error: DeliveryError, now: datetime) -> str:
        if error.gone and delivery.posted is not None:
            # Only an entry comes here: the message it belongs under was deleted, and there is nowhere to tell it.
            outbox.forget_posted(self.engine, delivery.posted, delivery.place)
        if error.permanent or error.gone:
            log.error("delivery %s to %s cannot be made: %s", delivery.id, delivery.channel, error)
            given_up = outbox.give_up(self.engine, delivery, why=str(error), now=now)
            if given_up and self.elsewhere is not None and not error.gone:
                if error.needs:
                    self.elsewhere.place_lost(self.engine, delivery, error, now=now)
                else:
                    self.elsewhere.given_up(self.engine, delivery, error.why, now=now)
            return "given up"
        wait = error.retry_after or _backoff(delivery.attempts)
        # Once a delivery: what lasts is in /readyz, and a channel's pace of a message a second is no trouble at all.
        is_news = delivery.attempts == 1 and (error.retry_after or LONGEST_WAIT) > PACE
        level = logging.WARNING if is_news else logging.DEBUG
        told = (delivery.id, delivery.channel, spoken(wait), error)
        log.log(level, "delivery %s to %s will be tried again in %s: %s", *told)
        # The platform said that it did not take the message, so this attempt leaves no doubt behind.
        outbox.try_again(self.engine, delivery, at=now + wait, why=str(error), unclear=delivery.unclear)
        if error.needs and self.elsewhere is not None:
            self.elsewhere.waits(self.engine, delivery, error, now=now)
        return "waiting"


def _backoff(attempts: int) -> timedelta:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 10))
    return wait * random.uniform(0.8, 1.2)
