"""Do modals and the Home tab behave as Slack's do?"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import Ack
from slack_sdk import WebClient

from bot.sandbox.model import COLLEAGUE, YOU, View
from bot.sandbox.server import Sandbox
from tests.sandbox.apps import (
    Listening,
    actions,
    answering,
    bolt,
    bolt_over_http,
    button,
    eventually,
    listening,
    modal,
    plain,
    question,
    refused,
    section,
)

FORM = modal(question(), submit=plain("Save"), callback_id="form", private_metadata="kept", notify_on_close=True)


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[Listening]:
    with listening(answering()) as served:
        sandbox.app_url = served.url
        yield served


def payloads(app: Listening) -> list[dict[str, Any]]:
    return [json.loads(parse_qs(got.body.decode())["payload"][0]) for got in app.received]


def opened(sandbox: Sandbox, client: WebClient, view: dict[str, Any] = FORM) -> View:
    client.views_open(trigger_id=sandbox.workspace.tickets.trigger(YOU), view=view)
    return sandbox.workspace.modals(YOU)[-1]


def pushed(sandbox: Sandbox, client: WebClient, view: dict[str, Any] = FORM) -> View:
    client.views_push(trigger_id=sandbox.workspace.tickets.trigger(YOU), view=view)
    return sandbox.workspace.modals(YOU)[-1]


def test_a_submitted_modal_tells_its_values_and_closes(sandbox: Sandbox, client: WebClient) -> None:
    seen: list[dict[str, Any]] = []
    bolt_app = bolt(sandbox)

    @bolt_app.view("form")
    def on_submit(ack: Ack, view: dict[str, Any]) -> None:
        ack()
        seen.append(view)

    view = opened(sandbox, client)
    with bolt_over_http(sandbox, bolt_app):
        outcome = sandbox.workspace.submit_view(YOU, view.id, {"name": {"typed": "long queue"}})

    assert outcome.ok
    assert seen[0]["state"]["values"]["name"]["typed"] == {"type": "plain_text_input", "value": "long queue"}
    assert seen[0]["private_metadata"] == "kept"
    assert sandbox.workspace.modals(YOU) == []


def test_a_required_field_left_empty_is_not_sent(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    view = opened(sandbox, client)

    outcome = sandbox.workspace.submit_view(YOU, view.id, {"name": {"typed": ""}})

    assert list(outcome.errors) == ["name"]
    assert app.received == []


def test_errors_in_the_acknowledgement_keep_the_modal_open(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    app.answer = answering({"response_action": "errors", "errors": {"name": "taken"}})
    view = opened(sandbox, client)

    outcome = sandbox.workspace.submit_view(YOU, view.id, {"name": {"typed": "x"}})

    assert outcome.errors == {"name": "taken"}
    assert sandbox.workspace.modals(YOU)[0].errors == {"name": "taken"}


def test_an_acknowledgement_updates_pushes_or_clears(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    view = opened(sandbox, client)
    values = {"name": {"typed": "x"}}

    app.answer = answering({"response_action": "update", "view": {**FORM, "title": plain("Second")}})
    sandbox.workspace.submit_view(YOU, view.id, values)
    assert sandbox.workspace.modals(YOU)[0].body["title"]["text"] == "Second"

    app.answer = answering({"response_action": "push", "view": {**FORM, "title": plain("Third")}})
    sandbox.workspace.submit_view(YOU, view.id, values)
    top = sandbox.workspace.modals(YOU)[-1]
    assert (top.body["title"]["text"], top.previous_id, top.root_id) == ("Third", view.id, view.id)

    app.answer = answering({"response_action": "clear"})
    sandbox.workspace.submit_view(YOU, top.id, values)
    assert sandbox.workspace.modals(YOU) == []


def test_a_wrong_view_in_an_acknowledgement_is_trouble_connecting(
    sandbox: Sandbox, client: WebClient, app: Listening
) -> None:
    app.answer = answering({"response_action": "update", "view": {"type": "modal", "blocks": []}})
    view = opened(sandbox, client)

    outcome = sandbox.workspace.submit_view(YOU, view.id, {"name": {"typed": "x"}})

    assert not outcome.ok
    assert sandbox.workspace.modals(YOU)[0].body["title"]["text"] == "A modal"


def test_three_modals_are_the_most(sandbox: Sandbox, client: WebClient) -> None:
    opened(sandbox, client)
    pushed(sandbox, client)
    pushed(sandbox, client)

    trigger = sandbox.workspace.tickets.trigger(YOU)
    assert refused(client.views_push, trigger_id=trigger, view=FORM)["error"] == "push_limit_reached"


def test_a_modal_cannot_be_pushed_on_nothing(sandbox: Sandbox, client: WebClient) -> None:
    trigger = sandbox.workspace.tickets.trigger(YOU)

    assert refused(client.views_push, trigger_id=trigger, view=FORM)["error"] == "not_found"


def test_an_update_keeps_what_was_typed(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    element = {"type": "static_select", "action_id": "s", "options": [{"text": plain("One"), "value": "1"}]}
    view = opened(sandbox, client, modal(actions(element, block_id="row")))
    sandbox.workspace.press(YOU, view_id=view.id, action_id="s", selected="1")

    client.views_update(view_id=view.id, view=modal(section(), actions(element, block_id="row")))

    kept = sandbox.workspace.modals(YOU)[0].state["row"]["s"]
    assert kept["selected_option"]["value"] == "1"
    [press] = payloads(app)
    assert press["container"] == {"type": "view", "view_id": view.id}
    assert press["view"]["state"]["values"]["row"]["s"]["selected_option"]["value"] == "1"


def test_an_update_of_another_version_is_a_hash_conflict(sandbox: Sandbox, client: WebClient) -> None:
    view = opened(sandbox, client)

    said = refused(client.views_update, view_id=view.id, hash="1.old", view=FORM)

    assert said["error"] == "hash_conflict"
    assert client.views_update(view_id=view.id, hash=view.hash, view=FORM)["ok"]
    assert refused(client.views_update, view_id="V0NOTTHERE", view=FORM)["error"] == "not_found"


def test_an_external_id_names_one_view(sandbox: Sandbox, client: WebClient) -> None:
    opened(sandbox, client, {**FORM, "external_id": "rules"})

    assert client.views_update(external_id="rules", view={**FORM, "external_id": "rules"})["ok"]
    trigger = sandbox.workspace.tickets.trigger(COLLEAGUE)
    said = refused(client.views_open, trigger_id=trigger, view={**FORM, "external_id": "rules"})
    assert said["error"] == "duplicate_external_id"


def test_a_wrong_view_is_invalid_arguments_and_leaves_the_trigger_good(sandbox: Sandbox, client: WebClient) -> None:
    trigger = sandbox.workspace.tickets.trigger(YOU)

    said = refused(client.views_open, trigger_id=trigger, view=modal(title=plain("x" * 25)))

    assert said["error"] == "invalid_arguments"
    assert said["errors"] == ["must be less than 25 characters [json-pointer:/view/title/text]"]
    assert client.views_open(trigger_id=trigger, view=FORM)["ok"]


def test_closing_tells_the_app_when_it_asked_to_know(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    view = opened(sandbox, client)

    sandbox.workspace.close_view(YOU, view.id)

    [told] = payloads(app)
    assert (told["type"], told["is_cleared"], told["view"]["id"]) == ("view_closed", False, view.id)
    assert sandbox.workspace.modals(YOU) == []


def test_an_unacknowledged_submission_stays_open(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    app.answer = answering(status=500)
    view = opened(sandbox, client)

    outcome = sandbox.workspace.submit_view(YOU, view.id, {"name": {"typed": "x"}})

    assert outcome.error == "dispatch_failed"
    assert len(sandbox.workspace.modals(YOU)) == 1


def test_a_modal_of_somebody_else_cannot_be_touched(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    view = opened(sandbox, client)

    assert sandbox.workspace.submit_view(COLLEAGUE, view.id).error == "view_not_found"
    assert sandbox.workspace.close_view(COLLEAGUE, view.id).error == "view_not_found"
    assert app.received == []


# -- Home


def test_opening_home_tells_the_app_and_it_publishes_for_that_person(sandbox: Sandbox) -> None:
    bolt_app = bolt(sandbox)

    @bolt_app.event("app_home_opened")
    def on_home(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("pools")]})

    with bolt_over_http(sandbox, bolt_app):
        sandbox.workspace.open_home(YOU)
        view = eventually(lambda: sandbox.workspace.home(YOU))

    assert view.body["blocks"][0]["text"]["text"] == "pools"
    assert sandbox.workspace.home(COLLEAGUE) is None


def test_home_is_published_again_in_place(sandbox: Sandbox, client: WebClient, app: Listening) -> None:
    home = {"type": "home", "blocks": [actions(button("go"))]}
    first = client.views_publish(user_id=YOU, view=home)["view"]
    second = client.views_publish(user_id=YOU, view=home)["view"]

    assert first["id"] == second["id"]
    assert first["hash"] != second["hash"]
    assert refused(client.views_publish, user_id=YOU, view=home, hash=first["hash"])["error"] == "hash_conflict"
    assert refused(client.views_publish, user_id="U0NOBODY000", view=home)["error"] == "user_not_found"
    assert sandbox.workspace.press(YOU, view_id=first["id"], action_id="go").ok
    assert payloads(app)[0]["view"]["type"] == "home"
