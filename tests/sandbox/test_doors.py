"""Who is let in, and what do the small methods answer?"""

import pytest
from slack_sdk import WebClient

from bot.sandbox.model import BOT, COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import GENERAL, refused, web_client


@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param("", "not_authed", id="none"),
        pytest.param("xoxb-wrong", "invalid_auth", id="wrong"),
    ],
)
def test_without_the_right_token_nothing_is_answered(sandbox: Sandbox, token: str, error: str) -> None:
    assert refused(web_client(sandbox, token).auth_test)["error"] == error


def test_a_revoked_token_is_token_revoked(sandbox: Sandbox, client: WebClient) -> None:
    client.auth_revoke()

    assert refused(client.auth_test)["error"] == "token_revoked"
    sandbox.switches.revoked = False
    assert client.auth_test()["user_id"] == BOT


def test_a_method_takes_its_own_kind_of_token(sandbox: Sandbox, client: WebClient) -> None:
    by_bot = refused(client.apps_connections_open, app_token=sandbox.tokens.bot)
    by_app = refused(web_client(sandbox, sandbox.tokens.app).chat_postMessage, channel=GENERAL, text="t")

    assert (by_bot["error"], by_app["error"]) == ("not_allowed_token_type", "not_allowed_token_type")


def test_a_method_that_is_not_there_is_unknown_method(client: WebClient) -> None:
    assert refused(client.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_a_scope_that_is_withheld_is_named_with_what_is_there(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.switches.scopes -= {"channels:history", "groups:history"}

    said = refused(client.conversations_history, channel=GENERAL)

    assert said["error"] == "missing_scope"
    assert said["needed"] == "channels:history"
    assert "chat:write" in said["provided"].split(",")
    assert refused(client.conversations_history, channel="C0CAPACITY1")["needed"] == "groups:history"
    assert client.conversations_history(channel="D0000000YOU")["ok"]


def test_people_are_told_with_their_time_zone(client: WebClient) -> None:
    user = client.users_info(user=COLLEAGUE, include_locale=True)["user"]

    assert (user["tz"], user["locale"], user["is_bot"]) == ("Europe/Berlin", "en-US", False)
    assert refused(client.users_info, user="U0NOBODY000")["error"] == "user_not_found"
    assert {BOT, YOU, COLLEAGUE} <= {member["id"] for member in client.users_list()["members"]}


def test_a_reaction_is_added_once(sandbox: Sandbox, client: WebClient) -> None:
    ts = sandbox.workspace.say(YOU, GENERAL, "hello").ts

    client.reactions_add(channel=GENERAL, name="eyes", timestamp=ts)

    said = refused(client.reactions_add, channel=GENERAL, name="eyes", timestamp=ts)
    assert said["error"] == "already_reacted"
    message = sandbox.workspace.message(GENERAL, ts)
    assert message is not None
    assert message.reactions == {"eyes": (BOT,)}


def test_team_and_bot_are_told(client: WebClient) -> None:
    assert client.team_info()["team"]["domain"] == "sandbox"
    assert client.bots_info(bot="B0POOLSTATS")["bot"]["user_id"] == BOT
