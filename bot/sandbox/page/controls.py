"""How do the elements look that a person can press, choose in or type into?

Each carries `data-action-id`, `data-block-id` and `data-kind`; what is done with them is the script's part.
https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from bot.sandbox.page.markup import text_object, words
from bot.sandbox.page.names import file_picture, local_picture, safe_link
from bot.sandbox.page.places import Place, hooked, hooked_input
from bot.sandbox.page.selects import choices, overflow, select
from bot.sandbox.page.shapes import Json
from bot.sandbox.page.tags import Html, joined, tag


def control(element: Json, place: Place) -> Html:
    """One element."""
    match element.get("type"):
        case "button" | "workflow_button":
            return _button(element, place)
        case "overflow":
            return overflow(element, place)
        case "image":
            return picture(element)
        case "checkboxes" | "radio_buttons":
            return choices(element, place)
        case "feedback_buttons":
            pair = (element.get("positive_button"), element.get("negative_button"))
            return joined(_feedback(element, each, place) for each in pair if isinstance(each, dict))
        case "icon_button":
            return _icon_button(element, place)
        case "plain_text_input" | "rich_text_input" if element.get("multiline") or element["type"].startswith("rich"):
            typed = "\n".join(place.chosen(element))
            return tag("textarea", typed, rows=4, maxlength=element.get("max_length"), **hooked_input(element, place))
        case "url_source":
            return tag("span", str(element.get("text") or element.get("url") or ""), class_="source")
        case str(kind) if kind.endswith("_select"):
            return select(element, kind, place)
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


def _button(element: Json, place: Place) -> Html:
    style = element.get("style")
    classes = "button " + (style if style in ("primary", "danger") else "plain")
    hooks = hooked(element, place)
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
        **hooked(element, place),
    )


def _feedback(element: Json, choice: Json, place: Place) -> Html:
    value = str(choice.get("value") or "")
    text = text_object(choice.get("text"), place.names)
    return tag("button", text, type="button", class_="button plain", data_value=value, **hooked(element, place))


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
    hooks = hooked_input(element, place)
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
