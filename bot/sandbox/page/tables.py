"""How do the `table` and `data_table` blocks look?

https://docs.slack.dev/reference/block-kit/blocks/table-block
https://docs.slack.dev/reference/block-kit/blocks/data-table-block
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.page.names import Names
from bot.sandbox.page.richtext import rich_text
from bot.sandbox.page.shapes import Json, items
from bot.sandbox.page.tags import Html, escaped, tag

_ALIGNED = {"left", "center", "right"}


def table(block: Json, names: Names) -> Html:
    """A plain table: its first row is the head."""
    rows = _rows(block)
    settings = [each if isinstance(each, dict) else {} for each in items(block.get("column_settings"))]
    return _scrolling(_drawn(rows, settings, names), "Table")


def data_table(block: Json, names: Names) -> Html:
    """A table with a caption, of which the script shows a page at a time and sorts by column."""
    rows = _rows(block)
    caption = str(block.get("caption") or "Table")
    columns = max((len(row) for row in rows), default=0)
    settings = [{"align": "right"} if _numeric(rows[1:], column) else {} for column in range(columns)]
    size = block.get("page_size")
    drawn = _drawn(
        rows,
        settings,
        names,
        caption=caption,
        page_size=size if isinstance(size, int) else 5,
        named_by=block.get("row_header_column_index", 0),
    )
    return _scrolling(drawn, caption)


def _rows(block: Json) -> list[list[Any]]:
    return [row for row in items(block.get("rows")) if isinstance(row, list)]


def _numeric(rows: list[list[Any]], column: int) -> bool:
    cells = [row[column] for row in rows if column < len(row)]
    return bool(cells) and all(isinstance(cell, dict) and cell.get("type") == "raw_number" for cell in cells)


def _scrolling(drawn: Html, label: str) -> Html:
    return tag("div", drawn, class_="table-scroll", tabindex=0, role="region", aria_label=label)


def _drawn(
    rows: list[list[Any]],
    settings: list[Json],
    names: Names,
    *,
    caption: str | None = None,
    page_size: int | None = None,
    named_by: object = 0,
) -> Html:
    def row(cells: list[Any], *, is_head: bool) -> Html:
        return tag("tr", *(cell(each, place, is_head=is_head) for place, each in enumerate(cells)))

    def cell(content: Any, place: int, *, is_head: bool) -> Html:
        setting = settings[place] if place < len(settings) else {}
        align = setting.get("align")
        classes = [f"to-{align}"] if align in _ALIGNED else []
        classes += ["wraps"] if setting.get("is_wrapped") else []
        is_name = is_head or place == named_by
        return tag(
            "th" if is_name else "td",
            _content(content, names),
            class_=" ".join(classes) or None,
            scope=("col" if is_head else "row") if is_name else None,
            data_number=_number(content),
        )

    head = tag("thead", row(rows[0], is_head=True)) if rows else None
    body = tag("tbody", *(row(each, is_head=False) for each in rows[1:]))
    title = tag("caption", caption) if caption else None
    return tag("table", title, head, body, class_="cells", data_page_size=page_size)


def _number(cell: Any) -> str | None:
    match cell:
        case {"type": "raw_number", "value": (int() | float()) as value}:
            return f"{value:g}" if isinstance(value, float) else str(value)
        case _:
            return None


def _content(cell: Any, names: Names) -> Html:
    match cell:
        case {"type": "rich_text"}:
            return rich_text(cell, names)
        case {"type": "raw_number"}:
            return escaped(str(cell.get("text") or _number(cell) or ""))
        case {"text": str(text)}:
            return escaped(text)
        case _:
            return Html()
