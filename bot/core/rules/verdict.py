"""What can the judgement of one reading be?"""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Clear:
    """The pool is well in this respect."""

    value: int
    why: Why


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said: no data, or not enough of it. Never a recovery."""

    why: Why


Verdict = Breach | Clear | Unknown
