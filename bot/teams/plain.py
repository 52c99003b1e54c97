"""How does text stay text on an Adaptive Card?

Titles, facts and table cells are Markdown; a run of rich text is not. Both turn `{{DATE(…)}}` into a date.
https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
"""

import ipaddress
import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import urlsplit

# Characters that turn the reading direction of what stands around them.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# What emphasises, links, quotes code or stands for another character, anywhere in a line.
_MARKS = re.compile(r"[\\`*_\[\]<~]|&(?=#?\w|$)")
# What makes a heading, a quotation or a list at the beginning of one.
_BEGINS = re.compile(r"^(\s*)([#>+=-])")
_NUMBERS = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
# Stands unseen and without width behind a brace: two of them never begin a function, not even where texts meet.
_JOINER = "\u2060"


def clean(text: str, most: int) -> str:
    """`text` as one line of at most `most` characters, without what a reader cannot see or a function would read."""
    # Cut generously first, so that an absurd text costs nothing.
    seen = "".join(_visible(character) for character in text[: most * 4])
    line = seen if len(seen) <= most else seen[: most - 1] + "…"
    return line.replace("{", "{" + _JOINER)


def _visible(character: str) -> str:
    if character in _DIRECTION:
        return ""
    return " " if unicodedata.category(character) in _SPACES else character


def escaped(text: str, most: int) -> str:
    """`text` for a place that reads Markdown. It is cut before it is escaped, so no escape is cut in two."""
    line = _MARKS.sub(lambda mark: f"\\{mark[0]}", clean(text, most).strip())
    return _NUMBERS.sub(r"\1\\\2", _BEGINS.sub(r"\1\\\2", line))


def local_time(at: datetime) -> str:
    """A date and a time that Teams shows in the reader's own time zone."""
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        # The first and the last day of the calendar have no neighbour in another time zone.
        at = at.replace(tzinfo=UTC)
    moment = f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    return f"{{{{DATE({moment},SHORT)}}}} {{{{TIME({moment})}}}}"


def safe_url(url: str) -> str | None:
    """`url` where it may be opened: https, or http to this machine; else `None`."""
    if not url.isascii() or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if not host or len(url) > 1000 or any(character in url for character in '<>"\\`{}|^()[]'):
        return None
    return url if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)) else None


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
