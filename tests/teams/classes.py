"""Does Microsoft's own library know the elements of a card? It knows charts, which the published schema does not."""

import inspect
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

Json = dict[str, Any]


@cache
def _classes() -> dict[str, type[BaseModel]]:
    """The class of each type, by the type's name."""
    with warnings.catch_warnings():
        # It warns of parts of it that may change.
        warnings.simplefilter("ignore")
        from microsoft_teams.cards import core  # noqa: PLC0415 - slow, and wanted by few tests
    found: dict[str, type[BaseModel]] = {}
    for _, each in inspect.getmembers(core, inspect.isclass):
        kind = each.model_fields.get("type") if issubclass(each, BaseModel) else None
        if issubclass(each, BaseModel) and kind is not None and isinstance(kind.default, str):
            found.setdefault(kind.default, each)
    return found | {"TableRow": core.TableRow, "TableCell": core.TableCell}


def unknown_to_microsoft(card: Json) -> list[str]:
    """What the library does not know of a card, each with its place."""
    return list(_unknown(card, "$"))


def _unknown(part: Any, place: str) -> Iterator[str]:
    match part:
        case list():
            for number, each in enumerate(part):
                yield from _unknown(each, f"{place}[{number}]")
        case dict():
            if "type" in part:
                yield from _unknown_of(part, place)
            for key, value in part.items():
                # What a button carries is ours; what stands in the card's own part for Teams has other types.
                if key != "msteams" and not (key == "data" and str(part.get("type")).startswith("Action.")):
                    yield from _unknown(value, f"{place}.{key}")
        case _:
            pass


def _unknown_of(node: Json, place: str) -> Iterator[str]:
    known = _classes().get(node["type"])
    if known is None:
        yield f"{place}: no type {node['type']}"
        return
    names = {str(field.validation_alias or field.alias or name) for name, field in known.model_fields.items()}
    yield from (f"{place}: {node['type']} has no {key}" for key in node if key not in names | {"$schema", "fallback"})
    try:
        known.model_validate(node | ({"msteams": None} if "msteams" in node else {}))
    except ValidationError as error:
        yield from (f"{place}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
