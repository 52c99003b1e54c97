"""How is JSON compared with what Slack allows? Small checks that are put together into the shapes of blocks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing Slack does not accept, and where: `pointer` is a JSON pointer."""

    message: str
    pointer: str
    code: str = "invalid"
    constraint: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"

    def as_json(self) -> dict[str, Any]:
        """As `blocks.validate` lists it."""
        out: dict[str, Any] = {"code": self.code, "message": self.message, "pointer": self.pointer}
        return out | ({"constraint": dict(self.constraint)} if self.constraint else {})


Check = Callable[[Any, str], Iterator[Problem]]


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Check) -> Check:
    """An object with these fields and no others; `rules` look at it as a whole, once its fields are right."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", at, "type")
            return
        found = [
            Problem(f"missing required field: {name}", at, "required", {"field": name})
            for name in required
            if value.get(name) is None
        ]
        for name, inside in value.items():
            if name not in known:
                found.append(
                    Problem(f"invalid additional property: {name}", at, "additional_property", {"field": name})
                )
            elif inside is not None:
                found += known[name](inside, f"{at}/{name}")
        yield from found
        if not found:
            for rule in rules:
                yield from rule(value, at)

    return check


def string(most: int | None = None, least: int = 1) -> Check:
    """A string of that many characters."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must be a string", at, "type")
        elif len(value) < least:
            yield Problem(f"must be more than {least - 1} characters", at, "min_length", {"min": least})
        elif most is not None and len(value) > most:
            yield Problem(f"must be less than {most + 1} characters", at, "max_length", {"max": most})

    return check


def address(most: int = 3000) -> Check:
    """A web address."""
    text = string(most)

    def check(value: Any, at: str) -> Iterator[Problem]:
        problems = list(text(value, at))
        yield from problems
        if not problems:
            try:
                parts = urlsplit(value)
                fine = bool(parts.scheme) and bool(parts.netloc or parts.scheme in {"mailto", "tel", "slack"})
            except ValueError:
                fine = False
            if not fine or " " in value:
                yield Problem("must be a valid URL", at, "format")

    return check


def items(check_one: Check, most: int | None = None, least: int = 1) -> Check:
    """A list of that many."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must be an array", at, "type")
            return
        if most is not None and len(value) > most:
            yield Problem(f"no more than {most} items allowed", at, "max_items", {"max": most, "got": len(value)})
            return
        if len(value) < least:
            yield Problem(f"no less than {least} items allowed", at, "min_items", {"min": least, "got": len(value)})
        for number, each in enumerate(value):
            yield from check_one(each, f"{at}/{number}")

    return check


def one_of(*allowed: Any) -> Check:
    """One of these values."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            expected = {"type": "enum", "expected": list(allowed), "got": value}
            yield Problem("must be a valid enum value", at, "enum", expected)

    return check


def whole(least: int | None = None, most: int | None = None) -> Check:
    """A whole number."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must be an integer", at, "type")
        elif least is not None and value < least:
            yield Problem(f"must be greater than or equal to {least}", at, "minimum", {"min": least})
        elif most is not None and value > most:
            yield Problem(f"must be less than or equal to {most}", at, "maximum", {"max": most})

    return check


def number(value: Any, at: str) -> Iterator[Problem]:
    """A number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Problem("must be a number", at, "type")


def boolean(value: Any, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem("must be a boolean", at, "type")


def anything(_value: Any, _at: str) -> Iterator[Problem]:
    """Whatever it is."""
    yield from ()


def by_type(kinds: Mapping[str, Check], allowed: frozenset[str] | None = None) -> Check:
    """An object judged by its `type`; of `kinds` only those `allowed` here."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", at, "type")
            return
        kind = value.get("type")
        if kind is None:
            yield Problem("missing required field: type", at, "required", {"field": "type"})
        elif not isinstance(kind, str) or kind not in kinds or (allowed is not None and kind not in allowed):
            expected = {"type": "enum", "expected": sorted(allowed or kinds), "got": kind}
            yield Problem(f"unsupported type: {kind}", f"{at}/type", "unsupported_type", expected)
        else:
            yield from kinds[kind](value, at)

    return check
