"""What of a message goes into its thread, when a platform cannot show all of it in one?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.core.language import _
from bot.messages.model import Block, Cell, Message, Paragraph, Table
from bot.messages.phrases import LONGEST_NAME, one_line

Fits = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class _Row:
    table: Table
    cells: tuple[Cell, ...]


_Item = Block | _Row


def split(message: Message, fits: Fits) -> tuple[Message, tuple[Message, ...]]:
    """As much of it as fits, with how much more there is, and the rest in as many messages as it takes.

    A row of a table is the least that is moved, and a block; what does not fit by itself is the renderer's to cut.
    """
    if fits(message):
        return message, ()
    items = list(_items(message.blocks))
    kept = _most(items, lambda some: fits(_head(message, some, len(items) - len(some))))
    if kept == 0:
        return message, ()
    parts: list[Message] = []
    rest = items[kept:]
    while rest:
        taken = max(1, _most(rest, lambda some: fits(_part(message, some))))
        parts.append(_part(message, rest[:taken]))
        rest = rest[taken:]
    return _head(message, items[:kept], len(items) - kept), tuple(parts)


def _most(items: Sequence[_Item], fits: Callable[[Sequence[_Item]], bool]) -> int:
    """How many from the beginning fit, where fewer always do if more do."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(items[:middle]) else (low, middle - 1)
    return low


def _head(message: Message, items: Sequence[_Item], more: int) -> Message:
    told = (Paragraph((_("+{number} more: in the thread.", number=more),)),) if more else ()
    return replace(message, blocks=(*_blocks(items), *told))


def _part(message: Message, items: Sequence[_Item]) -> Message:
    of = one_line(message.title, LONGEST_NAME) or _("the message above")
    more = _("{number} more of “{message}”.", number=len(items), message=of)
    return Message("", more, blocks=tuple(_blocks(items)))


def _items(blocks: Sequence[Block]) -> Iterator[_Item]:
    for block in blocks:
        if isinstance(block, Table) and block.rows:
            yield from (_Row(block, cells) for cells in block.rows)
        else:
            yield block


def _blocks(items: Sequence[_Item]) -> Iterator[Block]:
    """The blocks again, each table with those of its rows that are here."""
    table: Table | None = None
    rows: list[tuple[Cell, ...]] = []
    for item in items:
        if isinstance(item, _Row) and item.table is table:
            rows.append(item.cells)
            continue
        if table is not None:
            yield replace(table, rows=tuple(rows))
        if isinstance(item, _Row):
            table, rows = item.table, [item.cells]
        else:
            table = None
            yield item
    if table is not None:
        yield replace(table, rows=tuple(rows))
