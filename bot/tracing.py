"""What does the bot note of how long each part of its work takes? Nothing, unless somebody takes the notes."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, Protocol, TypeVar

# Numbers, names and ids of our own making: never what somebody wrote, nor a secret.
Value = str | int | tuple[str, ...]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Span(Protocol):
    """A part of the work, from its beginning to its end."""

    def note(self, **facts: Value) -> None:
        """Keep these facts with it."""

    def failed(self, kind: str) -> None:
        """It did not come to what it was for; what escapes it is noted without that."""


class Tracer(Protocol):
    """Takes the notes."""

    def span(self, name: str, facts: Mapping[str, Value]) -> AbstractContextManager[Span]:
        """A part of what is under way in this thread; where nothing is, something new."""

    def delivery(self, delivery_id: str, attempt: int, facts: Mapping[str, Value]) -> AbstractContextManager[Span]:
        """An attempt at that delivery, whichever process made it or tried it before."""

    def leads_to(self, delivery_id: str) -> None:
        """What is under way in this thread has put that delivery into the outbox."""


class Traced(Protocol):
    """Whoever may have somebody to take notes."""

    @property
    def tracer(self) -> Tracer | None:
        """Who takes them."""
        ...


_S = TypeVar("_S", bound=Traced)


class _Nothing:
    """Takes no notes."""

    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def note(self, **facts: Value) -> None:
        pass

    def failed(self, kind: str) -> None:
        pass


_NOTHING = _Nothing()
_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)


def traced(do: Callable[Concatenate[_S, _P], _T]) -> Callable[Concatenate[_S, _P], _T]:
    """Have notes taken of what is done in this call, if there is somebody to take them."""

    @wraps(do)
    def done(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        tracer = self.tracer
        if tracer is None:
            return do(self, *args, **kwargs)
        before = _tracer.set(tracer)
        try:
            return do(self, *args, **kwargs)
        finally:
            _tracer.reset(before)

    return done


def span(name: str, **facts: Value) -> AbstractContextManager[Span]:
    """Note how long what is done within it takes."""
    tracer = _tracer.get()
    return _NOTHING if tracer is None else tracer.span(name, facts)


def delivery(delivery_id: str, attempt: int, **facts: Value) -> AbstractContextManager[Span]:
    """Note how long this attempt at a delivery takes."""
    tracer = _tracer.get()
    return _NOTHING if tracer is None else tracer.delivery(delivery_id, attempt, facts)


def leads_to(delivery_id: str) -> None:
    """Note that what is under way has put that delivery into the outbox."""
    tracer = _tracer.get()
    if tracer is not None:
        tracer.leads_to(delivery_id)
