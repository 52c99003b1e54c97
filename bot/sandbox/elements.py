"""Which interactive elements does a payload have, and what does touching one send?"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from bot.sandbox.model import Blocks, Json, View

# What a person chose in an element -> the key it is sent under.
_CHOSEN_KEY = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "button": "value",
}
_INITIAL = ("initial_option", "initial_options", "initial_user", "initial_users", "initial_conversation",
            "initial_conversations", "initial_channel", "initial_channels", "initial_date", "initial_time",
            "initial_date_time", "initial_value")  # fmt: skip


def with_ids(blocks: Iterable[Json]) -> Blocks:
    """The blocks with a `block_id` and `action_id` where the app gave none, as Slack fills them in."""
    copied = deepcopy(tuple(blocks))
    for block in _walk(copied):
        if block.get("type") == "markdown":
            block.pop("block_id", None)
        else:
            block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in _elements(block):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return copied


def interactive(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element a person can touch, with its block."""
    for block in _walk(blocks):
        for element in _elements(block):
            yield block, element


def find(blocks: Iterable[Json], action_id: str, block_id: str = "") -> tuple[Json, Json] | None:
    """The element of that name, with its block."""
    for block, element in interactive(blocks):
        if element.get("action_id") == action_id and block_id in {"", block.get("block_id")}:
            return block, element
    return None


def chosen(element: Json, selected: Any) -> Json:
    """The part of a payload that says what was chosen.

    Args:
        element: The element as the app sent it.
        selected: An option's value (a list of them where several may be chosen), an id, a date, a text.
    """
    kind = element["type"]
    key = _CHOSEN_KEY.get(kind, "value")
    if kind in {"button", "icon_button", "feedback_buttons", "workflow_button"}:
        value = element.get("value") if selected is None else selected
        return {} if value is None else {"value": value}
    if key == "selected_option":
        return {key: None if selected in (None, "") else _option(element, selected)}
    if key == "selected_options":
        return {key: [option for value in selected or [] if (option := _option(element, value))]}
    if key.endswith("s") and key.startswith("selected_"):
        return {key: list(selected or [])}
    if key == "selected_date_time":
        return {key: int(selected) if str(selected).isdecimal() else None}
    return {key: selected if selected != "" else None}


def initial(element: Json) -> Json:
    """The part of a payload an untouched element sends."""
    for name in _INITIAL:
        if name in element:
            return {_CHOSEN_KEY.get(element["type"], "value"): element[name]}
    return chosen(element, None)


def is_empty(part: Json) -> bool:
    """Whether a chosen part holds nothing."""
    return all(value is None or value in ("", []) for value in part.values())


def filled(view: View, inputs: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, dict[str, Json]], dict[str, str]]:
    """The state of a submitted modal, and what is missing in it (Slack does not send it before all is there)."""
    state: dict[str, dict[str, Json]] = {}
    missing: dict[str, str] = {}
    for block, element in interactive(view.body["blocks"]):
        if element["type"] in {"button", "overflow"}:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        if action_id in inputs.get(block_id, {}):
            part = chosen(element, inputs[block_id][action_id])
        else:
            kept = view.state.get(block_id, {}).get(action_id)
            part = {key: value for key, value in kept.items() if key != "type"} if kept else initial(element)
        state.setdefault(block_id, {})[action_id] = {"type": element["type"], **part}
        if block["type"] == "input" and not block.get("optional") and is_empty(part):
            missing[block_id] = "This is a required field"
    return state, missing


def _option(element: Json, value: Any) -> Json | None:
    if isinstance(value, dict):
        return value
    groups = element.get("option_groups") or []
    options = [*(element.get("options") or []), *(option for group in groups for option in group.get("options", []))]
    return next((option for option in options if option.get("value") == value), None)


def _walk(blocks: Iterable[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        match block.get("type"):
            case "container":
                yield from _walk(block.get("child_blocks") or [])
            case "carousel":
                yield from _walk(block.get("elements") or [])
            case _:
                pass


def _elements(block: Json) -> list[Json]:
    match block.get("type"):
        case "actions" | "context_actions":
            return list(block.get("elements") or [])
        case "section":
            accessory = block.get("accessory")
            return [accessory] if accessory and accessory.get("type") != "image" else []
        case "card":
            return list(block.get("actions") or [])
        case "input":
            return [block["element"]]
        case _:
            return []
