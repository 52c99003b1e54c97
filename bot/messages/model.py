"""What can a message consist of, on any chat platform?

Frozen, tagged and with an exact JSON round trip, because the outbox stores messages. There is no markup in a text and
no escape hatch to a platform's own JSON: a renderer escapes everything and draws each block as its platform does best.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter


@dataclass(frozen=True, slots=True)
class Bold:
    """Emphasised text."""

    text: str
    kind: Literal["bold"] = "bold"


@dataclass(frozen=True, slots=True)
class Code:
    """A name or a value to be shown as it is, such as a pool's id."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to `url` (https, or http to this machine)."""

    text: str
    url: str
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class When:
    """A moment, shown in the reader's own time zone where the platform can, else in UTC."""

    at: datetime
    kind: Literal["when"] = "when"


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who is called, so that their client notifies them: only whom the configuration names.

    `id` is that of `platform`, as `bot/core/persons.py` reads it; elsewhere, and where nobody can be called, `text` is
    shown.
    """

    platform: str
    id: str
    text: str
    kind: Literal["call"] = "call"


Span = str | Annotated[Bold | Code | Link | When | Call, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    spans: tuple[Span, ...]
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labels, each with its value."""

    pairs: tuple[tuple[str, tuple[Span, ...]], ...]
    kind: Literal["facts"] = "facts"


# A cell that is `None` means "not reported" and is drawn as a dash; numbers are aligned to the right.
Cell = int | str | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the same length as `header`; `caption` says what the table shows."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart; a `None` is a gap, never a zero."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A count over time as it was read, oldest first; a `None` breaks the line."""

    label: str
    points: tuple[tuple[datetime, float | None], ...]


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch of time that is marked; one that is not over has no end. `text` says more where there is room."""

    what: str
    start: datetime
    end: datetime | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A count that matters, drawn across."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class PlotRow:
    """Curves with an axis of their own."""

    heading: str
    curves: tuple[Curve, ...]
    shades: tuple[Shade, ...] = ()
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """What a picture can show and a chart of few points cannot.

    `is_finer` says that the chart leaves out so much that the picture is wanted wherever one can be shown; otherwise it
    is only for where the chart cannot be drawn.
    """

    title: str
    start: datetime
    end: datetime
    rows: tuple[PlotRow, ...]
    note: str = ""
    is_finer: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over time: each series has one value for each of `labels`.

    `summary` says in words what the picture shows, for those who do not see it. `plot` is the same in full, for
    platforms that show pictures.
    """

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    summary: str
    plot: Plot | None = None
    kind: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Footnote:
    """Small print: the age of the data, an id."""

    spans: tuple[Span, ...]
    kind: Literal["footnote"] = "footnote"


Block = Annotated[Paragraph | Facts | Table | Chart | Footnote, Field(discriminator="kind")]


class Tone(StrEnum):
    """How serious a message is. Never carried by colour alone: the title says it too."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    CRITICAL = "critical"


class Verb(StrEnum):
    """What a button asks for; `subject` of the button says of what."""

    SHOW = "show"  # subject: what to ask /pool-stats for; opens a fresh answer
    REFRESH = "refresh"  # subject: likewise; replaces the answer it stands under
    SHARE = "share"  # subject: likewise; posts the answer for the whole channel
    ACKNOWLEDGE = "acknowledge"  # subject: the alert's id
    UNACKNOWLEDGE = "unacknowledge"
    SILENCE = "silence"  # subject: "<alert id> <duration>", such as "7 2h"; or "7 tomorrow", or "7 custom" for a form
    UNSILENCE = "unsilence"
    UNDO = "undo"  # subject: the number of what was done in the audit log
    END_SILENCE = "end silence"  # subject: the silence's id
    EXTEND_SILENCE = "extend silence"  # subject: "<silence id> <duration>"
    SAY = "say"  # subject: a command with what is typed after it; does what typing it does


class Look(StrEnum):
    """How much a button asks for attention."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"
    TUCKED = "tucked"  # one of several in a menu, where the platform has one


@dataclass(frozen=True, slots=True)
class Button:
    """Something the reader may do about the message."""

    label: str
    verb: Verb
    subject: str
    look: Look = Look.PLAIN


@dataclass(frozen=True, slots=True)
class Attached:
    """A text file that goes with a message, for the one who asked alone."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        title: The heading; short.
        summary: The whole message in one or two sentences with its numbers: it stands alone in a notification, to a
            screen reader and in a log line.
        tone: How serious it is.
        blocks: The body, in order.
        buttons: What the reader may do, in order.
        attached: A file that goes with it.
    """

    title: str
    summary: str
    tone: Tone = Tone.NEUTRAL
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    attached: Attached | None = None


@cache
def _message() -> TypeAdapter[Message]:
    """Made when it is first used: that takes as long as importing a dozen files."""
    return TypeAdapter(Message)


def to_json(message: Message) -> str:
    """The message as JSON; `from_json` gives an equal message back."""
    return _message().dump_json(message).decode()


def from_json(text: str) -> Message:
    """The message that `to_json` wrote.

    Raises:
        pydantic.ValidationError: The text is not such a message.
    """
    return _message().validate_json(text)
