"""Does the Bot Connector's stand-in do what its reference says?"""

from dataclasses import replace
from typing import Any

import pytest
import requests

from bot.sandbox.teams.model import ALERTS, CHAT, COLLEAGUE, TEAM, YOU, Person
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Clock
from tests.sandbox.teams.apps import Bot, card, code, message


def test_a_message_is_created_updated_and_deleted(bot: Bot, teams: TeamsStandIn) -> None:
    made = bot.send(ALERTS, message(card()))
    post_id = made.json()["id"]
    assert made.status_code == 201

    changed = bot.update(ALERTS, post_id, message(card({"type": "TextBlock", "text": "changed"})))

    assert (changed.status_code, changed.json()) == (200, {"id": post_id})
    [post] = teams.tenant.posts(ALERTS)
    assert post.edited
    assert post.body["attachments"][0]["content"]["body"][0]["text"] == "changed"
    assert bot.delete(ALERTS, post_id).status_code == 200
    assert teams.tenant.posts(ALERTS) == []
    assert code(bot.update(ALERTS, post_id, message())) == "ActivityNotFoundInConversation"


def test_a_reply_in_a_channel_stands_in_the_thread(bot: Bot, teams: TeamsStandIn) -> None:
    root = bot.sent(ALERTS)

    by_id = bot.sent(f"{ALERTS};messageid={root}")
    by_address = bot.ask("POST", f"conversations/{ALERTS}/activities/{by_id}", message()).json()["id"]
    by_field = bot.sent(ALERTS, message(replyToId=root))

    posts = {each.id: each.root for each in teams.tenant.posts(ALERTS)}
    assert posts == {root: "", by_id: root, by_address: root, by_field: root}


def test_a_thread_is_begun_by_creating_a_conversation_in_a_channel(bot: Bot, teams: TeamsStandIn) -> None:
    asked = {"isGroup": True, "channelData": {"channel": {"id": ALERTS}}, "activity": message()}

    made = bot.ask("POST", "conversations", asked)

    [post] = teams.tenant.posts(ALERTS)
    assert made.status_code == 201
    assert made.json()["id"] == f"{ALERTS};messageid={post.id}"
    assert made.json()["activityId"] == post.id


def test_a_chat_with_one_person_needs_the_app_installed_for_them(bot: Bot, teams: TeamsStandIn) -> None:
    asked = {"members": [{"id": YOU}], "tenantId": teams.tenant.credentials.tenant_id}
    assert code(bot.ask("POST", "conversations", asked)) == "BotNotInConversationRoster"

    teams.happening.install(YOU)
    made = bot.ask("POST", "conversations", asked)

    assert made.status_code == 201
    assert bot.send(made.json()["id"]).status_code == 201
    assert code(bot.ask("POST", "conversations", {"members": [{"id": YOU}]})) == "BadArgument"


def test_a_targeted_message_is_for_one_person_and_gone_after_a_day(bot: Bot, teams: TeamsStandIn, clock: Clock) -> None:
    path = f"conversations/{ALERTS}/activities"
    made = bot.ask("POST", f"{path}?isTargetedActivity=true", message(recipient={"id": YOU}))
    post_id = made.json()["id"]

    assert [each.id for each in teams.tenant.posts(ALERTS, seen_by=YOU)] == [post_id]
    assert teams.tenant.posts(ALERTS, seen_by=COLLEAGUE) == []
    assert code(bot.update(ALERTS, post_id, message())) == "ActivityNotFoundInConversation"
    moved = message(recipient={"id": COLLEAGUE})
    assert code(bot.ask("PUT", f"{path}/{post_id}?isTargetedActivity=true", moved)) == "BadArgument"
    assert bot.ask("PUT", f"{path}/{post_id}?isTargetedActivity=true", message()).status_code == 200
    assert code(bot.ask("POST", f"{path}?isTargetedActivity=true", message())) == "BadArgument"
    clock.ahead += 24 * 3600
    assert teams.tenant.posts(ALERTS) == []


