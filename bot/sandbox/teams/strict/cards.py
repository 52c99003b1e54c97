"""What is wrong with an Adaptive Card, as far as Teams is concerned? A sentence for each thing, with its place."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.page.shapes import items
from bot.sandbox.teams.model import Json
from bot.sandbox.teams.strict.data import chart_problems, table_problems
from bot.sandbox.teams.strict.elements import ACTIONS, ELEMENTS, EXTENSIONS, INLINES, ROOT, Kind

# "Teams is limited to version 1.5"; clients on phones to 1.2 for some elements.
_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
_MOST_ACTIONS = 6
_DEEPEST = 30
_WIDTHS = frozenset({"full"})
# Lists of elements, by the property they stand in.
_INSIDE: Mapping[str, tuple[str, ...]] = {
    "Container": ("items",),
    "Column": ("items",),
    "TableCell": ("items",),
    "ColumnSet": ("columns",),
    "Table": ("rows",),
    "TableRow": ("cells",),
    "ImageSet": ("images",),
}
# Kinds that may be left out where only one kind can stand.
_IMPLIED = {"columns": "Column", "rows": "TableRow", "cells": "TableCell", "images": "Image"}


def problems(card: Any, at: str = "$") -> Iterator[str]:
    """Everything that is wrong with a card."""
    if not isinstance(card, dict):
        yield f"{at}: a card is an object"
        return
    if card.get("type") != "AdaptiveCard":
        yield f"{at}.type: must be AdaptiveCard, is {card.get('type')!r}"
    if card.get("version") not in _VERSIONS:
        yield f"{at}.version: Teams knows 1.0 to 1.5, this is {card.get('version')!r}"
    yield from _unknown(card, ROOT, at, "a card")
    width = (card.get("msteams") or {}).get("width") if isinstance(card.get("msteams"), dict) else None
    if isinstance(width, str) and width.lower() not in _WIDTHS:
        yield f"{at}.msteams.width: there is only Full, not {width!r}"
    yield from _elements(card.get("body", []), f"{at}.body", "", 0)
    yield from _actions(card.get("actions", []), f"{at}.actions", 0)
    yield from _select(card, at, 0)
    yield from _duplicate_ids(card, at)
    refresh = card.get("refresh")
    if isinstance(refresh, dict):
        yield from _action(refresh.get("action"), f"{at}.refresh.action", 0)
        if len(items(refresh.get("userIds"))) > 60:
            yield f"{at}.refresh.userIds: at most 60 people"


def _elements(found: Any, at: str, implied: str, depth: int) -> Iterator[str]:
    if not isinstance(found, list):
        yield f"{at}: must be a list"
        return
    for place, each in enumerate(found):
        yield from _element(each, f"{at}[{place}]", implied, depth)


def _element(element: Any, at: str, implied: str, depth: int) -> Iterator[str]:
    if not isinstance(element, dict):
        yield f"{at}: must be an object"
        return
    if depth > _DEEPEST:
        yield f"{at}: nested too deeply"
        return
    name = str(element.get("type") or implied)
    kind = ELEMENTS.get(name)
    if kind is None:
        yield f"{at}: there is no element {name!r}"
        fallback = element.get("fallback")
        if isinstance(fallback, dict):
            yield from _element(fallback, f"{at}.fallback", "", depth + 1)
        return
    if implied and name != implied:
        yield f"{at}: only {implied} may stand here, not {name}"
    yield from _checked(element, kind, at, name)
    yield from _special(element, name, at, depth)
    for inside in _INSIDE.get(name, ()):
        if inside in element:
            yield from _elements(element[inside], f"{at}.{inside}", _IMPLIED.get(inside, ""), depth + 1)
    yield from _select(element, at, depth)
    yield from _fallback(element, name, at, depth)


def _special(element: Json, name: str, at: str, depth: int) -> Iterator[str]:
    match name:
        case "RichTextBlock":
            yield from _inlines(element.get("inlines"), f"{at}.inlines", depth)
        case "FactSet":
            yield from _facts(element.get("facts"), f"{at}.facts")
        case "ActionSet":
            yield from _actions(element.get("actions"), f"{at}.actions", depth)
        case "Table":
            yield from table_problems(element, at)
        case "Input.ChoiceSet":
            for place, choice in enumerate(items(element.get("choices"))):
                if not isinstance(choice, dict) or not {"title", "value"} <= set(choice):
                    yield f"{at}.choices[{place}]: needs title and value"
        case _ if name.startswith("Chart."):
            yield from chart_problems(element, name, at)
        case _:
            pass
    if name.startswith("Input.") and element.get("isRequired") and not element.get("errorMessage"):
        yield f"{at}: a required input without errorMessage says nothing when it is empty"
    if name.startswith("Input.") and not element.get("label") and name != "Input.Toggle":
        yield f"{at}: an input without label cannot be read aloud"


def _fallback(element: Json, name: str, at: str, depth: int) -> Iterator[str]:
    fallback = element.get("fallback")
    if isinstance(fallback, dict):
        yield from _element(fallback, f"{at}.fallback", "", depth + 1)
    elif fallback is None and name in EXTENSIONS:
        yield f"{at}: {name} is not drawn everywhere and has no fallback"
    elif fallback is not None and fallback != "drop":
        yield f"{at}.fallback: must be an element or drop"


def _checked(element: Json, kind: Kind, at: str, name: str) -> Iterator[str]:
    yield from _unknown(element, kind.known, at, name)
    for needed in kind.needed:
        value = element.get(needed)
        if value is None or (needed in {"id", "url", "verb"} and not value):
            yield f"{at}: {name} needs {needed}"
    for field, words in kind.words.items():
        value = element.get(field)
        if words and isinstance(value, str) and field in element and value.lower() not in words:
            yield f"{at}.{field}: {value!r} is none of {', '.join(sorted(words))}"


def _unknown(found: Json, known: frozenset[str], at: str, what: str) -> Iterator[str]:
    for name in found:
        if name not in known:
            yield f"{at}: {what} has no property {name!r}"


def _inlines(found: Any, at: str, depth: int) -> Iterator[str]:
    if not isinstance(found, list):
        yield f"{at}: must be a list"
        return
    for place, run in enumerate(found):
        here = f"{at}[{place}]"
        if isinstance(run, str):
            continue
        kind = INLINES.get(str(run.get("type"))) if isinstance(run, dict) else None
        if kind is None:
            yield f"{here}: must be text or a TextRun"
            continue
        yield from _checked(run, kind, here, run["type"])
        yield from _select(run, here, depth)


def _facts(found: Any, at: str) -> Iterator[str]:
    for place, fact in enumerate(found if isinstance(found, list) else ()):
        if not isinstance(fact, dict) or not all(isinstance(fact.get(name), str) for name in ("title", "value")):
            yield f"{at}[{place}]: needs title and value"
        else:
            yield from _unknown(fact, frozenset({"title", "value"}), f"{at}[{place}]", "a fact")


def _actions(found: Any, at: str, depth: int) -> Iterator[str]:
    if not isinstance(found, list):
        yield f"{at}: must be a list"
        return
    shown = [each for each in found if not (isinstance(each, dict) and each.get("mode") == "secondary")]
    if len(shown) > _MOST_ACTIONS:
        yield f"{at}: Teams shows at most {_MOST_ACTIONS} actions, these are {len(shown)}"
    for place, action in enumerate(found):
        yield from _action(action, f"{at}[{place}]", depth)


def _action(action: Any, at: str, depth: int) -> Iterator[str]:
    kind = ACTIONS.get(str(action.get("type"))) if isinstance(action, dict) else None
    if kind is None:
        yield f"{at}: there is no action {action.get('type') if isinstance(action, dict) else action!r}"
        return
    name = action["type"]
    yield from _checked(action, kind, at, name)
    if not at.endswith("selectAction") and not at.endswith("refresh.action") and not action.get("title"):
        yield f"{at}: an action without title is an empty button"
    if name == "Action.ShowCard" and depth < _DEEPEST:
        yield from _shown_card(action.get("card"), f"{at}.card", depth)


def _shown_card(card: Any, at: str, depth: int) -> Iterator[str]:
    if isinstance(card, dict):
        yield from _elements(card.get("body", []), f"{at}.body", "", depth + 1)
        yield from _actions(card.get("actions", []), f"{at}.actions", depth + 1)


def _select(element: Json, at: str, depth: int) -> Iterator[str]:
    action = element.get("selectAction")
    if action is not None:
        yield from _action(action, f"{at}.selectAction", depth)
        if isinstance(action, dict) and action.get("type") == "Action.ShowCard":
            yield f"{at}.selectAction: may not be Action.ShowCard"


def _duplicate_ids(card: Json, at: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting: list[Any] = [card.get("body"), card.get("actions")]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            name = each.get("id")
            if isinstance(name, str) and name:
                if name in seen:
                    yield f"{at}: two elements have the id {name!r}"
                seen.add(name)
            waiting += [value for key, value in each.items() if key not in {"data", "msteams", "fallback"}]
