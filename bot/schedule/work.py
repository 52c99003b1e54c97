"""What is there to do, whenever its turn has come?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.stats import Pool
from bot.jobs.deliver import Delivered
from bot.jobs.poll import Polled


@dataclass(frozen=True, slots=True)
class Work:
    """The jobs, bound to everything they need.

    Attributes:
        pools: The pools that are to be read.
        known_pools: Those that were read before, for when they cannot be listed.
        leave: Given the pools that are read, end what is open about any other; how many messages that makes.
        poll: Read one pool; `None` where workers read them.
        platforms: Those that messages are sent to.
        deliver: Send what is due on a platform, as long as it is to go on, which is asked between two messages.
        repeats: Take back what stands twice; the platform of each.
        due: What the clock alone brings about; how many messages that makes.
        prune: Forget what is old.
        evidence: Ask what stands behind the alerts that were told; how many messages that changes.
        leapt: The clock has leapt so far ahead (negative: back).
        follow: Take over what the leader, or people by way of another replica, have changed.
        call: Tell the leader that there is something to send.
    """

    pools: Callable[[], Sequence[Pool]]
    known_pools: Callable[[], Sequence[Pool]]
    leave: Callable[[Sequence[Pool]], int]
    poll: Callable[[Pool], Polled] | None
    platforms: Sequence[str]
    deliver: Callable[[str, Callable[[], bool]], Delivered]
    repeats: Callable[[], Sequence[str]]
    due: Callable[[], int]
    prune: Callable[[], object]
    evidence: Callable[[], int] = lambda: 0
    leapt: Callable[[timedelta], object] = lambda _: None
    follow: Callable[[], object] = lambda: None
    call: Callable[[], object] = lambda: None
