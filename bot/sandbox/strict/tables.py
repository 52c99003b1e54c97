"""What may a table or a data_table hold?

https://docs.slack.dev/reference/block-kit/blocks/table-block
https://docs.slack.dev/reference/block-kit/blocks/data-table-block
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.strict.rich_text import RICH_TEXT, letters
from bot.sandbox.strict.shape import (
    Problem,
    anything,
    boolean,
    by_type,
    items,
    number,
    one_of,
    shape,
    string,
    whole,
)

TABLE_LETTERS = 10_000
DATA_TABLE_LETTERS = 20_000

_CELLS = {
    "raw_text": shape({"type": anything, "text": string()}),
    "raw_number": shape({"type": anything, "value": number}, {"text": string()}),
    "rich_text": RICH_TEXT,
}
_CELL = by_type(_CELLS)
_PLAIN_CELL = by_type(_CELLS, frozenset({"raw_text", "raw_number"}))
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def cell_letters(block: Any) -> int:
    """How many characters all cells of a table have together."""
    count = 0
    for cell in (cell for row in block["rows"] for cell in row):
        match cell["type"]:
            case "raw_text":
                count += len(cell["text"])
            case "raw_number":
                count += len(cell.get("text") or str(cell["value"]))
            case _:
                count += sum(map(len, letters(cell)))
    return count


def _column(value: Any, at: str) -> Iterator[Problem]:
    if value is not None:
        yield from _COLUMN(value, at)


def _not_too_long(most: int, value: Any, at: str) -> Iterator[Problem]:
    if (got := cell_letters(value)) > most:
        yield Problem(
            f"cells must have less than {most + 1} characters in all", f"{at}/rows", "max_length", {"got": got}
        )


def _table_fits(value: Any, at: str) -> Iterator[Problem]:
    yield from _not_too_long(TABLE_LETTERS, value, at)


def _data_table_fits(value: Any, at: str) -> Iterator[Problem]:
    yield from _not_too_long(DATA_TABLE_LETTERS, value, at)
    rows = value["rows"]
    for at_row, row in enumerate(rows):
        if len(row) != len(rows[0]):
            yield Problem("all rows must have the same number of cells", f"{at}/rows/{at_row}", "row_length")
    for at_cell, cell in enumerate(rows[0]):
        yield from _PLAIN_CELL(cell, f"{at}/rows/0/{at_cell}")
    if value.get("row_header_column_index", 0) >= len(rows[0]):
        yield Problem("must be a column of the table", f"{at}/row_header_column_index", "maximum")


TABLE = shape(
    {"type": anything, "rows": items(items(_CELL, 20), 100)},
    {"block_id": string(255), "column_settings": items(_column, 20, least=0)},
    _table_fits,
)
DATA_TABLE = shape(
    {"type": anything, "caption": string(), "rows": items(items(_CELL, 20), 201, least=2)},
    {"block_id": string(255), "page_size": whole(1, 100), "row_header_column_index": whole(0)},
    _data_table_fits,
)
