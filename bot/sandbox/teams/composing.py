"""What does the app receive? The activities of the Bot Framework as Teams fills them in.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability
"""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox.teams.model import Json, Person, Place
from bot.sandbox.teams.tenant import Tenant


class Composer:
    """Activities of one tenant.

    Args:
        tenant: Whose.
        service_url: Where the app is told to answer.
    """

    def __init__(self, tenant: Tenant, service_url: Callable[[], str]) -> None:
        self.tenant = tenant
        self.service_url = service_url

    def activity(self, kind: str, person: Person | None, place: Place, *, root: str = "", **more: object) -> Json:
        """An activity with everything Teams puts into each; None as the person stands for Teams itself."""
        tenant = self.tenant
        at = datetime.fromtimestamp(tenant.now(), UTC)
        activity: Json = {
            "type": kind,
            "id": f"f:{uuid.uuid4()}",
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url(),
            "from": self._account(person) if person else {"id": place.id},
            "recipient": {"id": tenant.bot, "name": tenant.bot_name},
            "conversation": self.conversation(place, root),
            "channelData": self.channel_data(place),
        }
        if person is not None:
            client = {"type": "clientInfo", "locale": person.locale, "country": "CN", "platform": "Web"}
            activity["locale"] = person.locale
            activity["localTimezone"] = person.timezone
            activity["entities"] = [client | {"timezone": person.timezone}]
        return activity | more

    def message(
        self, person: Person, place: Place, text: str, *, post_id: str, root: str = "", targeted: bool = False
    ) -> Json:
        """What somebody wrote; `@` and the bot's name is a mention."""
        marked, mentions = self._mentions(text)
        activity = self.activity("message", person, place, root=root or (post_id if place.kind == "channel" else ""))
        activity |= {"id": post_id, "text": marked, "textFormat": "plain"}
        content = marked.replace("\n", "<br>")
        activity["attachments"] = [{"contentType": "text/html", "content": f"<p>{content}</p>"}] if mentions else []
        activity["entities"] = [*mentions, *activity["entities"]]
        if targeted:
            activity["recipient"]["isTargeted"] = True
        return activity

    def conversation(self, place: Place, root: str = "") -> Json:
        """`conversation` of an activity."""
        inside: Json = {
            "id": f"{place.id};messageid={root}" if root and place.kind == "channel" else place.id,
            "conversationType": place.kind,
            "tenantId": self.tenant.credentials.tenant_id,
        }
        if place.kind != "personal":
            inside["isGroup"] = True
        if place.kind == "groupChat":
            inside["name"] = place.name
        return inside

    def channel_data(self, place: Place) -> Json:
        """`channelData` of an activity."""
        inside: Json = {"tenant": {"id": self.tenant.credentials.tenant_id}}
        team = self.tenant.team(place.team)
        if team is not None:
            inside |= {
                "teamsTeamId": team.id,
                "teamsChannelId": place.id,
                "team": {"id": team.id, "name": team.name, "aadGroupId": team.aad_group_id},
                "channel": {"id": place.id} | ({"name": place.name} if place.id != team.id else {}),
            }
        return inside

    def _account(self, person: Person) -> Json:
        return {"id": person.id, "name": person.name, "aadObjectId": person.aad_object_id}

    def _mentions(self, text: str) -> tuple[str, list[Json]]:
        name = self.tenant.bot_name
        at = f"<at>{name}</at>"
        # The page has no list to choose from: what is typed counts as chosen, also by the name in the manifest.
        typed = re.escape(name).replace(r"\-", "[- ]")
        marked, count = re.subn(rf"@{typed}\b", at, text, flags=re.IGNORECASE)
        if not count:
            return text, []
        return marked, [{"type": "mention", "text": at, "mentioned": {"id": self.tenant.bot, "name": name}}]
