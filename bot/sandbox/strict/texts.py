"""What may stand in text objects, options and confirmations?

https://docs.slack.dev/reference/block-kit/composition-objects
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.strict.shape import Check, Problem, boolean, by_type, items, one_of, shape, string

TEXT_MOST = 3000


def plain(most: int = TEXT_MOST, least: int = 1) -> Check:
    """A `plain_text` object."""
    return by_type({"plain_text": _object("plain_text", "emoji", most, least)})


def text(most: int = TEXT_MOST, least: int = 1) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    kinds = {
        "plain_text": _object("plain_text", "emoji", most, least),
        "mrkdwn": _object("mrkdwn", "verbatim", most, least),
    }
    return by_type(kinds)


def _object(kind: str, flag: str, most: int, least: int) -> Check:
    return shape({"type": one_of(kind), "text": string(most, least)}, {flag: boolean})


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(of_text: Check, *, url: bool = False) -> Check:
    """One choice."""
    more = {"description": of_text} | ({"url": string(3000)} if url else {})
    return shape({"text": of_text, "value": string(150)}, more)


SELECT_OPTION = option(plain(75))
LIST_OPTION = option(text(75))
OVERFLOW_OPTION = option(plain(75), url=True)
OPTION_GROUP = shape({"label": plain(75), "options": items(SELECT_OPTION, 100)})
DISPATCH = shape({}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
SLACK_FILE = shape({}, {"id": string(255), "url": string(3000)}, lambda value, at: exactly_one(value, at, "id", "url"))


def exactly_one(value: Any, at: str, *names: str) -> Iterator[Problem]:
    """One of the fields is there, and no more than one."""
    if sum(value.get(name) is not None for name in names) != 1:
        yield Problem(f"exactly one of {', '.join(names)} is required", at, "one_of", {"fields": list(names)})


def unique_values(value: Any, at: str) -> Iterator[Problem]:
    """No two options have the same value."""
    seen: set[str] = set()
    for number, each in enumerate(value.get("options") or []):
        if each["value"] in seen:
            yield Problem("option values must be unique", f"{at}/options/{number}/value", "unique")
        seen.add(each["value"])
