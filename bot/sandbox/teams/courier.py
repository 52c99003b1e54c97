"""How do activities reach the app, and what does Teams make of its silence?

Teams waits about fifteen seconds for a message or an action of a card and five for a dialog; what was not answered in
time is delivered again with the same id, except for what a person waits for.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.teams.login import Login
from bot.sandbox.teams.model import Json
from bot.sandbox.teams.tenant import Tenant

PATH = "/api/messages"
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app answered; `failed` says why there was no answer (`timeout`, `unreachable`)."""

    status: int = 0
    body: Any = None
    failed: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return not self.failed and http.client.OK <= self.status < http.client.MULTIPLE_CHOICES

    @property
    def error(self) -> str:
        """Empty when it was taken."""
        return "" if self.ok else self.failed or f"http_{self.status}"


class Courier:
    """Signs activities and posts them to the app.

    Args:
        tenant: From whom.
        login: Who signs.
        app_url: Where the app listens, with or without a path; empty when there is none.
    """

    def __init__(self, tenant: Tenant, login: Login, app_url: str = "") -> None:
        self.tenant = tenant
        self.login = login
        self.app_url = app_url

    def tell(self, activity: Json) -> Reply:
        """Deliver something nobody waits for: again when it was not answered, and again when repeats are asked for."""
        switches = self.tenant.switches
        reply = Reply(failed="unreachable")
        for _ in range(1 + switches.redelivered):
            reply = self.post(activity, within=switches.answer_within)
            if not self.app_url or reply.ok or (reply.status and reply.status < http.client.INTERNAL_SERVER_ERROR):
                break
        for _ in range(switches.repeats):
            self.post(activity, within=switches.answer_within)
        return reply

    def ask(self, activity: Json) -> Reply:
        """Deliver an invoke, for whose answer a person waits: once, and again only when repeats are asked for."""
        switches = self.tenant.switches
        dialogs = str(activity.get("name", "")).startswith("task/")
        within = switches.dialog_within if dialogs else switches.answer_within
        reply = self.post(activity, within=within)
        for _ in range(switches.repeats):
            self.post(activity, within=within)
        return reply

    def post(self, activity: Json, *, within: float, token: str | None = None) -> Reply:
        """One delivery; `token` may be a wrong one on purpose."""
        if not self.app_url:
            return Reply(failed="unreachable")
        signed = self.login.inbound_token(str(activity.get("serviceUrl", ""))) if token is None else token
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)",
            "x-ms-conversation-id": str(activity.get("conversation", {}).get("id", "")),
            "x-ms-tenant-id": self.tenant.credentials.tenant_id,
        }
        if signed:
            headers["authorization"] = f"Bearer {signed}"
        return _post(self._address(), json.dumps(activity).encode(), headers, within=within)

    def _address(self) -> str:
        url = self.app_url.rstrip("/")
        return url if urlsplit(url).path else url + PATH


def _post(url: str, body: bytes, headers: Mapping[str, str], *, within: float) -> Reply:
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=within)
    began = monotonic()
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        response = connection.getresponse()
        reply = Reply(response.status, _readable(response.read(_MOST_BYTES)))
    except TimeoutError:
        return Reply(failed="timeout")
    except (OSError, http.client.HTTPException):
        return Reply(failed="unreachable")
    finally:
        connection.close()
    return reply if monotonic() - began <= within else Reply(failed="timeout")


def _readable(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")
