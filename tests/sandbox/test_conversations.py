"""Are channels listed and read back as Slack does?"""

import pytest
from slack_sdk import WebClient

from bot.sandbox.model import BOT, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import GENERAL, refused


def test_public_channels_are_listed_with_membership_and_private_ones_on_request(client: WebClient) -> None:
    public = {each["name"]: each for each in client.conversations_list(exclude_archived=True)["channels"]}
    private = client.conversations_list(types="private_channel")["channels"]
    archived = [each["name"] for each in client.conversations_list()["channels"] if each["is_archived"]]

    assert set(public) == {"general", "ml-platform", "ml-oncall", "research", "random"}
    assert public["ml-oncall"]["is_member"]
    assert not public["random"]["is_member"]
    assert [each["name"] for each in private] == ["capacity"]
    assert archived == ["old-cluster"]


def test_a_list_is_read_in_pages(client: WebClient) -> None:
    names: list[str] = []
    for page in client.conversations_list(limit=2):
        assert len(page["channels"]) <= 2
        names += [each["name"] for each in page["channels"]]

    assert len(names) == len(set(names)) == 6


def test_a_channel_is_known_by_id_only(client: WebClient) -> None:
    found = client.conversations_info(channel=GENERAL, include_num_members=True)["channel"]

    assert (found["name"], found["num_members"]) == ("general", 3)
    assert refused(client.conversations_info, channel="general")["error"] == "channel_not_found"


def test_the_bot_joins_a_public_channel(client: WebClient) -> None:
    assert client.conversations_join(channel="C0RANDOM001")["channel"]["is_member"]
    assert client.conversations_join(channel="C0RANDOM001")["warning"] == "already_in_channel"
    assert BOT in client.conversations_members(channel="C0RANDOM001")["members"]
    assert refused(client.conversations_join, channel="C0OLDCLSTR1")["error"] == "is_archived"
    private = refused(client.conversations_join, channel="C0CAPACITY1")
    assert private["error"] == "method_not_supported_for_channel_type"


def test_a_direct_message_is_opened(client: WebClient) -> None:
    assert client.conversations_open(users=[YOU])["channel"]["id"] == "D0000000YOU"
    assert refused(client.conversations_open, users="U0NOBODY000")["error"] == "user_not_found"


def test_history_is_newest_first_within_its_limits_and_in_pages(client: WebClient) -> None:
    sent = [client.chat_postMessage(channel=GENERAL, text=str(number))["ts"] for number in range(5)]

    pages = [
        [each["text"] for each in page["messages"]] for page in client.conversations_history(channel=GENERAL, limit=2)
    ]
    newer = client.conversations_history(channel=GENERAL, oldest=sent[2])["messages"]
    inclusive = client.conversations_history(channel=GENERAL, oldest=sent[2], latest=sent[3], inclusive=True)[
        "messages"
    ]

    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    assert [each["text"] for each in newer] == ["4", "3"]
    assert [each["text"] for each in inclusive] == ["3", "2"]


def test_replies_stand_in_their_thread_and_not_in_the_history(client: WebClient) -> None:
    root = client.chat_postMessage(channel=GENERAL, text="root")["ts"]
    metadata = {"event_type": "a", "event_payload": {"k": "v"}}
    client.chat_postMessage(channel=GENERAL, text="one", thread_ts=root, metadata=metadata)
    client.chat_postMessage(channel=GENERAL, text="two", thread_ts=root, reply_broadcast=True)

    history = client.conversations_history(channel=GENERAL)["messages"]
    thread = client.conversations_replies(channel=GENERAL, ts=root, include_all_metadata=True)["messages"]

    assert [each["text"] for each in history] == ["two", "root"]
    assert history[1]["reply_count"] == 2
    assert [each["text"] for each in thread] == ["root", "one", "two"]
    assert thread[1]["metadata"] == metadata
    assert refused(client.conversations_replies, channel=GENERAL, ts="1.000001")["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("C0RANDOM001", "not_in_channel", id="not a member"),
        pytest.param("C0NOWHERE01", "channel_not_found", id="unknown"),
    ],
)
def test_history_of_a_channel_without_the_bot_is_refused(client: WebClient, channel: str, error: str) -> None:
    assert refused(client.conversations_history, channel=channel)["error"] == error


def test_nonsense_in_the_limits_is_refused(client: WebClient) -> None:
    assert refused(client.conversations_history, channel=GENERAL, limit=0)["error"] == "invalid_limit"
    assert refused(client.conversations_history, channel=GENERAL, cursor="x")["error"] == "invalid_cursor"
    client.chat_postMessage(channel=GENERAL, text="t")
    assert refused(client.conversations_history, channel=GENERAL, oldest="noon")["error"] == "invalid_ts_oldest"


def test_a_channel_is_archived_and_brought_back(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.archive(GENERAL)
    assert refused(client.chat_postMessage, channel=GENERAL, text="t")["error"] == "is_archived"

    sandbox.workspace.archive(GENERAL, archived=False)
    assert client.chat_postMessage(channel=GENERAL, text="t")["ok"]


def test_listing_private_channels_takes_its_own_scope(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.switches.scopes.discard("groups:read")

    said = refused(client.conversations_list, types="public_channel,private_channel")

    assert said["needed"] == "groups:read"
    assert client.conversations_list()["ok"]


def test_a_person_invites_and_removes_the_bot_as_in_slack(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.say(YOU, "C0RANDOM001", "/invite @pool-stats")
    assert client.chat_postMessage(channel="#random", text="here")["ok"]

    sandbox.workspace.say(YOU, "C0RANDOM001", "/remove @pool-stats")
    assert refused(client.chat_postMessage, channel="#random", text="gone")["error"] == "not_in_channel"
    assert sandbox.workspace.say(YOU, "C0RANDOM001", "/invite @nobody").error == "user_not_found"
