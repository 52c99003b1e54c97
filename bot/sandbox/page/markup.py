"""How does Slack's `mrkdwn` look? Text as it is on the wire in, HTML out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.sandbox.page import emoji
from bot.sandbox.page.names import Names, safe_link
from bot.sandbox.page.tags import Html, escaped, joined, tag

# A finished piece of markup waits in a list while the text around it is read; these two characters,
# from Unicode's private area, hold its place. They are taken out of what comes from outside.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")

_FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_SEQUENCE = re.compile(r"<([^<>\n]{1,4000})>")
_ADDRESS = re.compile(r"https?://[^\s<>|\"'`\ue000\ue001]+[^\s<>|\"'`.,:;!?)\]\ue000\ue001]")
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?P<b>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<i>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)


def mrkdwn(text: str, names: Names) -> Html:
    """`text` drawn: emphasis, code, quotes, links, mentions, dates, emoji; anything else is only text."""
    parts: list[Html] = []
    position = 0
    for fence in _FENCE.finditer(text):
        parts.append(_lines(text[position : fence.start()].removesuffix("\n"), names))
        parts.append(tag("pre", tag("code", _code(fence[1], names))))
        position = fence.end()
    parts.append(_lines(text[position:].removeprefix("\n") if position else text, names))
    return joined(parts)


def plain(text: str, *, with_emoji: bool = True) -> Html:
    """A `plain_text` object: no markup, but emoji by name unless it says otherwise."""
    if not with_emoji:
        return _with_breaks(escaped(text))
    parts: list[str] = []
    position = 0
    for match in emoji.NAME.finditer(text):
        parts += [text[position : match.start()], emoji.emoji(match[1])]
        position = match.end()
    return _with_breaks(joined([*parts, text[position:]]))


def text_object(value: object, names: Names) -> Html:
    """Either kind of Slack text object; anything else is nothing."""
    match value:
        case {"type": "mrkdwn", "text": str(text)}:
            return mrkdwn(text, names)
        case {"type": "plain_text", "text": str(text), **rest}:
            return plain(text, with_emoji=rest.get("emoji") is not False)
        case str(text):
            return plain(text)
        case _:
            return Html()


def words(value: object) -> str:
    """A text object as bare words, for attributes and options."""
    match value:
        case {"text": str(text)}:
            return emoji.NAME.sub(lambda found: emoji.PICTURES.get(found[1], found[0]), text)
        case str(text):
            return text
        case _:
            return ""


def unescaped(text: str) -> str:
    """The three entities of Slack's wire text turned back, exactly once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mention(user: str, names: Names, label: str = "") -> Html:
    """A person's name as Slack draws it in a message."""
    kind = "mention mention-me" if user == names.emphasised else "mention"
    return tag("span", "@" + (names.users.get(user) or label or user), class_=kind)


def channel_link(channel: str, names: Names, label: str = "") -> Html:
    """A channel's name, leading there when the channel is known."""
    name = "#" + (names.channels.get(channel) or label or "private channel")
    if channel in names.channels:
        return tag("a", name, class_="mention", href=f"/c/{channel}")
    return tag("span", name, class_="mention")


