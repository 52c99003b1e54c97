"""How is a cause worded, with what speaks for it?"""

from typing import assert_never

from bot.core.cause import (
    Abnormal,
    Cause,
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
    Room,
    Scattered,
    Standing,
    TooLarge,
)
from bot.core.durations import spoken
from bot.messages.phrases import LONGEST_NAME, counted, one_line


def said(cause: Cause, *, with_users: bool) -> str:
    """The cause with what speaks for it, as the rest of a sentence."""
    if isinstance(cause, Standing):
        return _standing(cause)
    if isinstance(cause, Room):
        return _room(cause)
    match cause:
        case Overtaken():
            return _overtaken(cause)
        case Quota(user=user, waiting=waiting, holds=holds, free=free):
            who = one_line(user, LONGEST_NAME) if with_users else "one and the same user"
            return (
                f"a quota may be used up: {counted(free, 'card')} are free, and all who wait ({waiting}) are jobs of "
                f"{who}, who holds {counted(holds, 'card')} already"
            )
        case FreeYetWaiting(asks=asks, free=free):
            return (
                f"not a lack of cards: {free} are free and the next job asks for {asks}; a quota, a rule about where "
                f"it may run, or the scheduler itself may hold it back"
            )
        case _:
            assert_never(cause)


def _standing(cause: Standing) -> str:
    match cause:
        case NothingWaits():
            return "no job waits in Queue"
        case JustCame(longest=longest):
            return f"nobody has waited for long: the longest wait is {spoken(longest)}"
        case PoolUnwell(phase=phase):
            return f"the pool itself is {one_line(phase, LONGEST_NAME)}, not Running"
        case NotEnough(missing=missing):
            return f"ModelArts does not tell {', '.join(missing)}"
        case _:
            assert_never(cause)


def _room(cause: Room) -> str:
    match cause:
        case NoNodes(abnormal=abnormal, creating=creating, flavor=flavor):
            of = f" of {one_line(flavor, LONGEST_NAME)}" if flavor else ""
            return f"no node{of} is available ({abnormal} abnormal, {creating} being created)"
        case TooLarge(asks=asks, has=has, nodes=nodes):
            have = "1 available node has" if nodes == 1 else f"{nodes} available nodes have"
            return (
                f"the next job asks for {counted(asks, 'card')}, and the {have} {has} together, so it cannot start as "
                f"the pool is"
            )
        case LargerThanNode(asks=asks, per_node=per_node):
            return (
                f"the next job asks for {counted(asks, 'card')}, more than any node has ({per_node}), and no running "
                f"job spans nodes"
            )
        case Full():
            return _full(cause)
        case Scattered(asks=asks, free=free, needs_nodes=needs, empty_nodes=empty):
            return (
                f"{counted(free, 'card')} are free, but scattered: the next job asks for {asks}, which takes "
                f"{counted(needs, 'empty node')}, and there are {empty}"
            )
        case Abnormal(abnormal=abnormal, nodes=nodes):
            are = "is abnormal and takes" if abnormal == 1 else "are abnormal and take"
            return f"{abnormal} of {counted(nodes, 'node')} {are} no jobs"
        case _:
            assert_never(cause)


def _full(cause: Full) -> str:
    if cause.free is None:
        asked = f", and the next job asks for {counted(cause.asks, 'card')}" if cause.asks is not None else ""
        return f"no node is free: running jobs hold the {counted(cause.nodes, 'available node')}{asked}"
    most = "at most " if cause.at_most and cause.free else ""
    free = "no card is" if cause.free == 0 else "1 card is" if cause.free == 1 else f"{cause.free} cards are"
    told = f"{most}{free} free, and the next job asks for {cause.asks}"
    if cause.behind:
        fit = "would fit, but waits" if cause.behind == 1 else "would each fit, but wait"
        told += f"; {counted(cause.behind, 'smaller job')} {fit} behind it"
    return told


def _overtaken(cause: Overtaken) -> str:
    told = []
    if cause.ahead:
        told.append(f"{counted(cause.ahead, 'waiting job')} of a higher priority")
    if cause.started:
        told.append(f"{counted(cause.started, 'running job')} of a higher priority that came later")
    return f"priorities: {' and '.join(told)} went before the longest wait, whose priority is {cause.priority}"
