"""Make HTML in which nothing from outside can become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# Tags that have no content and no closing tag.
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
# Control characters have no drawing; NUL and friends are not even legal in HTML.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


class Html(str):
    """Text that is markup already; any other string is escaped when it is put into a tag."""

    __slots__ = ()


def escaped(text: str) -> Html:
    """`text` as it should be read, never as markup."""
    if isinstance(text, Html):
        return text
    return Html(html.escape(_CONTROL.sub("", text), quote=True))


def joined(parts: Iterable[str | None]) -> Html:
    """The parts one after the other; those that are not markup yet are escaped."""
    return Html("".join(escaped(part) for part in parts if part is not None))


def tag(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Html:
    """One element; `class_` is `class`, `data_ts` is `data-ts`; None and False leave an attribute out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def _attribute(key: str, value: str | float | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    # An attribute is quoted even where its value is markup: quotes inside it would end it.
    return f' {name}="{html.escape(_CONTROL.sub("", str(value)), quote=True)}"'
