"""How do the elements look in which a person chooses among options?"""

from __future__ import annotations

from bot.sandbox.page.markup import text_object, words
from bot.sandbox.page.names import Names, safe_link
from bot.sandbox.page.places import Place, hooked, hooked_input
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tags import Html, tag


def overflow(element: Json, place: Place) -> Html:
    """A menu behind three dots."""
    entries = []
    hooks = hooked(element, place)
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


def choices(element: Json, place: Place) -> Html:
    """Boxes or buttons to tick."""
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
        **hooked(element, place),
    )


def select(element: Json, kind: str, place: Place) -> Html:
    """A list to choose from: of the app, of people, of channels."""
    several = kind.startswith("multi_")
    chosen = place.chosen(element)
    placeholder = words(element.get("placeholder")) or "Choose…"
    hooks = hooked_input(element, place) | {"placeholder": None, "aria_label": place.label or placeholder}
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


def _options(element: Json) -> list[Json]:
    grouped = [option for group in objects(element.get("option_groups")) for option in objects(group.get("options"))]
    return [*objects(element.get("options")), *grouped]
