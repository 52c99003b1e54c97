"""Where does an interactive element stand, and what tells the script of it?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.page.markup import text_object, words
from bot.sandbox.page.names import Names
from bot.sandbox.page.shapes import Json, items

Attributes = dict[str, str | bool | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: its block, what was chosen before, and what labels and describes it."""

    block_id: str
    names: Names
    kept: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    described_by: str = ""
    required: bool = False

    def chosen(self, element: Json) -> list[str]:
        """What is chosen or typed now: what the person left there, else what the app put there."""
        kept = self.kept.get(str(element.get("action_id")))
        holder, start = (kept, ("selected_", "value", "rich_text_value")) if kept else (element, ("initial_",))
        found = [value for key, value in holder.items() if key.startswith(start) and value is not None]
        if isinstance(element.get("initial_option"), dict) and not kept:
            found = [element["initial_option"]]
        return [_value(each) for value in found for each in (value if isinstance(value, list) else [value])]


def _value(chosen: object) -> str:
    match chosen:
        case {"value": value}:
            return str(value)
        case _:
            return str(chosen)


def hooked(element: Json, place: Place) -> Attributes:
    """The attributes by which the script knows the element."""
    confirm = element.get("confirm")
    return {
        "data_action_id": str(element.get("action_id") or ""),
        "data_block_id": place.block_id,
        "data_kind": str(element.get("type")),
        "data_confirm": _confirmation(confirm) if isinstance(confirm, dict) else None,
    }


def _confirmation(confirm: Json) -> str:
    parts = {name: words(confirm.get(name)) for name in ("title", "confirm", "deny")}
    drawn = text_object(confirm.get("text"), Names())
    return json.dumps(parts | {"html": drawn, "style": str(confirm.get("style") or "primary")})


def hooked_input(element: Json, place: Place) -> Attributes:
    """Likewise for something to fill in, with its label and when it is sent."""
    hooks = hooked(element, place)
    hooks |= {"placeholder": words(element.get("placeholder")) or None, "aria_label": place.label or None}
    hooks |= {"aria_describedby": place.described_by or None, "aria_required": "true" if place.required else None}
    wanted = element.get("dispatch_action_config")
    if isinstance(wanted, dict):
        hooks["data_dispatch"] = " ".join(str(each) for each in items(wanted.get("trigger_actions_on")))
    return hooks
