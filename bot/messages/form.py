"""What can a person be asked to fill in, on any chat platform?

Frozen, tagged and with an exact JSON round trip, as messages are. A platform draws each field as it does best and hands
back what was typed as text; `read` gives the values or says, field by field, what is wrong with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal, assert_never

from pydantic import Field, TypeAdapter

from bot.core.durations import duration_text, parse_duration
from bot.core.language import _, _n
from bot.messages.model import Block

MOST_POOLS = 20
_LONGEST_GLOB = 80


class Purpose(StrEnum):
    """What is done with a form that was filled in; its subject says to what."""

    SILENCE = "silence"  # subject: the id of an alert or incident, or nothing
    TRY_RULE = "try rule"  # subject: the id of the rule that is changed, or nothing
    KEEP_RULE = "keep rule"  # subject: likewise, and a fingerprint of the rule that was tried
    DIGEST = "digest"  # subject: nothing
    MY_POOLS = "my pools"  # subject: nothing
    ASK = "ask"  # subject: nothing


@dataclass(frozen=True, slots=True)
class TextField:
    """A text: one line, or several where `long`."""

    name: str
    label: str
    hint: str = ""
    value: str = ""
    optional: bool = False
    longest: int = 200
    long: bool = False
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class NumberField:
    """A whole number from `least` to `most`."""

    name: str
    label: str
    hint: str = ""
    value: int | None = None
    optional: bool = False
    least: int = 0
    most: int = 10**9
    kind: Literal["number"] = "number"


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of `choices`, each a value and what is shown for it."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    hint: str = ""
    value: str | None = None
    optional: bool = False
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class PoolsField:
    """Pools by name, id or glob, with commas between them."""

    name: str
    label: str
    hint: str = ""
    value: tuple[str, ...] = ()
    optional: bool = False
    kind: Literal["pools"] = "pools"


@dataclass(frozen=True, slots=True)
class MomentField:
    """A date and a time, chosen in the reader's own time zone."""

    name: str
    label: str
    hint: str = ""
    value: datetime | None = None
    optional: bool = False
    kind: Literal["moment"] = "moment"


@dataclass(frozen=True, slots=True)
class DurationField:
    """A length of time, such as 30m or 2h, up to `longest`."""

    name: str
    label: str
    hint: str = ""
    value: timedelta | None = None
    optional: bool = False
    longest: timedelta | None = None
    kind: Literal["duration"] = "duration"


FormField = Annotated[
    TextField | NumberField | ChoiceField | PoolsField | MomentField | DurationField, Field(discriminator="kind")
]
# What a field holds when it was read; `None` where it was left empty.
Value = str | int | tuple[str, ...] | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Form:
    """Something to fill in.

    Attributes:
        title: The heading; 24 characters at most are shown everywhere.
        purpose, subject: What is done with it, and to what.
        fields: In order; their names differ.
        submit: The words on the button that sends it; “Save” in the language that is spoken where there are none.
        blocks: What stands above the fields.
    """

    title: str
    purpose: Purpose
    subject: str
    fields: tuple[FormField, ...]
    submit: str = made(default_factory=lambda: _("Save"))
    blocks: tuple[Block, ...] = ()


class Misfilled(Exception):  # noqa: N818 - named for what the reader can do about it
    """Some fields are not filled in as they must be; `problems` says of each by its name what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@cache
def _form() -> TypeAdapter[Form]:
    """Made when it is first used: that takes as long as importing a dozen files."""
    return TypeAdapter(Form)


def to_json(form: Form) -> str:
    """The form as JSON; `from_json` gives an equal form back."""
    return _form().dump_json(form).decode()


def from_json(text: str) -> Form:
    """The form that `to_json` wrote.

    Raises:
        pydantic.ValidationError: The text is not such a form.
    """
    return _form().validate_json(text)


def read(form: Form, typed: Mapping[str, str]) -> dict[str, Value]:
    """The values of all fields, by name.

    Args:
        form: What was filled in.
        typed: By a field's name, what was typed; of a choice its value, of a moment the Unix time in seconds. A name
            that is missing was left empty; one that the form does not have is ignored.

    Raises:
        Misfilled: Some field is not filled in as it must be.
    """
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for field in form.fields:
        text = typed.get(field.name, "").strip()
        try:
            values[field.name] = _value(field, text) if text else _empty(field)
        except ValueError as error:
            problems[field.name] = str(error)
    if problems:
        raise Misfilled(problems)
    return values


def shown(field: FormField) -> str:
    """What stands in the field before anything is typed, in the form in which `read` takes it."""
    match field:
        case TextField(value=text):
            return text
        case NumberField(value=number):
            return "" if number is None else str(number)
        case ChoiceField(value=chosen):
            return chosen or ""
        case PoolsField(value=globs):
            return ", ".join(globs)
        case MomentField(value=at):
            return "" if at is None else str(int(at.timestamp()))
        case DurationField(value=length):
            return "" if length is None else duration_text(length)
        case _:
            assert_never(field)


def _empty(field: FormField) -> Value:
    if not field.optional:
        raise ValueError(_("Please fill this in."))
    return () if isinstance(field, PoolsField) else None


def _value(field: FormField, text: str) -> Value:
    match field:
        case TextField(longest=longest):
            if len(text) > longest:
                raise ValueError(_too_long(len(text), longest))
            return text
        case NumberField():
            return _number(field, text)
        case ChoiceField(choices=choices):
            if text not in {value for value, _label in choices}:
                raise ValueError(_("Please choose one of those offered."))
            return text
        case PoolsField():
            return _globs(text)
        case MomentField():
            return _moment(text)
        case DurationField():
            return _duration(field, text)
        case _:
            assert_never(field)


def _too_long(length: int, longest: int) -> str:
    return _n(
        "That is {number} character long; {longest} at most, please.",
        "That is {number} characters long; {longest} at most, please.",
        length,
        longest=longest,
    )


def _number(field: NumberField, text: str) -> int:
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise ValueError(_("Please write a whole number."))
    if not field.least <= int(text) <= field.most:
        raise ValueError(_("Please choose from {least} to {most}.", least=field.least, most=field.most))
    return int(text)


def _globs(text: str) -> tuple[str, ...]:
    globs = tuple(dict.fromkeys(glob for part in text.split(",") if (glob := " ".join(part.split()))))
    if not globs:
        raise ValueError(_("Please name a pool, or * for all."))
    if len(globs) > MOST_POOLS or any(len(glob) > _LONGEST_GLOB for glob in globs):
        raise ValueError(
            _("At most {number} names of at most {length} characters, please.", number=MOST_POOLS, length=_LONGEST_GLOB)
        )
    return globs


def _moment(text: str) -> datetime:
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise ValueError(_("Please choose a date and a time."))
    return datetime.fromtimestamp(int(text), tz=UTC)


def _duration(field: DurationField, text: str) -> timedelta:
    try:
        length = parse_duration(text.replace(" ", "").lower())
    except ValueError:
        raise ValueError(_("Please write a number and s, m, h or d, such as 30m, 2h or 1d.")) from None
    if length <= timedelta() or (field.longest is not None and length > field.longest):
        if field.longest is None:
            raise ValueError(_("Please choose a length of time."))
        raise ValueError(_("Please choose a length of time, {most} at most.", most=duration_text(field.longest)))
    return length
