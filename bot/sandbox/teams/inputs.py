"""What can be pressed and filled in on a card, and is it filled in as the card asks?

https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/input-validation
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.page.shapes import items
from bot.sandbox.teams.model import Json

_PARTS = ("body", "items", "columns", "rows", "cells", "inlines", "actions", "card", "selectAction", "inlineAction")
_MISSING = "This field is required."
_WRONG = "This is not a valid value."


def actions_of(card: Json | None) -> list[Json]:
    """All actions of a card, in the order in which they stand."""
    return [each for each in _walk(card) if str(each.get("type", "")).startswith("Action.")]


def inputs_of(card: Json | None) -> list[Json]:
    """All inputs of a card, in the order in which they stand."""
    return [each for each in _walk(card) if str(each.get("type", "")).startswith("Input.") and each.get("id")]


def _walk(found: Any) -> Iterator[Json]:
    if isinstance(found, list):
        for each in found:
            yield from _walk(each)
    elif isinstance(found, dict):
        yield found
        for part in _PARTS:
            if part in found:
                yield from _walk(found[part])


def wanted(actions: list[Json], named: str | int) -> Json | None:
    """The action with this number, verb, id or title."""
    if isinstance(named, int) or named.isdecimal():
        place = int(named)
        return actions[place] if place < len(actions) else None
    for name in ("verb", "id", "title"):
        for each in actions:
            if each.get(name) == named:
                return each
    return None


def values(card: Json | None, action: Json, filled: Mapping[str, Any]) -> dict[str, str]:
    """What goes along with an action: what was filled in, else what stood there from the beginning."""
    if str(action.get("associatedInputs", "auto")).lower() == "none":
        return {}
    return {str(each["id"]): _value(each, filled.get(str(each["id"]))) for each in inputs_of(card)}


def _value(element: Json, filled: Any) -> str:
    if filled is None:
        start = element.get("value")
        if start is None and element["type"] == "Input.Toggle":
            return str(element.get("valueOff", "false"))
        return "" if start is None else str(start)
    if isinstance(filled, list):
        return ",".join(str(each) for each in filled)
    if isinstance(filled, bool):
        return str(element.get("valueOn", "true") if filled else element.get("valueOff", "false"))
    return str(filled)


def faults(card: Json | None, action: Json, given: Mapping[str, str]) -> dict[str, str]:
    """What Teams says at which input instead of sending the action."""
    if str(action.get("associatedInputs", "auto")).lower() == "none":
        return {}
    found = {}
    for each in inputs_of(card):
        name = str(each["id"])
        if problem := _fault(each, given.get(name, "")):
            found[name] = str(each.get("errorMessage") or problem)
    return found


def _fault(element: Json, value: str) -> str:
    if not value or (element["type"] == "Input.Toggle" and value == str(element.get("valueOff", "false"))):
        return _MISSING if element.get("isRequired") else ""
    match element["type"]:
        case "Input.Text":
            return _WRONG if _is_wrong_text(element, value) else ""
        case "Input.Number":
            return _WRONG if _is_wrong_number(element, value) else ""
        case "Input.Date":
            return _WRONG if not re.fullmatch(r"\d{4}-\d\d-\d\d", value) or _is_outside(element, value) else ""
        case "Input.Time":
            return _WRONG if not re.fullmatch(r"\d\d:\d\d", value) or _is_outside(element, value) else ""
        case "Input.ChoiceSet":
            offered = {str(each.get("value")) for each in items(element.get("choices")) if isinstance(each, dict)}
            chosen = value.split(",") if element.get("isMultiSelect") else [value]
            return "" if set(chosen) <= offered else _WRONG
        case _:
            return ""


def _is_wrong_text(element: Json, value: str) -> bool:
    longest = element.get("maxLength")
    if isinstance(longest, int) and len(value) > longest:
        return True
    try:
        return bool(element.get("regex")) and re.search(str(element["regex"]), value) is None
    except re.error:
        return False


def _is_wrong_number(element: Json, value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return True
    least, most = element.get("min"), element.get("max")
    return (isinstance(least, int | float) and number < least) or (isinstance(most, int | float) and number > most)


def _is_outside(element: Json, value: str) -> bool:
    least, most = str(element.get("min") or ""), str(element.get("max") or "")
    return bool((least and value < least) or (most and value > most))
