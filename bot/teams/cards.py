"""How does a message look in Microsoft Teams?

`card` is total and pure: any `Message` gives an Adaptive Card within the limits of Teams, with everything from outside
shown as text.
"""

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, assert_never
from unicodedata import east_asian_width

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
    Tone,
    When,
)
from bot.messages.sparkline import BARS, GAP
from bot.teams.charts import line_charts
from bot.teams.fitting import smaller
from bot.teams.opening import opens_form
from bot.teams.plain import clean, escaped, local_time, safe_url

Json = dict[str, Any]

# A bot's message may have 100 KB in UTF-16, an incoming webhook's 28 KB; a card of 25 KB fits both.
# https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages
LARGEST = 25_000
# Newer schemas exist, but Teams promises 1.5; its charts are an extension of its own, each with a fallback in words.
# https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
VERSION = "1.5"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
# A table with more columns is too wide for a card; it is turned on its side where that makes it narrower, and what is
# still too wide goes on in another one below.
WIDE = 7
NOT_REPORTED = "–"

_STYLES = {Tone.NEUTRAL: "default", Tone.GOOD: "good", Tone.WARNING: "warning", Tone.CRITICAL: "attention"}
# In letters: how narrow and how wide a column may be beside others, and how wide a bar is.
_NARROWEST, _WIDEST = 4, 24
_BAR_WIDTH = 1.3
_BARS = frozenset(f"{BARS}{GAP}")
_NUMBERS = re.compile(r"[+−±-]?\d[\d,.]*(–\d[\d,.]*)?")
_LONGEST = 4000
_LONGEST_CALL = 100


def card(message: Message, *, private: bool = False) -> dict[str, Any]:
    """The message as an Adaptive Card: as much of it as fits, the rest counted.

    The buttons of one that is `private` say so when they are pressed, for Teams does not say who sees a message.
    """
    drawn: Json = {}
    for each in smaller(message):
        drawn = _card(each, private=private)
        if size(drawn) <= LARGEST:
            break
    return drawn


def is_whole(message: Message) -> bool:
    """Whether the card shows all of the message's blocks."""
    first = next(smaller(message))
    same = (first.title, first.summary, first.blocks) == (message.title, message.summary, message.blocks)
    return same and size(_card(first, private=False)) <= LARGEST


def size(drawn: Json) -> int:
    """The bytes of a card where every character that is not ASCII is written as an escape, which is the longest way."""
    return len(json.dumps(drawn, separators=(",", ":")))


def elements(blocks: Iterable[Block]) -> list[Json]:
    """The blocks as elements of a card."""
    return [element for block in blocks for element in _draw(block)]


def _card(message: Message, *, private: bool) -> Json:
    body = [*_head(message), *elements(message.blocks)]
    if not message.blocks:
        body += _runs((message.summary,))
    actions = [_action(button, private=private) for button in message.buttons]
    told = escaped(message.summary, _LONGEST) or escaped(message.title, _LONGEST)
    drawn: Json = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "full"} | _called(message.blocks),
        # What a client shows that cannot draw the card; what a screen reader reads.
        "fallbackText": told or NOT_REPORTED,
        "body": body or [_text(NOT_REPORTED)],
    }
    return drawn | {"actions": actions} if actions else drawn


def _head(message: Message) -> list[Json]:
    """The title on the colour of its tone. The colour repeats what the title says; it never says it alone."""
    title = escaped(message.title, _LONGEST)
    if not title:
        return []
    heading = _text(title, style="heading", size="Large", weight="Bolder")
    return [{"type": "Container", "style": _STYLES[message.tone], "bleed": True, "items": [heading]}]


def _called(blocks: Sequence[Block]) -> Json:
    """Whom the paragraphs call: Teams notifies each whose name stands in them just so.

    https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
    """
    spans = [span for block in blocks if isinstance(block, Paragraph) for span in block.spans]
    calls = [span for span in spans if isinstance(span, Call) and _is_called(span)]
    entities = [
        {"type": "mention", "text": _at(each), "mentioned": {"id": each.id, "name": _name(each)}}
        for each in dict.fromkeys(calls)
    ]
    return {"entities": entities} if entities else {}


def _is_called(span: Span) -> bool:
    return isinstance(span, Call) and span.platform == "teams" and bool(_name(span))


