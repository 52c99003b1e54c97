"""Why do jobs of a pool wait? Facts in; what they make likely out, each cause with what speaks for it.

ModelArts does not say why a job waits. What is said here follows from what it tells of jobs and machines, and is never
more than likely; where a fact is missing that a cause would need, the cause is not named.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.cause import (
    Abnormal,
    Cause,
    Facts,
    FreeYetWaiting,
    Full,
    JustCame,
    LargerThanNode,
    NoNodes,
    NotEnough,
    NothingWaits,
    Overtaken,
    PoolUnwell,
    Quota,
    Scattered,
    TooLarge,
)
from bot.core.language import N_
from bot.core.workloads import Workload, Workloads, cards_of_node

# A job that has waited for less is on its way.
BRIEF = timedelta(minutes=2)
_WELL = "Running"


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines that the head could run on.

    Attributes:
        states: How many there are, by state.
        per_node: Cards of each, where the flavor's name says it and all have as many.
        flavor: Their flavor, where only one is meant.
    """

    states: Mapping[str, int]
    per_node: int | None
    flavor: str | None

    @property
    def available(self) -> int:
        """How many can be used."""
        return self.states.get("available", 0)

    @property
    def cards(self) -> int | None:
        """The cards of those that can be used."""
        return None if self.per_node is None else self.available * self.per_node


@dataclass(frozen=True, slots=True)
class Held:
    """What running jobs hold, of the machines that the head could run on.

    Attributes:
        cards: How many cards, at least.
        hosts: How many jobs run on each machine, where that is told of every job.
        exact: Whether all running jobs are known, and of each how many cards it holds.
        largest: The most cards of one job.
    """

    cards: int
    hosts: Mapping[str, int] | None
    exact: bool
    largest: int
    by_user: Mapping[str, int] = field(default_factory=dict)


def head_of(waiting: Workloads) -> Workload | None:
    """The job whose turn is next: the first by its place, else the one that waits longest."""
    placed = [job for job in waiting.items if job.position is not None]
    if placed:
        return min(placed, key=lambda job: job.position or 0)
    return waiting.items[0] if waiting.items else None


def causes(facts: Facts) -> tuple[Cause, ...]:
    """What the facts make likely, the likeliest first; never nothing."""
    if facts.waiting is None:
        return (NotEnough((N_("the waiting jobs"),)),)
    head = head_of(facts.waiting)
    if head is None:
        return (NotEnough((N_("the waiting jobs"),)) if facts.waiting.number else NothingWaits(),)
    longest = max((job.waiting for job in facts.waiting.items if job.waiting is not None), default=None)
    if facts.phase is not None and facts.phase != _WELL:
        return (PoolUnwell(facts.phase),)
    if longest is not None and longest < BRIEF:
        return (JustCame(longest),)
    machines = None if facts.nodes is None else machines_for(head, facts.nodes)
    held = None if facts.running is None else held_by(facts.running, machines)
    found: list[Cause] = list(_of_capacity(facts.waiting, head, machines, held))
    overtaken = _overtaken(facts.waiting, facts.running)
    if overtaken is not None:
        # What goes first explains a wait only while there is not enough for all.
        found.append(overtaken)
    if (
        machines is not None
        and machines.states.get("abnormal")
        and not any(isinstance(each, NoNodes) for each in found)
    ):
        abnormal = machines.states["abnormal"]
        found.append(Abnormal(abnormal, abnormal + machines.available))
    return tuple(found) or (NotEnough(_missing(head, machines, held)),)


def machines_for(head: Workload, nodes: Mapping[str, Mapping[str, int]]) -> Machines:
    """Those of the head's flavor, where the pool has such; else all."""
    flavors = {flavor for by_flavor in nodes.values() for flavor in by_flavor}
    meant = {head.flavor} if head.flavor is not None and head.flavor in flavors else flavors
    states = {
        state: sum(number for flavor, number in by_flavor.items() if flavor in meant)
        for state, by_flavor in nodes.items()
    }
    sizes = {cards_of_node(flavor) for flavor in meant}
    flavor = next(iter(meant)) if len(meant) == 1 else None
    return Machines(states, sizes.pop() if len(sizes) == 1 else None, flavor)


