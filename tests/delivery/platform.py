"""A chat that may refuse, cut, lose, delay and come back later, in the time of a simulated world."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from bot.messages.model import Message
from bot.messages.sending import DeliveryError, Label, Posted, Unclear

_T = TypeVar("_T")


class Killed(BaseException):
    """The process is dead from here on: nothing may catch this but whoever plays the operating system."""


class Fate(StrEnum):
    """What becomes of a call."""

    REFUSED = "refused"  # nothing is done, and the platform says so
    LIMITED = "limited"  # the same, with when to come back
    LOST = "lost"  # nothing is done, and no answer comes
    CUT = "cut"  # it is done, and no answer comes
    LATE = "late"  # no answer comes, and long after it is done
    SLOW = "slow"  # it is done, and the answer takes its time
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    PAUSED = "paused"  # the process sleeps past its lease before the call, and another one goes on


# How a call ends of which nothing was done, and one of which all was done; any other gives its answer.
_UNDONE: dict[Fate | None, Callable[[], BaseException]] = {
    Fate.REFUSED: lambda: DeliveryError("refused for once"),
    Fate.LIMITED: lambda: DeliveryError("limited", retry_after=timedelta(seconds=20)),
    Fate.LOST: lambda: Unclear("no answer"),
    Fate.LATE: lambda: Unclear("no answer"),
    Fate.KILLED_BEFORE: Killed,
}
_DONE: dict[Fate | None, Callable[[], BaseException]] = {
    Fate.CUT: lambda: Unclear("the answer was cut"),
    Fate.KILLED_AFTER: Killed,
}


@dataclass
class Standing:
    """A message in a channel, or an entry in its thread."""

    message: Message
    label: Label
    posted_at: datetime
    under: Posted | None = None
    channel: str = ""


@dataclass
class Platform:
    """Implements `Sender`.

    Attributes:
        now: The world's clock.
        sleep: Lets the clock go on.
        others: What another process does meanwhile.
        fates: Of the next calls that change something, the first first.
        down: Whether no call comes through at all.
        standing: What stands in the channels, in the order of posting.
        deleted_by_people: The alerts whose message a person deleted.
        taken_back: How many messages the bot deleted.
        unfenced: How often each delivery may stand once more, because nothing could prevent it.
    """

    now: Callable[[], datetime]
    sleep: Callable[[timedelta], None]
    others: Callable[[], None]
    fates: list[Fate] = field(default_factory=list)
    down: bool = False
    standing: dict[Posted, Standing] = field(default_factory=dict)
    deleted_by_people: set[str] = field(default_factory=set)
    late: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    taken_back: int = 0
    unfenced: Counter[str] = field(default_factory=Counter)
    struck: int = 0
    _number: int = 0

    def wait(self, *_: object) -> timedelta:
        """Nothing is limited unless it is said so."""
        return timedelta()

    def fits(self, *_: object) -> bool:
        """Everything does."""
        return True

    def post(self, channel: str, message: Message, label: Label, **more: Any) -> Posted:
        """Post, unless fate has it otherwise."""
        thread: Posted | None = more.get("thread")
        return self._call(lambda: self._put(channel, message, label, thread), of=label.delivery_id, is_new=True)

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Replace, unless fate has it otherwise."""
        return self._call(lambda: self._change(posted, message, label), of=label.delivery_id)

    def delete(self, posted: Posted) -> None:
        """Take back, unless fate has it otherwise."""
        self._call(lambda: self._delete(posted))

    def find(self, channel: str, label: Label, **more: Any) -> Posted | None:
        """Read the channel back."""
        found = self.copies(channel, [label], **more)[label.delivery_id]
        return found[-1] if found else None

    def copies(self, channel: str, labels: Collection[Label], **more: Any) -> Mapping[str, Sequence[Posted]]:
        """Read the channel back for all of these."""
        if self.down:
            raise DeliveryError("the platform is down")
        thread: Posted | None = more.get("thread")
        there = [(posted, each) for posted, each in self.standing.items() if each.under == thread]
        return {
            label.delivery_id: [
                posted
                for posted, each in there
                if posted.channel == channel and each.label.delivery_id == label.delivery_id
            ]
            for label in labels
        }

    def standing_at(self, posted: Posted) -> str | None:
        """Read one message back."""
        if self.down:
            raise DeliveryError("the platform is down")
        standing = self.standing.get(posted)
        return None if standing is None else standing.label.delivery_id

    def person_deletes(self, posted: Posted) -> None:
        """Somebody deletes a message, and its thread with it."""
        self.deleted_by_people.add(self.standing[posted].label.alert_id or "")
        for each in [under for under, standing in self.standing.items() if standing.under == posted]:
            del self.standing[each]
        del self.standing[posted]

    def catch_up(self) -> None:
        """What was to be done late is done when its time has come."""
        due = [work for at, work in self.late if at <= self.now()]
        self.late = [(at, work) for at, work in self.late if at > self.now()]
        for work in due:
            try:
                work()
            except DeliveryError:
                continue

    def _call(self, work: Callable[[], _T], *, of: str = "", is_new: bool = False) -> _T:
        if self.down:
            raise DeliveryError("the platform is down")
        fate = self.fates.pop(0) if self.fates else None
        self.struck += fate is not None
        if fate is Fate.SLOW:
            self.sleep(timedelta(seconds=12))
        if fate is Fate.PAUSED:
            # An edit too may become a new post, in both processes, where a person has deleted the message.
            self.unfenced[of] += 1
            self.sleep(timedelta(seconds=60))
            self.others()
        if fate is Fate.LATE and is_new:
            # An edit that comes late is not played: what changes one message is taken in order.
            self.unfenced[of] += 1
            self.late.append((self.now() + timedelta(seconds=30), work))
        if (end := _UNDONE.get(fate)) is not None:
            raise end()
        done = work()
        if (end := _DONE.get(fate)) is not None:
            raise end()
        return done

    def _put(self, channel: str, message: Message, label: Label, thread: Posted | None) -> Posted:
        if thread is not None and thread not in self.standing:
            raise DeliveryError("the message was deleted", gone=True)
        self._number += 1
        posted = Posted(channel, str(self._number))
        self.standing[posted] = Standing(message, label, self.now(), thread, channel)
        return posted

    def _change(self, posted: Posted, message: Message, label: Label) -> Posted:
        standing = self.standing.get(posted)
        if standing is None:
            raise DeliveryError("the message was deleted", gone=True)
        standing.message, standing.label = message, label
        return posted

    def _delete(self, posted: Posted) -> None:
        self.taken_back += self.standing.pop(posted, None) is not None