def _at(call: Call) -> str:
    return f"<at>{_name(call)}</at>"


def _name(call: Call) -> str:
    """The name as it may stand within the marks of a call: letters, digits and blanks, and what names have in them."""
    kept = "".join(c if c.isalnum() or c in " .'@-" else " " for c in clean(call.text, _LONGEST_CALL))
    return " ".join(kept.split())


def _draw(block: Block) -> list[Json]:
    match block:
        case Paragraph(spans=spans) if any(_is_called(span) for span in spans):
            # Runs call nobody; a text does.
            return [_text(_markdown(spans, calls=True))]
        case Paragraph(spans=spans):
            return _runs(spans)
        case Footnote(spans=spans):
            return _runs(spans, size="Small", isSubtle=True)
        case Facts(pairs=pairs):
            return _facts(pairs)
        case Table():
            return _table(block)
        case Chart():
            return _chart(block)
        case _:
            assert_never(block)


def _text(markdown: str, **look: Any) -> Json:
    """A block of text that is escaped already."""
    return {"type": "TextBlock", "text": markdown, "wrap": True, **look}


def _runs(spans: Iterable[Span], **look: Any) -> list[Json]:
    """Spans as runs, in which nothing is markup."""
    runs = [run for span in spans if (run := _run(span, look))]
    return [{"type": "RichTextBlock", "inlines": runs}] if any(run["text"].strip() for run in runs) else []


def _run(span: Span, look: Json) -> Json | None:
    match span:
        case str(text):
            more: Json = {}
        case Bold(text=text):
            more = {"weight": "Bolder"}
        case Code(text=text):
            more = {"fontType": "Monospace"}
        case Link(text=text, url=url):
            address = safe_url(url)
            more = {"selectAction": {"type": "Action.OpenUrl", "url": address}} if address else {}
        case When(at=at):
            return {"type": "TextRun", "text": local_time(at), **look}
        case Call(text=text):
            more = {}
        case _:
            assert_never(span)
    words = clean(text, _LONGEST)
    return {"type": "TextRun", "text": words, **look, **more} if words else None


def _facts(pairs: Sequence[tuple[str, tuple[Span, ...]]]) -> list[Json]:
    facts = [{"title": escaped(label, _LONGEST), "value": _markdown(spans)} for label, spans in pairs]
    return [{"type": "FactSet", "facts": facts}] if facts else []


def _markdown(spans: Iterable[Span], *, calls: bool = False) -> str:
    """Spans for a place that reads Markdown and knows no runs; only where `calls` is said does it call anybody."""
    parts: list[str] = []
    for span in spans:
        match span:
            case str(text):
                parts.append(_spaced(text))
            case When(at=at):
                parts.append(local_time(at))
            case Bold(text=text):
                words = escaped(text, _LONGEST)
                parts.append(f"**{words}**" if words else "")
            case Code(text=text):
                parts.append(escaped(text, _LONGEST))
            case Link(text=text, url=url):
                words, address = escaped(text, _LONGEST), safe_url(url)
                parts.append(f"[{words}]({address})" if words and address else words)
            case Call(text=text):
                parts.append(_at(span) if calls and _is_called(span) else escaped(text, _LONGEST))
            case _:
                assert_never(span)
    # Four blanks at the beginning of a line would make code of it.
    return "".join(parts).strip()


def _spaced(text: str) -> str:
    """Escaped text that keeps a space at either end, because it stands between others."""
    words = escaped(text, _LONGEST)
    if not words:
        return " " if text else ""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{words}{after}"


def _table(table: Table) -> list[Json]:
    caption = _runs((Bold(table.caption),))
    if not table.header:
        return caption
    width = len(table.header)
    rows: list[tuple[Cell, ...]] = [(*row[:width], *[None] * (width - len(row))) for row in table.rows]
    lines: list[tuple[Cell, ...]] = [table.header, *rows]
    if width > WIDE and len(lines) < width:
        lines = list(zip(*lines, strict=True))
    return [*caption, *(_grid(part) for part in _parted(lines))]


def _parted(lines: Sequence[tuple[Cell, ...]]) -> list[list[tuple[Cell, ...]]]:
    """The table in parts that fit beside their first column, each about as wide as the others."""
    first, *others = zip(*lines, strict=True)
    # Bars stand below the first column and take no room of their own.
    room = WIDE if any(_is_bars(cells[1:]) for cells in others) else WIDE - 1
    parts = max(1, math.ceil(len(others) / room))
    size = math.ceil(len(others) / parts)
    return [list(zip(first, *others[part * size : (part + 1) * size], strict=True)) for part in range(parts)]


