"""Does a fact behave as the library's dataclass does?"""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

import bot.facts

Maker = Callable[..., Any]


def _made(dataclass: Maker) -> dict[str, type[Any]]:
    """The same classes, by either."""

    @dataclass(frozen=True, slots=True)
    class Pool:
        """A fact, of which some things are not compared, hashed or shown."""

        name: str
        jobs: tuple[int, ...] = ()
        secret: str = dataclasses.field(default="s", repr=False)
        seen: int = dataclasses.field(default=0, compare=False)
        notes: list[str] = dataclasses.field(default_factory=list, hash=False)

    @dataclass(frozen=True, slots=True)
    class Named(Pool):
        """With one thing more."""

        label: str = "x"

    @dataclass(frozen=True, slots=True)
    class Single:
        value: float

    @dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    @dataclass(slots=True)
    class Changing:
        value: int = 0

    @dataclass(frozen=True, slots=True)
    class Own:  # noqa: PLW1641 - whether it has a hash is what is compared
        """Says by itself when it is the same, and how it is shown."""

        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, int) and other == self.value

        def __repr__(self) -> str:
            return "own"

    @dataclass(slots=True, eq=False)
    class Thing:
        value: int = 0

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        value: int

    @dataclass
    class Plain:
        value: Any = None

    return {each.__name__: each for each in (Pool, Named, Single, Nothing, Changing, Own, Thing, Ordered, Plain)}


OURS, THEIRS = _made(bot.facts.dataclass), _made(dataclasses.dataclass)
NAN = float("nan")
SOME: list[tuple[str, tuple[Any, ...]]] = [
    ("Pool", ("a",)), ("Pool", ("a", (1, 2))), ("Pool", ("a", (), "t")), ("Pool", ("a", (), "s", 9)),
    ("Pool", ("a", (), "s", 0, ["n"])), ("Named", ("a",)), ("Named", ("a", (), "s", 0, [], "y")),
    ("Single", (1.0,)), ("Single", (NAN,)), ("Single", (NAN,)), ("Nothing", ()), ("Nothing", ()),
    ("Changing", ()), ("Changing", (1,)), ("Own", (1,)), ("Own", (2,)), ("Ordered", (1,)), ("Plain", ()),
    ("Plain", ([1],)),
]  # fmt: skip


def _outcome(do: Callable[[Any], object], fact: object) -> object:
    try:
        return do(fact)
    except Exception as error:  # noqa: BLE001 - which one it is, is what is compared
        return type(error).__name__, str(error)


def _plainly(value: object) -> str:
    """What an object says of itself, without where it was made."""
    return str(value).replace("_made.<locals>.", "")


@pytest.mark.parametrize(("name", "given"), SOME)
def test_a_fact_is_shown_hashed_changed_and_copied_as_the_library_does(name: str, given: tuple[Any, ...]) -> None:
    ours, theirs = OURS[name](*given), THEIRS[name](*given)

    for do in (
        repr, hash, dataclasses.asdict, copy.copy, dataclasses.replace,
        lambda each: setattr(each, "value", 7), lambda each: delattr(each, "value"),
        lambda each: setattr(each, "new", 7),
        lambda each: each < each, lambda each: type(each).__match_args__, lambda each: hasattr(each, "__dict__"),
        lambda each: TypeAdapter(type(each)).validate_json(TypeAdapter(type(each)).dump_json(each)),
    ):  # fmt: skip
        assert _plainly(_outcome(do, ours)) == _plainly(_outcome(do, theirs))


def test_facts_are_the_same_where_the_library_says_so() -> None:
    def same(made: dict[str, type[Any]]) -> list[list[bool]]:
        every = [made[name](*given) for name, given in SOME]
        return [[one == other for other in [*every, 1]] for one in every]

    assert same(OURS) == same(THEIRS)


def test_a_fact_that_holds_itself_is_shown_all_the_same() -> None:
    ours, theirs = OURS["Plain"](), THEIRS["Plain"]()
    ours.value = theirs.value = None
    ours.value, theirs.value = [ours], [theirs]

    assert repr(ours) == repr(theirs)


@bot.facts.dataclass(frozen=True, slots=True)
class Kept:
    """Where pickle finds it."""

    value: int


def test_a_fact_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(3))) == Kept(3)  # noqa: S301 - our own
