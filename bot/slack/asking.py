"""Who asks for what, in the payloads that Slack sends?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.command import Asker
from bot.messages.model import Verb
from bot.slack.blocks import read_value
from bot.slack.forms import Filled, filled
from bot.slack.pages import channel_of
from bot.slack.text import unescaped

PLATFORM = "slack"
# What Slack calls channels whose names it does not tell.
_NO_NAMES = frozenset({"directmessage", "privategroup"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A slash command."""

    command: str
    text: str
    asker: Asker
    response_url: str
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button of ours.

    Attributes:
        verb: What it asks for.
        subject: Of what.
        asker: Who pressed it, and where.
        response_url: Where to answer.
        is_private: Whether the message it stands under is seen by the asker alone.
        trigger_id: Opens a modal, within three seconds.
        thread: The message in whose thread it stands; empty when it stands in none.
        view: Where it stands, when that is no message: `home` or `modal`. `view_id`: Slack's id of it.
    """

    verb: Verb
    subject: str
    asker: Asker
    response_url: str
    is_private: bool
    trigger_id: str
    thread: str = ""
    view: str = ""
    view_id: str = ""


def typed(body: Mapping[str, Any]) -> Typed:
    """The command in `body`, as the person typed it."""
    name = _text(body, "channel_name")
    asker = Asker(
        PLATFORM,
        _text(body, "team_id"),
        _text(body, "channel_id"),
        _text(body, "user_id"),
        _text(body, "user_name"),
        room=f"#{name}" if name and name not in _NO_NAMES else "",
    )
    return Typed(
        _text(body, "command"),
        unescaped(_text(body, "text")),
        asker,
        _text(body, "response_url"),
        _text(body, "trigger_id"),
    )


def press(body: Mapping[str, Any]) -> Press | None:
    """The pressed button in `body`; `None` when it is not one of ours, or no longer."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    said = read_value(_value(first)) if isinstance(first, dict) else None
    if said is None:
        return None
    container, view = _part(body, "container"), _part(body, "view")
    channel = _text(_part(body, "channel"), "id") or _text(container, "channel_id") or channel_of(view)
    is_private = container.get("is_ephemeral") is True
    return Press(
        *said,
        _person(body, channel),
        _text(body, "response_url"),
        is_private,
        _text(body, "trigger_id"),
        _text(container, "thread_ts"),
        _text(view, "type"),
        _text(view, "id"),
    )


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut that somebody chose.

    Attributes:
        asker: Who, and where; the channel is empty for one that belongs to no message.
        about: The text of the message that it was chosen for.
        response_url: Where to answer, if anywhere.
        trigger_id: Opens a modal, within three seconds.
    """

    asker: Asker
    about: str
    response_url: str
    trigger_id: str


def shortcut(body: Mapping[str, Any]) -> Shortcut:
    """The shortcut in `body`."""
    asker = _person(body, _text(_part(body, "channel"), "id"))
    about = unescaped(_text(_part(body, "message"), "text"))
    return Shortcut(asker, about, _text(body, "response_url"), _text(body, "trigger_id"))


def submission(body: Mapping[str, Any]) -> Filled | None:
    """The form in `body` that somebody filled in; `None` when it is not one of ours, or no longer."""
    return filled(body, _person(body, ""))


def _person(body: Mapping[str, Any], channel: str) -> Asker:
    user = _part(body, "user")
    return Asker(
        PLATFORM,
        _text(_part(body, "team"), "id"),
        channel,
        _text(user, "id"),
        _name(user),
        home=_text(user, "team_id"),
    )


def _value(action: Mapping[str, Any]) -> str:
    """What a pressed button carries, or what was chosen in a menu."""
    return _text(action, "value") or _text(_part(action, "selected_option"), "value")


def _name(user: Mapping[str, Any]) -> str:
    return _text(user, "name") or _text(user, "username")


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""