def held_by(running: Workloads, machines: Machines | None) -> Held:
    """What the running jobs hold: those of the machines' flavor, where it is told."""
    flavor = machines.flavor if machines is not None else None
    jobs = [job for job in running.items if flavor is None or job.flavor in (None, flavor)]
    hosts = Counter(host for job in jobs for host in set(job.hosts))
    by_user: Counter[str] = Counter()
    for job in jobs:
        by_user[job.user or ""] += job.cards or 0
    return Held(
        cards=sum(job.cards or 0 for job in jobs),
        hosts=hosts if all(job.hosts for job in jobs) and running.complete else None,
        exact=running.complete and all(job.cards is not None for job in jobs),
        largest=max((job.cards or 0 for job in jobs), default=0),
        by_user=by_user,
    )


def _of_capacity(waiting: Workloads, head: Workload, machines: Machines | None, held: Held | None) -> Sequence[Cause]:
    if machines is None:
        return ()
    if not machines.available:
        return (NoNodes(machines.states.get("abnormal", 0), machines.states.get("creating", 0), machines.flavor),)
    asks, per_node, has = head.cards, machines.per_node, machines.cards
    if asks is not None and has is not None and asks > has:
        return (TooLarge(asks, has, machines.available),)
    if held is None:
        return ()
    if asks is None or has is None:
        # How much is free cannot be said, but whether a machine is empty.
        full = held.hosts is not None and len(held.hosts) >= machines.available
        return (Full(machines.available, asks),) if full else ()
    free = max(0, has - held.cards)
    if asks > free:
        # What is not known to run can only hold more.
        behind = sum(1 for job in waiting.items if job is not head and 0 < (job.cards or 0) <= free)
        return (Full(machines.available, asks, free, not held.exact, behind if held.exact else 0),)
    if not held.exact:
        return ()
    return _despite_room(waiting, asks, free, per_node or 1, machines, held)


def _despite_room(
    waiting: Workloads, asks: int, free: int, per_node: int, machines: Machines, held: Held
) -> Sequence[Cause]:
    """Enough is free in all, and the head waits nevertheless."""
    if asks > per_node and held.largest <= per_node:
        return (LargerThanNode(asks, per_node),)
    if held.hosts is not None and asks >= per_node:
        needs, empty = -(-asks // per_node), max(0, machines.available - len(held.hosts))
        if empty < needs:
            return (Scattered(asks, free, needs, empty),)
    users = {job.user for job in waiting.items}
    user = next(iter(users)) if len(users) == 1 else None
    if user and waiting.complete and held.by_user.get(user, 0) > 0:
        return (Quota(user, len(waiting.items), held.by_user[user], free),)
    return (FreeYetWaiting(asks, free),)


def _overtaken(waiting: Workloads, running: Workloads | None) -> Overtaken | None:
    """Whether jobs of a higher priority go before the one that waits longest."""
    longest = max(waiting.items, key=lambda job: job.waiting or timedelta())
    mine = _priority(longest)
    if mine is None:
        return None
    higher = [job for job in waiting.items if (_priority(job) or 0) > mine]
    came_later = [
        job
        for job in (running.items if running is not None else ())
        if (_priority(job) or 0) > mine
        and job.created_at is not None
        and longest.created_at is not None
        and job.created_at > longest.created_at
    ]
    return Overtaken(mine, len(higher), len(came_later)) if higher or came_later else None


def _priority(job: Workload) -> int | None:
    told = job.priority or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _missing(head: Workload, machines: Machines | None, held: Held | None) -> tuple[str, ...]:
    missing = []
    if machines is None:
        missing.append(N_("the machines of the pool"))
    elif machines.per_node is None:
        missing.append(N_("how many cards a machine has"))
    if held is None:
        missing.append(N_("the running jobs"))
    elif not held.exact:
        missing.append(N_("what every running job holds"))
    if head.cards is None:
        missing.append(N_("how many cards the next job asks for"))
    return tuple(missing) or (N_("why"),)