def test_the_members_come_at_once_or_by_the_page(bot: Bot, teams: TeamsStandIn) -> None:
    everybody = {each["id"]: each for each in bot.ask("GET", f"conversations/{CHAT}/members").json()}
    assert set(everybody) == {YOU, COLLEAGUE}
    assert everybody[YOU]["userPrincipalName"] == "you@example.com"
    one = bot.ask("GET", f"conversations/{CHAT}/members/{everybody[YOU]['objectId']}").json()
    assert one == everybody[YOU]
    assert code(bot.ask("GET", f"conversations/{CHAT}/members/29:nobody")) == "MemberNotFoundInConversation"

    new = [Person(f"29:{number}", f"P{number}", f"aad-{number}", f"p{number}@example.com") for number in range(60)]
    place = teams.tenant.place(CHAT)
    assert place is not None
    for person in new:
        teams.tenant.put_person(person)
    teams.tenant.put_place(replace(place, members=place.members | {each.id for each in new}))
    first = bot.ask("GET", f"conversations/{CHAT}/pagedmembers?pageSize=50").json()
    rest = bot.ask("GET", f"conversations/{CHAT}/pagedmembers?continuationToken={first['continuationToken']}").json()
    assert len(first["members"]) + len(rest["members"]) == 62
    assert "continuationToken" not in rest


def test_a_team_and_its_channels(bot: Bot) -> None:
    team = bot.ask("GET", f"teams/{TEAM}").json()
    channels = bot.ask("GET", f"teams/{TEAM}/conversations").json()["conversations"]

    assert (team["name"], team["channelCount"], team["memberCount"]) == ("ML Platform", 2, 2)
    assert [(each["id"], each.get("name")) for each in channels] == [(TEAM, None), (ALERTS, "Alerts")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param([], 400, id="no object"),
        pytest.param({"type": "nonsense"}, 400, id="no known type"),
        pytest.param({"type": "message"}, 400, id="nothing to say"),
        pytest.param(message({"type": "AdaptiveCard"}), 400, id="a card without a version"),
        pytest.param({"type": "message", "text": "x" * 60_000}, 413, id="more than 100 KB in UTF-16"),
        pytest.param({"type": "typing"}, 202, id="typing leaves nothing"),
    ],
)
def test_what_is_not_a_message_is_refused(bot: Bot, teams: TeamsStandIn, body: Any, status: int) -> None:
    assert bot.send(ALERTS, body).status_code == status
    assert teams.tenant.posts(ALERTS) == []


def test_where_the_bot_may_not_write_it_is_told_why(bot: Bot, teams: TeamsStandIn) -> None:
    assert code(bot.send("19:nowhere@thread.v2")) == "ConversationNotFound"
    assert code(bot.send(f"{ALERTS};messageid=1")) == "ActivityNotFoundInConversation"
    teams.happening.install(YOU)
    teams.happening.block(YOU)
    assert code(bot.send(teams.tenant.personal(YOU).id)) == "ConversationBlockedByUser"
    teams.happening.remove(YOU, ALERTS)
    assert code(bot.send(ALERTS)) == "BotNotInConversationRoster"
    assert code(bot.ask("GET", f"teams/{TEAM}/conversations")) == "BotNotInConversationRoster"
    theirs = teams.people.say(YOU, CHAT, "mine").id
    assert code(bot.update(CHAT, theirs, message())) == "NotEnoughPermissions"


def test_only_a_good_token_of_this_app_opens_the_door(bot: Bot, teams: TeamsStandIn, clock: Clock) -> None:
    head, claims, signature = bot.token.split(".")
    for wrong in ("", "Bearer x", f"Basic {bot.token}", f"Bearer {head}.{claims}.{signature[::-1]}"):
        assert bot.send(ALERTS, Authorization=wrong).status_code == 401
    stolen = teams.login.inbound_token(teams.service_url)
    assert bot.send(ALERTS, Authorization=f"Bearer {stolen}").status_code == 401
    clock.ahead += 3700
    assert bot.send(ALERTS).status_code == 401
    assert Bot(teams).send(ALERTS).status_code == 201


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "unauthorized_client"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_the_directory_says_what_is_wrong(teams: TeamsStandIn, change: dict[str, str], error: str) -> None:
    credentials = teams.tenant.credentials
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": "https://api.botframework.com/.default",
    }

    answer = requests.post(teams.token_url, data=form | change, timeout=10)

    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error
