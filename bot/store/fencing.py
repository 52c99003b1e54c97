"""May whoever is about to commit still do so? A process that was paused may have lost the lead without knowing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar

from sqlalchemy import Connection

from bot.core.because import Because
from bot.store.errors import StoreError

_HOLDS: ContextVar[Callable[[], bool] | None] = ContextVar("holds", default=None)
_PROVEN: ContextVar[Callable[[Connection], bool] | None] = ContextVar("proven", default=None)


class NotLeading(StoreError):  # noqa: N818 - named for what is so
    """It was for the leader to do, and that is another process by now; nothing of the transaction was kept."""


@contextmanager
def fenced(holds: Callable[[], bool]) -> Iterator[None]:
    """Whatever this thread writes in the block is kept only if `holds` says so just before it is."""
    before = _HOLDS.set(holds)
    try:
        yield
    finally:
        _HOLDS.reset(before)


@contextmanager
def unfenced() -> Iterator[None]:
    """Whatever this thread writes in the block is kept, whoever leads: it cannot be had again."""
    with fenced(lambda: True):
        yield


@contextmanager
def proven(holds: Callable[[Connection], bool]) -> Iterator[None]:
    """Whatever this thread writes in the block is kept only if `holds` finds so in the very transaction."""
    before = _PROVEN.set(holds)
    try:
        yield
    finally:
        _PROVEN.reset(before)


def demand_lead(db: Connection) -> None:
    """Look just before the commit of a transaction; who is not fenced may always commit.

    Raises:
        NotLeading: The lead, or what it was done for, is lost.
    """
    _demand(db, (_HOLDS.get(),), (_PROVEN.get(),))


def demand_lead_of(db: Connection, contexts: Iterable[Context]) -> None:
    """Look just before the commit of a transaction that holds what others have written as well.

    Raises:
        NotLeading: One of them has lost the lead, or what it wrote was done for.
    """
    known = list(contexts)
    holding = dict.fromkeys(context.get(_HOLDS) for context in known)
    _demand(db, holding, dict.fromkeys(context.get(_PROVEN) for context in known))


def _demand(
    db: Connection,
    holding: Iterable[Callable[[], bool] | None],
    proving: Iterable[Callable[[Connection], bool] | None],
) -> None:
    for holds in holding:
        if holds is not None and not holds():
            raise NotLeading(Because("another process leads by now"))
    for proof in proving:
        if proof is not None and not proof(db):
            raise NotLeading(Because("it was given to another process"))
