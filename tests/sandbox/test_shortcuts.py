"""Is the app told of shortcuts, of what is written to it, and of edits, as Slack tells it?"""

import json
from urllib.parse import parse_qs

from slack_sdk import WebClient

from bot.sandbox.model import BOT_ID, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import PLATFORM, Received, answering, eventually, listening, modal, plain, question

DIRECT = "D0000000YOU"


def interaction(got: Received) -> dict[str, object]:
    payload: dict[str, object] = json.loads(parse_qs(got.body.decode())["payload"][0])
    return payload


def test_a_global_shortcut_names_no_channel_and_opens_a_modal(sandbox: Sandbox, client: WebClient) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        assert sandbox.workspace.run_shortcut(YOU, "pool_stats_shortcut").ok

    told = interaction(app.received[0])
    assert (told["type"], told["callback_id"]) == ("shortcut", "pool_stats_shortcut")
    assert not {"channel", "response_url", "message"} & set(told)
    client.views_open(trigger_id=str(told["trigger_id"]), view=modal(question(), submit=plain("Ask")))
    assert len(sandbox.workspace.modals(YOU)) == 1


def test_a_shortcut_of_a_message_brings_the_message_along(sandbox: Sandbox) -> None:
    said = sandbox.workspace.say(YOU, PLATFORM, "why is train-a100 stuck?")
    with listening(answering()) as app:
        sandbox.app_url = app.url
        assert sandbox.workspace.run_shortcut(YOU, "pool_stats_message", PLATFORM, said.ts).ok

    told = interaction(app.received[0])
    assert told["type"] == "message_action"
    assert (told["message_ts"], told["channel"]) == (said.ts, {"id": PLATFORM, "name": "ml-platform"})
    assert told["message"]["text"] == "why is train-a100 stuck?"  # type: ignore[index]
    assert str(told["response_url"]).startswith(sandbox.url)


def test_there_is_no_shortcut_that_the_app_does_not_have(sandbox: Sandbox) -> None:
    assert sandbox.workspace.run_shortcut(YOU, "never_heard_of").error == "unknown_shortcut"
    assert sandbox.workspace.run_shortcut(YOU, "pool_stats_message", PLATFORM, "1.1").error == "message_not_found"


def test_the_app_hears_its_own_direct_messages_and_every_edit(sandbox: Sandbox, client: WebClient) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        own = client.chat_postMessage(channel=DIRECT, text="hello")
        said = sandbox.workspace.say(YOU, DIRECT, "helo")
        assert sandbox.workspace.edit(YOU, DIRECT, said.ts, "hello").ok
        assert sandbox.workspace.edit(YOU, DIRECT, str(own["ts"]), "x").error == "cant_update_message"
        eventually(lambda: len(app.received) == 3)

    events = [json.loads(got.body)["event"] for got in app.received]
    (first,) = [each for each in events if each.get("bot_id")]
    assert (first["type"], first["channel_type"], first["bot_id"]) == ("message", "im", BOT_ID)
    (edit,) = [each for each in events if each.get("subtype") == "message_changed"]
    assert (edit["message"]["text"], edit["previous_message"]["text"]) == ("hello", "helo")
