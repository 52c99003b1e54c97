"""How do the elements look that a person can press, choose in or type into?

Each carries `data-action-id`, `data-block-id` and `data-kind`; what is done with them is the script's part.
https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.page.markup import text_object, words
from bot.sandbox.page.names import Names, file_picture, local_picture, safe_link
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, joined, tag


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: its block, what was chosen before, and what labels and describes it."""

    block_id: str
    names: Names
    kept: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    described_by: str = ""
    required: bool = False

    def chosen(self, element: Json) -> list[str]:
        """What is chosen or typed now: what the person left there, else what the app put there."""
        kept = self.kept.get(str(element.get("action_id")))
        holder, start = (kept, ("selected_", "value", "rich_text_value")) if kept else (element, ("initial_",))
        found = [value for key, value in holder.items() if key.startswith(start) and value is not None]
        if isinstance(element.get("initial_option"), dict) and not kept:
            found = [element["initial_option"]]
        return [_value(each) for value in found for each in (value if isinstance(value, list) else [value])]


def control(element: Json, place: Place) -> Html:
    """One element."""
    match element.get("type"):
        case "button" | "workflow_button":
            return _button(element, place)
        case "overflow":
            return _overflow(element, place)
        case "image":
            return picture(element)
        case "checkboxes" | "radio_buttons":
            return _choices(element, place)
        case "feedback_buttons":
            pair = (element.get("positive_button"), element.get("negative_button"))
            return joined(_feedback(element, each, place) for each in pair if isinstance(each, dict))
        case "icon_button":
            return _icon_button(element, place)
        case "plain_text_input" | "rich_text_input" if element.get("multiline") or element["type"].startswith("rich"):
            typed = "\n".join(place.chosen(element))
            return tag("textarea", typed, rows=4, maxlength=element.get("max_length"), **_input(element, place))
        case "url_source":
            return tag("span", str(element.get("text") or element.get("url") or ""), class_="source")
        case str(kind) if kind.endswith("_select"):
            return _select(element, kind, place)
        case str(kind) if kind in _INPUT_TYPES:
            return _typed(element, kind, place)
        case kind:
            return tag("span", f"[{kind} cannot be drawn here]", class_="unknown")


def picture(element: Json, *, class_: str = "thumbnail") -> Html:
    """An image this machine serves; the words for it where it would have to come from the network."""
    alternative = str(element.get("alt_text") or "")
    file = element.get("slack_file")
    address: str | None = None
    if isinstance(file, dict):
        address = file_picture(file)
    elif isinstance(element.get("image_url"), str):
        address = local_picture(element["image_url"])
    if address is None:
        return tag("span", alternative or "picture", class_=f"{class_} absent", role="img", aria_label=alternative)
    return tag("img", src=address, alt=alternative, class_=class_, loading="lazy")


def _value(chosen: object) -> str:
    match chosen:
        case {"value": value}:
            return str(value)
        case _:
            return str(chosen)


def _hooks(element: Json, place: Place) -> dict[str, str | bool | None]:
    confirm = element.get("confirm")
    return {
        "data_action_id": str(element.get("action_id") or ""),
        "data_block_id": place.block_id,
        "data_kind": str(element.get("type")),
        "data_confirm": _confirmation(confirm) if isinstance(confirm, dict) else None,
    }


def _confirmation(confirm: Json) -> str:
    parts = {name: words(confirm.get(name)) for name in ("title", "confirm", "deny")}
    drawn = text_object(confirm.get("text"), Names())
    return json.dumps(parts | {"html": drawn, "style": str(confirm.get("style") or "primary")})


def _input(element: Json, place: Place) -> dict[str, str | bool | None]:
    hooks = _hooks(element, place)
    hooks |= {"placeholder": words(element.get("placeholder")) or None, "aria_label": place.label or None}
    hooks |= {"aria_describedby": place.described_by or None, "aria_required": "true" if place.required else None}
    wanted = element.get("dispatch_action_config")
    if isinstance(wanted, dict):
        hooks["data_dispatch"] = " ".join(str(each) for each in wanted.get("trigger_actions_on") or [])
    return hooks


def _button(element: Json, place: Place) -> Html:
    style = element.get("style")
    classes = "button " + (style if style in ("primary", "danger") else "plain")
    hooks = _hooks(element, place)
    label = str(element.get("accessibility_label") or "") or None
    text = text_object(element.get("text"), place.names)
    address = safe_link(str(element.get("url") or ""))
    if address:
        rel = "noopener noreferrer"
        return tag("a", text, class_=classes, href=address, target="_blank", rel=rel, aria_label=label, **hooks)
    value = element.get("value")
    return tag("button", text, type="button", class_=classes, aria_label=label, data_value=value, **hooks)