def moment(timestamp: int, form: str, fallback: str, link: str = "") -> Html:
    """A date drawn in the reader's own time by the script; `fallback` until then."""
    try:
        iso = datetime.fromtimestamp(timestamp, tz=UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return escaped(fallback)
    drawn = tag("time", fallback, datetime=iso, data_seconds=timestamp, data_form=form)
    address = safe_link(link)
    return anchor(address, drawn) if address else drawn


def anchor(address: str, label: str) -> Html:
    """A link out of the page; it opens beside it and learns nothing about it."""
    return tag("a", label, href=address, target="_blank", rel="noopener noreferrer nofollow")


def _lines(text: str, names: Names) -> Html:
    """Lines without fences: runs of quoted ones become a quotation, others are broken."""
    if not text:
        return Html()
    parts: list[Html] = []
    run: list[str] = []
    quoting = False
    for line in [*text.split("\n"), None]:
        quote = _QUOTE.match(line) if line is not None else None
        if run and (line is None or bool(quote) != quoting):
            drawn = _with_breaks(joined([_inline("\n".join(run), names)]))
            parts.append(tag("blockquote", drawn) if quoting else drawn)
            run = []
        if line is not None:
            quoting = bool(quote)
            run.append(line[quote.end() :] if quote else line)
    return joined(parts)


def _inline(text: str, names: Names) -> Html:
    waiting: list[Html] = []

    def keep(piece: Html) -> str:
        waiting.append(piece)
        return f"{_OPEN}{len(waiting) - 1}{_CLOSE}"

    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    text = _CODE.sub(lambda found: keep(tag("code", _code(found[1], names))), text)
    text = _SEQUENCE.sub(lambda found: keep(_sequence(_put_back_text(found[1], waiting), names)), text)
    text = _ADDRESS.sub(lambda found: keep(_bare_address(found[0])), text)
    text = emoji.NAME.sub(lambda found: keep(emoji.emoji(found[1])) if found[1] in emoji.PICTURES else found[0], text)
    drawn = _emphasised(text)
    while _PLACE.search(drawn):
        drawn = Html(_PLACE.sub(lambda found: waiting[int(found[1])], drawn))
    return drawn


def _put_back_text(text: str, waiting: list[Html]) -> str:
    """Code inside `<…>` is no code there: the words of it, without the tags."""
    return _PLACE.sub(lambda found: unescaped(re.sub(r"<[^>]*>", "", waiting[int(found[1])])), text)


def _emphasised(text: str) -> Html:
    parts: list[str] = []
    position = 0
    for found in _EMPHASIS.finditer(text):
        parts.append(unescaped(text[position : found.start()]))
        kind = str(found.lastgroup)
        parts.append(tag(kind, _emphasised(found[kind])))
        position = found.end()
    return joined([*parts, unescaped(text[position:])])


def _code(text: str, names: Names) -> Html:
    """Inside code there is no emphasis, but links and mentions are still resolved to their words."""
    parts: list[str] = []
    position = 0
    for found in _SEQUENCE.finditer(text):
        parts += [unescaped(text[position : found.start()]), re.sub(r"<[^>]*>", "", _sequence(found[1], names))]
        parts[-1] = Html(parts[-1])
        position = found.end()
    return joined([*parts, unescaped(text[position:])])


def _bare_address(found: str) -> Html:
    address = unescaped(found)
    return anchor(address, address) if safe_link(address) else escaped(address)


def _sequence(inner: str, names: Names) -> Html:
    """What stands between `<` and `>`."""
    target, _, label = inner.partition("|")
    label = unescaped(label)
    match target[:1]:
        case "@":
            return mention(target[1:], names, label)
        case "#":
            return channel_link(target[1:], names, label)
        case "!":
            return _special(target[1:], label)
        case _:
            pass
    address = safe_link(unescaped(target))
    if address is None:
        return escaped(unescaped(f"<{inner}>"))
    return anchor(address, label or address.removeprefix("mailto:"))


def _special(command: str, label: str) -> Html:
    name, *details = command.split("^")
    match name, details:
        case (("here" | "channel" | "everyone"), _):
            return tag("span", f"@{name}", class_="mention mention-all")
        case "date", [seconds, form, *link] if seconds.lstrip("-").isdecimal() and len(seconds) < 15:
            return moment(int(seconds), unescaped(form), label, unescaped("^".join(link)))
        case "subteam", [group, *_]:
            return tag("span", label or f"@{group}", class_="mention")
        case _:
            return escaped(label or f"<{command}>")


def _with_breaks(drawn: Html) -> Html:
    return Html(drawn.replace("\n", "<br>"))
