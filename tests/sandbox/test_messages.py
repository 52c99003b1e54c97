"""Does chat.* take, refuse, change and delete messages as Slack does?"""

import pytest
import requests
from slack_sdk import WebClient

from bot.sandbox.model import COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import GENERAL, Clock, refused, section, web_client

BAR = [{"color": "#E01E5A", "blocks": [section("bar")]}]
DELIVERY = {"event_type": "pool_stats_delivery", "event_payload": {"delivery_id": "d1"}}


def test_a_message_is_posted_by_channel_id_or_name(sandbox: Sandbox, client: WebClient) -> None:
    first = client.chat_postMessage(channel=GENERAL, text="by id")
    second = client.chat_postMessage(channel="#general", text="by name")

    assert first["channel"] == second["channel"] == GENERAL
    assert float(second["ts"]) > float(first["ts"])
    assert [message.text for message in sandbox.workspace.messages(GENERAL)] == ["by id", "by name"]


def test_blocks_and_buttons_without_ids_get_them(client: WebClient) -> None:
    press = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    posted = client.chat_postMessage(channel=GENERAL, text="t", blocks=[{"type": "actions", "elements": [press]}])

    [block] = posted["message"]["blocks"]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


def test_a_markdown_block_keeps_no_block_id(client: WebClient) -> None:
    block = {"type": "markdown", "text": "# hi", "block_id": "mine"}
    posted = client.chat_postMessage(channel=GENERAL, text="t", blocks=[block])

    assert "block_id" not in posted["message"]["blocks"][0]


def test_a_message_to_a_person_lands_in_the_direct_message(client: WebClient) -> None:
    assert client.chat_postMessage(channel=YOU, text="hello")["channel"] == "D0000000YOU"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("C0NOWHERE01", "channel_not_found", id="unknown"),
        pytest.param("#nowhere", "channel_not_found", id="unknown name"),
        pytest.param("", "channel_not_found", id="none"),
        pytest.param("#random", "not_in_channel", id="the bot is not a member"),
        pytest.param("#old-cluster", "is_archived", id="archived"),
    ],
)
def test_a_message_to_a_channel_that_cannot_take_it_is_refused(client: WebClient, channel: str, error: str) -> None:
    assert refused(client.chat_postMessage, channel=channel, text="hello")["error"] == error


