"""How does an Adaptive Card look in Teams?

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.page.names import local_picture, safe_link
from bot.sandbox.page.shapes import Json, items, objects
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.page.teams.actions import drawn_actions
from bot.sandbox.page.teams.charts import chart
from bot.sandbox.page.teams.clients import Client
from bot.sandbox.page.teams.inputs import Filling, drawn_input
from bot.sandbox.page.teams.text import markdown, run
from bot.sandbox.teams.inputs import actions_of

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Drawing:
    """One card being drawn: what is filled in, what draws it, and the numbers of its actions."""

    filling: Filling
    client: Client = Client.NEWEST
    numbers: dict[int, int] = field(default_factory=dict)

    def card(self, card: Json, depth: int = 0) -> Html:
        """A card, or one that stands inside it."""
        body = self.elements(card.get("body"), depth + 1)
        buttons = drawn_actions(card.get("actions"), self.numbers, lambda each: self.card(each, depth + 1))
        return tag("div", body, buttons, class_="ac")

    def elements(self, found: object, depth: int) -> Html:
        """Elements one below the other."""
        if depth > _DEEPEST:
            return Html()
        return joined(self.element(each, depth) for each in objects(found))

    def element(self, element: Json, depth: int) -> Html:
        """One element, or what stands in for it where Teams does not know it."""
        drawn = self._known(element, depth)
        if drawn is None:
            fallback = element.get("fallback")
            if isinstance(fallback, dict) and depth < _DEEPEST:
                return self.element(fallback, depth + 1)
            if fallback == "drop":
                return Html()
            drawn = tag("p", f"{element.get('type')} is left out: Teams does not know it", class_="unknown")
        above = "ac-apart" if element.get("separator") else ""
        gap = str(element.get("spacing") or "default").lower()
        classes = f"ac-element gap-{gap if gap.isalpha() else 'default'} {above}".strip()
        name = element.get("id")
        hidden = element.get("isVisible") is False
        return tag("div", drawn, class_=classes, hidden=hidden, data_element=name if isinstance(name, str) else None)

    def _known(self, element: Json, depth: int) -> Html | None:
        kind = str(element.get("type"))
        if kind.startswith("Chart."):
            return chart(element) if self.client.has_charts else None
        if kind in _INPUTS:
            return drawn_input(element, self.filling)
        if kind in _LEAVES:
            return _LEAVES[kind](element)
        match kind:
            case "RichTextBlock":
                runs = [
                    _run(each, self.numbers) for each in items(element.get("inlines")) if isinstance(each, dict | str)
                ]
                return tag("p", *runs, class_=_sided("ac-text", element))
            case "Container":
                return tag(
                    "div", self.elements(element.get("items"), depth + 1), class_=_styled("ac-container", element)
                )
            case "ColumnSet":
                columns = [self._column(each, depth) for each in objects(element.get("columns"))]
                return tag("div", *columns, class_=_styled("ac-columns", element))
            case "Table":
                return self._table(element, depth)
            case "ActionSet":
                inside = drawn_actions(element.get("actions"), self.numbers, lambda each: self.card(each, depth + 1))
                return inside or Html()
            case _:
                return None

    def _column(self, column: Json, depth: int) -> Html:
        width = column.get("width", "stretch")
        if width == "auto":
            size = "auto"
        elif isinstance(width, int | float) or (isinstance(width, str) and width.isdecimal()):
            size = f"grow-{min(10, max(1, int(width)))}"
        else:
            size = "stretch"
        inside = self.elements(column.get("items"), depth + 1)
        return tag("div", inside, class_=_styled(f"ac-column {size}", column))

    def _table(self, table: Json, depth: int) -> Html:
        columns = objects(table.get("columns"))
        widths = [each.get("width") for each in columns]
        weights = [int(each) if isinstance(each, int | float) and 0 < each < 100 else 1 for each in widths]
        cols = [tag("col", class_=f"pc-{round(20 * weight / sum(weights)) * 5}") for weight in weights]
        has_head = table.get("firstRowAsHeader", table.get("firstRowAsHeaders", True)) is not False
        rows = []
        for place, row in enumerate(objects(table.get("rows"))):
            cells = []
            for number, cell in enumerate(objects(row.get("cells"))):
                column = columns[number] if number < len(columns) else {}
                side = _first("horizontalCellContentAlignment", column, row, table)
                name = "th" if has_head and place == 0 else "td"
                inside = self.elements(cell.get("items"), depth + 1)
                cells.append(tag(name, inside, class_=f"to-{side}" if side else None))
            rows.append(tag("tr", *cells, class_=_styled("", row)))
        head = tag("thead", rows[0]) if has_head and rows else None
        body = tag("tbody", *(rows[1:] if has_head else rows))
        lines = "lined" if table.get("showGridLines", True) is not False else "plain"
        drawn = tag("table", tag("colgroup", *cols), head, body, class_=f"ac-table {lines}")
        return tag("div", drawn, class_="ac-scroll", tabindex=0, role="region", aria_label="Table")


_INPUTS = frozenset(f"Input.{name}" for name in ("Text", "Number", "Date", "Time", "Toggle", "ChoiceSet"))
_SIDES = frozenset({"left", "center", "right"})


def draw(card: Json, filling: Filling, client: Client = Client.NEWEST) -> Html:
    """The whole card as the client shows it; its buttons carry their number among its actions."""
    if not client.knows(card.get("version")):
        words = str(card.get("fallbackText") or "")
        return tag("div", tag("p", markdown(words) if words else "This card cannot be shown.", class_="ac-text"))
    numbers = {id(action): number for number, action in enumerate(actions_of(card))}
    return Drawing(filling, client, numbers).card(card)


def _text_block(element: Json) -> Html:
    text = element.get("text")
    name = "h4" if str(element.get("style", "")).lower() == "heading" else "p"
    return tag(
        name, markdown(text if isinstance(text, str) else ""), class_=_sided(f"ac-text {_look(element)}", element)
    )


def _run(found: Json | str, numbers: dict[int, int]) -> Html:
    if isinstance(found, str):
        return run(found)
    text = found.get("text")
    drawn = run(text if isinstance(text, str) else "")
    for name, mark in (("italic", "i"), ("strikethrough", "s"), ("underline", "u"), ("highlight", "mark")):
        if found.get(name) is True:
            drawn = tag(mark, drawn)
    action = found.get("selectAction")
    look = _look(found)
    if isinstance(action, dict) and action.get("type") == "Action.OpenUrl":
        address = safe_link(str(action.get("url") or ""))
        if address:
            return tag("a", drawn, href=address, class_=look, target="_blank", rel="noopener noreferrer")
    if isinstance(action, dict) and id(action) in numbers:
        return tag("button", drawn, type="button", class_=f"link {look}", data_press=numbers[id(action)])
    return tag("span", drawn, class_=look)


def _look(element: Json) -> str:
    """The classes of a text's colour, size, weight and so on."""
    parts = []
    for name in ("color", "size", "weight"):
        value = str(element.get(name) or "").lower()
        if value.isalpha():
            parts.append(f"{name}-{value}")
    parts += ["subtle"] * (element.get("isSubtle") is True)
    parts += ["mono"] * (str(element.get("fontType", "")).lower() == "monospace")
    parts += ["no-wrap"] * (element.get("type") == "TextBlock" and element.get("wrap") is not True)
    return " ".join(parts)


