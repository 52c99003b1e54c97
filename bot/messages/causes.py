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
from bot.core.language import N_, _, _n
from bot.messages.phrases import LONGEST_NAME, both, listed, one_line


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
            return _(
                "a quota may be used up: {cards} are free, and all who wait ({waiting}) are jobs of "
                "{user}, who holds {held} already",
                cards=_cards(free),
                waiting=waiting,
                user=one_line(user, LONGEST_NAME) if with_users else _("one and the same user"),
                held=_cards(holds),
            )
        case FreeYetWaiting(asks=asks, free=free):
            return _(
                "not a lack of cards: {free} are free and the next job asks for {asks}; a quota, a rule about where "
                "it may run, or the scheduler itself may hold it back",
                free=free,
                asks=asks,
            )
        case _:
            assert_never(cause)


def _standing(cause: Standing) -> str:
    match cause:
        case NothingWaits():
            return _("no job waits in Queue")
        case JustCame(longest=longest):
            return _("nobody has waited for long: the longest wait is {length}", length=spoken(longest))
        case PoolUnwell(phase=phase):
            return _("the pool itself is {phase}, not Running", phase=one_line(phase, LONGEST_NAME))
        case NotEnough(missing=missing):
            return _("ModelArts does not tell {facts}", facts=listed([_(each) for each in missing]))
        case _:
            assert_never(cause)


def _room(cause: Room) -> str:
    match cause:
        case NoNodes(abnormal=abnormal, creating=creating, flavor=None):
            said = N_("no node is available ({abnormal} abnormal, {creating} being created)")
            return _(said, abnormal=abnormal, creating=creating)
        case NoNodes(abnormal=abnormal, creating=creating, flavor=flavor):
            return _(
                "no node of {flavor} is available ({abnormal} abnormal, {creating} being created)",
                flavor=one_line(flavor or "", LONGEST_NAME),
                abnormal=abnormal,
                creating=creating,
            )
        case TooLarge(asks=asks, has=has, nodes=nodes):
            return _n(
                "the next job asks for {cards}, and the {number} available node has {has} together, so it cannot "
                "start as the pool is",
                "the next job asks for {cards}, and the {number} available nodes have {has} together, so it cannot "
                "start as the pool is",
                nodes,
                cards=_cards(asks),
                has=has,
            )
        case LargerThanNode(asks=asks, per_node=per_node):
            return _(
                "the next job asks for {cards}, more than any node has ({per_node}), and no running job spans nodes",
                cards=_cards(asks),
                per_node=per_node,
            )
        case Full():
            return _full(cause)
        case Scattered(asks=asks, free=free, needs_nodes=needs, empty_nodes=empty):
            return _(
                "{cards} are free, but scattered: the next job asks for {asks}, which takes {nodes}, and there are "
                "{empty}",
                cards=_cards(free),
                asks=asks,
                nodes=_n("{number} empty node", "{number} empty nodes", needs),
                empty=empty,
            )
        case Abnormal(abnormal=abnormal, nodes=nodes):
            return _n(
                "{number} of {nodes} is abnormal and takes no jobs",
                "{number} of {nodes} are abnormal and take no jobs",
                abnormal,
                nodes=_n("{number} node", "{number} nodes", nodes),
            )
        case _:
            assert_never(cause)


def _full(cause: Full) -> str:
    if cause.free is None:
        nodes = _n("{number} available node", "{number} available nodes", cause.nodes)
        if cause.asks is None:
            return _("no node is free: running jobs hold the {nodes}", nodes=nodes)
        return _(
            "no node is free: running jobs hold the {nodes}, and the next job asks for {cards}",
            nodes=nodes,
            cards=_cards(cause.asks),
        )
    told = _("{free}, and the next job asks for {asks}", free=_free(cause.free, at_most=cause.at_most), asks=cause.asks)
    if not cause.behind:
        return told
    return _n(
        "{told}; {number} smaller job would fit, but waits behind it",
        "{told}; {number} smaller jobs would each fit, but wait behind it",
        cause.behind,
        told=told,
    )


def _overtaken(cause: Overtaken) -> str:
    told = []
    if cause.ahead:
        said = _n(
            "{number} waiting job of a higher priority", "{number} waiting jobs of a higher priority", cause.ahead
        )
        told.append(said)
    if cause.started:
        said = _n(
            "{number} running job of a higher priority that came later",
            "{number} running jobs of a higher priority that came later",
            cause.started,
        )
        told.append(said)
    return _(
        "priorities: {jobs} went before the longest wait, whose priority is {priority}",
        jobs=both(told),
        priority=cause.priority,
    )


def _free(cards: int, *, at_most: bool) -> str:
    if not cards:
        return _("no card is free")
    if at_most:
        return _n("at most {number} card is free", "at most {number} cards are free", cards)
    return _n("{number} card is free", "{number} cards are free", cards)


def _cards(number: int) -> str:
    return _n("{number} card", "{number} cards", number)