def test_with_chat_write_public_the_bot_posts_without_being_a_member(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.switches.scopes.add("chat:write.public")

    assert client.chat_postMessage(channel="#random", text="hello")["ok"]


def test_a_private_channel_without_the_bot_does_not_exist_for_it(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.remove("C0CAPACITY1")

    assert refused(client.chat_postMessage, channel="C0CAPACITY1", text="hello")["error"] == "channel_not_found"
    assert refused(client.conversations_info, channel="C0CAPACITY1")["error"] == "channel_not_found"


def test_a_message_with_nothing_in_it_is_no_text(client: WebClient) -> None:
    said = refused(client.api_call, api_method="chat.postMessage", json={"channel": GENERAL, "blocks": []})

    assert said["error"] == "no_text"


def test_forty_thousand_characters_are_taken_and_one_more_is_too_long(client: WebClient) -> None:
    assert client.chat_postMessage(channel=GENERAL, text="x" * 40_000)["ok"]
    assert refused(client.chat_postMessage, channel=GENERAL, text="x" * 40_001)["error"] == "msg_too_long"


@pytest.mark.parametrize("blocks", ["{broken", '{"type": "divider"}', "7"])
def test_blocks_that_are_no_list_are_invalid_blocks_format(client: WebClient, blocks: str) -> None:
    assert (
        refused(client.chat_postMessage, channel=GENERAL, text="t", blocks=blocks)["error"] == "invalid_blocks_format"
    )


def test_a_wrong_block_is_named_by_its_json_pointer(client: WebClient) -> None:
    said = refused(client.chat_postMessage, channel=GENERAL, text="t", blocks=[section(), section("x" * 3001)])

    assert said["error"] == "invalid_blocks"
    pointed = "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    assert said["errors"] == [pointed]
    assert said["response_metadata"]["messages"] == [f"[ERROR] {pointed}"]


def test_a_form_and_a_json_body_say_the_same(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}api/chat.postMessage"
    head = {"Authorization": f"Bearer {sandbox.tokens.bot}"}
    form = {"channel": GENERAL, "blocks": '[{"type": "divider"}]', "token": sandbox.tokens.bot, "text": "t"}
    by_form = requests.post(address, data=form, timeout=10).json()
    json_body = {"channel": GENERAL, "blocks": [{"type": "divider"}], "text": "t"}
    by_json = requests.post(address, json=json_body, headers=head, timeout=10).json()

    assert by_form["ok"]
    assert by_json["ok"]
    assert by_form["message"]["blocks"][0]["type"] == by_json["message"]["blocks"][0]["type"] == "divider"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        pytest.param("{", "application/json", "invalid_json", id="broken JSON"),
        pytest.param("[1]", "application/json", "json_not_object", id="a list"),
        pytest.param("x", "text/plain", "invalid_post_type", id="another type"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(sandbox: Sandbox, body: str, kind: str, error: str) -> None:
    head = {"Authorization": f"Bearer {sandbox.tokens.bot}", "Content-Type": kind}

    answer = requests.post(f"{sandbox.url}api/chat.postMessage", data=body, headers=head, timeout=10)

    assert answer.json() == {"ok": False, "error": error}


# -- metadata


def test_metadata_is_stored_and_read_back_only_when_asked_for(client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="t", metadata=DELIVERY)

    [with_it] = client.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"]
    [without] = client.conversations_history(channel=GENERAL)["messages"]
    assert with_it["metadata"] == DELIVERY
    assert "metadata" not in without


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        pytest.param({"event_type": "a"}, "invalid_metadata_format", id="no payload"),
        pytest.param({"event_type": 1, "event_payload": {}}, "invalid_metadata_format", id="type is no text"),
        pytest.param({"event_type": "a", "event_payload": {}, "x": 1}, "invalid_metadata_format", id="more fields"),
        pytest.param({"event_type": "a", "event_payload": {"k": "x" * 9000}}, "metadata_too_large", id="too large"),
    ],
)
def test_metadata_of_another_shape_or_size_is_refused(
    client: WebClient, metadata: dict[str, object], error: str
) -> None:
    assert refused(client.chat_postMessage, channel=GENERAL, text="t", metadata=metadata)["error"] == error


# -- update and delete


def test_an_update_with_text_alone_removes_the_blocks_and_keeps_attachments_and_metadata(client: WebClient) -> None:
    posted = client.chat_postMessage(
        channel=GENERAL, text="old", blocks=[section()], attachments=BAR, metadata=DELIVERY
    )

    client.chat_update(channel=GENERAL, ts=posted["ts"], text="new")

    [message] = client.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"]
    assert message["text"] == "new"
    assert "blocks" not in message
    assert message["attachments"][0]["color"] == "#E01E5A"
    assert message["metadata"] == DELIVERY
    assert message["edited"]["user"] == "U0POOLSTATS"


def test_an_update_with_an_empty_list_clears_the_attachments(client: WebClient) -> None:
    posted = client.chat_postMessage(channel=GENERAL, text="old", attachments=BAR)

    client.chat_update(channel=GENERAL, ts=posted["ts"], text="new", attachments=[])

    assert "attachments" not in client.conversations_history(channel=GENERAL)["messages"][0]


def test_an_update_replaces_the_blocks_and_keeps_place_and_thread(sandbox: Sandbox, client: WebClient) -> None:
    root = client.chat_postMessage(channel=GENERAL, text="root")
    reply = client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root["ts"])

    client.chat_update(channel=GENERAL, ts=reply["ts"], text="t", blocks=[section("changed")])

    message = sandbox.workspace.message(GENERAL, reply["ts"])
    assert message is not None
    assert message.thread_ts == root["ts"]
    assert message.blocks[0]["text"]["text"] == "changed"


def test_an_update_longer_than_four_thousand_characters_is_too_long(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="old")["ts"]

    assert client.chat_update(channel=GENERAL, ts=ts, text="x" * 4000)["ok"]
    assert refused(client.chat_update, channel=GENERAL, ts=ts, text="x" * 4001)["error"] == "msg_too_long"


def test_an_update_takes_the_channel_by_id_only(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="old")["ts"]

    assert refused(client.chat_update, channel="#general", ts=ts, text="new")["error"] == "channel_not_found"


