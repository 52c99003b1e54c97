"""Would Teams take this card, and is everything in it text? Its rules once more, without the renderer's help."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator
from markdown_it import MarkdownIt

Json = dict[str, Any]

SCHEMA = Path(__file__).parent / "schemas" / "adaptive-card-1.5.0.schema.json"
LARGEST = 25_000
_FUNCTION = re.compile(
    r"\{\{(?:DATE\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,SHORT\)|TIME\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\))\}\}"
)
_UNSEEN = re.compile("[\x00-\x1f\x7f\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKDOWN = MarkdownIt("commonmark")

_CHART = {"type", "title", "colorSet", "data", "fallback"}
_LINE = {"legend", "values"}
_POINT = {"x", "y"}
# Only whom an entity names is called; elsewhere the mark is escaped, or stands in a run, where it is text.
_CALL = re.compile(r"(?<!\\)<at>[^<]*</at>")


@cache
def _validator() -> Draft6Validator:
    return Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def judge(card: Json) -> None:
    """Raise an `AssertionError` at the first thing that Teams would refuse, or read as markup or a function."""
    assert len(json.dumps(card, separators=(",", ":"))) <= LARGEST
    json.dumps(card, allow_nan=False)
    assert card["version"] == "1.5"
    assert set(card["msteams"]) <= {"width", "entities"}
    assert card["msteams"]["width"] == "full"
    entities = card["msteams"].get("entities", [])
    assert all(
        each["mentioned"]["name"] and each["text"] == f"<at>{each['mentioned']['name']}</at>" for each in entities
    )
    called = {found for text in markdown_texts(card) for found in _CALL.findall(text)}
    assert called == {each["text"] for each in entities}
    assert card["fallbackText"].strip()
    assert card["body"]
    for element in nodes(card):
        _judge_element(element)
    for text in texts(card):
        assert not _UNSEEN.search(text), repr(text)
        assert "{{" not in _FUNCTION.sub("", text), repr(text)
    assert errors_of(card) == []


def errors_of(card: Json) -> list[str]:
    """What the published schema finds wrong."""
    return [error.message for error in _validator().iter_errors(without_extensions(card))]


def without_extensions(card: Json) -> Json:
    """The card as a client without charts sees it: each chart is its fallback. The schema knows neither."""
    plain: Json = _fallen_back({key: value for key, value in card.items() if key != "msteams"})
    return plain


def _fallen_back(part: Any) -> Any:
    match part:
        case {"type": str(kind), "fallback": fallback} if kind.startswith("Chart."):
            return _fallen_back(fallback)
        case dict():
            return {key: _fallen_back(value) for key, value in part.items()}
        case list():
            return [_fallen_back(each) for each in part if not _is_dropped(each)]
        case _:
            return part


def _is_dropped(part: Any) -> bool:
    return isinstance(part, dict) and str(part.get("type")).startswith("Chart.") and part.get("fallback") == "drop"


def _judge_element(element: Json) -> None:
    match element["type"]:
        case "Chart.Line":
            _judge_chart(element)
        case "Action.Execute":
            # Without a verb Teams never asks the bot, and says nothing.
            assert element["verb"]
            assert element["title"].strip()
            assert isinstance(element["data"]["subject"], str)
        case "Action.OpenUrl":
            assert re.match(r"https://[^\s]+$|http://(localhost|127\.)", element["url"])
        case "Table":
            assert {len(row["cells"]) for row in element["rows"]} == {len(element["columns"])}
        case "RichTextBlock":
            assert element["inlines"]
        case _:
            pass


def _judge_chart(chart: Json) -> None:
    """https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards."""
    assert set(chart) == _CHART
    assert chart["data"]
    for line in chart["data"]:
        assert set(line) == _LINE
        assert isinstance(line["legend"], str)
        assert line["values"]
        for point in line["values"]:
            assert set(point) == _POINT
            assert isinstance(point["x"], str)
            assert isinstance(point["y"], int | float)


def nodes(part: Any) -> Iterator[Json]:
    """Every element of a card; what a button carries is none."""
    match part:
        case dict():
            if "type" in part:
                yield part
            for key, value in part.items():
                if key != "data" or part.get("type", "").startswith("Chart."):
                    yield from nodes(value)
        case list():
            for each in part:
                yield from nodes(each)
        case _:
            pass


def texts(card: Json) -> Iterator[str]:
    """Everything that is shown as letters."""
    yield from markdown_texts(card)
    for element in nodes(card):
        match element:
            case {"type": "TextRun", "text": text}:
                yield text
            case {"type": "Action.Execute", "title": title}:
                yield title
            case {"type": "Chart.Line", "title": title, "data": data}:
                yield title
                yield from (line["legend"] for line in data)
                yield from (point["x"] for line in data for point in line["values"])
            case _:
                pass


def markdown_texts(card: Json) -> Iterator[str]:
    """What Teams reads as Markdown."""
    yield card["fallbackText"]
    for element in nodes(card):
        match element:
            case {"type": "TextBlock", "text": text}:
                yield text
            case {"type": "FactSet", "facts": facts}:
                yield from (part for fact in facts for part in (fact["title"], fact["value"]))
            case _:
                pass


def marks(markdown: str) -> set[str]:
    """Which kinds of markup a Markdown reader finds in a text."""
    found: set[str] = set()
    for token in _MARKDOWN.parse(markdown):
        found |= {token.type, *(child.type for child in token.children or ())}
    return found - {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


def read(markdown: str) -> str:
    """What a reader sees of a Markdown text."""
    return "".join(child.content for token in _MARKDOWN.parse(markdown) for child in (token.children or ()))
