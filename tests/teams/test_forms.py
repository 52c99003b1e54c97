"""Is a form drawn so that Teams takes it, and read back as it was filled in?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.digests import digest_form
from bot.messages.examples import EXAMPLES
from bot.messages.form import (
    ChoiceField,
    DurationField,
    Form,
    MomentField,
    NumberField,
    PoolsField,
    Purpose,
    TextField,
    read,
    shown,
)
from bot.messages.model import Button, Message, Paragraph, Table, Verb
from bot.messages.rule_form import rule_form
from bot.messages.silences import silence_form
from bot.teams.forms import dialog, notice, returned
from bot.teams.opening import opens_form
from bot.teams.pressing import offered
from tests.teams.judging import LARGEST, errors_of

EVERY_FIELD = Form(
    "Everything",
    Purpose.SILENCE,
    "7",
    (
        TextField("text", "Text", value="before {{DATE(x)}} **a**"),
        TextField("long", "Long", long=True, optional=True),
        NumberField("number", "Number", value=7, most=100),
        ChoiceField("choice", "Choice", (("a", "First"), ("b", "Second")), value="b"),
        PoolsField("pools", "Pools", "Names", ("train-*", "infer-910b")),
        MomentField("moment", "Moment", value=datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        DurationField("length", "Length", value=timedelta(hours=2)),
    ),
    blocks=(Paragraph(("Above the fields",)),),
)
FORMS = [silence_form("7", pools=("train-*",)), rule_form(None), digest_form(zone="Asia/Shanghai"), EVERY_FIELD]


def _sent(drawn: dict[str, Any]) -> dict[str, Any]:
    """What Teams sends when the dialog is sent as it is."""
    card = drawn["task"]["value"]["card"]["content"]
    inputs: dict[str, Any] = {}

    def gather(part: Any) -> None:
        if isinstance(part, list):
            for each in part:
                gather(each)
        elif isinstance(part, dict):
            if str(part.get("type", "")).startswith("Input."):
                inputs[part["id"]] = str(part.get("value", ""))
            for each in part.values():
                gather(each)

    gather(card["body"])
    [action] = card["actions"]
    return {**action["data"], **inputs}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.title)
def test_a_form_is_a_card_that_teams_takes(form: Form) -> None:
    drawn = dialog(form, zone="Asia/Shanghai", problems={form.fields[0].name: "That is **wrong**."})

    assert errors_of(drawn["task"]["value"]["card"]["content"]) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.title)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "", "No/Where"])
def test_a_form_that_is_sent_as_it_is_says_what_stood_in_it(form: Form, zone: str) -> None:
    back = returned(_sent(dialog(form, zone=zone)), zone)

    assert back is not None
    assert (back.form.purpose, back.form.subject) == (form.purpose, form.subject)
    assert dict(back.typed) == {field.name: shown(field) for field in form.fields}


def test_teams_demands_what_must_be_there_before_it_sends_the_form() -> None:
    body = dialog(EVERY_FIELD)["task"]["value"]["card"]["content"]["body"]
    inputs = [each for each in body if str(each["type"]).startswith("Input.")]
    inputs += [column["items"][0] for each in body if each["type"] == "ColumnSet" for column in each["columns"]]

    assert [each["id"] for each in inputs if not each.get("isRequired")] == ["field:long"]
    assert {each["errorMessage"] for each in inputs if each.get("isRequired")} == {"Please fill this in."}


def test_what_was_typed_stands_in_the_form_that_comes_back() -> None:
    typed = {field.name: shown(field) for field in EVERY_FIELD.fields} | {"text": "typed", "number": "8"}

    back = returned(_sent(dialog(EVERY_FIELD, typed=typed, problems={"text": "no", "other": "of no field"})))

    assert back is not None
    assert dict(back.typed) == typed
    assert read(EVERY_FIELD, back.typed)["number"] == 8
    assert "of no field" in str(dialog(EVERY_FIELD, typed=typed, problems={"other": "of no field"}))


def test_a_form_with_too_much_above_it_is_drawn_without_that() -> None:
    rows = tuple((f"pool-{number}", number) for number in range(2000))
    large = Form("Large", Purpose.KEEP_RULE, "7", EVERY_FIELD.fields, blocks=(Table("t", ("pool", "n"), rows),))

    drawn = dialog(large)

    assert len(str(drawn)) < LARGEST * 1.2
    assert returned(_sent(drawn)) is not None


def test_what_a_rule_would_have_done_is_there_again_below_what_has_to_be_corrected() -> None:
    form = replace(rule_form(None), purpose=Purpose.KEEP_RULE, blocks=EXAMPLES["rule-tried"].blocks)
    back = returned(_sent(dialog(form)))

    assert back is not None
    again = dialog(back.form, typed=back.typed, problems={"above": "That is no number."})
    body = again["task"]["value"]["card"]["content"]["body"]
    chart = next(number for number, element in enumerate(body) if element["type"] == "Chart.Line")
    assert errors_of(again["task"]["value"]["card"]["content"]) == []
    place = next(number for number, element in enumerate(body) if element.get("id") == "field:above")
    assert body[place + 1]["isSubtle"]
    assert body[place + 2]["text"] == "That is no number."
    assert place < chart


_ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40)
)
_NAMES = ["pool-stats-form", "field:text", "field:moment:date", "field:moment:time", "field:number"]


@given(st.dictionaries(st.sampled_from(_NAMES), _ANYTHING))
def test_whatever_comes_back_is_read_or_left(content: dict[str, Any]) -> None:
    form = _sent(dialog(EVERY_FIELD))["pool-stats-form"]

    returned(content)
    back = returned(content | {"pool-stats-form": form}, "Asia/Shanghai")

    assert back is not None
    assert all(isinstance(text, str) for text in back.typed.values())


def test_a_notice_has_no_buttons_for_a_dialog_sends_none() -> None:
    said = notice(Message("Not now", "You may not do that."))

    assert said["task"]["value"]["title"] == "Not now"
    assert "actions" not in said["task"]["value"]["card"]["content"]


@pytest.mark.parametrize(
    "said",
    [
        "/pool-stats mine",
        "/pool-alerts add",
        "/pool-alerts add Queue above 40",
        "/pool-alerts edit my rule",
        "/pool-alerts keep",
        "/pool-alerts silence",
        "/pool-digest add",
    ],
)
def test_every_command_that_is_answered_with_a_form_is_behind_a_button_that_opens_one(said: str) -> None:
    (button,) = offered(FORMS[0], Verb.SAY, said).buttons

    assert opens_form(button)


@pytest.mark.parametrize("said", ["/pool-stats mine train-*", "/pool-alerts keep Queue above 40", "/pool-digest now"])
def test_a_command_that_is_answered_with_a_message_is_behind_an_ordinary_button(said: str) -> None:
    assert not opens_form(Button("Do it", Verb.SAY, said))
