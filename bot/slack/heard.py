"""What was said to the bot, in the events that Slack sends, and by whom? Machines, edits and repeats say nothing to us.

https://docs.slack.dev/reference/events/app_mention and https://docs.slack.dev/reference/events/message.im
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.command import Asker
from bot.slack.asking import PLATFORM
from bot.slack.text import unescaped

# A message with a file is said by a person, too; every other subtype is an edit, a removal, or said by a machine.
_SAID = frozenset({"", "file_share", "thread_broadcast"})
# <@U012ABC>, <@U012ABC|name>, <#C012ABC|name>, <https://example.com|example.com>, <!here>
_REFERENCE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_LONGEST = 12_000


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that a person said to the bot.

    Attributes:
        text: What, without the bot's own name and Slack's marks.
        asker: Who, and where.
        thread: The message whose thread it was said in; empty when it was in none.
        is_direct: Whether it was said in a direct message, which nobody else reads.
    """

    text: str
    asker: Asker
    thread: str
    is_direct: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened the app's Home tab; the channel is their direct message with the bot."""

    asker: Asker


def heard(body: Mapping[str, Any]) -> Heard | None:
    """What a person said; `None` when it is nothing to be answered."""
    event = _part(body, "event")
    is_direct = event.get("type") == "message"
    if is_direct and event.get("channel_type") != "im":
        return None
    if not _is_said_by_a_person(event, body):
        return None
    text = _text(event, "text")[:_LONGEST]
    asker = Asker(PLATFORM, _team(body, event), _text(event, "channel"), _text(event, "user"))
    if not asker.channel or not asker.user:
        return None
    words = _without_marks(_without_mention(text, _own(body)))
    if is_direct and not words:
        return None
    return Heard(words, asker, _text(event, "thread_ts"), is_direct)


def opened(body: Mapping[str, Any]) -> Opened | None:
    """Who opened the Home tab; `None` when it was another tab."""
    event = _part(body, "event")
    user = _text(event, "user")
    if event.get("tab", "home") != "home" or not user:
        return None
    return Opened(Asker(PLATFORM, _team(body, event), _text(event, "channel"), user))


def event_id(body: Mapping[str, Any]) -> str:
    """By what an event is known when it comes again."""
    return _text(body, "event_id")


def _is_said_by_a_person(event: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    if _text(event, "subtype") not in _SAID or event.get("edited") or event.get("hidden"):
        return False
    return not event.get("bot_id") and not event.get("bot_profile") and _text(event, "user") not in _own(body)


def _own(body: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the bot's own user."""
    found = body.get("authorizations")
    each_of = found if isinstance(found, list) else []
    return frozenset(_text(each, "user_id") for each in each_of if isinstance(each, dict) and each.get("is_bot"))


def _without_mention(text: str, own: frozenset[str]) -> str:
    """What was said after the bot was mentioned; before it, where nothing was."""
    names = "|".join(re.escape(name) for name in own if name)
    mention = re.compile(rf"<@(?:{names})(?:\|[^<>]*)?>" if names else r"^\s*<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")
    before, *after = mention.split(text, maxsplit=1)
    said = mention.sub(" ", after[0]) if after else ""
    return (said if said.strip(" ,:;\u00a0\n\t") else before).strip().lstrip(",:;").strip()


def _without_marks(text: str) -> str:
    """As the person typed it: what Slack made of names and addresses is their text again."""
    return unescaped(_REFERENCE.sub(lambda found: found[2] or found[1], text)).strip()


def _team(body: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    return _text(body, "team_id") or _text(event, "team")


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""
