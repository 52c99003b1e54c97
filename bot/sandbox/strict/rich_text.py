"""What may a rich_text block hold?

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.strict.shape import (
    Check,
    anything,
    boolean,
    by_type,
    items,
    one_of,
    shape,
    string,
    whole,
)

_STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _leaf(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape({"type": anything, **required}, {"style": _STYLE, **(optional or {})})


_LEAVES: dict[str, Check] = {
    "text": _leaf({"text": string()}),
    "link": _leaf({"url": string(3000)}, {"text": string(least=0), "unsafe": boolean}),
    "emoji": _leaf({"name": string(255)}, {"unicode": string(100), "skin_tone": whole(1, 6)}),
    "user": _leaf({"user_id": string(255)}),
    "usergroup": _leaf({"usergroup_id": string(255)}),
    "team": _leaf({"team_id": string(255)}),
    "channel": _leaf({"channel_id": string(255)}),
    "broadcast": _leaf({"range": one_of("here", "channel", "everyone")}),
    "color": _leaf({"value": string(30)}),
    "date": _leaf({"timestamp": whole(), "format": string(500)}, {"url": string(3000), "fallback": string(500)}),
}
_INLINE = items(by_type(_LEAVES), least=0)
_SECTION = shape({"type": anything, "elements": _INLINE})
_BORDER: dict[str, Check] = {"border": whole(0, 1)}
_PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": shape(
        {"type": anything, "elements": items(by_type(_LEAVES, frozenset({"text", "link"})), least=0)},
        {**_BORDER, "language": string(50)},
    ),
    "rich_text_quote": shape({"type": anything, "elements": _INLINE}, _BORDER),
    "rich_text_list": shape(
        {
            "type": anything,
            "style": one_of("bullet", "ordered"),
            "elements": items(by_type({"rich_text_section": _SECTION})),
        },
        {**_BORDER, "indent": whole(0, 8), "offset": whole(0)},
    ),
}

RICH_TEXT = shape({"type": anything, "elements": items(by_type(_PARTS), least=0)}, {"block_id": string(255)})


def letters(value: Any) -> Iterator[str]:
    """All text in a rich_text block."""
    if isinstance(value, dict):
        for name in ("text", "name", "url"):
            if isinstance(value.get(name), str):
                yield value[name]
                break
        yield from letters(value.get("elements"))
    elif isinstance(value, list):
        for each in value:
            yield from letters(each)