def _icon_button(element: Json, place: Place) -> Html:
    label = str(element.get("accessibility_label") or words(element.get("text")))
    sign = {"trash": "🗑"}.get(str(element.get("icon")), "•")
    return tag(
        "button",
        sign,
        type="button",
        class_="button plain icon",
        title=label,
        aria_label=label,
        **_hooks(element, place),
    )


def _feedback(element: Json, choice: Json, place: Place) -> Html:
    value = str(choice.get("value") or "")
    text = text_object(choice.get("text"), place.names)
    return tag("button", text, type="button", class_="button plain", data_value=value, **_hooks(element, place))


def _options(element: Json) -> list[Json]:
    grouped = [option for group in objects(element.get("option_groups")) for option in objects(group.get("options"))]
    return [*objects(element.get("options")), *grouped]


def _overflow(element: Json, place: Place) -> Html:
    entries = []
    hooks = _hooks(element, place)
    for option in _options(element):
        text = text_object(option.get("text"), place.names)
        address = safe_link(str(option.get("url") or ""))
        value = str(option.get("value") or "")
        if address:
            item = tag("a", text, href=address, target="_blank", rel="noopener noreferrer", data_value=value, **hooks)
        else:
            item = tag("button", text, type="button", data_value=value, **hooks)
        entries.append(tag("li", item))
    opener = tag("summary", "⋯", class_="button plain icon", aria_label="More actions")
    return tag("details", opener, tag("ul", *entries), class_="overflow")


def _choices(element: Json, place: Place) -> Html:
    kind = "checkbox" if element["type"] == "checkboxes" else "radio"
    chosen = place.chosen(element)
    name = f"{place.block_id}-{element.get('action_id')}"
    entries = []
    for option in _options(element):
        value = str(option.get("value") or "")
        box = tag("input", type=kind, name=name, value=value, checked=value in chosen)
        more = text_object(option.get("description"), place.names)
        text = tag("span", text_object(option.get("text"), place.names), tag("small", more) if more else None)
        entries.append(tag("label", box, text))
    role = "group" if kind == "checkbox" else "radiogroup"
    described = place.described_by or None
    label = place.label or None
    return tag(
        "div",
        *entries,
        class_="choices",
        role=role,
        aria_label=label,
        aria_describedby=described,
        **_hooks(element, place),
    )


def _select(element: Json, kind: str, place: Place) -> Html:
    several = kind.startswith("multi_")
    chosen = place.chosen(element)
    placeholder = words(element.get("placeholder")) or "Choose…"
    hooks = _input(element, place) | {"placeholder": None, "aria_label": place.label or placeholder}
    shown: list[Html] = [] if several else [tag("option", placeholder, value="", selected=not chosen)]
    if kind.endswith("external_select"):
        hooks["data_suggests"] = True
        shown += [tag("option", each, value=each, selected=True) for each in chosen]
    elif kind.endswith("static_select"):
        shown += _static_options(element, chosen)
    else:
        shown += [_option(value, name, chosen) for value, name in _listed(kind, place.names)]
    size = str(min(6, max(3, len(shown)))) if several else None
    return tag("select", *shown, multiple=several, size=size, class_="select", **hooks)


def _static_options(element: Json, chosen: list[str]) -> list[Html]:
    def drawn(options: object) -> list[Html]:
        given = [each for each in options if isinstance(each, dict)] if isinstance(options, list) else []
        return [_option(str(each.get("value") or ""), words(each.get("text")), chosen) for each in given]

    groups = objects(element.get("option_groups"))
    if groups:
        return [tag("optgroup", *drawn(each.get("options")), label=words(each.get("label"))) for each in groups]
    return drawn(element.get("options"))


def _option(value: str, name: str, chosen: list[str]) -> Html:
    return tag("option", name, value=value, selected=value in chosen)


def _listed(kind: str, names: Names) -> list[tuple[str, str]]:
    people = [(user, name) for user, name in names.users.items()]
    rooms = [(channel, f"#{name}") for channel, name in names.channels.items() if name]
    if kind.endswith("users_select"):
        return people
    return rooms


_INPUT_TYPES = {
    "plain_text_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "number",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
    "file_input": "file",
}


def _typed(element: Json, kind: str, place: Place) -> Html:
    hooks = _input(element, place)
    value = "\n".join(place.chosen(element))
    if kind == "datetimepicker":
        hooks["data_seconds"], value = value or None, ""
    if kind == "number_input":
        step = "any" if element.get("is_decimal_allowed") else "1"
        hooks |= {"min": _text(element.get("min_value")), "max": _text(element.get("max_value")), "step": step}
    length = element.get("max_length")
    return tag("input", type=_INPUT_TYPES[kind], class_="field", value=value or None, maxlength=length, **hooks)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
