"""How does a text become part of a Slack message without being read as markup?

Slack knows three kinds of text. What is *literal* (`rich_text` elements, `plain_text`, table cells, charts) is shown as
it is. `mrkdwn` and the top-level text are parsed: there `&`, `<` and `>` are escaped and look-alikes stand in for the
marks that have no escape (https://docs.slack.dev/messaging/formatting-message-text#escaping). Running text is drawn
literally wherever Slack lets us, because nothing can be made of it by anyone.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never
from urllib.parse import quote, urlsplit

from bot.messages.model import Bold, Call, Code, Link, Span, When
from bot.slack import limits

Json = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATE_FORMAT = "{date_short_pretty} at {time}"

# Marks of direction and of its override: they reorder what stands around them.
_DIRECTION = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_LOOKALIKES = {ord("*"): "∗", ord("`"): "ˋ", ord("~"): "∼"}
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI_NAME = re.compile(r":(?=(?!\d{2}:)[\w+'-]+:)")
_QUOTE = re.compile(r"^( *)>", re.MULTILINE)
_CALLED = re.compile(r"[UWS][A-Z0-9]{2,40}|@(?:here|channel|everyone)")
_CONTROL_SEQUENCE = re.compile(r"<(?=[!@#]|\w+:)")


def visible(text: str) -> str:
    """`text` without what cannot be seen: control characters, halves of surrogates, marks of direction."""
    text = text.replace("\r\n", "\n").translate(_DIRECTION)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """`text`, visible and on one line."""
    return " ".join(visible(text.replace("\t", " ")).split())


def cut(text: str, limit: int) -> str:
    """`text`, or as much of it as fits into `limit` together with a sign that there is more."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def literal(text: str, limit: int) -> str:
    """`text` for a place that Slack shows as it is.

    Such a place is not searched for `<!channel>` and its like; an invisible joiner keeps them apart all the same, so
    that nobody is called even where Slack, or what imitates it, reads more into a text than its pages say.
    """
    return cut(_CONTROL_SEQUENCE.sub("<\u2060", cut(visible(text), limit)), limit)


def escaped(text: str, limit: int) -> str:
    """`text` for a place that Slack parses: cut to `limit` first, then escaped, so that no escape is cut in two."""
    text = visible(text)
    if len(whole := text.translate(_ESCAPES)) <= limit:
        return whole
    kept, length = 0, 1
    for character in text:
        length += len(_ESCAPES.get(ord(character), character))
        if length > limit:
            break
        kept += 1
    return text[:kept].rstrip().translate(_ESCAPES) + "…" if limit > 0 else ""


def unescaped(text: str) -> str:
    """What a person typed, from what Slack sends of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def unmarked(text: str) -> str:
    """`text` with look-alikes for the marks that `mrkdwn` would read: emphasis, code, quotes, names of emoji."""
    text = _LOOSE_UNDERSCORE.sub("ˍ", text.translate(_LOOKALIKES))
    return _EMOJI_NAME.sub("∶", _QUOTE.sub(r"\1›", text))


def plain_text(text: str, limit: int) -> Json:
    """A text object without any formatting; names of emoji stay names."""
    return {"type": "plain_text", "text": literal(text, limit), "emoji": False}


def in_utc(at: datetime) -> str:
    """The moment for readers whose client cannot convert it."""
    return datetime.fromtimestamp(_seconds(at), UTC).isoformat(" ", "minutes").removesuffix("+00:00") + " UTC"


def _seconds(at: datetime) -> int:
    """Unix seconds, of a moment that Python can write in UTC: the first and last days of its calendar cannot be."""
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return (min(max(at, earliest), latest) - _EPOCH) // timedelta(seconds=1)


def rich_elements(spans: Iterable[Span], limit: int) -> list[Json]:
    """The spans as elements of a `rich_text_section`, of `limit` characters in all."""
    elements: list[Json] = []
    left = limit
    for span in spans:
        if left <= 0:
            break
        element = _rich(span, left)
        if element is not None:
            elements.append(element)
            left -= len(str(element.get("text") or element.get("fallback") or ""))
    return elements


def _rich(span: Span, limit: int) -> Json | None:
    match span:
        case str(text):
            style: Json = {}
        case Bold(text=text):
            style = {"style": {"bold": True}}
        case Code(text=text):
            style = {"style": {"code": True}}
        case Link(text=text, url=url):
            if (address := safe_url(url)) and one_line(text):
                return {"type": "link", "url": address, "text": literal(one_line(text), limit)}
            style = {}
        case When(at=at):
            # https://docs.slack.dev/reference/block-kit/block-elements/date-element
            return {"type": "date", "timestamp": _seconds(at), "format": DATE_FORMAT, "fallback": in_utc(at)}
        case Call(text=text):
            if (called := _called(span)) is not None:
                return called
            style = {}
        case _:
            assert_never(span)
    shown = literal(text, limit)
    return {"type": "text", "text": shown} | style if shown else None


def _called(call: Call) -> Json | None:
    """The element that notifies somebody; `None` where Slack knows nobody of that kind.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#user-element-type
    """
    if call.platform != "slack" or not _CALLED.fullmatch(call.id):
        return None
    match call.id[0]:
        case "@":
            return {"type": "broadcast", "range": call.id[1:]}
        case "S":
            return {"type": "usergroup", "usergroup_id": call.id}
        case _:
            return {"type": "user", "user_id": call.id}


def mrkdwn(spans: Iterable[Span], limit: int) -> str:
    """The spans as `mrkdwn` of at most `limit` characters; a span that does not fit is cut or, with the rest, left."""
    parts: list[str] = []
    left = limit
    for span in spans:
        part = _marked(span, left)
        if len(part) > left:
            parts.append("…" if left else "")
            break
        parts.append(part)
        left -= len(part)
    return "".join(parts).strip()


def _marked(span: Span, limit: int) -> str:
    match span:
        case str(text):
            return escaped(unmarked(visible(text)), limit)
        case Bold(text=text):
            shown = escaped(unmarked(one_line(text)), max(limit - 2, 1))
            return f"*{shown}*" if shown else ""
        case Code(text=text):
            shown = escaped(one_line(text).replace("`", "ˋ"), max(limit - 2, 1))
            return f"`{shown}`" if shown else ""
        case Link(text=text, url=url):
            words = escaped(unmarked(one_line(text)), max(limit, 1))
            if not (address := safe_url(url)) or not words:
                return words
            address = address.translate(_ESCAPES)
            room = limit - len(address) - 3
            return f"<{address}|{escaped(unmarked(one_line(text)), room)}>" if room > 0 else words
        case When(at=at):
            return f"<!date^{_seconds(at)}^{DATE_FORMAT}|{in_utc(at)}>"
        case Call(text=text):
            # Calls stand in paragraphs; in small print, which Slack parses, nobody is called.
            return escaped(unmarked(one_line(text)), limit)
        case _:
            assert_never(span)


def safe_url(url: str) -> str | None:
    """`url` if a link may lead there, with everything quoted that could end the link early."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return None
    try:
        address = quote(url, safe=":/?#[]@!$&'()*+,;=%-._~")
    except UnicodeEncodeError:
        return None
    return address if len(address) <= limits.URL else None
