"""Does the app hear of commands, presses and events over HTTP as Slack tells them?"""

import json
import threading
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import Ack, Respond, Say
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.model import BOT, COLLEAGUE, SLACKBOT, YOU
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import (
    GENERAL,
    PLATFORM,
    actions,
    answering,
    bolt,
    bolt_over_http,
    button,
    control,
    eventually,
    listening,
    section,
)


def form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}


def test_a_bolt_app_answers_a_command_over_http(sandbox: Sandbox) -> None:
    app = bolt(sandbox)

    @app.command("/pool-stats")
    def on_command(ack: Ack, command: dict[str, Any], respond: Respond) -> None:
        ack()
        respond(f"you asked for {command['text']}")

    with bolt_over_http(sandbox, app):
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats", "train-a100")
        [answer] = eventually(lambda: sandbox.workspace.messages(PLATFORM))

    assert outcome.ok
    assert (answer.text, answer.ephemeral_to, answer.user) == ("you asked for train-a100", YOU, BOT)


def test_a_command_is_form_encoded_signed_and_complete(sandbox: Sandbox) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        sandbox.workspace.say(YOU, PLATFORM, "/pool-stats <train> & co @colleague")
        [got] = app.received

    verifier = SignatureVerifier(sandbox.tokens.signing_secret)
    said = form(got.body)
    assert verifier.is_valid_request(got.body, got.headers)
    assert got.path == "/slack/events"
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert said["command"] == "/pool-stats"
    assert said["text"] == "&lt;train&gt; &amp; co @colleague"
    assert (said["channel_id"], said["channel_name"], said["user_id"]) == (PLATFORM, "ml-platform", YOU)
    assert said["response_url"].startswith(sandbox.url)
    assert {"team_id", "team_domain", "api_app_id", "trigger_id", "token", "user_name"} <= set(said)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("", "/slack/events"),
        ("/", "/slack/events"),
        ("/slack/events", "/slack/events"),
        ("/slack/events/", "/slack/events"),
        ("/bot/slack", "/bot/slack"),
    ],
)
def test_the_apps_address_may_be_given_with_and_without_its_path(sandbox: Sandbox, given: str, called: str) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url + given
        sandbox.workspace.say(YOU, PLATFORM, "/pool-stats")
        sandbox.courier.check_ssl()

    assert [got.path for got in app.received] == [called] * 2


def test_an_acknowledgement_with_text_is_shown_to_the_asker_alone(sandbox: Sandbox) -> None:
    with listening(answering("plain words")) as app:
        sandbox.app_url = app.url
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")

    [shown] = sandbox.workspace.messages(PLATFORM)
    assert outcome.shown == shown.text == "plain words"
    assert shown.ephemeral_to == YOU


def test_an_acknowledgement_in_channel_shows_the_command_too(sandbox: Sandbox) -> None:
    body = {"response_type": "in_channel", "text": "here", "blocks": [section("here")]}
    with listening(answering(body)) as app:
        sandbox.app_url = app.url
        sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats", "a")

    typed, shown = sandbox.workspace.messages(PLATFORM, seen_by=COLLEAGUE)
    assert (typed.user, typed.text) == (YOU, "/pool-stats a")
    assert (shown.user, shown.text) == (BOT, "here")


def test_an_acknowledgement_slack_cannot_draw_is_told_to_the_asker(sandbox: Sandbox) -> None:
    with listening(answering({"text": "x", "blocks": [{"type": "sektion"}]})) as app:
        sandbox.app_url = app.url
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")

    assert outcome.error == "invalid_command_response"


def test_without_an_acknowledgement_in_three_seconds_the_asker_sees_operation_timeout(sandbox: Sandbox) -> None:
    sandbox.switches.acknowledge_within = 0.2
    late = threading.Event()

    def slow(_got: object) -> tuple[int, dict[str, str], bytes]:
        late.wait(5)
        return 200, {}, b""

    with listening(slow) as app:
        sandbox.app_url = app.url
        outcome = sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats")
        late.set()

    [told] = sandbox.workspace.messages(PLATFORM)
    assert outcome.error == "operation_timeout"
    assert (told.user, told.ephemeral_to) == (SLACKBOT, YOU)
    assert told.text == '/pool-stats failed with the error "operation_timeout"'


def test_three_seconds_are_what_an_app_has_by_default(sandbox: Sandbox) -> None:
    assert sandbox.switches.acknowledge_within == 3.0


@pytest.mark.parametrize("status", [404, 500, 302])
def test_another_status_than_200_is_dispatch_failed(sandbox: Sandbox, status: int) -> None:
    with listening(answering(status=status)) as app:
        sandbox.app_url = app.url
        assert sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats").error == "dispatch_failed"
        assert len(app.received) == 1  # a command is never repeated


