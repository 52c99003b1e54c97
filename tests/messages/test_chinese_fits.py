"""Does every platform take what the bot says in Chinese? Its limits are in characters, or in bytes."""

import pytest

from bot.core.language import Language, speaking
from bot.messages.asking import question_form
from bot.messages.digests import digest_form
from bot.messages.examples import EXAMPLES, examples
from bot.messages.form import Form
from bot.messages.home import mine_form
from bot.messages.model import Message
from bot.messages.rule_form import rule_form
from bot.messages.silences import silence_form
from bot.sandbox.strict.payload import view_problems
from bot.slack.blocks import brief, payload
from bot.slack.forms import view
from bot.teams.cards import card
from tests.building import POOL
from tests.slack.judging import judge as slack_takes
from tests.teams.judging import judge as teams_takes

_SAID: dict[str, Message] = {}


def chinese(name: str) -> Message:
    if not _SAID:
        _SAID.update(examples())
    return _SAID[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_slack_and_teams_take_every_message(name: str) -> None:
    with speaking(Language.CHINESE):
        message = chinese(name)
        for drawn in (payload(message), payload(message, native=False), brief(message)):
            slack_takes(drawn)
        teams_takes(card(message))


def test_slack_takes_every_form() -> None:
    with speaking(Language.CHINESE):
        forms: list[Form] = [
            rule_form(None),
            silence_form("", pools=("train-*",)),
            digest_form(zone="Asia/Shanghai"),
            mine_form(("train-*",)),
            question_form([POOL]),
        ]

        assert [view_problems(view(form, channel="C1")) for form in forms] == [[]] * len(forms)
    # 24 characters of a title are shown.
    assert all(0 < len(form.title) <= 24 for form in forms)
