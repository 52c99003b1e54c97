"""What is wrong with an activity the app sends? Some is refused, some only shown differently than it was meant."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.page.shapes import items
from bot.sandbox.teams.model import CARD, Json
from bot.sandbox.teams.strict.cards import problems as card_problems

_TYPES = frozenset({"message", "typing", "event", "trace", "endOfConversation", "invoke"})
_FORMATS = frozenset({"plain", "markdown", "xml", "extendedmarkdown"})
_AT = re.compile(r"<at[^>]*>(.*?)</at>")
_EMBEDDED = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
# A card that can also be sent to a webhook; Teams itself takes more.
_LARGEST_FOR_EVERYWHERE = 28 * 1024


def weight(body: Json) -> int:
    """The size of a message as Teams counts it: UTF-16, images inside it not counted."""
    text = _EMBEDDED.sub("", json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    return len(text.encode("utf-16-le", "surrogatepass"))


def refusal(body: Any) -> str:
    """Why the Bot Connector does not take it at all; empty when it does."""
    if not isinstance(body, dict):
        return "The activity must be a JSON object"
    if body.get("type") not in _TYPES:
        return f"Activity type {body.get('type')!r} is not supported"
    attachments = body.get("attachments")
    if attachments is not None and not isinstance(attachments, list):
        return "attachments must be a list"
    for each in attachments or ():
        if not isinstance(each, dict) or not isinstance(each.get("contentType"), str):
            return "An attachment needs a contentType"
        if each["contentType"] == CARD:
            card = each.get("content")
            if not isinstance(card, dict) or card.get("type") != "AdaptiveCard" or not card.get("version"):
                return "Invalid Adaptive Card: type and version are needed"
    if body["type"] == "message" and not (body.get("text") or attachments or body.get("value")):
        return "Activity of type message must have a non-empty text or an attachment"
    return ""


def complaints(body: Json) -> Iterator[str]:
    """What Teams takes but does not show as it was meant."""
    text = body.get("text")
    if text is not None and not isinstance(text, str):
        yield "text: must be text"
    if body.get("textFormat") is not None and body["textFormat"] not in _FORMATS:
        yield f"textFormat: there is no {body['textFormat']!r}"
    yield from _mentions(body)
    for place, each in enumerate(body.get("attachments") or ()):
        if each["contentType"] == CARD:
            yield from card_problems(each.get("content"), f"attachments[{place}].content")
            size = len(json.dumps(each.get("content")).encode())
            if size > _LARGEST_FOR_EVERYWHERE:
                yield f"attachments[{place}]: {size} bytes are more than a webhook would take"
        elif not each["contentType"].startswith(("image/", "application/vnd.microsoft.", "text/html")):
            yield f"attachments[{place}]: Teams shows nothing of {each['contentType']!r}"


def _mentions(body: Json) -> Iterator[str]:
    text = str(body.get("text") or "")
    named = {
        str(each.get("text"))
        for each in items(body.get("entities"))
        if isinstance(each, dict) and each.get("type") == "mention"
    }
    yield from (f"text: {found[0]} has no mention entity" for found in _AT.finditer(text) if found[0] not in named)
    yield from (f"entities: the mention {each} does not stand in the text" for each in named if each not in text)