def _sided(classes: str, element: Json) -> str:
    side = str(element.get("horizontalAlignment") or "").lower()
    return f"{classes} to-{side}".strip() if side in _SIDES else classes.strip()


def _styled(classes: str, element: Json) -> str:
    style = str(element.get("style") or "").lower()
    bleeds = " bleeds" if element.get("bleed") is True else ""
    return f"{classes} {f'style-{style}' if style.isalpha() else ''}{bleeds}".strip()


def _first(name: str, *holders: Json) -> str:
    for each in holders:
        value = str(each.get(name) or "").lower()
        if value in _SIDES:
            return value
    return ""


def _facts(element: Json) -> Html:
    pairs = []
    for fact in objects(element.get("facts")):
        pairs.append(tag("dt", markdown(str(fact.get("title") or ""))))
        pairs.append(tag("dd", markdown(str(fact.get("value") or ""))))
    return tag("dl", *pairs, class_="ac-facts")


def _image(element: Json) -> Html:
    alternative = str(element.get("altText") or "")
    address = local_picture(str(element.get("url") or ""))
    if address is None:
        return tag("span", alternative or "picture", class_="picture absent", role="img", aria_label=alternative)
    size = str(element.get("size") or "auto").lower()
    return tag("img", src=address, alt=alternative, class_=f"picture size-{size if size.isalpha() else 'auto'}")


def _images(element: Json) -> Html:
    return tag("div", *(_image(each) for each in objects(element.get("images"))), class_="ac-images")


def _code(element: Json) -> Html:
    return tag("pre", tag("code", str(element.get("codeSnippet") or "")))


def _badge(element: Json) -> Html:
    return tag("span", str(element.get("text") or ""), class_="badge")


# Elements in which no others stand.
_LEAVES: Mapping[str, Callable[[Json], Html]] = {
    "TextBlock": _text_block,
    "FactSet": _facts,
    "Image": _image,
    "ImageSet": _images,
    "CodeBlock": _code,
    "Badge": _badge,
}
