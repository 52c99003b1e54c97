"""How does a block of Block Kit look?

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.page.charts import data_visualization
from bot.sandbox.page.controls import control, picture
from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.markup import anchor, text_object, words
from bot.sandbox.page.names import Names, safe_link
from bot.sandbox.page.places import Place
from bot.sandbox.page.richtext import rich_text
from bot.sandbox.page.shapes import Json, objects
from bot.sandbox.page.tables import data_table, table
from bot.sandbox.page.tags import Html, joined, tag


@dataclass(frozen=True, slots=True)
class Surface:
    """What the blocks stand on: the names around them and, in a view, its state and what was wrong with it."""

    names: Names
    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def place(self, block: Json) -> Place:
        """Where the elements of `block` stand."""
        block_id = str(block.get("block_id") or "")
        return Place(block_id, self.names, self.state.get(block_id, {}))


def draw(blocks: object, surface: Surface) -> Html:
    """Blocks one below the other."""
    return joined(_wrapped(block, surface) for block in objects(blocks))


def _wrapped(block: Json, surface: Surface) -> Html:
    kind = str(block.get("type") or "unknown").replace("_", "-")
    return tag("div", _block(block, surface), class_=f"block block-{kind}")


def _block(block: Json, surface: Surface) -> Html:
    names = surface.names
    match block.get("type"):
        case "header":
            return tag("h3", text_object(block.get("text"), names))
        case "section":
            return _section(block, surface)
        case "context":
            return joined(_context_element(each, surface.place(block)) for each in objects(block.get("elements")))
        case "divider":
            return tag("hr")
        case "actions" | "context_actions":
            return joined(control(each, surface.place(block)) for each in objects(block.get("elements")))
        case "input":
            return _input(block, surface)
        case "rich_text":
            return rich_text(block, names)
        case "markdown":
            return markdown(str(block.get("text") or ""), names)
        case "image":
            return _image(block, names)
        case _:
            return _figure(block, surface)


def _figure(block: Json, surface: Surface) -> Html:
    names = surface.names
    match block.get("type"):
        case "table":
            return table(block, names)
        case "data_table":
            return data_table(block, names)
        case "data_visualization":
            return data_visualization(block)
        case "alert":
            return _alert(block, names)
        case _:
            return _rarer(block, surface)


def _rarer(block: Json, surface: Surface) -> Html:
    match block.get("type"):
        case "card":
            return _card(block, surface)
        case "carousel":
            return draw(objects(block.get("elements")), surface)
        case "container":
            return _container(block, surface)
        case "video":
            title, address = words(block.get("title")), safe_link(str(block.get("title_url") or ""))
            return tag("p", "▶ ", anchor(address, title) if address else title)
        case "file":
            return tag("p", "Remote file ", tag("code", str(block.get("external_id") or "")))
        case "task_card":
            return tag("p", _STATUS.get(str(block.get("status")), "○"), " ", str(block.get("title") or ""))
        case "plan":
            return joined([tag("h4", str(block.get("title") or "")), draw(objects(block.get("tasks")), surface)])
        case kind:
            return tag("p", f"A block of type “{kind}” cannot be drawn here.", class_="unknown")


_STATUS = {"pending": "○", "in_progress": "◐", "complete": "✓", "error": "✕"}


def _section(block: Json, surface: Surface) -> Html:
    names = surface.names
    parts = []
    if block.get("text"):
        parts.append(tag("div", text_object(block["text"], names), class_="text"))
    if fields := objects(block.get("fields")):
        parts.append(tag("div", *(tag("div", text_object(each, names)) for each in fields), class_="fields"))
    body = tag("div", *parts, class_="body")
    accessory = block.get("accessory")
    if not isinstance(accessory, dict):
        return body
    return joined([body, tag("div", control(accessory, surface.place(block)), class_="accessory")])


def _context_element(element: Json, place: Place) -> Html:
    if element.get("type") == "image":
        return picture(element, class_="small-picture")
    return tag("span", text_object(element, place.names))


def _image(block: Json, names: Names) -> Html:
    title = text_object(block.get("title"), names)
    shown = picture(block, class_="picture")
    return tag("figure", tag("figcaption", title) if title else None, shown)


def _input(block: Json, surface: Surface) -> Html:
    names = surface.names
    place = surface.place(block)
    element = block.get("element")
    element = element if isinstance(element, dict) else {}
    error = surface.errors.get(place.block_id, "")
    hint = text_object(block.get("hint"), names)
    identity = f"about-{place.block_id}"
    optional = bool(block.get("optional"))
    labelled = Place(
        place.block_id, names, place.kept, words(block.get("label")), identity if error or hint else "", not optional
    )
    label = tag(
        "span",
        text_object(block.get("label"), names),
        tag("span", " (optional)", class_="optional") if optional else None,
        class_="label",
    )
    about = tag(
        "div",
        tag("p", error, class_="error", role="alert") if error else None,
        tag("p", hint, class_="hint") if hint else None,
        id=identity,
    )
    dispatches = "true" if block.get("dispatch_action") else None
    parts = (label, control(element, labelled), about)
    return tag(
        "div",
        *parts,
        class_="input has-error" if error else "input",
        data_input=place.block_id,
        data_dispatches=dispatches,
    )


_LEVELS = {"info": "ℹ", "warning": "⚠", "error": "✕", "success": "✓"}


def _alert(block: Json, names: Names) -> Html:
    level = str(block.get("level") or "default")
    known = level if level in _LEVELS else "default"
    sign = tag("span", _LEVELS.get(known, "•"), class_="sign", aria_hidden="true")
    return tag("div", sign, tag("div", text_object(block.get("text"), names)), class_=f"alert {known}", role="note")


def _card(block: Json, surface: Surface) -> Html:
    names = surface.names
    hero, icon = block.get("hero_image"), block.get("icon")
    parts: list[Html | None] = [picture(hero, class_="hero") if isinstance(hero, dict) else None]
    head = [
        tag("strong", text_object(block.get("title"), names)),
        tag("span", text_object(block.get("subtitle"), names)),
    ]
    sign = picture(icon, class_="small-picture") if isinstance(icon, dict) else None
    parts.append(tag("div", sign, tag("div", *head, class_="titles"), class_="card-head"))
    for name in ("body", "subtext"):
        drawn = text_object(block.get(name), names)
        parts.append(tag("div", drawn, class_=name) if drawn else None)
    buttons = [control(each, surface.place(block)) for each in objects(block.get("actions"))]
    parts.append(tag("div", *buttons, class_="card-actions") if buttons else None)
    return tag("div", *parts, class_="card")


def _container(block: Json, surface: Surface) -> Html:
    names = surface.names
    title, subtitle = text_object(block.get("title"), names), text_object(block.get("subtitle"), names)
    head = joined([tag("strong", title), tag("span", subtitle, class_="subtitle") if subtitle else None])
    inside = draw(objects(block.get("child_blocks")), surface)
    if block.get("is_collapsible"):
        is_open = not block.get("default_collapsed")
        return tag("details", tag("summary", head), inside, class_="container", open=is_open)
    return tag("div", tag("div", head, class_="container-head") if title else None, inside, class_="container")
