"""What does each operation of the Bot Connector do in the tenant?

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.teams.model import Json, Place, Post
from bot.sandbox.teams.refusing import Refused
from bot.sandbox.teams.strict import activities
from bot.sandbox.teams.tenant import Tenant, bare

_PAGE = 200
_LEAST_PAGE, _MOST_PAGE = 50, 500


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read: the parts of its address, its query and its body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None

    @property
    def targeted(self) -> bool:
        """Whether a message for one person is meant."""
        return self.query.get("isTargetedActivity", "").lower() == "true"


Answer = tuple[int, Any]


class Operations:
    """The operations, on one tenant."""

    def __init__(self, tenant: Tenant, service_url: Callable[[], str]) -> None:
        self.tenant = tenant
        self._service_url = service_url

    # -- messages

    def send(self, asked: Asked) -> Answer:
        """Post into a conversation; with `;messageid=` in its id into a thread."""
        place, root = self._where(asked.path["conversation"])
        body = self._activity(asked.body)
        reply_to = body.get("replyToId")
        if not root and place.kind == "channel" and isinstance(reply_to, str) and reply_to:
            root = self._root(place, reply_to)
        return self._post(place, root, body, asked)

    def reply(self, asked: Asked) -> Answer:
        """Answer a message; in a channel that is in its thread."""
        place, root = self._where(asked.path["conversation"])
        body = self._activity(asked.body)
        self._message(place, asked.path["activity"])
        root = root or (self._root(place, asked.path["activity"]) if place.kind == "channel" else "")
        return self._post(place, root, body | {"replyToId": asked.path["activity"]}, asked)

    def update(self, asked: Asked) -> Answer:
        """Replace a message; what single people saw in place of its card is gone."""
        place, _ = self._where(asked.path["conversation"])
        post = self._own(place, asked)
        body = self._activity(asked.body)
        if asked.targeted and _recipient(body) not in {"", post.targeted_to}:
            raise Refused("BadArgument", "The recipient of a targeted message cannot be changed")
        self._complain(place, body)
        self.tenant.change(replace(post, body=body, edited=True, cards={}))
        return 200, {"id": post.id}

    def delete(self, asked: Asked) -> Answer:
        """Take a message back."""
        place, _ = self._where(asked.path["conversation"])
        self.tenant.delete(self._own(place, asked))
        return 200, None

    def react(self, asked: Asked) -> Answer:
        """The bot reacts to a message."""
        return self._react(asked, add=True)

    def unreact(self, asked: Asked) -> Answer:
        """The bot takes its reaction back."""
        return self._react(asked, add=False)

    def _react(self, asked: Asked, *, add: bool) -> Answer:
        place, _ = self._where(asked.path["conversation"])
        post = self._message(place, asked.path["activity"])
        self.tenant.react(post, self.tenant.bot, asked.path["reaction"], add=add)
        return 200, None

    def _post(self, place: Place, root: str, body: Json, asked: Asked) -> Answer:
        if body["type"] != "message":
            return 202, {}  # typing and the like leave nothing
        target = self._target(place, body) if asked.targeted else ""
        self._complain(place, body)
        tenant = self.tenant
        post = Post(place.id, tenant.next_id(), tenant.bot, body, tenant.now(), root=root, targeted_to=target)
        tenant.post(post)
        return 201, {"id": post.id}

    def _target(self, place: Place, body: Json) -> str:
        wanted = _recipient(body)
        person = self.tenant.person(wanted)
        if person is None or person.id not in place.members:
            raise Refused("BadArgument", "A targeted message needs a recipient who is in the conversation")
        if place.kind == "personal":
            self.tenant.complain(place.id, ["a targeted message in a personal chat"])
        return person.id

    def _activity(self, body: Any) -> Json:
        why = activities.refusal(body)
        if why:
            raise Refused("BadArgument" if isinstance(body, dict) else "BadSyntax", why)
        found: Json = body
        if activities.weight(found) > self.tenant.switches.most_bytes:
            raise Refused("MessageSizeTooBig")
        return found

    def _complain(self, place: Place, body: Json) -> None:
        self.tenant.complain(place.name or place.kind, activities.complaints(body))

    # -- conversations and who is in them

    def open(self, asked: Asked) -> Answer:
        """Begin a chat with one person, or a thread in a channel."""
        body = asked.body
        if not isinstance(body, dict):
            raise Refused("BadSyntax")
        channel = _inside(body, "channelData", "channel", "id")
        activity = self._activity(body["activity"]) if body.get("activity") is not None else None
        if channel:
            return self._thread(channel, activity)
        if not (body.get("tenantId") or _inside(body, "channelData", "tenant", "id")):
            raise Refused("BadArgument", "Tenant id is required to create a conversation with a person")
        members = body.get("members")
        if not isinstance(members, list) or len(members) != 1 or body.get("isGroup"):
            raise Refused("BadArgument", "Bots can only create conversations with exactly one person")
        person = self.tenant.person(str(members[0].get("id") if isinstance(members[0], dict) else ""))
        if person is None:
            raise Refused("BadArgument", "There is no such member in the tenant")
        place, _ = self._where(self.tenant.personal(person.id).id)
        made: Json = {"id": place.id}
        if activity is not None:
            made["activityId"] = self._post(place, "", activity, asked)[1].get("id")
        return 201, made | {"serviceUrl": self._service_url()}

    def _thread(self, channel: str, activity: Json | None) -> Answer:
        place, _ = self._where(channel)
        if place.kind != "channel":
            raise Refused("BadArgument", "channelData.channel.id is not a channel")
        if activity is None:
            raise Refused("BadArgument", "A thread begins with an activity")
        made = self._post(place, "", activity, Asked({}, {}))[1].get("id")
        return 201, {"id": f"{place.id};messageid={made}", "activityId": made, "serviceUrl": self._service_url()}

    def members(self, asked: Asked) -> Answer:
        """Everybody in a conversation."""
        place, _ = self._where(asked.path["conversation"])
        return 200, self._accounts(place)

    def paged_members(self, asked: Asked) -> Answer:
        """Some of them, and where to go on."""
        place, _ = self._where(asked.path["conversation"])
        try:
            size = min(_MOST_PAGE, max(_LEAST_PAGE, int(asked.query.get("pageSize") or _PAGE)))
            start = int(asked.query.get("continuationToken") or 0)
        except ValueError:
            raise Refused("BadArgument", "The continuation token is not known") from None
        everybody = self._accounts(place)
        page: Json = {"members": everybody[start : start + size]}
        return 200, page | ({"continuationToken": str(start + size)} if start + size < len(everybody) else {})

    def member(self, asked: Asked) -> Answer:
        """One person in a conversation, by account or directory id."""
        place, _ = self._where(asked.path["conversation"])
        person = self.tenant.person(asked.path["member"])
        if person is None or person.id not in place.members:
            raise Refused("MemberNotFoundInConversation")
        return 200, next(each for each in self._accounts(place) if each["id"] == person.id)

    def team(self, asked: Asked) -> Answer:
        """A team."""
        team = self.tenant.team(asked.path["team"])
        if team is None:
            raise Refused("ConversationNotFound")
        channels = self._channels(team.id)
        return 200, {
            "id": team.id,
            "name": team.name,
            "type": "standard",
            "aadGroupId": team.aad_group_id,
            "channelCount": len(channels),
            "memberCount": len(team.members),
            "tenantId": self.tenant.credentials.tenant_id,
        }

    def channels(self, asked: Asked) -> Answer:
        """The channels of a team; the first one is named in no language, so it has no name."""
        if self.tenant.team(asked.path["team"]) is None:
            raise Refused("ConversationNotFound")
        found = [
            {"id": each.id, "type": "standard"} | ({"name": each.name} if each.id != each.team else {})
            for each in self._channels(asked.path["team"])
        ]
        return 200, {"conversations": found}

    def _channels(self, team: str) -> list[Place]:
        channels = [each for each in self.tenant.places() if each.team == team]
        if not any(each.has_bot for each in channels):
            raise Refused("BotNotInConversationRoster")
        return channels

    def _accounts(self, place: Place) -> list[Json]:
        accounts = []
        for person in self.tenant.people():
            if person.id in place.members:
                given, _, surname = person.name.partition(" ")
                accounts.append(
                    {
                        "id": person.id,
                        "name": person.name,
                        "objectId": person.aad_object_id,
                        "givenName": given,
                        "surname": surname,
                        "email": person.user_principal_name,
                        "userPrincipalName": person.user_principal_name,
                        "tenantId": self.tenant.credentials.tenant_id,
                        "userRole": "user",
                    }
                )
        return accounts

    # -- where and what

    def _where(self, conversation: str) -> tuple[Place, str]:
        place_id, _, root = conversation.partition(";messageid=")
        place = next((each for each in self.tenant.places() if each.id == place_id), None)
        if place is None:
            raise Refused("ConversationNotFound")
        if place.blocked:
            raise Refused("ConversationBlockedByUser")
        if not place.has_bot:
            raise Refused("BotNotInConversationRoster")
        return place, self._root(place, root) if root else ""

    def _message(self, place: Place, activity: str) -> Post:
        found = self.tenant.message(place.id, activity)
        if found is None:
            raise Refused("ActivityNotFoundInConversation")
        return found

    def _own(self, place: Place, asked: Asked) -> Post:
        found = self._message(place, asked.path["activity"])
        if bool(found.targeted_to) != asked.targeted:
            raise Refused("ActivityNotFoundInConversation")
        if found.sender != self.tenant.bot:
            raise Refused("NotEnoughPermissions", "A bot can change only its own messages")
        return found

    def _root(self, place: Place, activity: str) -> str:
        """The message that the thread of this one begins with; one for a single person begins none."""
        post = self._message(place, activity)
        return post.root or ("" if post.targeted_to else post.id)


def _recipient(body: Json) -> str:
    return _inside(body, "recipient", "id")


def _inside(body: Json, *names: str) -> str:
    """The text at this path, if there is some."""
    found: Any = body
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def conversation_of(asked: Asked) -> str:
    """The conversation a request is about, as the rate limits count it."""
    if "conversation" in asked.path:
        return bare(asked.path["conversation"])
    body = asked.body if isinstance(asked.body, dict) else {}
    members = body.get("members")
    first = members[0] if isinstance(members, list) and members else {}
    return _inside(body, "channelData", "channel", "id") or str(first.get("id") if isinstance(first, dict) else "")
