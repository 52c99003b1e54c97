"""How is a form drawn as Slack's modal, and what was filled in when it comes back?

https://docs.slack.dev/surfaces/modals
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from bot.core.command import Asker
from bot.core.language import _
from bot.messages.form import (
    ChoiceField,
    DurationField,
    Form,
    FormField,
    MomentField,
    NumberField,
    PoolsField,
    Purpose,
    TextField,
    shown,
)
from bot.messages.model import Message, Paragraph
from bot.slack import limits
from bot.slack.blocks import drawn_blocks
from bot.slack.text import Json, literal, one_line

CALLBACK = "form"
_BLOCK = "field:"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that came back.

    Attributes:
        purpose, subject: Those of the form.
        typed: What was typed, by the field's name.
        asker: Who filled it in; the channel is the one it was opened from.
        response_url: Where to answer, as long as it is good.
        view_id: Slack's id of the modal.
    """

    purpose: Purpose
    subject: str
    typed: Mapping[str, str]
    asker: Asker
    response_url: str
    view_id: str


def view(form: Form, *, channel: str, response_url: str = "") -> Json:
    """The modal; `channel` and `response_url` say where it was opened, and where to answer."""
    said = {"purpose": form.purpose.value, "subject": form.subject, "channel": channel, "url": response_url}
    carried = json.dumps(said, separators=(",", ":"))
    if len(carried) > limits.PRIVATE_METADATA:
        carried = json.dumps(said | {"url": ""}, separators=(",", ":"))
    above = drawn_blocks(form.blocks, most=limits.BLOCKS_IN_A_VIEW - len(form.fields))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": _plain(form.title, limits.VIEW_TITLE),
        "submit": _plain(form.submit, limits.VIEW_TITLE),
        "close": _plain(_("Cancel"), limits.VIEW_TITLE),
        "private_metadata": carried,
        "blocks": [*above, *(_input(field) for field in form.fields)],
    }


def notice(message: Message) -> Json:
    """A modal that only says something."""
    blocks = message.blocks or (Paragraph((message.summary,)),)
    return {
        "type": "modal",
        "callback_id": "notice",
        "title": _plain(message.title or "Pool Stats", limits.VIEW_TITLE),
        "close": _plain(_("Close"), limits.VIEW_TITLE),
        "blocks": drawn_blocks(blocks, most=limits.BLOCKS_IN_A_VIEW),
    }


def errors(problems: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the fields, as Slack wants it to show it beside them."""
    return {_BLOCK + name: literal(problem, limits.FIELD_ERROR) for name, problem in problems.items()}


def filled(body: Mapping[str, Any], asker: Asker) -> Filled | None:
    """The form in a submission; `None` when it is not one of ours, or no longer. `asker` knows no channel yet."""
    match body.get("view"):
        case {"callback_id": "form", "id": str(view_id), "private_metadata": str(carried), **more}:
            pass
        case _:
            return None
    try:
        said = json.loads(carried)
        purpose, subject = Purpose(said["purpose"]), str(said["subject"])
        channel, url = str(said["channel"]), str(said["url"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    where = replace(asker, channel=channel)
    return Filled(purpose, subject, _typed(more.get("state")), where, url, view_id)


def _typed(state: object) -> dict[str, str]:
    values = state.get("values") if isinstance(state, dict) else None
    typed: dict[str, str] = {}
    for block, elements in values.items() if isinstance(values, dict) else ():
        if isinstance(elements, dict) and str(block).startswith(_BLOCK):
            typed |= {str(block).removeprefix(_BLOCK): _text(element) for element in elements.values()}
    return typed


def _text(element: object) -> str:
    match element:
        case {"selected_option": {"value": str(value)}}:
            return value
        case {"selected_date_time": int(at)}:
            return str(at)
        case {"value": str(text)}:
            return text
        case _:
            return ""


def _input(field: FormField) -> Json:
    hint = {"hint": _plain(field.hint, limits.FIELD_HINT)} if field.hint else {}
    return {
        "type": "input",
        "block_id": _BLOCK + field.name,
        "label": _plain(field.label, limits.FIELD_LABEL),
        "optional": field.optional,
        "element": {"action_id": field.name, **_element(field)},
    } | hint


def _element(field: FormField) -> Json:
    before = shown(field)
    match field:
        case TextField(longest=longest, long=is_long):
            most = {"max_length": min(longest, limits.TYPED)}
            return {"type": "plain_text_input", "multiline": is_long, **most, **_initial(before)}
        case NumberField(least=least, most=most_of_all):
            bounds = {"min_value": str(least), "max_value": str(most_of_all)}
            return {"type": "number_input", "is_decimal_allowed": False, **bounds, **_initial(before)}
        case ChoiceField(choices=choices, value=chosen):
            options = {value: _option(value, label) for value, label in choices[: limits.OPTIONS]}
            first = {"initial_option": options[chosen]} if chosen in options else {}
            return {"type": "static_select", "options": list(options.values()), **first}
        case PoolsField():
            return {"type": "plain_text_input", "placeholder": _plain("train-*, infer-910b", 150), **_initial(before)}
        case MomentField(value=at):
            moment = {} if at is None else {"initial_date_time": int(at.timestamp())}
            return {"type": "datetimepicker", **moment}
        case DurationField():
            return {"type": "plain_text_input", "placeholder": _plain("30m, 2h, 1d", 150), **_initial(before)}
        case _:
            assert_never(field)


def _initial(text: str) -> Json:
    return {"initial_value": literal(text, limits.TYPED)} if text else {}


def _option(value: str, label: str) -> Json:
    return {"text": _plain(label, limits.BUTTON_LABEL), "value": value}


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": literal(one_line(text), limit) or "–", "emoji": False}
