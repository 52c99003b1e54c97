"""How does a `markdown` block look? The usual Markdown, without any HTML of its own.

https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.sandbox.page import emoji
from bot.sandbox.page.markup import anchor
from bot.sandbox.page.names import Names, safe_link
from bot.sandbox.page.tags import Html, escaped, joined, tag

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(r"(\s*)(?:([-*+])|(\d{1,9})[.)])\s+(.*)")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_SPAN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\]\n]{1,1000})\]\((?P<address>[^()\s]{1,3000})\)"
    r"|\*\*(?P<bold>[^*\n]+(?:\*[^*\n]+\*[^*\n]*)*)\*\*|__(?P<bold2>[^_\n]+)__"
    r"|~~(?P<strike>[^~\n]+)~~"
    r"|(?<![\w*])\*(?P<italic>[^*\s\n](?:[^*\n]*[^*\s])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic2>[^_\s\n](?:[^_\n]*[^_\s])?)_(?![\w_])"
    r"|:(?P<emoji>[a-z0-9_+'-]{1,60}):"
    r"|(?P<bare>https?://[^\s<>()]+[^\s<>().,:;!?])"
)


def markdown(text: str, names: Names) -> Html:
    """The block's text drawn."""
    return tag("div", *_blocks(text.replace("\r\n", "\n").split("\n"), names, 0), class_="markdown")


def _blocks(lines: list[str], names: Names, depth: int) -> Iterator[Html]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.lstrip().startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().startswith("```")), len(lines))
            yield tag("pre", tag("code", "\n".join(lines[at + 1 : end])))
            at = end + 1
        elif heading := _HEADING.match(line):
            yield tag(f"h{min(6, len(heading[1]) + 2)}", _spans(heading[2], names))
            at += 1
        elif _RULE.match(line):
            yield tag("hr")
            at += 1
        elif line.startswith(">") and depth < 5:
            end = _while(lines, at, lambda each: each.startswith(">"))
            inner = [each[1:].removeprefix(" ") for each in lines[at:end]]
            yield tag("blockquote", *_blocks(inner, names, depth + 1))
            at = end
        elif _ITEM.match(line):
            end = _while(lines, at, lambda each: bool(_ITEM.match(each)))
            yield _list(lines[at:end], names)
            at = end
        elif "|" in line and at + 1 < len(lines) and "|" in lines[at + 1] and _TABLE_RULE.match(lines[at + 1]):
            end = _while(lines, at, lambda each: "|" in each)
            yield _table(lines[at:end], names)
            at = end
        else:
            end = _while(lines, at + 1, _is_paragraph) if at + 1 < len(lines) else at + 1
            yield tag("p", Html("<br>".join(_spans(each, names) for each in lines[at:end])))
            at = end


def _while(lines: list[str], start: int, goes_on: Callable[[str], bool]) -> int:
    return next((n for n in range(start, len(lines)) if not goes_on(lines[n])), len(lines))


def _is_paragraph(line: str) -> bool:
    starts_other = line.startswith((">", "```")) or _HEADING.match(line) or _ITEM.match(line) or _RULE.match(line)
    return bool(line.strip()) and not starts_other


def _list(lines: list[str], names: Names) -> Html:
    parts: list[Html] = []
    for line in lines:
        found = _ITEM.match(line)
        if found is None:
            continue
        level = min(8, len(found[1].expandtabs(4)) // 2)
        item = tag("li", _spans(found[4], names))
        if found[3]:
            parts.append(tag("ol", item, start=int(found[3]), class_=f"indent-{level}"))
        else:
            parts.append(tag("ul", item, class_=f"indent-{level}"))
    return joined(parts)


def _table(lines: list[str], names: Names) -> Html:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    aligned = [_alignment(cell) for cell in rows[1]]

    def drawn(cells: list[str], name: str) -> Html:
        sides = [*aligned, *[None] * len(cells)]
        return tag(
            "tr", *(tag(name, _spans(cell.replace("\\|", "|"), names), class_=sides[n]) for n, cell in enumerate(cells))
        )

    head, body = tag("thead", drawn(rows[0], "th")), tag("tbody", *(drawn(row, "td") for row in rows[2:]))
    table = tag("table", head, body, class_="cells")
    return tag("div", table, class_="table-scroll", tabindex=0, role="region", aria_label="Table")


def _alignment(rule: str) -> str | None:
    match rule.startswith(":"), rule.endswith(":"):
        case True, True:
            return "to-center"
        case False, True:
            return "to-right"
        case _:
            return None


def _spans(text: str, names: Names) -> Html:
    parts: list[str] = []
    position = 0
    for found in _SPAN.finditer(text):
        parts += [text[position : found.start()], _span(found, names)]
        position = found.end()
    return joined([*parts, text[position:]])


def _span(found: re.Match[str], names: Names) -> Html:
    kind = str(found.lastgroup)
    match kind:
        case "code":
            return tag("code", found["code"])
        case "address":
            drawn = _spans(found["label"], names)
            return anchor(found["address"], drawn) if safe_link(found["address"]) else escaped(found[0])
        case "bold" | "bold2":
            return tag("b", _spans(found[kind], names))
        case "italic" | "italic2":
            return tag("i", _spans(found[kind], names))
        case "strike":
            return tag("s", _spans(found["strike"], names))
        case "emoji":
            return emoji.emoji(found["emoji"])
        case _:
            return anchor(found[0], found[0]) if safe_link(found[0]) else escaped(found[0])
