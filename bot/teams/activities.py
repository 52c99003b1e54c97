"""Who does what where, in the activities that Teams sends?

Teams sends things that no document names, so everything is looked at as it is, and what is not understood is `Unknown`.
https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.command import Asker
from bot.core.language import language_of
from bot.messages.model import Verb

PLATFORM = "teams"
PERSONAL, CHANNEL = "personal", "channel"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody did something, with all that is needed to answer there.

    Attributes:
        service_url: Where answers go.
        conversation: Its id, in a channel with the thread.
        kind: `personal`, `groupChat` or `channel`.
        tenant: The tenant's id.
        person: Who, as Teams names accounts.
        message: The message that was written or pressed.
        is_private: Whether only that person sees what stands there.
        team, name: Of a channel: id and name of its team, and what it is called, as far as Teams says so.
    """

    service_url: str
    conversation: str
    kind: str
    tenant: str
    person: Mapping[str, Any] = field(hash=False)
    message: str = ""
    is_private: bool = False
    team: tuple[str, str] = ("", "")
    name: str = ""

    @property
    def channel(self) -> str:
        """The conversation without the thread."""
        return self.conversation.partition(";")[0]


@dataclass(frozen=True, slots=True)
class Said:
    """A message to the bot; `text` without being understood yet."""

    spot: Spot
    asker: Asker
    text: str
    mentions_of_bot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours was pressed; `opens` where it is to open a dialog."""

    spot: Spot
    asker: Asker
    verb: Verb
    subject: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A dialog of ours was sent, with all that was typed and what we had put into it."""

    spot: Spot
    asker: Asker
    content: Json = field(hash=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """The app was installed or removed, or a team, a channel or its members changed.

    Attributes:
        event: `add`, `remove`, or what Teams calls the change, such as `channelRenamed`.
        channel: Id and name of the channel that it is about, as far as there is one.
        came, left: Whether the bot came or left.
    """

    spot: Spot
    asker: Asker
    event: str
    channel: tuple[str, str] = ("", "")
    came: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something else; `wants_answer` where Teams waits for more than that it has arrived."""

    what: str
    wants_answer: bool = False


Activity = Said | Press | Filled | Moved | Unknown


def read(body: Mapping[str, Any]) -> Activity:
    """What happened. Nothing raises."""
    kind = _text(body, "type")
    found = _known(kind, body)
    return Unknown(kind or "nothing", kind == "invoke") if found is None else found


def _known(kind: str, body: Mapping[str, Any]) -> Activity | None:
    spot, name = _spot(body), _text(body, "name")
    if spot is None or _text(_part(body, "from"), "role") == "bot":
        return None
    asker = _asker(body, spot)
    match kind:
        case "message" if isinstance(body.get("text"), str) and spot.person:
            return Said(spot, asker, _text(body, "text"), _mentions(body))
        case "invoke" if name == "adaptiveCard/action":
            return _press(_part(_part(body, "value"), "action"), spot, asker)
        case "invoke" if name == "task/fetch":
            return _opening(_part(_part(body, "value"), "data"), spot, asker)
        case "invoke" if name == "task/submit":
            return Filled(spot, asker, dict(_part(_part(body, "value"), "data")))
        case "installationUpdate":
            action = _text(body, "action").removesuffix("-upgrade") if "add" in _text(body, "action") else ""
            return _moved(body, spot, asker, action or _text(body, "action"))
        case "conversationUpdate":
            return _moved(body, spot, asker, _text(_part(body, "channelData"), "eventType"))
        case _:
            return None


def _spot(body: Mapping[str, Any]) -> Spot | None:
    conversation, person = _part(body, "conversation"), _part(body, "from")
    where, service = _text(conversation, "id"), _text(body, "serviceUrl")
    if not where or not service:
        return None
    tenant = _text(conversation, "tenantId") or _text(_part(_part(body, "channelData"), "tenant"), "id")
    kind = _text(conversation, "conversationType") or (CHANNEL if "@thread.tacv2" in where else PERSONAL)
    pressed = _text(body, "replyToId") if _text(body, "type") == "invoke" else _text(body, "id")
    is_private = kind == PERSONAL or _part(body, "recipient").get("isTargeted") is True
    channel_data = _part(body, "channelData")
    team, (channel, name) = _named(_part(channel_data, "team")), _named(_part(channel_data, "channel"))
    name = name if channel == where.partition(";")[0] else ""
    return Spot(service.rstrip("/"), where, kind, tenant, person, pressed, is_private, team, name)


def _asker(body: Mapping[str, Any], spot: Spot) -> Asker:
    person = spot.person
    user = _text(person, "aadObjectId") or _text(person, "id")
    zone = _text(body, "localTimezone") or _text(_client(body), "timezone")
    language = language_of(_text(body, "locale") or _text(_client(body), "locale"))
    return Asker(PLATFORM, spot.tenant, spot.channel, user, _text(person, "name"), zone, language)


def _client(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((each for each in _parts(body, "entities") if _text(each, "type") == "clientInfo"), {})


def _mentions(body: Mapping[str, Any]) -> tuple[str, ...]:
    """How the bot stands in the text."""
    bot = _text(_part(body, "recipient"), "id")
    said = [each for each in _parts(body, "entities") if _text(each, "type") == "mention"]
    return tuple(_text(each, "text") for each in said if _text(_part(each, "mentioned"), "id") == bot)


def _press(action: Mapping[str, Any], spot: Spot, asker: Asker) -> Press | None:
    return _asked(_text(action, "verb"), _part(action, "data"), spot, asker, opens=False)


def _opening(carried: Mapping[str, Any], spot: Spot, asker: Asker) -> Press | None:
    return _asked(_text(carried, "verb"), carried, spot, asker, opens=True)


def _asked(verb: str, carried: Mapping[str, Any], spot: Spot, asker: Asker, *, opens: bool) -> Press | None:
    subject = carried.get("subject")
    if verb not in set(Verb) or not isinstance(subject, str):
        return None
    # What is told in a personal chat unasked, such as an alert, is seen by one person too, and yet no answer of theirs.
    return Press(replace(spot, is_private=carried.get("private") is True), asker, Verb(verb), subject, opens)


def _moved(body: Mapping[str, Any], spot: Spot, asker: Asker, event: str) -> Moved:
    bot = _text(_part(body, "recipient"), "id")
    came = event == "add" or any(_text(each, "id") == bot for each in _parts(body, "membersAdded"))
    left = event == "remove" or any(_text(each, "id") == bot for each in _parts(body, "membersRemoved"))
    return Moved(spot, asker, event, _named(_part(_part(body, "channelData"), "channel")), came, left)


def _named(part: Mapping[str, Any]) -> tuple[str, str]:
    return _text(part, "id"), _text(part, "name")


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _parts(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    parts = body.get(name)
    return [each for each in parts if isinstance(each, Mapping)] if isinstance(parts, list) else []


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""
