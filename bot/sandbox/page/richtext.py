"""How does a `rich_text` block look?

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from bot.sandbox.page.emoji import emoji
from bot.sandbox.page.markup import anchor, channel_link, mention, moment
from bot.sandbox.page.names import Names, safe_link
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, escaped, joined, tag

# Slack's style -> the tag that means it, the innermost first.
_STYLES = (("code", "code"), ("strike", "s"), ("italic", "i"), ("bold", "b"), ("underline", "u"))


def rich_text(block: Json, names: Names) -> Html:
    """The whole block."""
    return tag("div", *_elements(block, names), class_="rich-text")


def _elements(holder: Json, names: Names) -> list[Html]:
    return [_element(each, names) for each in objects(holder.get("elements"))]


def _element(element: Json, names: Names) -> Html:
    inside = joined(_span(each, names) for each in objects(element.get("elements")))
    match element.get("type"):
        case "rich_text_section":
            return tag("div", _broken(inside), class_="rich-line")
        case "rich_text_quote":
            return tag("blockquote", _broken(inside))
        case "rich_text_preformatted":
            return tag("pre", tag("code", inside))
        case "rich_text_list":
            return _list(element, names)
        case _:
            return inside


def _list(element: Json, names: Names) -> Html:
    ordered = element.get("style") == "ordered"
    indent = element.get("indent")
    level = min(indent, 8) if isinstance(indent, int) and indent > 0 else 0
    offset = element.get("offset")
    start = offset + 1 if ordered and isinstance(offset, int) else None
    items = [tag("li", each) for each in _elements(element, names)]
    return tag("ol" if ordered else "ul", *items, class_=f"indent-{level}", start=start)


def _span(span: Json, names: Names) -> Html:
    match span:
        case {"type": "text", "text": str(text)}:
            drawn = escaped(text)
        case {"type": "link", "url": str(address)}:
            label = str(span.get("text") or address)
            drawn = anchor(address, label) if safe_link(address) else escaped(label)
        case {"type": "emoji", "name": str(name)}:
            drawn = emoji(name, str(span.get("unicode") or ""))
        case {"type": "user", "user_id": str(user)}:
            drawn = mention(user, names)
        case {"type": "channel", "channel_id": str(channel)}:
            drawn = channel_link(channel, names)
        case {"type": "usergroup", "usergroup_id": str(group)}:
            drawn = tag("span", f"@{group}", class_="mention")
        case {"type": "broadcast", "range": str(who)}:
            drawn = tag("span", f"@{who}", class_="mention mention-all")
        case {"type": "date", "timestamp": int(seconds)}:
            form = str(span.get("format") or "{date_short_pretty}")
            drawn = moment(seconds, form, str(span.get("fallback") or form), str(span.get("url") or ""))
        case {"type": "color", "value": str(value)}:
            drawn = tag("code", value)
        case _:
            return escaped(str(span.get("text") or ""))
    style = span.get("style")
    for name, html_tag in _STYLES:
        if isinstance(style, dict) and style.get(name):
            drawn = tag(html_tag, drawn)
    return drawn


def _broken(drawn: Html) -> Html:
    return Html(drawn.replace("\n", "<br>"))
