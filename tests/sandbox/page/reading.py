"""Read drawn HTML as a browser does: which elements are there, and which words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    """An element with its attributes and everything inside."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, without the tags."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def all(self, name: str = "", **attributes: str) -> list[Element]:
        """Every element inside of that name, with those attributes (`class_` asks for one of its classes)."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, str):
                continue
            if name in {"", child.name} and child._has(attributes):
                found.append(child)
            found += child.all(name, **attributes)
        return found

    def one(self, name: str = "", **attributes: str) -> Element:
        """The only such element."""
        found = self.all(name, **attributes)
        assert len(found) == 1, f"{len(found)} of <{name} {attributes}>"
        return found[0]

    def _has(self, wanted: dict[str, str]) -> bool:
        for key, value in wanted.items():
            if key == "class_":
                if value not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(key.replace("_", "-")) != value:
                return False
        return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The elements of a piece of HTML; fails when they are not properly nested or closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].name}> is never closed"
    return reader.root
