"""How does a message reach a chat platform, and what can go wrong on the way?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.core.because import Explained, Why
from bot.messages.model import Message


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: the platform's channel id and message id (Slack: channel and ts)."""

    channel: str
    message: str


class Act(StrEnum):
    """What is done in a channel; platforms limit how often, for each on its own."""

    POST = "post"
    EDIT = "edit"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Label:
    """What a message carries, unseen, so that it can be found again and never told twice."""

    delivery_id: str
    alert_id: str | None = None


class Needs(StrEnum):
    """What people have to put right before anything can be told."""

    CHANNEL = "channel"
    WORKSPACE = "workspace"


class DeliveryError(Explained):
    """The platform did not take the message, and said so: it is certain that nothing was posted.

    Args:
        why: What it said, without secrets.
        permanent: Whether trying again can never help.
        retry_after: When the platform asked us to come back, if it did.
        gone: The message to be replaced does not exist any more.
        needs: What only people can put right, if that is the reason.
    """

    def __init__(
        self,
        why: Why,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        gone: bool = False,
        needs: Needs | None = None,
    ) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone
        self.needs = needs


# A platform's clock need not be ours: by so much longer is a channel read back.
CLOCKS_DIFFER = timedelta(minutes=5)


class Unclear(Explained):
    """Nobody knows whether the platform took the message: read the channel back before sending again."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a platform can be reached, and each thing that is wrong with it as one sentence.

    `notes` are what it does without, and does its work all the same.
    """

    connected: bool
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class Sender(Protocol):
    """Puts messages on one chat platform.

    Every method but `wait` and `fits` raises `DeliveryError` when the platform refused, and `Unclear` when the outcome
    is unknown.
    """

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long this is better not tried there, because it would be refused; asks nobody."""

    def fits(self, message: Message) -> bool:
        """Whether the platform shows all of it in one message; asks nobody."""

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post to `channel` (a name such as `#ml-ops` or an id), or into the thread under `thread`.

        What is said `aloud` in a thread is seen in the channel too.
        """

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Put `message` in the place of an earlier one; `DeliveryError(gone=True)` when there is none any more."""

    def delete(self, posted: Posted) -> None:
        """Take a message back; no error when it is gone already."""

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """Look for a delivery in its channel, as far as it came since, newest first.

        Raises:
            NotImplementedError: The platform cannot be read back (or the right to do so is missing).
        """

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """Everywhere that these deliveries stand in their channel (or thread), as far as they came since, by their ids.

        Raises:
            NotImplementedError: As for `find`.
        """

    def standing_at(self, posted: Posted) -> str | None:
        """The id of the delivery that stands there now; `None` when nothing of ours does.

        Raises:
            NotImplementedError: As for `find`.
        """
