"""An app of the tenant: what it asks the Bot Connector, with nothing of the stand-in's own but its address."""

from functools import cache
from typing import Any

import requests

from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.tokens import Key, new_key

CARD = "application/vnd.microsoft.card.adaptive"


@cache
def keys() -> tuple[Key, Key]:
    """Two keys for all tests: making one takes longer than most of them."""
    return new_key(), new_key()


def tokens_with_keys(teams: TeamsStandIn) -> TeamsStandIn:
    teams.login.directory.use(keys()[0])
    teams.login.framework.use(keys()[1])
    return teams


def card(*body: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = list(body) or [{"type": "TextBlock", "text": "hello", "wrap": True}]
    return {"type": "AdaptiveCard", "version": "1.5", "body": shown, **more}


def message(content: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    if content is None:
        return {"type": "message", "text": "hello", **more}
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}], **more}


def execute(verb: str = "ack", title: str = "Acknowledge", **more: Any) -> dict[str, Any]:
    return {"type": "Action.Execute", "title": title, "verb": verb, **more}


class Bot:
    """Asks the Bot Connector over HTTP, with a token from the directory."""

    def __init__(self, teams: TeamsStandIn) -> None:
        self.teams = teams
        self.base = f"{teams.service_url}v3"
        credentials = teams.tenant.credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "scope": "https://api.botframework.com/.default",
        }
        self.token = requests.post(teams.token_url, data=form, timeout=10).json()["access_token"]

    def ask(self, method: str, path: str, body: Any = None, *, timeout: float = 10, **head: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **head}
        return requests.request(method, f"{self.base}/{path}", json=body, headers=headers, timeout=timeout)

    def send(self, place: str, body: Any = None, **more: Any) -> requests.Response:
        return self.ask("POST", f"conversations/{place}/activities", message() if body is None else body, **more)

    def sent(self, place: str, body: Any = None) -> str:
        """The id of a message that is taken."""
        answer = self.send(place, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def update(self, place: str, activity: str, body: Any) -> requests.Response:
        return self.ask("PUT", f"conversations/{place}/activities/{activity}", body)

    def delete(self, place: str, activity: str) -> requests.Response:
        return self.ask("DELETE", f"conversations/{place}/activities/{activity}")

    def to_webhook(self, body: Any, *, address: str = "") -> requests.Response:
        return requests.post(address or self.teams.webhook_url, json=body, timeout=10)


def code(answer: requests.Response) -> str:
    """The code of an error."""
    return str(answer.json()["error"]["code"])
