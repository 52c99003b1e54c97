"""What is there to draw in a value that may be of any shape? What does not fit is left out, never an error."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def items(value: object) -> list[Any]:
    """The members of a list; nothing when it is none."""
    return list(value) if isinstance(value, list | tuple) else []


def objects(value: object) -> list[Json]:
    """The objects in a list; nothing when it is none."""
    return [each for each in items(value) if isinstance(each, dict)]