def test_what_is_not_there_cannot_be_updated_or_deleted(client: WebClient) -> None:
    assert refused(client.chat_update, channel=GENERAL, ts="1.000001", text="t")["error"] == "message_not_found"
    assert refused(client.chat_delete, channel=GENERAL, ts="1.000001")["error"] == "message_not_found"


def test_what_a_person_wrote_cannot_be_updated_or_deleted_by_the_bot(sandbox: Sandbox, client: WebClient) -> None:
    ts = sandbox.workspace.say(YOU, GENERAL, "mine").ts

    assert refused(client.chat_update, channel=GENERAL, ts=ts, text="t")["error"] == "cant_update_message"
    assert refused(client.chat_delete, channel=GENERAL, ts=ts)["error"] == "cant_delete_message"


def test_a_message_in_an_archived_channel_cannot_be_updated(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="old")["ts"]
    sandbox.workspace.archive(GENERAL)

    assert refused(client.chat_update, channel=GENERAL, ts=ts, text="new")["error"] == "is_inactive"


def test_a_deleted_message_is_gone_and_one_with_replies_leaves_a_tombstone(client: WebClient) -> None:
    alone = client.chat_postMessage(channel=GENERAL, text="alone")["ts"]
    root = client.chat_postMessage(channel=GENERAL, text="root")["ts"]
    client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root)

    client.chat_delete(channel=GENERAL, ts=alone)
    client.chat_delete(channel=GENERAL, ts=root)

    [left] = client.conversations_history(channel=GENERAL)["messages"]
    assert left["subtype"] == "tombstone"
    assert refused(client.chat_delete, channel=GENERAL, ts=root)["error"] == "message_not_found"


def test_a_permalink_names_channel_and_moment(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="t")["ts"]

    link = client.chat_getPermalink(channel=GENERAL, message_ts=ts)["permalink"]

    assert link.endswith(f"/archives/{GENERAL}/p{ts.replace('.', '')}")
    missing = refused(client.chat_getPermalink, channel=GENERAL, message_ts="1.000001")
    assert missing["error"] == "message_not_found"


# -- ephemeral


def test_an_ephemeral_message_is_seen_by_one_person_and_never_comes_back(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postEphemeral(channel=GENERAL, user=YOU, text="psst")["message_ts"]

    assert [each.text for each in sandbox.workspace.messages(GENERAL, seen_by=YOU)] == ["psst"]
    assert sandbox.workspace.messages(GENERAL, seen_by=COLLEAGUE) == []
    assert client.conversations_history(channel=GENERAL)["messages"] == []
    assert refused(client.chat_update, channel=GENERAL, ts=ts, text="t")["error"] == "message_not_found"


def test_an_ephemeral_message_needs_a_member(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.remove(GENERAL, COLLEAGUE)

    outside = refused(client.chat_postEphemeral, channel=GENERAL, user=COLLEAGUE, text="t")
    unknown = refused(client.chat_postEphemeral, channel=GENERAL, user="U0NOBODY000", text="t")
    assert (outside["error"], unknown["error"]) == ("user_not_in_channel", "user_not_found")


# -- threads and the pace


def test_a_reply_needs_a_message_to_reply_to(client: WebClient) -> None:
    said = refused(client.chat_postMessage, channel=GENERAL, text="t", thread_ts="1.000001")

    assert said["error"] == "thread_not_found"


def test_a_channel_takes_a_burst_and_then_one_message_a_second(sandbox: Sandbox, clock: Clock) -> None:
    sandbox.switches.burst = 3
    client = web_client(sandbox)
    for number in range(3):
        client.chat_postMessage(channel=GENERAL, text=str(number))
    head = {"Authorization": f"Bearer {sandbox.tokens.bot}"}
    body = {"channel": "#general", "text": "t"}

    answer = requests.post(f"{sandbox.url}api/chat.postMessage", json=body, headers=head, timeout=10)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    assert client.chat_postMessage(channel="#research", text="another channel")["ok"]
    clock.ahead += 1.1
    assert client.chat_postMessage(channel=GENERAL, text="later")["ok"]


def test_the_tiers_are_enforced_where_that_is_switched_on(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.switches.tiers = True
    for _ in range(20):
        client.users_list()

    assert refused(client.users_list)["error"] == "ratelimited"
    assert client.users_info(user=YOU)["ok"]
