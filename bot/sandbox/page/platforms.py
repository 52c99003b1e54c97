"""Which chat does the page show? A switch between the two that stand beside each other."""

from __future__ import annotations

from bot.sandbox.page.tags import Html, tag

_NAMES = {"slack": ("Slack", "/"), "teams": ("Teams", "/teams")}


def platforms(here: str) -> Html:
    """The switch."""
    links = [
        tag("a", name, href=address, aria_current="page" if key == here else None)
        for key, (name, address) in _NAMES.items()
    ]
    return tag("nav", *links, class_="platforms", aria_label="Chats")
