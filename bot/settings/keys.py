"""Which keys are there, and which one was meant?"""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from bot.settings.model import Settings


def unknown_key(loc: Sequence[str | int]) -> str:
    """What to say of a key that does not exist: the nearest that does."""
    known = sorted({name for model in models_at(Settings, loc[:-1]) for name in _names(model)})
    near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.0)
    return f"unknown key {str(loc[-1])!r}" + (f"; the nearest known key is {near[0]!r}" if near else "")


def _names(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a section as they are written: `from` cannot be a name in Python."""
    for name, field in model.model_fields.items():
        yield field.validation_alias if isinstance(field.validation_alias, str) else name


def models_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """The sections that may stand at `loc`; where kinds differ, the one that `kind` names."""
    found: list[type[BaseModel]] = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        kinds = [each for each in found if part in _kinds(each)]
        if kinds:
            found = kinds
            continue
        found = [
            inner
            for each in found
            if part in each.model_fields
            for inner in _sections(each.model_fields[part].annotation)
        ]
    return found


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind is not None else ()


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for each in get_args(annotation):
            yield from _sections(each)
