"""What can the judgement of one reading be?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from bot.core.because import Why


@dataclass(frozen=True, slots=True)
class Breach:
    """The pool is in trouble.

    Attributes:
        value: What was judged: the count, or the number of jobs added.
        why: The reason with its numbers, as one sentence without a full stop.
    """

    value: int
    why: Why


@final
class Clear:
    """The pool is well in this respect.

    Nearly every reading is, and nobody asks why: the reason may be given as what finds it, and so may a value that
    takes finding. Never changed.
    """

    __slots__ = ("_value", "_why")

    def __init__(self, value: int | Callable[[], int], why: Why | Callable[[], Why]) -> None:
        self._value = value
        self._why = why

    @property
    def value(self) -> int:
        """What was judged."""
        if callable(self._value):
            self._value = self._value()
        return self._value

    @property
    def why(self) -> Why:
        """The reason with its numbers, as one sentence without a full stop."""
        if callable(self._why):
            self._why = self._why()
        return self._why

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clear) and self.value == other.value and self.why == other.why

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Clear({self.value!r}, {self.why!r})"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said: no data, or not enough of it. Never a recovery."""

    why: Why


Verdict = Breach | Clear | Unknown
