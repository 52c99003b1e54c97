"""The small pictures of the page, drawn by us: signs and avatars."""

from __future__ import annotations

import zlib

from bot.sandbox.page.tags import Html, tag

# Paths on a grid of 20 by 20, drawn as lines.
_PATHS = {
    "hash": "M8 3.5 6.5 16.5M13.5 3.5 12 16.5M4 7.5h13M3 12.5h13",
    "lock": "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
    "archive": "M3.5 4h13v3.5h-13zM4.5 7.5v8.5h11V7.5M8 11h4",
    "eye": "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
    "thread": (
        "M4 4h12a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1h-5L7 17v-3.5H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM6.5 7.5h7M6.5 10.2h4"
    ),
    "bolt": "M11 2.5 4.5 11.5H9.5L8.5 17.5 15.5 8H10.5z",
    "send": "M3.5 4.2 17 10 3.5 15.8 5.2 10zM5.2 10H11",
    "close": "M5 5l10 10M15 5 5 15",
    "menu": "M3 5.5h14M3 10h14M3 14.5h14",
    "home": "M3 9.5 10 3.5l7 6M5 8.5V16h10V8.5M8.5 16v-4.5h3V16",
    "file": "M5 3h6l4 4v10H5zM11 3v4h4",
    "people": (
        "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 16.5c0-3 2-5 5-5s5 2 5 5"
        "M13 4a3 3 0 0 1 0 5.4M14 11.8c2.1.4 3.5 2.2 3.5 4.7"
    ),
    "flask": "M8 3h4M8.7 3v5L4.2 15.2A1.2 1.2 0 0 0 5.2 17h9.6a1.2 1.2 0 0 0 1-1.8L11.3 8V3M6.3 12.5h7.4",
}


def icon(name: str) -> Html:
    """A sign; words beside it or a label around it say what it means."""
    path = tag("path", d=_PATHS[name])
    return tag("svg", path, class_=f"icon icon-{name}", viewBox="0 0 20 20", width=20, height=20, aria_hidden="true")


def avatar(name: str, kind: str) -> Html:
    """The face of a person (their initial on a colour of their own), of the app, or of the system."""
    match kind:
        case "app":
            bars = [tag("rect", x=x, y=28 - height, width=4.5, height=height, rx=1.5) for x, height in _BARS]
            return tag("span", tag("svg", *bars, viewBox="0 0 36 36"), class_="avatar app", aria_hidden="true")
        case "system":
            return tag("span", icon("flask"), class_="avatar system", aria_hidden="true")
        case _:
            tint = zlib.crc32(name.encode()) % 6
            return tag("span", name[:1].upper() or "?", class_=f"avatar tint-{tint}", aria_hidden="true")


_BARS = ((8, 8), (15.7, 14), (23.4, 20))
