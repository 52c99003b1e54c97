"""Forms as modals, opened by commands and presses and sent back, through the real Bolt app with signed requests."""

import json
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.form import (
    ChoiceField,
    Form,
    FormField,
    Misfilled,
    MomentField,
    NumberField,
    Purpose,
    TextField,
    shown,
)
from bot.messages.model import Button, Look, Message, Paragraph, Verb
from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox
from bot.sandbox.strict.payload import view_problems
from bot.slack.forms import notice, view
from bot.slack.web import SlackWeb
from tests.messages.test_form import FORM
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always
from tests.slack.test_app import CHANNEL, button, posted
from tests.slack.test_app import shown as standing

INPUTS = {
    "field:rule": {"rule": "queue spike"},
    "field:limit": {"limit": "70"},
    "field:severity": {"severity": "critical"},
}
hostile = st.text(max_size=60) | st.sampled_from(["<!channel> &amp;", "\u202e", "", "x" * 4000, "<@U1>"])


def opened(sandbox: Sandbox) -> str:
    """The id of the modal that opens."""
    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    return sandbox.workspace.modals(YOU)[-1].id


def title(sandbox: Sandbox) -> str:
    return str(sandbox.workspace.modals(YOU)[-1].body["title"]["text"])


@pytest.fixture
def modal(sandbox: Sandbox, bot: Bot, over_http: str) -> str:
    """A modal that a command opened."""
    assert over_http
    bot.answer = lambda _: FORM
    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "silence").ok
    return opened(sandbox)


def test_what_is_filled_in_comes_back_with_where_and_by_whom(sandbox: Sandbox, bot: Bot, modal: str) -> None:
    bot.taken = lambda _: Message("Silenced", "train-* is silenced for 2 h.")

    assert sandbox.workspace.submit_view(YOU, modal, INPUTS).ok

    ((purpose, subject, typed, asker),) = bot.submitted
    assert (purpose, subject) == (Purpose.SILENCE, "7")
    expected = {field.name: shown(field) for field in FORM.fields}
    assert typed == expected | {"rule": "queue spike", "limit": "70", "severity": "critical"}
    assert (asker.platform, asker.channel, asker.user) == ("slack", CHANNEL, YOU)
    assert sandbox.workspace.modals(YOU) == []
    wait_for(lambda: bool(standing(sandbox)))
    assert standing(sandbox)[0].text == "train-* is silenced for 2 h."
    assert standing(sandbox)[0].ephemeral_to == YOU


@pytest.mark.usefixtures("over_http")
def test_a_button_opens_a_form_too(sandbox: Sandbox, bot: Bot, web: SlackWeb) -> None:
    alert = posted(sandbox, web, Button("Silence…", Verb.SILENCE, "7"))
    bot.said = FORM

    assert sandbox.workspace.press(YOU, CHANNEL, alert.ts, action_id=button(alert, Verb.SILENCE)).ok

    assert opened(sandbox)
    assert len(standing(sandbox)) == 1


def test_what_is_wrong_is_shown_beside_its_field_and_the_modal_stays(sandbox: Sandbox, bot: Bot, modal: str) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Misfilled({"rule": "There is no such rule."})

    bot.taken = refuse

    outcome = sandbox.workspace.submit_view(YOU, modal, INPUTS)

    assert outcome.errors == {"field:rule": "There is no such rule."}
    assert len(sandbox.workspace.modals(YOU)) == 1
    bot.taken = lambda _: None
    assert sandbox.workspace.submit_view(YOU, modal, INPUTS).ok
    assert sandbox.workspace.modals(YOU) == []


def test_a_form_may_be_followed_by_another(sandbox: Sandbox, bot: Bot, modal: str) -> None:
    bot.taken = lambda _: replace(FORM, title="Is this right?", subject="8")
    assert sandbox.workspace.submit_view(YOU, modal, INPUTS).ok
    assert title(sandbox) == "Is this right?"

    bot.taken = lambda _: None
    assert sandbox.workspace.submit_view(YOU, modal).ok

    assert [subject for _, subject, _, _ in bot.submitted] == ["7", "8"]
    assert bot.submitted[1][3].channel == CHANNEL


def test_what_takes_longer_than_slack_waits_ends_in_the_modal(sandbox: Sandbox, bot: Bot, modal: str) -> None:
    go_on = threading.Event()

    def slow(_: dict[str, str]) -> Message:
        assert go_on.wait(20)
        return Message("Done", "It is done.")

    bot.taken = slow
    assert sandbox.workspace.submit_view(YOU, modal, INPUTS).ok
    assert title(sandbox) == "Working on it"

    go_on.set()

    wait_for(lambda: title(sandbox) == "Done")
    wait_for(lambda: bool(standing(sandbox)))


