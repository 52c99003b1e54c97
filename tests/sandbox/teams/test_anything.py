"""Does nothing that an app may send break the stand-in? Cards of known words in unknown places."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.teams.card import draw
from bot.sandbox.page.teams.inputs import Filling
from bot.sandbox.teams.inputs import actions_of, faults, inputs_of, values
from bot.sandbox.teams.strict import activities
from bot.sandbox.teams.strict.cards import problems
from bot.sandbox.teams.strict.elements import ACTIONS, ELEMENTS, INLINES
from tests.sandbox.teams.apps import message

_NAMES = sorted({name for kinds in (ELEMENTS, ACTIONS, INLINES) for kind in kinds.values() for name in kind.known})
_WORDS = ["full", "true", "auto", "default", "Blink", "<b>", "1", "{{DATE(2026-01-01T00:00:00Z)}}", "javascript:x", "("]
_KEYS = st.sampled_from([*_NAMES, "msteams", "legend", "values", "x", "y", "title", "value", "userIds"])
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 200), st.floats(), st.sampled_from(_WORDS))


def _objects(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    kinds = st.sampled_from([*ELEMENTS, *ACTIONS, *INLINES, "AdaptiveCard", "Blink"])
    return st.builds(lambda kind, rest: {"type": kind, **rest}, kinds, st.dictionaries(_KEYS, inside, max_size=6))


_ANYTHING = st.recursive(
    _LEAVES, lambda inside: st.one_of(_objects(inside), st.lists(inside, max_size=3)), max_leaves=20
)
_CARDS = st.dictionaries(
    st.sampled_from(["type", "version", "body", "actions", "refresh", "selectAction", "msteams"]), _ANYTHING
)


@given(_CARDS)
def test_any_card_is_judged_drawn_and_pressed_without_an_error(found: dict[str, Any]) -> None:
    card = {"type": "AdaptiveCard", "version": "1.5", **found}

    assert all(isinstance(each, str) for each in problems(card))
    html = draw(card, Filling("any"))
    assert "<b>" not in html
    assert 'href="javascript' not in html
    for action in actions_of(card):
        given_values = values(card, action, {})
        faults(card, action, given_values)
    assert all(each.get("id") for each in inputs_of(card))
    if not activities.refusal(message(card)):
        list(activities.complaints(message(card)))
    assert activities.weight(message(card)) > 0
