"""Which causes can there be that jobs of a pool wait, and which facts speak for each of them?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.core.workloads import Workloads


@dataclass(frozen=True, slots=True)
class Facts:
    """What ModelArts told of a pool; `None` is what it did not tell.

    Attributes:
        waiting: Jobs in Queue, the longest waiting first.
        running: Jobs in Running, the longest running first.
        nodes: Machines by state (`available`, `abnormal`, `creating`, `deleting`) and flavor.
        phase: The state of the pool as a whole.
    """

    waiting: Workloads | None = None
    running: Workloads | None = None
    nodes: Mapping[str, Mapping[str, int]] | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class NothingWaits:
    """No job is in Queue."""


@dataclass(frozen=True, slots=True)
class JustCame:
    """Nobody has waited long yet."""

    longest: timedelta


@dataclass(frozen=True, slots=True)
class PoolUnwell:
    """The pool itself is not running."""

    phase: str


@dataclass(frozen=True, slots=True)
class NoNodes:
    """No machine that the head could run on is available."""

    abnormal: int
    creating: int
    flavor: str | None = None


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The head asks for more than all available machines have together."""

    asks: int
    has: int
    nodes: int


@dataclass(frozen=True, slots=True)
class LargerThanNode:
    """The head asks for more than any machine has, and no running job spans several."""

    asks: int
    per_node: int


@dataclass(frozen=True, slots=True)
class Full:
    """The running jobs hold all machines, or all that the head could use.

    Attributes:
        nodes: Available machines; on each of them a job runs.
        asks: Cards that the head asks for, where that is told.
        free: Cards that nobody holds, where that can be told.
        at_most: Whether even fewer may be free, because not all that runs is known.
        behind: Waiting jobs behind the head that ask for no more than is free: they wait for the head.
    """

    nodes: int
    asks: int | None = None
    free: int | None = None
    at_most: bool = False
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Scattered:
    """Enough cards are free, but not on as many empty machines as the head needs."""

    asks: int
    free: int
    needs_nodes: int
    empty_nodes: int


@dataclass(frozen=True, slots=True)
class Abnormal:
    """Machines are out of order."""

    abnormal: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Jobs of a higher priority go first.

    Attributes:
        priority: Of the job that waits longest.
        ahead: Waiting jobs of a higher priority.
        started: Running jobs of a higher priority that came later.
    """

    priority: int
    ahead: int
    started: int


@dataclass(frozen=True, slots=True)
class Quota:
    """Enough is free, and all who wait are one user who holds much already."""

    user: str
    waiting: int
    holds: int
    free: int


@dataclass(frozen=True, slots=True)
class FreeYetWaiting:
    """Enough is free for the head, and nothing that ModelArts tells says why it is not used."""

    asks: int
    free: int


@dataclass(frozen=True, slots=True)
class NotEnough:
    """The facts do not suffice; `missing` names what would be needed."""

    missing: tuple[str, ...]


# How things stand; whether there is room; who goes first.
Standing = NothingWaits | JustCame | PoolUnwell | NotEnough
Room = NoNodes | TooLarge | LargerThanNode | Full | Scattered | Abnormal
Turn = Overtaken | Quota | FreeYetWaiting
Cause = Standing | Room | Turn