def test_what_fails_is_said(sandbox: Sandbox, bot: Bot, modal: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: dict[str, str]) -> None:
        raise RuntimeError("nobody foresaw this")

    bot.taken = fail

    assert sandbox.workspace.submit_view(YOU, modal, INPUTS).ok

    assert "went wrong" in json.dumps(sandbox.workspace.modals(YOU)[-1].body)
    assert "nobody foresaw this" in caplog.text


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id"])
def test_a_form_that_is_opened_too_late_is_answered(sandbox: Sandbox, bot: Bot, error: str) -> None:
    sandbox.misbehave("error", methods=["views.open"], error=error)
    bot.answer = lambda _: FORM

    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "silence").ok

    wait_for(lambda: bool(standing(sandbox)))
    assert "too slow" in standing(sandbox)[0].text
    assert standing(sandbox)[0].ephemeral_to == YOU


@pytest.mark.usefixtures("over_http")
def test_a_choice_in_a_menu_is_a_press(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(
        Message("Alert", "One alert.", buttons=(Button("Silence 30 min", Verb.SILENCE, "7 30m", Look.TUCKED),))
    )
    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "")
    wait_for(lambda: bool(standing(sandbox)))
    (row,) = [block for block in standing(sandbox)[0].blocks if block["type"] == "actions"]
    (menu,) = row["elements"]
    assert menu["type"] == "overflow"

    value = menu["options"][0]["value"]
    assert sandbox.workspace.press(YOU, CHANNEL, standing(sandbox)[0].ts, action_id="more", selected=value).ok

    wait_for(lambda: bool(bot.pressed))
    assert bot.pressed[0][:2] == (Verb.SILENCE, "7 30m")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no view"),
        pytest.param({"id": "V1", "callback_id": "form", "private_metadata": "{}"}, id="no purpose"),
        pytest.param({"id": "V1", "callback_id": "form", "private_metadata": "null"}, id="nothing"),
        pytest.param({"id": "V1", "callback_id": "form", "private_metadata": '{"purpose": "x"}'}, id="another purpose"),
    ],
)
@pytest.mark.usefixtures("over_http")
def test_a_form_of_another_version_is_acknowledged(sandbox: Sandbox, bot: Bot, body: dict[str, str]) -> None:
    payload = {"type": "view_submission", "user": {"id": YOU}, "team": {"id": "T1"}, "view": {"type": "modal"} | body}

    assert sandbox.workspace.deliver("interactive", payload).error == ""
    assert bot.submitted == []


@given(hostile, hostile, hostile)
def test_slack_takes_every_form(one: str, two: str, three: str) -> None:
    fields: tuple[FormField, ...] = (
        TextField("text", one, two, three, long=True),
        NumberField("number", two, value=3),
        ChoiceField("choice", three, (("a", one), ("b", two)), value="a"),
        MomentField("moment", one, three),
    )
    form = Form(one, Purpose.SILENCE, two[:1000], fields, submit=three, blocks=(Paragraph((one, two, three)),))

    assert view_problems(view(form, channel="C1", response_url="https://hooks.slack.com/" + one[:100])) == []
    assert view_problems(notice(Message(one, two))) == []


@pytest.mark.usefixtures("over_http")
def test_whose_tomorrow_is_meant_is_asked_of_slack_once(sandbox: Sandbox, bot: Bot, web: SlackWeb) -> None:
    alert = posted(sandbox, web, Button("Until tomorrow", Verb.SILENCE, "7 tomorrow"))

    for times in (1, 2):
        assert sandbox.workspace.press(YOU, CHANNEL, alert.ts, action_id=button(alert, Verb.SILENCE)).ok
        wait_for(lambda times=times: len(bot.pressed) == times)  # type: ignore[misc] # mypy knows no such lambda

    assert [asker.zone for _, _, asker in bot.pressed] == ["Asia/Shanghai", "Asia/Shanghai"]
    assert len(sandbox.calls.of("users.info")) == 1


@pytest.mark.usefixtures("over_http")
def test_where_slack_does_not_tell_where_people_live_nobody_guesses(sandbox: Sandbox, bot: Bot, web: SlackWeb) -> None:
    sandbox.misbehave("error", methods=["users.info"], error="missing_scope")
    alert = posted(sandbox, web, Button("Until tomorrow", Verb.SILENCE, "7 tomorrow"))

    assert sandbox.workspace.press(YOU, CHANNEL, alert.ts, action_id=button(alert, Verb.SILENCE)).ok

    wait_for(lambda: bool(bot.pressed))
    assert bot.pressed[0][2].zone == ""


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("verb", [Verb.UNDO, Verb.END_SILENCE, Verb.EXTEND_SILENCE])
def test_what_is_pressed_under_a_private_answer_takes_its_place(sandbox: Sandbox, bot: Bot, verb: Verb) -> None:
    bot.answer = always(Message("Done", "Silenced.", buttons=(Button("Do", verb, "41"),)))
    bot.said = Message("", "Undone.")
    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "silences")
    wait_for(lambda: bool(standing(sandbox)))
    answer = standing(sandbox)[0]

    assert sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=button(answer, verb)).ok

    wait_for(lambda: standing(sandbox)[0].text == "Undone.")
    assert len(standing(sandbox)) == 1
    assert bot.pressed[0][:2] == (verb, "41")
