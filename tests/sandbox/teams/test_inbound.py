"""Does the app receive what Teams would send it, signed as the Bot Framework signs, and is its answer understood?"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
import requests

from bot.sandbox.teams.model import ALERTS, CHAT, COLLEAGUE, TEAM, YOU, Person
from bot.sandbox.teams.people import UNREACHABLE
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Received, listening
from tests.sandbox.teams.apps import CARD, Bot, card, execute, message


@dataclass
class App:
    """An app that writes down what it is sent, and answers as a test says."""

    answer: Any = None
    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    waits: threading.Event | None = None

    def take(self, received: Received) -> tuple[int, dict[str, str], bytes]:
        self.got.append(json.loads(received.body))
        self.heads.append(received.headers | {"path": received.path})
        if self.waits is not None:
            self.waits.wait(5)
        return self.status, {"content-type": "application/json"}, json.dumps(self.answer).encode()


@pytest.fixture
def app(teams: TeamsStandIn) -> Iterator[App]:
    app = App()
    with listening(app.take) as served:
        teams.app_url = served.url
        yield app


def claims(teams: TeamsStandIn, head: dict[str, str]) -> dict[str, Any]:
    """What the token says, checked the way any app would: metadata, keys, signature, audience, issuer."""
    url = teams.environment()["POOL_STATS_TEAMS__OPENID_METADATA_URL"]
    metadata = requests.get(url, timeout=10).json()
    token = head["authorization"].removeprefix("Bearer ")
    key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token)
    audience = teams.environment()["CLIENT_ID"]
    found: dict[str, Any] = jwt.decode(
        token, key.key, algorithms=metadata["id_token_signing_alg_values_supported"], audience=audience,
        issuer=teams.environment()["POOL_STATS_TEAMS__TOKEN_ISSUER"],
    )  # fmt: skip
    return found


@pytest.mark.parametrize("typed", ["@pool-stats", "@Pool Stats"])
def test_a_mention_in_a_channel(teams: TeamsStandIn, app: App, typed: str) -> None:
    said = teams.people.say(YOU, ALERTS, f"{typed} help me")

    [activity] = app.got
    assert said.ok
    assert app.heads[0]["path"] == "/api/messages"
    assert activity["text"] == "<at>pool-stats</at> help me"
    assert activity["entities"][0]["mentioned"] == {"id": teams.tenant.bot, "name": "pool-stats"}
    assert activity["conversation"] == {
        "id": f"{ALERTS};messageid={activity['id']}",
        "conversationType": "channel",
        "tenantId": teams.tenant.credentials.tenant_id,
        "isGroup": True,
    }
    assert activity["channelData"]["team"]["name"] == "ML Platform"
    assert activity["channelData"]["channel"] == {"id": ALERTS, "name": "Alerts"}
    assert activity["from"]["aadObjectId"]
    assert claims(teams, app.heads[0])["serviceurl"] == activity["serviceUrl"] == teams.service_url


def test_without_a_mention_the_bot_hears_nothing_in_a_channel(teams: TeamsStandIn, app: App) -> None:
    teams.people.say(YOU, ALERTS, "hello everybody")
    teams.people.say(YOU, CHAT, "hello")
    assert app.got == []
    teams.happening.install(YOU)
    teams.people.say(YOU, teams.tenant.personal(YOU).id, "help")

    assert [each["type"] for each in app.got] == ["conversationUpdate", "installationUpdate", "message"]
    assert app.got[-1]["conversation"]["conversationType"] == "personal"


def test_a_slash_command_is_targeted_and_nobody_else_sees_it(teams: TeamsStandIn, app: App) -> None:
    teams.people.say(YOU, ALERTS, "pool-stats train", slash=True)

    assert app.got[0]["recipient"]["isTargeted"] is True
    assert len(teams.tenant.posts(ALERTS, seen_by=YOU)) == 1
    assert teams.tenant.posts(ALERTS, seen_by=COLLEAGUE) == []


def test_the_answer_to_an_action_replaces_the_card_for_who_pressed_it_until_the_message_is_updated(
    teams: TeamsStandIn, app: App, bot: Bot
) -> None:
    choice = {"type": "Input.Text", "id": "why", "label": "Why"}
    post_id = bot.sent(ALERTS, message(card(choice, actions=[execute(data={"subject": "7"})])))
    app.answer = {"statusCode": 200, "type": CARD, "value": card({"type": "TextBlock", "text": "done"})}

    done = teams.people.press(YOU, ALERTS, post_id, "ack", {"why": "known"})

    [activity] = app.got
    assert done.ok
    assert (activity["type"], activity["name"], activity["replyToId"]) == ("invoke", "adaptiveCard/action", post_id)
    assert activity["value"]["action"]["verb"] == "ack"
    assert activity["value"]["action"]["data"] == {"subject": "7", "why": "known"}
    assert activity["conversation"]["id"] == f"{ALERTS};messageid={post_id}"
    post = teams.tenant.message(ALERTS, post_id)
    assert post is not None
    assert (post.card_for(YOU) or {})["body"][0]["text"] == "done"
    assert (post.card_for(COLLEAGUE) or {})["body"][0]["type"] == "Input.Text"
    bot.update(ALERTS, post_id, message(card({"type": "TextBlock", "text": "for all"})))
    post = teams.tenant.message(ALERTS, post_id)
    assert post is not None
    assert (post.card_for(YOU) or {})["body"][0]["text"] == "for all"


@pytest.mark.parametrize(
    ("status", "answer", "error", "shown"),
    [
        (200, {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "ok"}, "", "ok"),
        (
            200,
            {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": {"code": "x", "message": "no"}},
            "status_400",
            "no",
        ),
        (200, {"nonsense": 1}, "bad_answer", "Something went wrong. Please try again."),
        (501, None, "http_501", "Something went wrong. Please try again."),
    ],
)
def test_what_teams_shows_of_an_answer(
    teams: TeamsStandIn, app: App, bot: Bot, status: int, answer: Any, error: str, shown: str
) -> None:
    post_id = bot.sent(ALERTS, message(card(actions=[execute()])))
    app.status, app.answer = status, answer

    outcome = teams.people.press(YOU, ALERTS, post_id, 0)

    assert (outcome.error, outcome.shown) == (error, shown)


def test_an_action_without_a_verb_is_never_sent(teams: TeamsStandIn, app: App, bot: Bot) -> None:
    post_id = bot.sent(ALERTS, message(card(actions=[{"type": "Action.Execute", "title": "Go"}])))

    assert teams.people.press(YOU, ALERTS, post_id, "Go").error == "no_verb"
    assert app.got == []


def test_a_dialog_is_opened_checked_sent_and_closed(teams: TeamsStandIn, app: App, bot: Bot) -> None:
    opens = {"type": "Action.Submit", "title": "Silence", "data": {"id": "7", "msteams": {"type": "task/fetch"}}}
    post_id = bot.sent(ALERTS, message(card(actions=[opens])))
    hours = {
        "type": "Input.Number",
        "id": "hours",
        "label": "Hours",
        "min": 1,
        "isRequired": True,
        "errorMessage": "1+",
    }
    form = card(hours, actions=[{"type": "Action.Submit", "title": "Save", "data": {"id": "7"}}])
    app.answer = {
        "task": {"type": "continue", "value": {"title": "Silence", "card": {"contentType": CARD, "content": form}}}
    }

    teams.people.press(YOU, ALERTS, post_id, "Silence")
    dialog = teams.tenant.dialog(YOU)
    assert dialog is not None
    assert dialog.title == "Silence"
    assert app.got[-1]["name"] == "task/fetch"
    assert app.got[-1]["value"]["data"]["id"] == "7"
    assert teams.people.dialogs.submit(YOU, "Save", {"hours": "0"}).errors == {"hours": "1+"}
    assert len(app.got) == 1
    app.answer = {"task": {"type": "message", "value": "Silenced"}}
    said = teams.people.dialogs.submit(YOU, "Save", {"hours": "2"})

    assert (said.shown, app.got[-1]["name"]) == ("Silenced", "task/submit")
    assert app.got[-1]["value"]["data"] == {"id": "7", "hours": "2"}
    teams.people.dialogs.close(YOU)
    assert teams.tenant.dialog(YOU) is None


def test_a_silent_app_is_given_its_time_and_a_message_comes_again(teams: TeamsStandIn, app: App, bot: Bot) -> None:
    teams.tenant.switches.answer_within = 0.1
    post_id = bot.sent(ALERTS, message(card(actions=[execute()])))
    app.waits = threading.Event()

    pressed = teams.people.press(YOU, ALERTS, post_id, "ack")
    said = teams.people.say(YOU, ALERTS, "@pool-stats help")
    app.waits.set()

    assert (pressed.error, pressed.shown) == ("timeout", UNREACHABLE)
    assert said.error == "timeout"
    assert [each["type"] for each in app.got] == ["invoke", "message", "message"]
    assert app.got[1]["id"] == app.got[2]["id"]


def test_the_same_activity_can_come_twice(teams: TeamsStandIn, app: App) -> None:
    teams.tenant.switches.repeats = 1

    teams.people.say(YOU, ALERTS, "@pool-stats help")

    assert app.got[0] == app.got[1]


def test_the_keys_roll_over_and_a_forgotten_key_no_longer_counts(teams: TeamsStandIn, app: App) -> None:
    teams.people.say(YOU, ALERTS, "@pool-stats one")
    requests.post(f"{teams.base_url}/_sandbox/teams/keys", timeout=10)
    teams.people.say(YOU, ALERTS, "@pool-stats two")

    kids = [jwt.get_unverified_header(each["authorization"].removeprefix("Bearer "))["kid"] for each in app.heads]
    assert kids[0] != kids[1]
    assert all(claims(teams, each) for each in app.heads)
    requests.post(f"{teams.base_url}/_sandbox/teams/keys", json={"forget": True}, timeout=10)
    with pytest.raises(jwt.PyJWKClientError):
        claims(teams, app.heads[0])


def test_what_happens_in_the_tenant_is_told(teams: TeamsStandIn, app: App, bot: Bot) -> None:
    post_id = bot.sent(ALERTS)
    happening = teams.happening
    happening.rename(YOU, ALERTS, "Alarms")
    happening.rename_team(YOU, TEAM, "Compute")
    happening.rename(YOU, CHAT, "Night shift")
    happening.join(Person("29:new", "New", "aad-new", "new@example.com"), CHAT)
    happening.leave("29:new", CHAT)
    teams.people.react(YOU, ALERTS, post_id, "like")
    teams.people.type(YOU, ALERTS)
    happening.remove(YOU, CHAT)
    happening.install(YOU, CHAT, action="add-upgrade")
    happening.delete(YOU, ALERTS)
    happening.anything(YOU, CHAT, {"type": "somethingNew", "recipient": None})

    told = [(each["type"], each.get("channelData", {}).get("eventType") or each.get("action")) for each in app.got]
    assert told == [
        ("conversationUpdate", "channelRenamed"), ("conversationUpdate", "teamRenamed"), ("conversationUpdate", None),
        ("conversationUpdate", None), ("conversationUpdate", None), ("messageReaction", None), ("typing", None),
        ("conversationUpdate", None), ("installationUpdate", "remove"), ("conversationUpdate", None),
        ("installationUpdate", "add-upgrade"), ("conversationUpdate", "channelDeleted"), ("somethingNew", None),
    ]  # fmt: skip
    assert app.got[0]["channelData"]["channel"]["name"] == "Alarms"
    assert app.got[2]["topicName"] == "Night shift"
    assert "recipient" not in app.got[-1]


def test_control_drives_everything_over_http(teams: TeamsStandIn, app: App, bot: Bot) -> None:
    def act(name: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = requests.post(f"{teams.base_url}/_sandbox/teams/{name}", json=asked, timeout=10).json()
        return found

    assert act("introduce")["ok"]
    assert len(app.got) == 2 * 4  # a team, a group chat and two people: each is told of its members and of the app
    teams.happening.remove(COLLEAGUE)
    assert act("install")["ok"]
    assert act("say", text="help")["status"] == 200
    assert act("say", conversation="ML Platform/Alerts", text="@pool-stats help")["ok"]
    assert act("say", conversation="nowhere", text="x")["error"] == "there is no conversation 'nowhere'"
    assert act("say")["error"] == "text is missing"
    app.answer = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "ok"}
    post_id = bot.sent(ALERTS, message(card(actions=[execute()])))
    assert act("press", conversation=ALERTS, id=post_id, action="ack")["shown"] == "ok"
    state = requests.get(f"{teams.base_url}/_sandbox/teams/state", timeout=10).json()
    assert state["bot"] == teams.tenant.bot
    assert state["webhook_url"] == teams.webhook_url
    assert [len(each["posts"]) for each in state["conversations"]] == [0, 2, 0, 1, 0]