def _grid(lines: Sequence[tuple[Cell, ...]]) -> Json:
    columns = list(zip(*lines, strict=True))
    # A card is narrow, and bars in a column of their own would wrap: they stand below the name that they belong to.
    below = next((number for number, cells in enumerate(columns) if number and _is_bars(cells[1:])), None)
    beside = [number for number in range(len(columns)) if number != below]
    defined: list[Json] = []
    for number in beside:
        right = {"horizontalCellContentAlignment": "Right"} if number and _is_numeric(columns[number][1:]) else {}
        bars = 0 if number or below is None else round(_BAR_WIDTH * max(map(_wide, columns[below][1:])))
        defined.append({"width": max(_wanted(columns[number]), bars), **right})
    rows: list[Json] = []
    for number, line in enumerate(lines):
        bold: Json = {} if number else {"weight": "Bolder"}
        cells = [{"type": "TableCell", "items": [_text(_cell(line[place]), **bold)]} for place in beside]
        if below is not None:
            cells[0]["items"] = [*cells[0]["items"], _under(line[below])]
        rows.append({"type": "TableRow", "cells": cells})
    return {"type": "Table", "columns": defined, "showGridLines": False, "rows": rows}


def _under(cell: Cell) -> Json:
    """What stands small below another cell. Half a line of bars below the other half would tell nothing."""
    return _text(_cell(cell), size="Small", isSubtle=True, spacing="None") | {"wrap": not _is_bars((cell,))}


def _is_bars(cells: Sequence[Cell]) -> bool:
    return any(cells) and all(cell is None or (isinstance(cell, str) and set(cell) <= _BARS) for cell in cells)


def _is_numeric(cells: Sequence[Cell]) -> bool:
    """Whether a column is of numbers, such as 3, +12 and 4–120, and has one."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return any(cell is not None for cell in cells) and all(map(_NUMBERS.fullmatch, texts))


def _wanted(cells: Sequence[Cell]) -> int:
    """How wide a column should be beside others: as its longest word, or cell where that is short."""
    header, *rest = cells
    words = max((_wide(word) for word in str(header or "").split()), default=1)
    return min(max(words, _NARROWEST, *(_wide(cell) for cell in rest)), _WIDEST)


def _wide(cell: Cell) -> int:
    """The width of a cell in letters; Chinese takes twice as much."""
    text = clean(cell, _LONGEST_CALL) if isinstance(cell, str) else _cell(cell)
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return NOT_REPORTED
        case int(number):
            # Python refuses to write out numbers of thousands of digits; nobody could read them either.
            if abs(number) < 10**60:
                return f"{number:,}".replace("-", "−")
            return _("more than 10^{power}", power=60 if number > 0 else -60)
        case str(text):
            return escaped(text, _LONGEST) or NOT_REPORTED


def _chart(chart: Chart) -> list[Json]:
    """The charts of Teams, their title where a client draws none, and below in words what they show."""
    title = _runs((Bold(chart.title),), size="Small")
    drawn = line_charts(chart, title[0] if title else None)
    return [*(drawn or title), *_runs((chart.summary,), size="Small", isSubtle=True)]


def _action(button: Button, *, private: bool) -> Json:
    """A button that asks the bot; a verb must be there, or Teams never asks."""
    carried: Json = {"subject": button.subject} | ({"private": True} if private else {})
    title = clean(button.label, 80).strip() or button.verb.value
    drawn: Json = {"type": "Action.Execute", "title": title, "verb": button.verb.value, "data": carried}
    if opens_form(button):
        # https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
        opening = {"msteams": {"type": "task/fetch"}, "verb": button.verb.value}
        drawn = {"type": "Action.Submit", "title": title, "data": opening | carried}
    match button.look:
        case Look.PLAIN:
            return drawn
        case Look.PRIMARY:
            return drawn | {"style": "positive"}
        case Look.DANGER:
            return drawn | {"style": "destructive"}
        case Look.TUCKED:
            # https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/action-execute (mode, since 1.5)
            return drawn | {"mode": "secondary"}
        case look:
            assert_never(look)
