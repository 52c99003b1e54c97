"""How is a series of counts written in short, such as `5x10 +2x5 _x3 ?`, and which counts does it stand for?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Gap(Enum):
    """What stands in a series where there is no count."""

    FAILED = "_"  # the poll failed: nothing of the pool was read
    NOT_REPORTED = "?"  # the answer did not mention the status, which is not zero


Value = int | Gap

LONGEST = 1_000_000
_LARGEST = 10**9
_PART = re.compile(r"(?:(?P<gap>[_?])|(?P<sign>[+-]?)(?P<number>\d{1,10}))(?:x(?P<times>\d{1,7}|\*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One word of the notation; `times` is `None` where it goes on to the end."""

    text: str
    value: Value
    step: bool
    times: int | None

    def after(self, last: int | None) -> Value:
        """The next value, given the last count.

        Raises:
            ValueError: There is no such count.
        """
        if isinstance(self.value, Gap) or not self.step:
            return self.value
        if last is None:
            raise ValueError(f"{self.text!r} is a step, and there is no count before it to step from")
        if not 0 <= last + self.value <= _LARGEST:
            raise ValueError(f"{self.text!r} steps to {last + self.value}: a count is from 0 to {_LARGEST}")
        return last + self.value


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one status, reading by reading; `onward` says how they go on to the end, if they do."""

    values: tuple[Value, ...]
    onward: Part | None = None

    def reaching(self, length: int) -> tuple[Value, ...]:
        """The values, carried on to `length` where the notation says so.

        Raises:
            ValueError: A step leads to what is no count.
        """
        if self.onward is None:
            return self.values
        values = list(self.values)
        last = _last_count(values)
        while len(values) < length:
            value = self.onward.after(last)
            values.append(value)
            last = value if isinstance(value, int) else last
        return tuple(values)


def parse_series(text: object) -> Series:
    """The series that `text` stands for.

    Raises:
        ValueError: It is not written like that; the text names the word and what is wrong with it.
    """
    if not isinstance(text, str):
        # Without quotes YAML reads 0x10 as the number sixteen.
        raise ValueError(f'a series is text in quotes, such as "5x10 60x3", not {text!r}')  # noqa: TRY004 - pydantic's way
    words = text.split()
    if not words:
        raise ValueError("a series has at least one reading")
    values: list[Value] = []
    onward: Part | None = None
    for place, word in enumerate(words, 1):
        try:
            onward = _extended(values, word, is_last=place == len(words))
        except ValueError as error:
            raise ValueError(f"word {place} of the series: {error}") from error
    return Series(tuple(values), onward)


def _extended(values: list[Value], word: str, *, is_last: bool) -> Part | None:
    """Add what the word stands for; the word itself where it goes on to the end."""
    part = _part(word)
    last = _last_count(values)
    if part.times is None:
        if not is_last:
            raise ValueError(f"{word!r} goes on to the end, so nothing may follow it")
        part.after(last)
        return part
    if len(values) + part.times > LONGEST:
        raise ValueError(f"a series has at most {LONGEST:,} readings")
    for _ in range(part.times):
        value = part.after(last)
        values.append(value)
        last = value if isinstance(value, int) else last
    return None


def _last_count(values: Sequence[Value]) -> int | None:
    return next((value for value in reversed(values) if isinstance(value, int)), None)


def _part(word: str) -> Part:
    found = _PART.fullmatch(word)
    if found is None:
        raise ValueError(
            f"{word!r} is none of 5 (a count), 5x10 (ten times), +2x5 and -2x5 (five steps), _ (a failed poll),"
            " ? (not reported), 5x* (to the end)"
        )
    times = found["times"]
    if times is not None and times != "*" and int(times) == 0:
        raise ValueError(f"{word!r} stands for nothing: the number after x is at least 1")
    repeated = 1 if times is None else None if times == "*" else int(times)
    if found["gap"]:
        return Part(word, Gap(found["gap"]), step=False, times=repeated)
    number = int(found["number"])
    if number > _LARGEST:
        raise ValueError(f"{word!r}: a count is from 0 to {_LARGEST}")
    return Part(word, -number if found["sign"] == "-" else number, step=bool(found["sign"]), times=repeated)
