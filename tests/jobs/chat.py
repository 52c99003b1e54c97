"""A chat that remembers everything, and misbehaves when it is told to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.messages.model import Message
from bot.messages.sending import Act, Label, Posted


@dataclass
class Chat:
    """Implements `Sender`: what stands in its channels, by place in the order of posting.

    Attributes:
        standing: Message by channel and id.
        threads: Thread entries by the id of the message they stand under; `entries`: the same with their own places.
        labels: The label that each message carries.
        faults: Raised, one a call, before anything is done.
        cut: Raised, one a call, after everything was done: the answer is lost.
        blind: Whether the channel cannot be read back.
        aloud: The thread entries that the channel saw too.
        most_blocks: How many fit into a message.
        waits: What is better not tried, and for how long.
    """

    standing: dict[Posted, Message] = field(default_factory=dict)
    threads: dict[Posted, list[Message]] = field(default_factory=dict)
    entries: dict[Posted, dict[Posted, Message]] = field(default_factory=dict)
    labels: dict[Posted, Label] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    cut: list[Exception] = field(default_factory=list)
    blind: bool = False
    aloud: list[Message] = field(default_factory=list)
    most_blocks: int = 1000
    deleted: int = 0
    waits: dict[tuple[str, Act], timedelta] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def wait(self, channel: str, act: Act) -> timedelta:
        """As long as the test says."""
        return self.waits.get((channel, act), timedelta())

    def fits(self, message: Message) -> bool:
        """Whether it has no more blocks than the test allows."""
        return len(message.blocks) <= self.most_blocks

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post, unless told otherwise."""
        self._fail(self.faults)
        posted = Posted(channel, str(next(self._ids)))
        self.labels[posted] = label
        if thread is None:
            self.standing[posted] = message
        else:
            self.threads.setdefault(thread, []).append(message)
            self.entries.setdefault(thread, {})[posted] = message
            if aloud:
                self.aloud.append(message)
        self._fail(self.cut)
        return posted

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Replace, unless told otherwise."""
        self._fail(self.faults)
        self.standing[posted] = message
        self.labels[posted] = label
        self._fail(self.cut)
        return posted

    def delete(self, posted: Posted) -> None:
        """Take back."""
        self.standing.pop(posted, None)
        for under in self.entries.values():
            under.pop(posted, None)
        self.deleted += 1

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """Read the channel back."""
        assert since.tzinfo is not None
        if self.blind:
            raise NotImplementedError
        found = (each for each, carried in self.labels.items() if carried.delivery_id == label.delivery_id)
        return next((each for each in found if thread is not None or each.channel == channel), None)

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Read the channel back for all of these."""
        assert since.tzinfo is not None
        if self.blind:
            raise NotImplementedError
        self._fail(self.faults)
        standing = self.entries.get(thread, {}) if thread is not None else self.standing
        return {
            label.delivery_id: [
                posted
                for posted in standing
                if posted.channel == channel and self.labels[posted].delivery_id == label.delivery_id
            ]
            for label in labels
        }

    def standing_at(self, posted: Posted) -> str | None:
        """Read one message back."""
        if self.blind:
            raise NotImplementedError
        self._fail(self.faults)
        return self.labels[posted].delivery_id if posted in self.standing else None

    def titles(self) -> list[str]:
        """The titles of what stands in the channels."""
        return [message.title for message in self.standing.values()]

    @staticmethod
    def _fail(faults: list[Exception]) -> None:
        if faults:
            raise faults.pop(0)
