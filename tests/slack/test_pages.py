"""Is every state of Home drawn as it was accepted, and would Slack take it?"""

import json
from typing import Any

import pytest
from slack_sdk.models.blocks import Block as SlackBlock

from bot.core.stats import Pool
from bot.messages.asking import question_form
from bot.messages.examples import EXAMPLES, pages
from bot.sandbox.strict.payload import view_problems
from bot.slack.forms import view
from bot.slack.pages import home_answer, home_view, modal_answer
from tests.golden_files import Golden
from tests.slack.judging import KNOWN_TO_THE_SDK, _judge_block

Json = dict[str, Any]
PAGES = pages()
# A divider has nothing that could be wrong with it.
_PLAIN = frozenset({"divider"})


def judge(drawn: Json) -> None:
    """Raise an `AssertionError` at the first thing that Slack would refuse, or read as markup by mistake."""
    assert view_problems(drawn, home=drawn["type"] == "home") == []
    assert 0 < len(drawn["blocks"]) <= 100
    assert len(drawn["private_metadata"]) <= 3000
    for block in drawn["blocks"]:
        if block["type"] in KNOWN_TO_THE_SDK:
            parsed = SlackBlock.parse(block)
            assert parsed is not None
            parsed.validate_json()
        if block["type"] not in _PLAIN:
            _judge_block(block)
    names = [e["action_id"] for block in drawn["blocks"] if block["type"] == "actions" for e in block["elements"]]
    assert len(names) == len(set(names))
    assert len(json.dumps(drawn, ensure_ascii=False)) < 250_000


@pytest.mark.parametrize("name", PAGES)
def test_home_is_as_it_was_accepted(name: str, golden: Golden) -> None:
    golden(home_view(PAGES[name], channel="D012ABC"), f"home/{name}")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", PAGES)
def test_home_keeps_within_slacks_limits(name: str, native: bool) -> None:
    judge(home_view(PAGES[name], said=EXAMPLES["alert-hostile"], native=native))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_may_take_the_place_of_home_and_stand_in_a_modal(name: str) -> None:
    judge(home_answer(EXAMPLES[name], native=True, channel="D012ABC"))
    drawn = modal_answer(EXAMPLES[name])
    assert view_problems(drawn, home=False) == []
    assert len(drawn["blocks"]) <= 100


@pytest.mark.parametrize("number", [0, 1, 100, 150])
def test_the_form_of_the_shortcut_is_taken_however_many_pools_there_are(number: int) -> None:
    pools = [Pool(f"pool-{each}-" + "x" * 50, f"train-{each}") for each in range(number)]

    assert view_problems(view(question_form(pools), channel="", response_url=""), home=False) == []
