"""How does text look on a card and in a message of Teams? The subset of Markdown that Teams knows, and local times.

https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.sandbox.page.markup import anchor, moment
from bot.sandbox.page.names import safe_link
from bot.sandbox.page.tags import Html, escaped, joined, tag

_MOMENT = re.compile(r"\{\{(DATE|TIME)\(([^(){},]{1,40})(?:, ?(COMPACT|SHORT|LONG))?\)\}\}")
_FORMS = {"COMPACT": "{date_slash}", "SHORT": "{date_weekday}", "LONG": "{date_weekday_long}"}
_AT = re.compile(r"<at(?: [^<>]*)?>([^<>]{1,200})</at>")
_BULLET = re.compile(r"^\s{0,8}[-*+]\s+(.*)$")
_NUMBER = re.compile(r"^\s{0,8}(\d{1,9})\.\s+(.*)$")
_SPAN = re.compile(
    r"\\(?P<escape>[!-/:-@\[-`{-~])"
    r"|\[(?P<label>(?:\\.|[^\[\]\\])+)\]\((?P<address>[^()\s]+)\)"
    r"|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*"
    r"|__(?P<bold2>(?:\\.|[^_\\])+)__"
    r"|\*(?P<italic>(?:\\.|[^*\\\s])(?:\\.|[^*\\])*)\*"
    r"|(?<!\w)_(?P<italic2>(?:\\.|[^_\\\s])(?:\\.|[^_\\])*)_(?!\w)"
)


def markdown(text: str) -> Html:
    """Text of a TextBlock or a fact: emphasis, links, lists, dates; headings, tables, HTML and code are only text."""
    parts: list[Html] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if found := _BULLET.match(line):
            parts.append(tag("ul", tag("li", _spans(found[1]))))
        elif found := _NUMBER.match(line):
            parts.append(tag("ol", tag("li", _spans(found[2])), start=int(found[1])))
        else:
            if parts and not parts[-1].endswith(("</ul>", "</ol>")):
                parts.append(tag("br"))
            parts.append(_spans(line))
    return joined(parts)


def run(text: str) -> Html:
    """Text of a TextRun: no markup, but dates."""
    return Html(_dated(text).replace("\n", "<br>"))


def message(text: str, form: str) -> Html:
    """Text of a message, in which people are mentioned."""
    parts: list[str] = []
    position = 0
    draw = _plain if form == "plain" else markdown
    for found in _AT.finditer(text):
        parts += [draw(text[position : found.start()]), tag("span", found[1], class_="mention")]
        position = found.end()
    return joined([*parts, draw(text[position:])])


def _plain(text: str) -> Html:
    return Html(escaped(text).replace("\n", "<br>"))


def _spans(text: str) -> Html:
    parts: list[str] = []
    position = 0
    for found in _SPAN.finditer(text):
        parts += [_dated(text[position : found.start()]), _span(found)]
        position = found.end()
    return joined([*parts, _dated(text[position:])])


def _span(found: re.Match[str]) -> Html:
    kind = str(found.lastgroup)
    match kind:
        case "escape":
            return escaped(found["escape"])
        case "address":
            address = safe_link(found["address"])
            label = _spans(found["label"])
            return anchor(address, label) if address else label
        case "bold" | "bold2":
            return tag("b", _spans(found[kind]))
        case _:
            return tag("i", _spans(found[kind]))


def _dated(text: str) -> Html:
    """Dates in the reader's own time; a date nobody can read stays as it is written."""
    parts: list[str] = []
    position = 0
    for found in _MOMENT.finditer(text):
        at = _read(found[2])
        if at is None:
            continue
        form = "{time}" if found[1] == "TIME" else _FORMS[found[3] or "COMPACT"]
        fallback = f"{at:%H:%M}" if found[1] == "TIME" else f"{at:%Y-%m-%d}"
        parts += [text[position : found.start()], moment(int(at.timestamp()), form, fallback)]
        position = found.end()
    return joined([*parts, text[position:]])


def _read(text: str) -> datetime | None:
    """Teams takes `2017-02-14T06:08:39Z` and offsets in hours and minutes, nothing else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", text.strip()):
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        return at if at.timestamp() >= 0 else None
    except (ValueError, OverflowError, OSError):
        return None
