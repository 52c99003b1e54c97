"""How do the inputs of a card look?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.page.teams.text import markdown

_TYPES = {"tel": "tel", "url": "url", "email": "email", "password": "password"}


@dataclass(frozen=True, slots=True)
class Filling:
    """What was filled in before, what is wrong with it, and what tells one card's inputs from another's."""

    name: str
    filled: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def drawn_input(element: Json, filling: Filling) -> Html:
    """One input with its label, and what is wrong with it."""
    name = str(element.get("id") or "")
    identity = f"{filling.name}-{name}"
    label = str(element.get("label") or "")
    error = filling.errors.get(name, "")
    star = tag("span", " *", class_="required", aria_hidden="true") if element.get("isRequired") else None
    start = filling.filled.get(name, _text(element.get("value")))
    kind = str(element.get("type"))
    is_group = kind == "Input.ChoiceSet" and _is_expanded(element)
    heading = tag("span" if is_group else "label", label, star, class_="label", id=f"{identity}-label",
                  for_=None if is_group else identity) if label else None  # fmt: skip
    told = tag("p", error, class_="error", role="alert", hidden=not error, data_error_of=name)
    control = _control(element, kind, identity, name, start)
    return tag("div", heading, control, told, class_="input has-error" if error else "input")


def _control(element: Json, kind: str, identity: str, name: str, start: str) -> Html:
    common = {
        "id": identity,
        "data_input": name,
        "placeholder": _text(element.get("placeholder")) or None,
        "aria_label": None if element.get("label") else _text(element.get("placeholder")) or name,
        "aria_required": "true" if element.get("isRequired") else None,
    }
    match kind:
        case "Input.Text" if element.get("isMultiline"):
            return tag("textarea", start, rows=3, maxlength=_limit(element), **common)
        case "Input.Text":
            typed = _TYPES.get(str(element.get("style", "")).lower(), "text")
            return tag("input", type=typed, value=start, class_="field", maxlength=_limit(element), **common)
        case "Input.Number":
            ends = {"min": _text(element.get("min")) or None, "max": _text(element.get("max")) or None}
            return tag("input", type="number", value=start, class_="field", step="any", **ends, **common)
        case "Input.Date" | "Input.Time":
            ends = {"min": _text(element.get("min")) or None, "max": _text(element.get("max")) or None}
            typed = "date" if kind == "Input.Date" else "time"
            return tag("input", type=typed, value=start, class_="field", **ends, **common)
        case "Input.Toggle":
            return _toggle(element, identity, name, start)
        case _:
            return _choices(element, identity, name, start, common)


def _toggle(element: Json, identity: str, name: str, start: str) -> Html:
    on, off = _text(element.get("valueOn")) or "true", _text(element.get("valueOff")) or "false"
    box = tag("input", type="checkbox", id=identity, data_input=name, data_on=on, data_off=off, checked=start == on)
    return tag("label", box, tag("span", markdown(_text(element.get("title")))), class_="toggle", for_=identity)


def _choices(element: Json, identity: str, name: str, start: str, common: Mapping[str, str | None]) -> Html:
    chosen = start.split(",") if element.get("isMultiSelect") else [start]
    offered = [(_text(each.get("value")), _text(each.get("title"))) for each in objects(element.get("choices"))]
    if not _is_expanded(element):
        shown = _text(element.get("placeholder")) or "Choose"
        first = tag("option", shown, value="") if start not in dict(offered) else None
        options = [tag("option", title, value=value, selected=value in chosen) for value, title in offered]
        attributes = {key: value for key, value in common.items() if key != "placeholder"}
        return tag("select", first, joined(options), class_="select", **attributes)
    kind = "checkbox" if element.get("isMultiSelect") else "radio"
    boxes = [
        tag("label", tag("input", type=kind, name=identity, value=value, checked=value in chosen), tag("span", title))
        for value, title in offered
    ]
    return tag("div", *boxes, class_="choices", role="group", data_input=name, aria_labelledby=f"{identity}-label")


def _is_expanded(element: Json) -> bool:
    return bool(element.get("isMultiSelect")) or str(element.get("style", "")).lower() == "expanded"


def _limit(element: Json) -> int | None:
    longest = element.get("maxLength")
    return longest if isinstance(longest, int) and longest > 0 else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""
