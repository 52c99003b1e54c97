"""How is a message made smaller, so that its card fits?"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from bot.core.language import _
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Call,
    Cell,
    Chart,
    Code,
    Facts,
    Footnote,
    Link,
    Look,
    Message,
    Paragraph,
    Span,
    Table,
    When,
)

# What a button asks for cannot be cut: it would ask for something else. Rules in words are the longest.
LONGEST_SUBJECT = 1500
# Teams shows six actions; more are in a menu, as long as they fit into the card.
MOST_BUTTONS = 6
ROOM_FOR_BUTTONS = 12_000
_BUTTON = 200
LONGEST_LABEL = 75
# With so many points of a line there is room for the finer ones as well.
_FINE = 60


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each thing is kept: characters of a text, blocks, rows of a table, its columns, points of a line."""

    text: int
    blocks: int
    rows: int
    columns: int = 20
    points: int = 60
    spans: int = 20


# From what people can read at most down to what always fits.
_ROOMS = (
    Room(text=2000, blocks=40, rows=60),
    Room(text=1000, blocks=30, rows=30),
    Room(text=500, blocks=25, rows=20),
    Room(text=300, blocks=20, rows=12, points=20),
    Room(text=150, blocks=12, rows=8, columns=12, points=20, spans=12),
    Room(text=80, blocks=8, rows=5, columns=12, points=10, spans=8),
    Room(text=40, blocks=5, rows=3, columns=8, points=6, spans=6),
)


def smaller(message: Message) -> Iterator[Message]:
    """The message, and then ever less of it; the last is its title and its summary alone."""
    buttons = _buttons(message.buttons)
    for room in _ROOMS:
        yield replace(
            message,
            title=_clipped(message.title, min(room.text, 200)),
            summary=_clipped(message.summary, room.text),
            blocks=_blocks(message.blocks, room),
            buttons=buttons,
        )
    yield replace(
        message,
        title=_clipped(message.title, 100),
        summary=_clipped(message.summary, 200),
        blocks=(),
        buttons=buttons,
    )


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _buttons(buttons: Sequence[Button]) -> tuple[Button, ...]:
    """As many as there is room for, in their order; what is too much in the open goes into the menu."""
    kept: list[Button] = []
    left = ROOM_FOR_BUTTONS
    for button in buttons:
        said = replace(button, label=_clipped(button.label, LONGEST_LABEL))
        needed = _BUTTON + len(json.dumps([said.label, said.subject]))
        if len(button.subject) > LONGEST_SUBJECT or needed > left:
            continue
        left -= needed
        in_the_open = sum(each.look is not Look.TUCKED for each in kept)
        kept.append(replace(said, look=Look.TUCKED) if in_the_open >= MOST_BUTTONS else said)
    return tuple(kept)


def _blocks(blocks: Sequence[Block], room: Room) -> tuple[Block, ...]:
    kept: list[Block] = []
    for block in blocks[: room.blocks]:
        kept += _fitted(block, room)
    if len(blocks) > room.blocks:
        kept.append(Footnote((_("+{number} more, too long to show here", number=len(blocks) - room.blocks),)))
    return tuple(kept)


def _fitted(block: Block, room: Room) -> list[Block]:
    match block:
        case Paragraph(spans=spans):
            return [Paragraph(_spans(spans, room))]
        case Footnote(spans=spans):
            return [Footnote(_spans(spans, room))]
        case Facts(pairs=pairs):
            kept = tuple((_clipped(label, 80), _spans(spans, room)) for label, spans in pairs[: room.rows])
            return [Facts(kept), *_more(len(pairs) - len(kept), 0)]
        case Table():
            return _table(block, room)
        case Chart():
            return [_chart(block, room)]
        case _:
            assert_never(block)


def _spans(spans: Sequence[Span], room: Room) -> tuple[Span, ...]:
    """The spans up to `room.text` characters in all."""
    left = room.text
    kept: list[Span] = []
    for span in spans[: room.spans]:
        if left <= 0:
            break
        match span:
            case str():
                kept.append(_clipped(span, left))
                left -= len(span)
            case Bold() | Code() | Link() | Call():
                kept.append(replace(span, text=_clipped(span.text, left)))
                left -= len(span.text)
            case When():
                kept.append(span)
                left -= 20
            case _:
                assert_never(span)
    return (*kept, " …") if len(kept) < len(spans) else tuple(kept)


def _table(table: Table, room: Room) -> list[Block]:
    width = min(len(table.header), room.columns)
    text = min(room.text, 80)
    rows = tuple(tuple(_cell(cell, text) for cell in row[:width]) for row in table.rows[: room.rows])
    header = tuple(_clipped(name, text) for name in table.header[:width])
    kept = replace(table, caption=_clipped(table.caption, room.text), header=header, rows=rows)
    return [kept, *_more(len(table.rows) - len(rows), len(table.header) - width)]


def _cell(cell: Cell, most: int) -> Cell:
    return _clipped(cell, most) if isinstance(cell, str) else cell


def _more(rows: int, columns: int) -> list[Block]:
    missing = [_("+{number} more", number=rows)] if rows > 0 else []
    if columns > 0:
        missing.append(_("+{number} more columns", number=columns))
    return [Footnote((", ".join(missing),))] if missing else []


def _chart(chart: Chart, room: Room) -> Chart:
    """The newest points of the first lines."""
    start = max(0, len(chart.labels) - room.points)
    series = tuple(
        replace(line, name=_clipped(line.name, 40), values=line.values[start : len(chart.labels)])
        for line in chart.series[:6]
    )
    labels = tuple(_clipped(label, 20) for label in chart.labels[start:])
    # The finer points are many: they are the first to go.
    finer = chart.plot if room.points >= _FINE else None
    return Chart(_clipped(chart.title, 80), labels, series, _clipped(chart.summary, room.text), finer)
