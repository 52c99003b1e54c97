"""Would Slack take this payload? Its limits once more, written down without the renderer's help."""

import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock

Json = dict[str, Any]

# What the SDK has classes for; it has none for the chart.
KNOWN_TO_THE_SDK = {"header", "section", "context", "divider", "actions", "rich_text", "table"}
# Whom messages of the tests call on purpose; nothing else ever calls anybody.
CALLS: list[Json] = [
    {"type": "user", "user_id": "U0123ABCD"},
    {"type": "usergroup", "usergroup_id": "S0123ABCD"},
    {"type": "broadcast", "range": "here"},
]
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_CONTROL = re.compile(r"<(?!(?:!date\^-?\d+\^[^<>|]*\||https?://)[^<>]*>)")


def judge(payload: Json) -> None:
    """Raise an `AssertionError` at the first thing that Slack would refuse, or read as markup by mistake."""
    assert set(payload) == {"text", "blocks", "attachments"}
    assert 0 < len(payload["text"]) <= 4000
    assert not _ENTITY.search(payload["text"])
    assert "<" not in payload["text"]
    assert ">" not in payload["text"]
    blocks = list(all_blocks(payload))
    assert 0 < len(blocks) <= 50
    assert len(payload["attachments"]) <= 1
    for attachment in payload["attachments"]:
        assert re.fullmatch(r"#[0-9A-F]{6}", attachment["color"])
        assert attachment["blocks"]
    for block in blocks:
        if block["type"] in KNOWN_TO_THE_SDK:
            parsed = SlackBlock.parse(block)
            assert parsed is not None
            parsed.validate_json()
        _judge_block(block)
    assert sum(block["type"] == "data_visualization" for block in payload["blocks"]) <= 2
    assert not any(b["type"] == "data_visualization" for a in payload["attachments"] for b in a["blocks"])
    assert sum(block["type"] == "table" for block in blocks) <= 1
    ids = [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]
    assert len(ids) == len(set(ids))


def all_blocks(payload: Json) -> Iterator[Json]:
    yield from payload["blocks"]
    for attachment in payload["attachments"]:
        yield from attachment["blocks"]


def texts(part: Any) -> Iterator[str]:
    """Every string in a payload, keys left out."""
    match part:
        case str():
            yield part
        case dict():
            for value in part.values():
                yield from texts(value)
        case list():
            for value in part:
                yield from texts(value)
        case _:
            return


def _judge_block(block: Json) -> None:
    match block["type"]:
        case "header":
            assert 0 < len(block["text"]["text"]) <= 150
            assert block["text"]["type"] == "plain_text"
        case "section":
            assert 0 < len(block["fields"]) <= 10
            for field in block["fields"]:
                _judge_text(field, 2000)
        case "context":
            assert 0 < len(block["elements"]) <= 10
            for element in block["elements"]:
                _judge_text(element, 3000)
        case "actions":
            assert 0 < len(block["elements"]) <= 25
            _judge_buttons(block["elements"])
        case "rich_text":
            assert {section["type"] for section in block["elements"]} <= {"rich_text_section", "rich_text_preformatted"}
            _judge_elements([section["elements"] for section in block["elements"]])
        case "table":
            _judge_table(block)
        case "data_visualization":
            _judge_chart(block)
        case other:
            raise AssertionError(f"Slack knows no block {other!r}, or we never meant to use it")


def _judge_buttons(buttons: list[Json]) -> None:
    for button in buttons:
        if button["type"] == "overflow":
            assert 1 <= len(button["options"]) <= 5
            assert all(0 < len(o["value"]) <= 150 and 0 < len(o["text"]["text"]) <= 75 for o in button["options"])
            continue
        assert 0 < len(button["text"]["text"]) <= 75
        assert 0 < len(button["action_id"]) <= 255
        assert 0 < len(button["value"]) <= 2000
        assert button.get("style", "primary") in {"primary", "danger"}


def _judge_elements(sections: list[list[Json]]) -> None:
    for section in sections:
        assert section
        for element in section:
            _judge_element(element)


def _judge_text(text: Json, limit: int) -> None:
    assert text["text"].strip(), text
    assert len(text["text"]) <= limit
    if text["type"] == "mrkdwn":
        assert text["verbatim"] is True
        assert not _ENTITY.search(text["text"]), text["text"]
        assert not _CONTROL.search(text["text"]), text["text"]
    else:
        assert text == {"type": "plain_text", "text": text["text"], "emoji": False}


def _judge_element(element: Json) -> None:
    match element["type"]:
        case "text":
            assert 0 < len(element["text"]) <= 3000
        case "link":
            assert element["url"].startswith(("https://", "http://"))
            assert len(element["url"]) <= 3000
            assert element["text"]
        case "date":
            assert isinstance(element["timestamp"], int)
            assert element["format"]
            assert element["fallback"].endswith(" UTC")
        case "user" | "usergroup" | "broadcast":
            assert element in CALLS
        case other:
            raise AssertionError(f"an element {other!r} may call somebody")


def _judge_table(block: Json) -> None:
    assert 1 <= len(block["rows"]) <= 100
    assert len({len(row) for row in block["rows"]}) == 1
    assert 1 <= len(block["rows"][0]) <= 20
    assert len(block["column_settings"]) <= 20
    cells = [cell for row in block["rows"] for cell in row]
    assert sum(len(cell["text"]) for cell in cells) <= 10_000
    for cell in cells:
        assert cell["type"] in {"raw_text", "raw_number"}
        assert cell["text"]
        assert cell["type"] == "raw_text" or isinstance(cell["value"], int)


def _judge_chart(block: Json) -> None:
    assert 0 < len(block["title"]) <= 50
    chart = block["chart"]
    assert chart["type"] == "line"
    categories = chart["axis_config"]["categories"]
    assert 1 <= len(categories) <= 20
    assert len(set(categories)) == len(categories)
    assert all(0 < len(category) <= 20 for category in categories)
    assert 1 <= len(chart["series"]) <= 12
    names = [series["name"] for series in chart["series"]]
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 20 for name in names)
    for series in chart["series"]:
        assert [point["label"] for point in series["data"]] == categories
        assert all(isinstance(point["value"], int | float) for point in series["data"])
