"""What may be done with a response_url and a trigger_id, how often and how long?"""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from slack_sdk import WebClient

from bot.sandbox.model import COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import PLATFORM, Clock, actions, answering, button, listening, modal, refused, section


def ask(sandbox: Sandbox, ts: str = "") -> dict[str, str]:
    """Run a command (or press the button of a message), and give what the app was told."""
    with listening(answering()) as app:
        sandbox.app_url = app.url
        if ts:
            sandbox.workspace.press(YOU, PLATFORM, ts, action_id="go")
        else:
            sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")
        told = {name: values[0] for name, values in parse_qs(app.received[0].body.decode()).items()}
    if ts:
        payload: dict[str, str] = json.loads(told["payload"])
        return payload
    return told


def answer(url: str, **body: Any) -> requests.Response:
    return requests.post(url, json=body, timeout=10)


def test_an_answer_is_ephemeral_by_default_and_in_channel_on_request(sandbox: Sandbox) -> None:
    url = ask(sandbox)["response_url"]

    assert answer(url, text="for you").text == "ok"
    answer(url, text="for all", response_type="in_channel", blocks=[section()])

    assert [each.text for each in sandbox.workspace.messages(PLATFORM, seen_by=YOU)] == ["for you", "for all"]
    assert [each.text for each in sandbox.workspace.messages(PLATFORM, seen_by=COLLEAGUE)] == ["for all"]


def test_five_answers_are_taken_and_the_sixth_is_expired_url(sandbox: Sandbox) -> None:
    url = ask(sandbox)["response_url"]
    assert [answer(url, text=str(number)).status_code for number in range(5)] == [200] * 5

    sixth = answer(url, text="6")

    assert (sixth.status_code, sixth.text) == (404, "expired_url")
    assert len(sandbox.workspace.messages(PLATFORM)) == 5


def test_after_thirty_minutes_the_url_is_expired(sandbox: Sandbox, clock: Clock) -> None:
    url = ask(sandbox)["response_url"]
    clock.ahead += 29 * 60
    assert answer(url, text="in time").ok
    clock.ahead += 61

    late = answer(url, text="late")

    assert (late.status_code, late.text) == (404, "expired_url")


def test_an_address_nobody_was_given_is_expired_too(sandbox: Sandbox) -> None:
    assert answer(f"{sandbox.url}commands/T0SANDBOX01/nonsense", text="t").status_code == 404


def test_the_original_is_replaced_where_it_stands(sandbox: Sandbox, client: WebClient) -> None:
    metadata = {"event_type": "a", "event_payload": {}}
    posted = client.chat_postMessage(channel=PLATFORM, text="old", blocks=[actions(button("go"))], metadata=metadata)
    url = ask(sandbox, posted["ts"])["response_url"]

    answer(url, text="new", replace_original=True)

    [message] = sandbox.workspace.messages(PLATFORM)
    assert (message.text, message.ts, message.blocks) == ("new", posted["ts"], ())
    assert message.edited


def test_an_ephemeral_original_is_replaced_and_stays_ephemeral(sandbox: Sandbox) -> None:
    url = ask(sandbox)["response_url"]
    answer(url, text="first", blocks=[actions(button("go"))])
    [before] = sandbox.workspace.messages(PLATFORM)

    answer(ask(sandbox, before.ts)["response_url"], text="second", replace_original=True)

    [after] = sandbox.workspace.messages(PLATFORM)
    assert (after.text, after.ts, after.ephemeral_to) == ("second", before.ts, YOU)


def test_the_original_is_deleted(sandbox: Sandbox, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=PLATFORM, text="old", blocks=[actions(button("go"))])
    url = ask(sandbox, posted["ts"])["response_url"]

    answer(url, delete_original=True)

    assert sandbox.workspace.messages(PLATFORM) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({}, "no_text", id="nothing"),
        pytest.param({"text": "t", "blocks": [{"type": "sektion"}]}, "invalid_blocks", id="wrong blocks"),
        pytest.param({"text": "t", "response_type": "loud"}, "invalid_payload", id="wrong type"),
    ],
)
def test_an_answer_slack_cannot_draw_is_refused(sandbox: Sandbox, body: dict[str, Any], error: str) -> None:
    said = answer(ask(sandbox)["response_url"], **body)

    assert (said.status_code, said.text) == (400, error)
    assert sandbox.workspace.messages(PLATFORM) == []


def test_an_answer_reaches_a_channel_the_bot_is_not_in(sandbox: Sandbox) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        sandbox.workspace.run_command(YOU, "C0RANDOM001", "/pool-stats")
        url = parse_qs(app.received[0].body.decode())["response_url"][0]

    assert answer(url, text="here").ok
    assert [each.text for each in sandbox.workspace.messages("C0RANDOM001")] == ["here"]


# -- triggers


def test_a_trigger_opens_one_modal(sandbox: Sandbox, client: WebClient) -> None:
    trigger = ask(sandbox)["trigger_id"]

    client.views_open(trigger_id=trigger, view=modal(section()))

    assert len(sandbox.workspace.modals(YOU)) == 1
    again = refused(client.views_open, trigger_id=trigger, view=modal(section()))
    assert again["error"] == "exchanged_trigger_id"


def test_a_trigger_is_dead_after_three_seconds(sandbox: Sandbox, client: WebClient, clock: Clock) -> None:
    trigger = ask(sandbox)["trigger_id"]
    clock.ahead += 3.1

    late = refused(client.views_open, trigger_id=trigger, view=modal(section()))

    assert late["error"] == "expired_trigger_id"
    unknown = refused(client.views_open, trigger_id="1.2.3", view=modal(section()))
    assert unknown["error"] == "invalid_trigger_id"