def test_an_app_that_is_not_there_is_dispatch_failed(sandbox: Sandbox) -> None:
    assert sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats").error == "dispatch_failed"
    with listening(answering()) as app:
        sandbox.app_url = app.url
    assert sandbox.workspace.run_command(YOU, PLATFORM, "/pool-stats").error == "dispatch_failed"


def test_a_command_that_is_not_registered_never_reaches_the_app(sandbox: Sandbox) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        outcome = sandbox.workspace.say(YOU, PLATFORM, "/pool-status now")

    assert outcome.error == "unknown_command"
    assert app.received == []


def test_a_command_cannot_be_run_inside_a_thread(sandbox: Sandbox) -> None:
    ts = sandbox.workspace.say(YOU, PLATFORM, "root").ts

    outcome = sandbox.workspace.say(YOU, PLATFORM, "/pool-stats", thread_ts=ts)

    assert outcome.error == "not_in_thread"


# -- presses


def test_a_press_tells_the_app_what_where_and_by_whom(sandbox: Sandbox, client: WebClient) -> None:
    app = bolt(sandbox)
    seen: list[dict[str, Any]] = []

    @app.action("refresh")
    def on_press(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        seen.append(body)
        respond(text="fresh", replace_original=True)

    blocks = [actions(button("refresh", value="train-a100"), block_id="row")]
    ts = client.chat_postMessage(channel=PLATFORM, text="old", blocks=blocks)["ts"]
    with bolt_over_http(sandbox, app):
        outcome = sandbox.workspace.press(COLLEAGUE, PLATFORM, ts, action_id="refresh")
        eventually(lambda: [each for each in sandbox.workspace.messages(PLATFORM) if each.text == "fresh"])

    [body] = seen
    assert outcome.ok
    assert body["type"] == "block_actions"
    assert body["user"]["id"] == COLLEAGUE
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": PLATFORM, "is_ephemeral": False}
    assert body["channel"] == {"id": PLATFORM, "name": "ml-platform"}
    assert body["message"]["text"] == "old"
    assert (body["actions"][0]["value"], body["actions"][0]["block_id"]) == ("train-a100", "row")
    assert body["trigger_id"]


def test_a_choice_is_sent_as_its_option_and_comes_along_as_state(sandbox: Sandbox, client: WebClient) -> None:
    option = {"text": {"type": "plain_text", "text": "One day"}, "value": "1d"}
    select = {"type": "static_select", "action_id": "window", "options": [option]}
    posted = client.chat_postMessage(channel=PLATFORM, text="t", blocks=[actions(select, button("go"), block_id="row")])
    with listening(answering()) as app:
        sandbox.app_url = app.url
        sandbox.workspace.press(YOU, PLATFORM, posted["ts"], action_id="window", selected="1d")
        sandbox.workspace.press(YOU, PLATFORM, posted["ts"], action_id="go")
        chosen, pressed = (json.loads(form(got.body)["payload"]) for got in app.received)

    assert chosen["actions"][0]["selected_option"] == option
    assert pressed["state"]["values"]["row"]["window"]["selected_option"] == option


def test_a_press_in_an_ephemeral_message_comes_without_the_message(sandbox: Sandbox, client: WebClient) -> None:
    sent = client.chat_postEphemeral(channel=PLATFORM, user=YOU, text="t", blocks=[actions(button("go"))])
    with listening(answering()) as app:
        sandbox.app_url = app.url
        assert sandbox.workspace.press(COLLEAGUE, PLATFORM, sent["message_ts"], action_id="go").error
        sandbox.workspace.press(YOU, PLATFORM, sent["message_ts"], action_id="go")
        [got] = app.received

    payload = json.loads(form(got.body)["payload"])
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    assert payload["response_url"]


def test_a_button_that_is_not_there_cannot_be_pressed(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=PLATFORM, text="t", blocks=[actions(button("go"))])["ts"]

    assert sandbox.workspace.press(YOU, PLATFORM, ts, action_id="stop").error == "invalid_action"
    assert sandbox.workspace.press(YOU, PLATFORM, "1.000001", action_id="go").error == "message_not_found"


def test_an_unacknowledged_press_is_trouble_connecting(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=PLATFORM, text="t", blocks=[actions(button("go"))])["ts"]
    with bolt_over_http(sandbox, bolt(sandbox)) as app:  # Bolt answers 404 to what nobody listens for
        outcome = sandbox.workspace.press(YOU, PLATFORM, ts, action_id="go")
        assert len(app.received) == 1

    assert outcome.error == "dispatch_failed"
    assert "trouble" in outcome.shown


def test_an_external_select_asks_the_app_for_options(sandbox: Sandbox, client: WebClient) -> None:
    app = bolt(sandbox)

    @app.options("pool")
    def options(ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=[{"text": {"type": "plain_text", "text": payload["value"]}, "value": "p1"}])

    element = {"type": "external_select", "action_id": "pool"}
    ts = client.chat_postMessage(channel=PLATFORM, text="t", blocks=[actions(element)])["ts"]
    with bolt_over_http(sandbox, app):
        outcome = sandbox.workspace.suggest(YOU, PLATFORM, ts, action_id="pool", typed="tra")

    assert outcome.ack is not None
    assert outcome.ack.body["options"][0]["text"]["text"] == "tra"


# -- events


def test_an_event_is_json_with_an_id_and_comes_once_when_acknowledged(sandbox: Sandbox) -> None:
    app = bolt(sandbox)

    @app.event("app_mention")
    def mentioned(event: dict[str, Any], say: Say) -> None:
        say(f"hello <@{event['user']}>")

    with bolt_over_http(sandbox, app) as served:
        sandbox.workspace.say(YOU, PLATFORM, "@pool-stats how is it?")
        eventually(lambda: [each for each in sandbox.workspace.messages(PLATFORM) if each.user == BOT])
        [got] = served.received

    event = json.loads(got.body)
    assert event["type"] == "event_callback"
    assert event["event_id"].startswith("Ev")
    assert event["event"]["text"] == f"<@{BOT}> how is it?"
    assert event["authorizations"][0]["user_id"] == BOT


def test_an_event_that_is_not_acknowledged_is_repeated_three_times_with_number_and_reason(sandbox: Sandbox) -> None:
    sandbox.switches.retry_after = (0.0, 0.05, 0.05)
    with listening(answering(status=500)) as app:
        sandbox.app_url = app.url
        sandbox.workspace.open_home(YOU)
        eventually(lambda: len(app.received) == 4)

    heads = [got.headers for got in app.received]
    assert "x-slack-retry-num" not in heads[0]
    assert [head["x-slack-retry-num"] for head in heads[1:]] == ["1", "2", "3"]
    assert {head["x-slack-retry-reason"] for head in heads[1:]} == {"http_error"}
    assert len({json.loads(got.body)["event_id"] for got in app.received}) == 1


def test_events_are_repeated_at_once_after_one_and_after_five_minutes(sandbox: Sandbox) -> None:
    assert sandbox.switches.retry_after == (0.0, 60.0, 300.0)


def test_an_app_can_stop_the_repetitions(sandbox: Sandbox) -> None:
    sandbox.switches.retry_after = (0.0, 0.0, 0.0)
    answers = iter([(500, {"x-slack-no-retry": "1"}, b""), (200, {}, b"")])
    with listening(lambda _got: next(answers)) as app:
        sandbox.app_url = app.url
        sandbox.workspace.open_home(YOU)
        eventually(lambda: app.received)
        sandbox.workspace.open_home(COLLEAGUE)
        eventually(lambda: len(app.received) == 2)

    assert json.loads(app.received[1].body)["event"]["user"] == COLLEAGUE


def test_an_event_nobody_subscribed_to_is_not_sent(sandbox: Sandbox) -> None:
    with listening(answering()) as app:
        sandbox.app_url = app.url
        sandbox.workspace.say(YOU, PLATFORM, "just talking")
        sandbox.workspace.say(YOU, "D0000000YOU", "to the bot")
        eventually(lambda: app.received)

    [got] = app.received
    assert json.loads(got.body)["event"]["channel_type"] == "im"


def test_the_address_is_verified_by_a_signed_challenge_and_ssl_check(sandbox: Sandbox) -> None:
    with bolt_over_http(sandbox, bolt(sandbox)):
        assert sandbox.courier.verify_url()
        assert sandbox.courier.check_ssl()
    with listening(answering("something else")) as app:
        sandbox.app_url = app.url
        assert not sandbox.courier.verify_url()


def test_an_outside_check_runs_a_command_and_gets_the_acknowledgement(sandbox: Sandbox) -> None:
    asked = {"user": YOU, "channel": "#general", "command": "/pool-stats", "text": "help"}
    with listening(answering("usage")) as app:
        sandbox.app_url = app.url
        said = control(sandbox, "POST", "command", asked).json()

    assert said["ok"]
    assert said["ack"]["body"] == "usage"
    [general] = [each for each in control(sandbox, "GET", "state").json()["channels"] if each["id"] == GENERAL]
    assert general["messages"][0]["text"] == "usage"
    assert general["messages"][0]["ephemeral_to"] == YOU
