"""What does somebody see of a message, in Slack and in Teams? Read from what is sent, without the renderers' help."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.teams.judging import read

Json = dict[str, Any]

# Whom Slack calls by an element of its own, which shows no text that we could read.
SOMEBODY = "\u241f"
_MARKS = {"✅ ": "good", "⚠️ ": "warning", "🚨 ": "attention"}
# Slack's markup has no escapes for its marks, so look-alikes stand in for them.
_FOLDED = str.maketrans({"∗": "*", "ˋ": "`", "∼": "~", "ˍ": "_", "∶": ":", "›": ">", "\u2060": None, "\u00a0": " "})
_SLACK_DATE = re.compile(r"<!date\^(\d+)\^[^>]*>")
_SLACK_LINK = re.compile(r"<([a-z]+:[^|>]+)\|([^>]*)>")
_TEAMS_DATE = re.compile(r"\{\{DATE\(([^,)]+),SHORT\)\}\} \{\{TIME\(\1\)\}\}")
_TEAMS_LINK = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*\]\((https?://[^)]+)\)")
_TEAMS_CALL = re.compile(r"<at>(.*?)</at>")


@dataclass(slots=True)
class Seen:
    """A message as it is seen.

    Attributes:
        tone: The colour of its title.
        notified: What a notification says.
        lines: Titles, paragraphs, facts and small print.
        cells: What each row of a table says under each heading.
        curves: The points of each line of a chart, by its name.
        buttons: What stands on each, and what it asks for.
        links: Where they lead.
    """

    tone: str = "default"
    notified: str = ""
    lines: list[str] = field(default_factory=list)
    cells: list[tuple[str, str, str]] = field(default_factory=list)
    curves: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    links: set[str] = field(default_factory=set)


def folded(text: str) -> str:
    """`text` without what differs only in how it is kept from being markup."""
    return " ".join(text.translate(_FOLDED).split())


def in_slack(payload: Json) -> Seen:
    """A payload of Block Kit as it is seen."""
    seen = Seen(notified=folded(html.unescape(payload["text"])))
    for block in [*payload["blocks"], *(block for each in payload["attachments"] for block in each["blocks"])]:
        _read_block(block, seen)
    return seen


def _read_block(block: Json, seen: Seen) -> None:
    match block["type"]:
        case "header":
            title = block["text"]["text"]
            mark = next((mark for mark in _MARKS if title.startswith(mark)), "")
            seen.tone = _MARKS.get(mark, "default")
            seen.lines.append(folded(title.removeprefix(mark)))
        case "rich_text":
            for part in block["elements"]:
                _read_part(part, seen)
        case "section" | "context":
            for part in block.get("fields") or block["elements"]:
                is_markup = part["type"] == "mrkdwn"
                seen.lines.append(_mrkdwn(part["text"], seen.links) if is_markup else folded(part["text"]))
        case "table":
            seen.cells += _cells([[cell["text"] for cell in row] for row in block["rows"]])
        case "data_visualization":
            seen.lines.append(folded(block["title"]))
            for series in block["chart"]["series"]:
                points = [(folded(point["label"]), float(point["value"])) for point in series["data"]]
                seen.curves[folded(series["name"])] = points
        case "actions":
            seen.buttons += (button for element in block["elements"] for button in _pressed(element))
        case unknown:
            raise AssertionError(f"nobody reads {unknown} here")


def _read_part(part: Json, seen: Seen) -> None:
    if part["type"] == "rich_text_preformatted":
        # Slack takes one table in a message; a second one is in letters.
        seen.cells += _cells([re.split(" {2,}", line) for line in part["elements"][0]["text"].splitlines()])
    else:
        seen.lines.append(folded("".join(_element(each, seen.links) for each in part["elements"])))


def _pressed(element: Json) -> Iterator[tuple[str, str, str]]:
    for each in element["options"] if element["type"] == "overflow" else [element]:
        asked = json.loads(each["value"])
        yield folded(each["text"]["text"]), asked["verb"], asked["subject"]


def _element(element: Json, links: set[str]) -> str:
    match element["type"]:
        case "text":
            return str(element["text"])
        case "link":
            links.add(element["url"])
            return str(element["text"])
        case "date":
            return f"@{element['timestamp']}"
        case "user" | "usergroup" | "broadcast":
            return SOMEBODY
        case unknown:
            raise AssertionError(f"nobody reads {unknown} here")


def _mrkdwn(text: str, links: set[str]) -> str:
    links |= {html.unescape(address) for address, _ in _SLACK_LINK.findall(text)}
    text = _SLACK_LINK.sub(r"\2", _SLACK_DATE.sub(r"@\1", text))
    # What is left of these marks is markup: those of a text are look-alikes, but for stars within code.
    parts = [part if number % 2 else part.replace("*", "") for number, part in enumerate(text.split("`"))]
    return folded(html.unescape("".join(parts)))


def _cells(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    header, *rest = [[folded(cell) for cell in row] for row in rows]
    return [(row[0], name, cell) for row in rest for name, cell in zip(header[1:], row[1:], strict=True)] + [
        (row[0], header[0], row[0]) for row in rest
    ]


def in_teams(card: Json) -> Seen:
    """A card as it is seen."""
    seen = Seen(notified=folded(read(card["fallbackText"])))
    for element in card["body"]:
        _read_element(element, seen)
    for action in card.get("actions", []):
        asked = action["data"]
        seen.buttons.append((folded(action["title"]), action.get("verb") or asked["verb"], asked["subject"]))
    return seen


def _read_element(element: Json, seen: Seen) -> None:
    match element["type"]:
        case "Container":
            seen.tone = element["style"]
            for each in element["items"]:
                _read_element(each, seen)
        case "TextBlock":
            seen.lines.append(_markdown(element["text"], seen.links))
        case "RichTextBlock":
            runs = element["inlines"]
            seen.links |= {run["selectAction"]["url"] for run in runs if "selectAction" in run}
            seen.lines.append(folded(_dated("".join(run["text"] for run in runs))))
        case "FactSet":
            for fact in element["facts"]:
                pair = (_markdown(fact["title"], seen.links), _markdown(fact["value"], seen.links))
                seen.lines.append(folded(" ".join(pair)))
        case "Table":
            seen.cells += _grid(element)
        case "Chart.Line":
            seen.lines.append(folded(element["title"]))
            for line in element["data"]:
                seen.curves[folded(line["legend"])] = [(folded(p["x"]), float(p["y"])) for p in line["values"]]
        case unknown:
            raise AssertionError(f"nobody reads {unknown} here")


def _grid(table: Json) -> Iterator[tuple[str, str, str]]:
    """What stands where; what stands small below the first cell of a row is a column of its own."""
    rows = [
        [[_markdown(each["text"], set()) for each in cell["items"]] for cell in row["cells"]] for row in table["rows"]
    ]
    flat = [[row[0][0], *row[0][1:], *(cell[0] for cell in row[1:])] for row in rows]
    yield from _cells(flat)
    # A table that is too wide may be turned on its side.
    yield from _cells([list(column) for column in zip(*flat, strict=True)])


def _markdown(text: str, links: set[str]) -> str:
    links |= set(_TEAMS_LINK.findall(text))
    return folded(_TEAMS_CALL.sub(r"\1", read(_dated(text))))


def _dated(text: str) -> str:
    return _TEAMS_DATE.sub(lambda found: f"@{int(datetime.fromisoformat(found[1]).timestamp())}", text)
