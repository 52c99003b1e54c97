"""What can a place of its own consist of, such as an app's home: sections, each entry with what may be done about it?

A chat platform that has such a place draws it; `page_message` says the same in a message.
"""

from dataclasses import dataclass

from bot.messages.model import Block, Bold, Button, Message, Paragraph


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on a page, and what the reader may do about it."""

    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading; one without a title stands by itself."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One person's page.

    Attributes:
        title: What it is.
        summary: The whole page in one or two sentences with its numbers.
        sections: In order; the first are worth most where there is no room for all.
        buttons: What leads on from it where it is said as a message: those of its entries would stand together there.
    """

    title: str
    summary: str
    sections: tuple[Section, ...]
    buttons: tuple[Button, ...] = ()


def page_message(page: Page) -> Message:
    """The page as a message."""
    blocks: list[Block] = []
    for section in page.sections:
        if section.title:
            blocks.append(Paragraph((Bold(section.title),)))
        blocks += [block for entry in section.entries for block in entry.blocks]
    return Message(page.title, page.summary, blocks=tuple(blocks), buttons=page.buttons)
