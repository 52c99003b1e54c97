"""Does the workspace show what is true, and nothing else? Judged by what people see, once it has settled."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Lock
from typing import Protocol

from bot.messages.delivery import REPEATED
from bot.sandbox.model import BOT_ID, Change, Channel, Message

EVENT_TYPE = "pool_stats_delivery"


@dataclass(frozen=True)
class Told:
    """What one channel must show of one pool's alert: one message, and under it these entries, each once.

    Attributes:
        pool: The pool's name, which the message's notification text holds.
        state: How that text must begin, as a pattern.
        entries: How the entry of each thing that happened must begin, as patterns.
        may: Entries that may be there too, each at most once.
        comes_back: How often the trouble was over and came back, in the same message.
        channel: Where.
        repeats: How many messages and entries may stand once more, each marked as a possible repeat of the same alert.
    """

    pool: str
    state: str = "Resolved"
    entries: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    comes_back: int = 0
    channel: str = "ml-platform"
    repeats: int = 0


@dataclass
class Tally:
    """What was expected and what was seen, in messages and entries; it adds up."""

    faults: int = 0
    expected: int = 0
    seen: int = 0
    lost: int = 0
    doubled: int = 0
    taken_back: int = 0
    repeated: int = 0

    def __iadd__(self, other: "Tally") -> "Tally":
        for name in ("faults", "expected", "seen", "lost", "doubled", "taken_back", "repeated"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


@dataclass
class Verdict:
    """The figures, and every complaint as a sentence."""

    tally: Tally
    complaints: list[str] = field(default_factory=list)


class Shows(Protocol):
    """A workspace of Slack, or what stands for one in Teams."""

    def listen(self, told: Callable[[Change], None]) -> object: ...
    def channels(self) -> list[Channel]: ...
    def channel(self, wanted: str, /) -> Channel | None: ...
    def messages(self, channel: str, /) -> list[Message]: ...
    def message(self, channel: str, ts: str, /) -> Message | None: ...


class Collector:
    """Remembers every version of every message of the workspace from now on."""

    def __init__(self, workspace: Shows) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._versions: dict[tuple[str, str], list[Message]] = {}
        self._gone: list[Message] = []
        self.changes = 0
        self._workspace.listen(self._note)

    def _note(self, change: Change) -> None:
        if change.kind not in {"message", "changed", "deleted"}:
            return
        now = self._workspace.message(change.channel, change.ts)
        with self._lock:
            self.changes += 1
            versions = self._versions.setdefault((change.channel, change.ts), [])
            if now is not None:
                versions.append(now)
            elif versions:
                self._gone.append(versions[-1])

    @property
    def taken_back(self) -> int:
        """How many messages were deleted again."""
        return len(self._gone)

    def standing(self) -> list[Message]:
        """What the bot has told and everybody sees, in all channels, oldest first."""
        channels = self._workspace.channels()
        return [
            message
            for channel in channels
            for message in self._workspace.messages(channel.id)
            if message.bot_id == BOT_ID and not message.ephemeral_to
        ]

    def messages(self, channel: str = "ml-platform") -> list[Message]:
        """The messages in a channel, without the entries of threads."""
        return [m for m in self.standing() if not is_entry(m) and self._name(m) == channel]

    def entries(self, under: Message) -> list[Message]:
        """The entries in the thread of a message, oldest first."""
        return [m for m in self.standing() if is_entry(m) and (m.channel, m.thread_ts) == (under.channel, under.ts)]

    def about(self, pool: str, channel: str = "ml-platform") -> list[Message]:
        """The messages about a pool in a channel."""
        return [m for m in self.messages(channel) if names(m, pool)]

    def judge(self, expected: Iterable[Told], *, blind: bool = False) -> Verdict:
        """Compare what stands in the workspace with what must; anything that was not expected is a complaint.

        Where the bot is `blind` a delivery may stand twice; that too must be expected.
        """
        verdict = Verdict(Tally(taken_back=self.taken_back))
        standing = self.standing()
        unexplained = {id(message): message for message in standing}
        for told in expected:
            self._judge_one(told, verdict, unexplained)
        for message in unexplained.values():
            verdict.tally.doubled += 1
            verdict.complaints.append(f"nobody expected, in {self._name(message)}: {message.text!r}")
        verdict.tally.seen = len(standing)
        verdict.complaints += self._labels(standing, blind=blind)
        return verdict

    def _judge_one(self, told: Told, verdict: Verdict, unexplained: dict[int, Message]) -> None:
        tally, complaints = verdict.tally, verdict.complaints
        tally.expected += 1 + len(told.entries)
        found = [m for m in unexplained.values() if not is_entry(m) and self._is_for(m, told)]
        if not found:
            tally.lost += 1 + len(told.entries)
            complaints.append(f"nothing about {told.pool} in {told.channel}")
            return
        first = next((message for message in found if re.match(told.state, message.text)), found[0])
        unexplained.pop(id(first))
        told_again = self._repeats_of(first, told, unexplained)
        tally.repeated += len(told_again)
        if not re.match(told.state, first.text):
            complaints.append(f"{told.pool} should be {told.state!r}, and the message says {first.text!r}")
        if (reopened := self._reopened(first)) > told.comes_back:
            complaints.append(f"the message about {told.pool} was over and open again {reopened} times")
        under = [m for m in unexplained.values() if is_entry(m) and m.thread_ts == first.ts]
        for pattern in (*told.entries, *told.may):
            fitting = next((m for m in under if re.match(pattern, m.text)), None)
            if fitting is not None:
                under.remove(fitting)
                unexplained.pop(id(fitting))
                tally.expected += pattern in told.may
            elif pattern in told.entries:
                tally.lost += 1
                complaints.append(f"no entry {pattern!r} under {told.pool}: {[m.text for m in under]}")

    def _repeats_of(self, first: Message, told: Told, unexplained: dict[int, Message]) -> list[Message]:
        """Take out what stands again because nobody could know: of the same alert, and all but one copy say so."""
        alert = label_of(first, "alert_id")
        same = [m for m in unexplained.values() if alert and label_of(m, "alert_id") == alert]
        copies = [m for m in same if not is_entry(m)]
        entries: dict[str, list[Message]] = {}
        for entry in (m for m in same if is_entry(m)):
            entries.setdefault(label_of(entry, "delivery_id"), []).append(entry)
        again = [*copies, *(entry for each in entries.values() for entry in each[:-1])]
        of_each = [[first, *copies], *entries.values()]
        unmarked = [m for each in of_each for m in [m for m in each if not self._said(m, REPEATED)][1:]]
        again = again[: told.repeats] if not unmarked else []
        for message in again:
            unexplained.pop(id(message))
        return again

    def _said(self, message: Message, text: str) -> bool:
        """Whether the message says this, or did before it was changed."""
        with self._lock:
            versions = self._versions.get((message.channel, message.ts), [message])
            return any(text in version.text for version in versions)

    def _labels(self, standing: Sequence[Message], *, blind: bool) -> list[str]:
        """Every message carries the id of its delivery, which no other message carries."""
        ids = [_delivery_of(message) for message in standing]
        twice = {each for each in ids if each and ids.count(each) > 1 and not blind}
        unlabelled = [m.text for m, each in zip(standing, ids, strict=True) if not each]
        return [f"delivery {each} stands twice" for each in sorted(twice)] + [
            f"no delivery id: {t!r}" for t in unlabelled
        ]

    def _reopened(self, message: Message) -> int:
        """How often a message that said that all is over said afterwards that it is not."""
        with self._lock:
            over = [v.text.startswith(("Resolved", "Closed")) for v in self._versions[message.channel, message.ts]]
        return sum(before and not after for before, after in pairwise(over))

    def idle_edits(self) -> int:
        """How many edits changed nothing that anybody sees."""
        with self._lock:
            histories = list(self._versions.values())
            return sum(
                (before.text, before.blocks, before.attachments) == (after.text, after.blocks, after.attachments)
                for versions in histories
                for before, after in pairwise(versions)
            )

    def _is_for(self, message: Message, told: Told) -> bool:
        return self._name(message) == told.channel and names(message, told.pool)

    def _name(self, message: Message) -> str:
        found = self._workspace.channel(message.channel)
        return found.name if found else message.channel


def is_entry(message: Message) -> bool:
    """Whether it stands in a thread (also when it is shown in the channel too)."""
    return message.thread_ts not in {"", message.ts}


def names(message: Message, pool: str) -> bool:
    """Whether the message is about the pool."""
    return re.search(rf"(?<![\w-]){re.escape(pool)}(?![\w-])", message.text) is not None


def _delivery_of(message: Message) -> str:
    return label_of(message, "delivery_id")


def label_of(message: Message, name: str) -> str:
    """What the message carries unseen: `delivery_id` or `alert_id`."""
    metadata = message.metadata or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get(name) or "")
