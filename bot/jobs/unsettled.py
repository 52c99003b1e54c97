"""What was told while the database could not be used to say so?

Where it stands must not be forgotten, or it is told again. A platform that can be read back would find it; another has
no other way.
"""

from dataclasses import dataclass, field

from bot.messages.model import Message
from bot.messages.sending import Posted
from bot.store.outbox import Delivery


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery that stands in its channel.

    Attributes:
        delivery: Which.
        posted: Where it stands.
        content: What stands there, as far as that is known.
        outcomes: What became of it.
    """

    delivery: Delivery
    posted: Posted
    content: Message | None
    outcomes: list[str]


@dataclass(slots=True)
class Unsettled:
    """What is still to be settled, the oldest first. The rounds of one platform share it, one at a time."""

    told: list[Told] = field(default_factory=list)
