"""Which blocks are there, what may they hold, and on which surface?

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.strict import controls
from bot.sandbox.strict.charts import DATA_VISUALIZATION
from bot.sandbox.strict.rich_text import RICH_TEXT
from bot.sandbox.strict.shape import (
    Check,
    Problem,
    address,
    anything,
    boolean,
    by_type,
    items,
    one_of,
    shape,
    string,
)
from bot.sandbox.strict.tables import DATA_TABLE, TABLE
from bot.sandbox.strict.texts import SLACK_FILE, exactly_one, plain, text

MARKDOWN_LETTERS = 12_000


def _block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Check) -> Check:
    return shape({"type": anything, **required}, {"block_id": string(255), **(optional or {})}, *rules)


def _text_or_fields(value: Any, at: str) -> Iterator[Problem]:
    if value.get("text") is None and value.get("fields") is None:
        yield Problem("missing required field: text", at, "required", {"field": "text"})


def _card_has_something(value: Any, at: str) -> Iterator[Problem]:
    if not any(value.get(name) for name in ("hero_image", "title", "actions", "body")):
        yield Problem("one of hero_image, title, actions, body is required", at, "required")


def _container_rules(value: Any, at: str) -> Iterator[Problem]:
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Problem("has_header_divider cannot be used with is_collapsible", at, "exclusive")


def _elements(allowed: frozenset[str]) -> Check:
    return by_type(controls.ELEMENTS, allowed)


_IMAGE = _block(
    {"alt_text": string(2000)},
    {"image_url": address(), "slack_file": SLACK_FILE, "title": plain(2000)},
    lambda value, at: exactly_one(value, at, "image_url", "slack_file"),
)
_CARD = _block(
    {},
    {
        "hero_image": controls.ELEMENTS["image"],
        "icon": controls.ELEMENTS["image"],
        "slack_icon": anything,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "actions": items(_elements(frozenset({"button"})), 3),
    },
    _card_has_something,
)
_TASK: dict[str, Check] = {"details": RICH_TEXT, "output": RICH_TEXT, "sources": items(anything, least=0)}
_STATUS = one_of("pending", "in_progress", "complete", "error")
_CONTEXT_ELEMENT = by_type({"image": controls.ELEMENTS["image"], "mrkdwn": text(), "plain_text": text()})

_FLAT: dict[str, Check] = {
    "actions": _block({"elements": items(_elements(controls.IN_ACTIONS), 25)}),
    "alert": _block({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "card": _CARD,
    "carousel": _block({"elements": items(by_type({"card": _CARD}), 10)}),
    "context": _block({"elements": items(_CONTEXT_ELEMENT, 10)}),
    "context_actions": _block({"elements": items(_elements(controls.IN_CONTEXT_ACTIONS), 5)}),
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "divider": _block({}),
    "file": _block({"external_id": string(255), "source": one_of("remote")}),
    "header": _block({"text": plain(150)}),
    "image": _IMAGE,
    "input": _block(
        {"label": plain(2000), "element": _elements(controls.IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": _block({"text": string(MARKDOWN_LETTERS)}),
    "plan": _block({"title": string(150)}, {"tasks": items(anything, 50, least=0)}),
    "rich_text": RICH_TEXT,
    "section": _block(
        {},
        {
            "text": text(),
            "fields": items(text(2000), 10),
            "accessory": _elements(controls.IN_SECTION),
            "expand": boolean,
        },
        _text_or_fields,
    ),
    "table": TABLE,
    "task_card": _block({"task_id": string(255), "title": string(150)}, {"status": _STATUS, **_TASK}),
    "video": _block(
        {"alt_text": string(2000), "title": plain(200), "thumbnail_url": address(), "video_url": address()},
        {
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": address(),
            "provider_name": string(255),
            "title_url": address(),
        },
    ),
}
_INSIDE = frozenset({"actions", "card", "context", "divider", "header", "image", "rich_text", "section", "table"})
_CONTAINER = _block(
    {"child_blocks": items(by_type(_FLAT, _INSIDE), 10)},
    {
        "title": plain(150),
        "rich_text_title": RICH_TEXT,
        "subtitle": plain(150),
        "icon": controls.ELEMENTS["image"],
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    _container_rules,
)
BLOCKS: dict[str, Check] = {**_FLAT, "container": _CONTAINER}

_EVERYWHERE = frozenset(
    {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
_NOT_IN_MODALS = frozenset({"carousel", "container", "data_table", "table"})
SURFACES: dict[str, frozenset[str]] = {
    "message": _EVERYWHERE
    | _NOT_IN_MODALS
    | {"context_actions", "data_visualization", "file", "markdown", "plan", "task_card"},
    "modal": _EVERYWHERE | {"alert"},
    "home": _EVERYWHERE | _NOT_IN_MODALS,
}
