"""May whoever is about to commit still do so? A process that was paused may have lost the lead without knowing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.core.because import Because
from bot.store.errors import StoreError

_HOLDS: ContextVar[Callable[[], bool] | None] = ContextVar("holds", default=None)


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


def demand_lead() -> None:
    """Look just before a commit; who is not fenced may always commit.

    Raises:
        NotLeading: The lead is lost.
    """
    holds = _HOLDS.get()
    if holds is not None and not holds():
        raise NotLeading(Because("another process leads by now"))
