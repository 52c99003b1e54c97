"""What does a person read in a message?"""

from datetime import datetime
from typing import TypeVar

from bot.messages.model import (
    Block,
    Bold,
    Call,
    Chart,
    Code,
    Facts,
    Footnote,
    Link,
    Message,
    Paragraph,
    Span,
    Table,
    Verb,
    When,
)

_Kind = TypeVar("_Kind", bound=Block)


def lines(message: Message) -> list[str]:
    """Every paragraph, fact and footnote as plain text; a moment as HH:MM."""
    found: list[str] = []
    for block in message.blocks:
        match block:
            case Paragraph(spans=spans) | Footnote(spans=spans):
                found.append(plain(spans))
            case Facts(pairs=pairs):
                found += [f"{label}: {plain(spans)}" for label, spans in pairs]
            case Table(caption=caption) | Chart(summary=caption):
                found.append(caption)
    return found


def text(message: Message) -> str:
    """All of it, without the summary."""
    return "\n".join([message.title, *lines(message)])


def plain(spans: tuple[Span, ...]) -> str:
    return "".join(_plain(span) for span in spans)


def _plain(span: Span) -> str:
    match span:
        case str():
            return span
        case Bold() | Code() | Link() | Call():
            return span.text
        case When(at=at):
            return f"{at:%H:%M}"


def only(message: Message, kind: type[_Kind]) -> _Kind:
    """The only block of a kind."""
    (found,) = (block for block in message.blocks if isinstance(block, kind))
    return found


def codes(message: Message) -> list[str]:
    """Everything that is shown as code."""
    spans: list[Span] = []
    for block in message.blocks:
        match block:
            case Paragraph() | Footnote():
                spans += block.spans
            case Facts(pairs=pairs):
                spans += [span for _, value in pairs for span in value]
            case Table() | Chart():
                pass
    return [span.text for span in spans if isinstance(span, Code)]


def moments(message: Message) -> list[datetime]:
    """Every moment that is shown in the reader's own time zone."""
    spans = [s for block in message.blocks if isinstance(block, Paragraph | Footnote) for s in block.spans]
    return [span.at for span in spans if isinstance(span, When)]


def presses(message: Message) -> list[tuple[Verb, str]]:
    """What the buttons ask for."""
    return [(button.verb, button.subject) for button in message.buttons]
