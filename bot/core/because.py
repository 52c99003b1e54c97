"""Why is something so, kept in a form that can be said in any language later, when it is told?

A reason is found where a reading is judged and told where people read it, perhaps days later and in another language.
So it is kept as the English sentence with names in braces, and the values apart::

    Because("{status} {count}, above {limit}", status="Queue", count=60, limit=50)

Its `str()` is English, for logs and exports. What is kept as plain text, as reasons were before, is told as it is.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from string import Formatter
from typing import Any, final

from bot.core.durations import spoken
from bot.core.language import Language, speaking, template

_LENGTH, _SENTENCE = "seconds", "because"


@final
class Because:
    """A sentence and its values. It is made at every reading and worded only where it is told; never changed."""

    __slots__ = ("sentence", "values")

    def __init__(self, sentence: str, /, **values: "int | float | str | timedelta | Because") -> None:
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        with speaking(Language.ENGLISH):
            return self.said()

    def __repr__(self) -> str:
        return f"Because({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Because):
            return self.sentence == other.sentence and self.values == other.values
        return str(self) == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))

    def __deepcopy__(self, memo: object) -> "Because":
        return self

    def said(self) -> str:
        """The sentence in the language that is spoken."""
        return template(self.sentence).format(**{name: _worded(value) for name, value in self.values.items()})


# A reason; plain text where it is a person's, or was kept before.
Why = Because | str


class Explained(Exception):  # noqa: N818 - what goes wrong is named by those that are made of it
    """An error that can be told in any language; its `str()` is English, for logs and the command line."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


def said(why: Why) -> str:
    """The reason in the language that is spoken."""
    return why if isinstance(why, str) else why.said()


def kept(why: Why) -> str:
    """The reason as the store has it: `from_kept` gives an equal one back."""
    if isinstance(why, str) and _parsed(why) is None:
        return why
    return json.dumps(_plain(why if isinstance(why, Because) else Because("{text}", text=why)), ensure_ascii=False)


def from_kept(text: str) -> Why:
    """The reason that `kept` wrote, or what was written as plain text."""
    found = _parsed(text)
    return text if found is None else found


def _worded(value: object) -> object:
    if isinstance(value, Because):
        return value.said()
    return spoken(value) if isinstance(value, timedelta) else value


def _plain(value: "int | float | str | timedelta | Because") -> object:
    if isinstance(value, Because):
        return {_SENTENCE: value.sentence, "values": {name: _plain(each) for name, each in value.values.items()}}
    return {_LENGTH: value.total_seconds()} if isinstance(value, timedelta) else value


def _parsed(text: str) -> Because | None:
    """The reason that stands in `text`; `None` where it is no such thing."""
    if not text.startswith(f'{{"{_SENTENCE}": "'):
        return None
    try:
        found = _value(json.loads(text))
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    return found if isinstance(found, Because) else None


def _value(plain: Any) -> "int | float | str | timedelta | Because":
    match plain:
        case {"because": str(sentence), "values": Mapping() as values, **more} if not more:
            found = {str(name): _value(each) for name, each in values.items()}
            names = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
            if not names <= found.keys():
                raise ValueError("the sentence has other names than its values")
            return Because(sentence, **found)
        case {"seconds": int() | float() as seconds, **more} if not more:
            return timedelta(seconds=seconds)
        case bool() | None:
            raise ValueError("no value of a sentence")
        case int() | float() | str():
            return plain
        case _:
            raise ValueError("no value of a sentence")
