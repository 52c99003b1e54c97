"""Is every message as it was accepted, on both platforms, and fit to be read?"""

import re
from pathlib import Path

import pytest

from bot.core.alerts import State
from bot.messages.examples import EXAMPLES
from bot.messages.model import Table, from_json, to_json
from bot.messages.trouble import Kind
from bot.slack.blocks import payload
from bot.teams.cards import card
from tests.golden_files import FOLDER, Golden
from tests.messages.reading import lines, text


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_card_is_as_it_was_accepted(name: str, golden: Golden) -> None:
    golden(card(EXAMPLES[name]), f"teams/{name}")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_slack_payload_is_as_it_was_accepted(name: str, golden: Golden) -> None:
    golden(payload(EXAMPLES[name]), f"slack/{name}")


@pytest.mark.parametrize("platform", ["teams", "slack"])
def test_no_golden_file_is_left_behind_by_an_example_that_is_gone(platform: str) -> None:
    assert {Path(file).stem for file in (FOLDER / platform).iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_outbox_gives_every_message_back_as_it_was(name: str) -> None:
    assert from_json(to_json(EXAMPLES[name])) == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_summary_stands_alone_and_is_one_line(name: str) -> None:
    summary = EXAMPLES[name].summary

    assert len(summary) > 10
    assert "\n" not in summary
    assert len(summary) < 700


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "hostile" not in name])
def test_a_message_neither_shouts_nor_winks(name: str) -> None:
    said = text(EXAMPLES[name]) + EXAMPLES[name].summary + "".join(b.label for b in EXAMPLES[name].buttons)

    assert "!" not in said
    assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", said)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_line_has_no_control_or_direction_marks_from_outside(name: str) -> None:
    message = EXAMPLES[name]

    for line in [message.title, message.summary, *lines(message), *(button.label for button in message.buttons)]:
        assert not re.search("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rows_of_a_table_are_as_long_as_its_header(name: str) -> None:
    for block in EXAMPLES[name].blocks:
        if isinstance(block, Table):
            assert {len(row) for row in block.rows} == {len(block.header)}


def test_every_state_of_an_alert_and_every_trouble_has_an_example() -> None:
    assert {state.value for state in State} <= {name.removeprefix("alert-") for name in EXAMPLES}
    assert {kind.value.replace(" ", "-") for kind in Kind} <= {name.removeprefix("trouble-") for name in EXAMPLES}
