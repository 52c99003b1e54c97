"""How is a fact made? As `dataclasses.dataclass` makes it, which behaves the same, in half of the time.

The library writes up to seven functions for a class and has each compiled; for our two hundred classes that was a third
of a start. What compares, hashes and shows a fact needs no code of its own.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - what this module gives
else:

    def dataclass(cls: type | None = None, /, *, eq: bool = True, repr: bool = True, **how: Any) -> Any:  # noqa: A002 - the library's name
        """As the library's."""
        if cls is None:
            return lambda made: dataclass(made, eq=eq, repr=repr, **how)
        if not eq or how.get("order") or how.get("unsafe_hash"):
            return dataclasses.dataclass(cls, eq=eq, repr=repr, **how)
        # Where a class says how it is compared, hashed or shown, it is so; Python notes that what compares has no hash.
        own = {name for name, value in cls.__dict__.items() if value is not None}
        made = dataclasses.dataclass(cls, eq=False, repr=False, **how)
        if "__eq__" not in own:
            made.__eq__ = _equals(made)
        if "__hash__" not in own:
            made.__hash__ = _hashed(made) if how.get("frozen") else None
        if repr and "__repr__" not in own:
            made.__repr__ = _shown
        return made


def _equals(cls: type[Any]) -> Callable[[Any, object], bool]:
    values = _values([each.name for each in dataclasses.fields(cls) if each.compare])

    def equals(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equals


def _hashed(cls: type[Any]) -> Callable[[Any], int]:
    every = dataclasses.fields(cls)
    values = _values([each.name for each in every if (each.compare if each.hash is None else each.hash)])
    return lambda self: hash(values(self))


def _values(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    match names:
        case []:
            return lambda _: ()
        case [name]:
            return lambda fact: (getattr(fact, name),)
        case _:
            return attrgetter(*names)


@recursive_repr()
def _shown(self: Any) -> str:
    fields = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(fields)})"
