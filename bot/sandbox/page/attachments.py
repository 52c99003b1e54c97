"""How does an attachment look? Secondary content beside a bar of colour.

https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

from __future__ import annotations

import re

from bot.sandbox.page.blocks import Surface, draw
from bot.sandbox.page.markup import anchor, mrkdwn, text_object
from bot.sandbox.page.names import Names, local_picture, safe_link
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, joined, tag

_NAMED_COLOURS = {"good": "#2f9e6b", "warning": "#d99a1c", "danger": "#cf3f4f"}


def attachment(given: Json, surface: Surface) -> Html:
    """One attachment: its blocks, or its legacy fields."""
    names = surface.names
    inside: list[Html | None] = [draw(given.get("blocks"), surface)]
    if not given.get("blocks"):
        inside += _legacy(given, names)
    pretext = given.get("pretext")
    # A colour from a message is the value of an SVG attribute: the page's policy allows no style of its own.
    stripe = tag("rect", width="4", height="100%", rx="2", fill=_colour(given.get("color")))
    bar = tag("svg", stripe, class_="bar", aria_hidden="true")
    body = tag("div", bar, tag("div", *inside), class_="attachment")
    return joined([tag("div", mrkdwn(str(pretext), names), class_="text") if pretext else None, body])


def _legacy(attachment: Json, names: Names) -> list[Html | None]:
    title, address = str(attachment.get("title") or ""), safe_link(str(attachment.get("title_link") or ""))
    text = attachment.get("text") or (None if title else attachment.get("fallback"))
    fields = [
        tag("div", tag("b", str(each.get("title") or "")), tag("br"), mrkdwn(str(each.get("value") or ""), names))
        for each in objects(attachment.get("fields"))
    ]
    picture = local_picture(str(attachment.get("image_url") or "")) if attachment.get("image_url") else None
    return [
        tag("div", str(attachment["author_name"]), class_="small") if attachment.get("author_name") else None,
        tag("div", tag("b", anchor(address, title) if address else title)) if title else None,
        tag("div", mrkdwn(str(text), names), class_="text") if text else None,
        tag("div", *fields, class_="fields") if fields else None,
        tag("img", src=picture, alt="", class_="picture") if picture else None,
        tag("div", text_object(str(attachment["footer"]), names), class_="small") if attachment.get("footer") else None,
    ]


def _colour(given: object) -> str:
    colour = _NAMED_COLOURS.get(str(given), str(given or ""))
    found = re.fullmatch(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", colour)
    return f"#{found[1]}" if found else "#9aa3ad"
