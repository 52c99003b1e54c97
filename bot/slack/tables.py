"""How is a table drawn in Slack, natively and where the native block is refused?"""

import unicodedata
from collections.abc import Sequence

from bot.core.language import _, _n
from bot.messages.model import Bold, Cell, Table
from bot.slack import limits
from bot.slack.text import Json, cut, literal, one_line, rich_elements

NOT_REPORTED = "–"
# Slack refuses a cell without text.
_NOTHING = "\u00a0"
_CELL = 200
_CAPTION = 300
# Columns of a plain table: wider ones wrap on a phone anyway.
_PLAIN_CELL = 24
# What Slack's desktop client shows of fixed-width text without wrapping it, and rows that fit side by side into that.
_WIDE = 72
_FEW_ROWS = 5


def native_table(table: Table) -> list[Json]:
    """A caption, the `table` block, and how much of it did not fit."""
    width = min(len(table.header), limits.TABLE_COLUMNS)
    if not width:
        return caption(table.caption)
    columns = table.header[:width]
    rows: list[list[Json]] = [[_words(name) for name in columns]]
    left = limits.TABLE_CHARACTERS - sum(len(cell["text"]) for cell in rows[0])
    for row in table.rows[: limits.TABLE_ROWS - 1]:
        cells = [_cell(cell) for cell in _padded(row, width)]
        left -= sum(len(cell["text"]) for cell in cells)
        if left < 0:
            break
        rows.append(cells)
    settings = [_setting(table, column) for column in range(width)]
    block: Json = {"type": "table", "rows": rows, "column_settings": settings}
    return [*caption(table.caption), block, *_more(len(table.rows) - len(rows) + 1, len(table.header) - width)]


def plain_table(table: Table) -> list[Json]:
    """The same in letters of one width."""
    width = min(len(table.header), limits.TABLE_COLUMNS)
    if not width:
        return caption(table.caption)
    texts = [[_narrow(name) for name in table.header[:width]]]
    texts += [[_narrow(_shown(cell)) for cell in _padded(row, width)] for row in table.rows]
    numeric = [_is_numeric(table, column) for column in range(width)]
    drawn = _aligned(texts, numeric)
    if columns_of(drawn[0]) > _WIDE and len(texts) <= _FEW_ROWS and all(numeric[1:]):
        # Many columns and few rows: turned round it needs no more width than a phone has.
        drawn = _aligned([list(column) for column in zip(*texts, strict=True)], [False] + [True] * (len(texts) - 1))
    lines = _as_many_as_fit(drawn, limits.TEXT_OBJECT)
    text = "\n".join(lines)
    shown = [preformatted(text)] if text.strip() else []
    return [*caption(table.caption), *shown, *_more(len(drawn) - len(lines), len(table.header) - width)]


def _aligned(texts: Sequence[Sequence[str]], numeric: Sequence[bool]) -> list[str]:
    columns = range(len(texts[0]))
    widths = [max(columns_of(row[column]) for row in texts) for column in columns]
    return ["  ".join(padded(row[i], widths[i], right=numeric[i]) for i in columns).rstrip() for row in texts]


def _as_many_as_fit(lines: Sequence[str], limit: int) -> list[str]:
    fitting: list[str] = []
    for line in lines:
        limit -= len(line) + 1
        if limit < 0:
            break
        fitting.append(line)
    return fitting


def preformatted(text: str) -> Json:
    """Lines in letters of one width; nothing in them can end the block."""
    element = {"type": "text", "text": literal(text, limits.TEXT_OBJECT)}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [element]}]}


def caption(text: str) -> list[Json]:
    """A line above a table or a chart, if there is anything to say."""
    elements = rich_elements((Bold(one_line(text)),), _CAPTION)
    return (
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}] if elements else []
    )


def columns_of(text: str) -> int:
    """How wide `text` is in a fixed-width font: Chinese characters take two columns, accents none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text
    )


def padded(text: str, width: int, *, right: bool) -> str:
    """`text` brought to `width` columns."""
    room = " " * max(width - columns_of(text), 0)
    return room + text if right else text + room


def small(text: str) -> Json:
    """A line of small print without any formatting."""
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": literal(text, _CAPTION * 4), "emoji": False}],
    }


def _more(rows: int, columns: int) -> list[Json]:
    missing = []
    if rows > 0:
        missing.append(_n("+{number:,} more row", "+{number:,} more rows", rows))
    if columns > 0:
        missing.append(_n("+{number:,} more column", "+{number:,} more columns", columns))
    return [small(" · ".join(missing))] if missing else []


def _padded(row: Sequence[Cell], width: int) -> list[Cell]:
    return [*row[:width], *[None] * (width - len(row))]


def _is_numeric(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if column < len(row)]
    return any(isinstance(cell, int) for cell in cells) and not any(isinstance(cell, str) for cell in cells)


def _setting(table: Table, column: int) -> Json:
    """Numbers to the right; a text is wrapped only where it is long, so that short names stay on one line."""
    if _is_numeric(table, column):
        return {"align": "right"}
    cells = [row[column] for row in table.rows if column < len(row)]
    longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
    return {"align": "left", "is_wrapped": longest > _PLAIN_CELL}


def _cell(cell: Cell) -> Json:
    if isinstance(cell, int) and abs(cell) <= limits.EXACT_INTEGER:
        return {"type": "raw_number", "value": int(cell), "text": f"{cell:,}"}
    return _words(_shown(cell))


def _words(text: str) -> Json:
    return {"type": "raw_text", "text": literal(one_line(text), _CELL) or _NOTHING}


def _narrow(text: str) -> str:
    return cut(one_line(text), _PLAIN_CELL)


def _shown(cell: Cell) -> str:
    match cell:
        case None:
            return NOT_REPORTED
        case int(number):
            # Python refuses to write out numbers of thousands of digits; nobody could read them either.
            if abs(number) < 10**60:
                return f"{number:,}"
            return _("more than 10^{power}", power=60 if number > 0 else -60)
        case str(text):
            return text
