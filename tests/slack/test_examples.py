"""Does Slack take everything that the bot can say?"""

import pytest

from bot.messages.examples import EXAMPLES
from bot.messages.sending import Label
from bot.sandbox.server import Sandbox
from bot.slack.blocks import brief, payload
from bot.slack.sender import SlackSender
from tests.slack.judging import judge


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_message_keeps_within_slacks_limits(name: str) -> None:
    for drawn in (payload(EXAMPLES[name]), payload(EXAMPLES[name], native=False), brief(EXAMPLES[name])):
        judge(drawn)


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
def test_every_message_is_taken_as_it_is_drawn_first(sender: SlackSender, sandbox: Sandbox, native: bool) -> None:
    sandbox.switches.native_table = sandbox.switches.native_charts = native
    for number, message in enumerate(EXAMPLES.values()):
        sender.post("#ml-platform", message, Label(f"d-{number}"))

    outcomes = [call.outcome for call in sandbox.calls.of("chat.postMessage")]
    assert outcomes.count("ok") == len(EXAMPLES)
    # Without native blocks one refusal is how that is learnt.
    assert len(outcomes) - len(EXAMPLES) == (0 if native else 1)
