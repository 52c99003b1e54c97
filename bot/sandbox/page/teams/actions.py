"""How do the buttons of a card look, and what tells the script which was pressed?"""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.page.names import safe_link
from bot.sandbox.page.shapes import Json, items, objects
from bot.sandbox.page.tags import Html, tag

_STYLES = {"positive": "primary", "destructive": "danger"}

# Draws a card inside a card.
Inside = Callable[[Json], Html]
Numbers = dict[int, int]


def drawn_actions(found: object, numbers: Numbers, inside: Inside) -> Html | None:
    """A row of buttons; those that are secondary stand in a menu behind it."""
    actions = [each for each in objects(found) if str(each.get("type", "")).startswith("Action.")]
    shown = [each for each in actions if each.get("mode") != "secondary"]
    tucked = [each for each in actions if each.get("mode") == "secondary"]
    if not actions:
        return None
    buttons = [drawn for each in shown if (drawn := _action(each, numbers, inside))]
    menu = None
    if tucked:
        items = [tag("li", drawn) for each in tucked if (drawn := _action(each, numbers, inside))]
        summary = tag("summary", "…", class_="button icon", aria_label="More actions")
        menu = tag("details", summary, tag("ul", *items), class_="overflow")
    return tag("div", *buttons, menu, class_="block-actions ac-actions")


def _action(action: Json, numbers: Numbers, inside: Inside) -> Html | None:
    title = str(action.get("title") or "")
    classes = f"button {_STYLES.get(str(action.get('style')), '')}".strip()
    tip = str(action.get("tooltip") or "") or None
    match action.get("type"):
        case "Action.OpenUrl":
            address = safe_link(str(action.get("url") or ""))
            if address is None:
                return None
            return tag("a", title, href=address, class_=classes, target="_blank", rel="noopener noreferrer", title=tip)
        case "Action.ShowCard":
            card = action.get("card")
            drawn = inside(card) if isinstance(card, dict) else None
            return tag("details", tag("summary", title, class_=classes), drawn, class_="show-card")
        case "Action.ToggleVisibility":
            targets = [
                str(each.get("elementId") if isinstance(each, dict) else each)
                for each in items(action.get("targetElements"))
            ]
            return tag("button", title, type="button", class_=classes, data_toggles=" ".join(targets), title=tip)
        case "Action.Execute" | "Action.Submit":
            is_off = action.get("isEnabled") is False
            number = numbers.get(id(action), -1)
            return tag("button", title, type="button", class_=classes, data_press=number, disabled=is_off, title=tip)
        case _:
            return None
