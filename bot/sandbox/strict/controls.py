"""Which interactive elements are there, and what may they hold?

https://docs.slack.dev/reference/block-kit/block-elements
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.strict.shape import (
    Check,
    Problem,
    address,
    anything,
    boolean,
    items,
    one_of,
    shape,
    string,
    whole,
)
from bot.sandbox.strict.texts import (
    CONFIRM,
    DISPATCH,
    FILTER,
    LIST_OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    SELECT_OPTION,
    SLACK_FILE,
    exactly_one,
    plain,
    unique_values,
)

ID_MOST = 255
_PLACEHOLDER = plain(150)


def _element(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Check) -> Check:
    return shape({"type": anything, **required}, {"action_id": string(ID_MOST), **optional}, *rules)


def _matching(pattern: str, name: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield Problem(f"must be a valid {name}", at, "format")

    return check


_DATE = _matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "date")
_TIME = _matching(r"([01]\d|2[0-3]):[0-5]\d", "time")
_CHOICE: dict[str, Check] = {"confirm": CONFIRM, "focus_on_load": boolean}
_SELECT: dict[str, Check] = {**_CHOICE, "placeholder": _PLACEHOLDER}
_MANY: dict[str, Check] = {**_SELECT, "max_selected_items": whole(1)}
_ANSWER: dict[str, Check] = {"response_url_enabled": boolean}
_STATIC: dict[str, Check] = {"options": items(SELECT_OPTION, 100), "option_groups": items(OPTION_GROUP, 100)}
_IDS = items(string(ID_MOST), least=0)


def _options_or_groups(value: Any, at: str) -> Iterator[Problem]:
    yield from exactly_one(value, at, "options", "option_groups")


def _selects() -> dict[str, Check]:
    options = items(SELECT_OPTION, 100, least=0)
    conversation: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": FILTER}
    one: dict[str, dict[str, Check]] = {
        "static": {**_STATIC, "initial_option": SELECT_OPTION},
        "external": {"initial_option": SELECT_OPTION, "min_query_length": whole(0)},
        "users": {"initial_user": string(ID_MOST)},
        "conversations": {**conversation, **_ANSWER, "initial_conversation": string(ID_MOST)},
        "channels": {**_ANSWER, "initial_channel": string(ID_MOST)},
    }
    many: dict[str, dict[str, Check]] = {
        "static": {**_STATIC, "initial_options": options},
        "external": {"initial_options": options, "min_query_length": whole(0)},
        "users": {"initial_users": _IDS},
        "conversations": {**conversation, "initial_conversations": _IDS},
        "channels": {"initial_channels": _IDS},
    }
    rules: dict[str, tuple[Check, ...]] = {"static": (_options_or_groups,)}
    return {
        **{f"{name}_select": _element({}, _SELECT | more, *rules.get(name, ())) for name, more in one.items()},
        **{f"multi_{name}_select": _element({}, _MANY | more, *rules.get(name, ())) for name, more in many.items()},
    }


def _line(**more: Check) -> Check:
    return _element(
        {}, {"placeholder": _PLACEHOLDER, "focus_on_load": boolean, "dispatch_action_config": DISPATCH, **more}
    )


_FEEDBACK_BUTTON = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
_IMAGE = shape(
    {"type": anything, "alt_text": string(2000)},
    {"image_url": address(), "slack_file": SLACK_FILE},
    lambda value, at: exactly_one(value, at, "image_url", "slack_file"),
)

ELEMENTS: dict[str, Check] = {
    **_selects(),
    "button": _element(
        {"text": plain(75)},
        {
            "url": address(),
            "value": string(2000, least=0),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "alt_text": string(2000),
            "agent_prompt": anything,
            "agent_prompt_display": anything,
            "visible_to_user_ids": items(string(ID_MOST)),
        },
    ),
    "checkboxes": _element(
        {"options": items(LIST_OPTION, 10)}, _CHOICE | {"initial_options": items(LIST_OPTION, 10)}, unique_values
    ),
    "radio_buttons": _element(
        {"options": items(LIST_OPTION, 10)}, _CHOICE | {"initial_option": LIST_OPTION}, unique_values
    ),
    "overflow": _element({"options": items(OVERFLOW_OPTION, 5)}, {"confirm": CONFIRM, "alt_text": string(2000)}),
    "datepicker": _element({}, _SELECT | {"initial_date": _DATE}),
    "timepicker": _element({}, _SELECT | {"initial_time": _TIME, "timezone": string(100)}),
    "datetimepicker": _element({}, _CHOICE | {"initial_date_time": whole(1_000_000_000, 9_999_999_999)}),
    "plain_text_input": _line(
        initial_value=string(3000, least=0),
        multiline=boolean,
        min_length=whole(0, 3000),
        max_length=whole(1, 3000),
    ),
    "email_text_input": _line(initial_value=string(3000)),
    "url_text_input": _line(initial_value=string(3000)),
    "number_input": _element(
        {"is_decimal_allowed": boolean},
        {
            "initial_value": string(255),
            "min_value": string(255),
            "max_value": string(255),
            "placeholder": _PLACEHOLDER,
            "focus_on_load": boolean,
            "dispatch_action_config": DISPATCH,
        },
    ),
    "rich_text_input": _line(initial_value=anything, min_lines=whole(1), max_lines=whole(1)),
    "file_input": _element({}, {"filetypes": items(string(50)), "max_files": whole(1, 10)}),
    "workflow_button": _element(
        {"text": plain(75), "workflow": anything},
        {"style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "feedback_buttons": _element(
        {"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}, {"alt_text": string(2000)}
    ),
    "icon_button": _element(
        {"icon": one_of("trash"), "text": plain(75)},
        {
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "alt_text": string(2000),
            "visible_to_user_ids": items(string(ID_MOST)),
        },
    ),
    "image": _IMAGE,
}

_MENUS = frozenset(_selects())
_COMMON = _MENUS | {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
IN_ACTIONS = _COMMON | {"button", "overflow", "datetimepicker", "workflow_button"}
IN_SECTION = _COMMON | {"button", "overflow", "image", "workflow_button"}
IN_INPUT = _COMMON | {
    "datetimepicker",
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
}
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})
