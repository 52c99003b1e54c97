"""Does a file that is for one person alone reach them, and nobody else?"""

import json

import pytest

from bot.messages.model import Attached, Message, Paragraph
from bot.sandbox.model import COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always

CHANNEL, DIRECT = "C0PLATFORM1", "D0000000YOU"
LOG = Message("The log", "2 entries.", blocks=(Paragraph(("2",)),), attached=Attached("log.csv", "seq,who\n1,王\n"))

pytestmark = pytest.mark.usefixtures("over_http")


def test_a_file_comes_into_ones_direct_messages_and_the_answer_says_so(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(LOG)

    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "log export").ok

    wait_for(lambda: len(sandbox.workspace.messages(CHANNEL)) == 1)
    (answer,) = sandbox.workspace.messages(CHANNEL)
    assert answer.ephemeral_to == YOU
    assert "The file is in your messages with me." in json.dumps(answer.blocks)
    (file_id,) = [each for message in sandbox.workspace.messages(DIRECT) for each in message.files]
    file = sandbox.workspace.file(file_id)
    assert file is not None
    assert file.content.decode("utf-8-sig") == "seq,who\n1,王\n"
    assert (file.name, file.channels) == ("log.csv", (DIRECT,))
    assert sandbox.workspace.messages(sandbox.workspace.direct(COLLEAGUE).id) == []


def test_without_the_right_to_files_the_answer_says_why_there_is_none(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(LOG)
    sandbox.switches.scopes.discard("files:write")

    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "log export")

    wait_for(lambda: len(sandbox.workspace.messages(CHANNEL)) == 1)
    assert "No file: the bot lacks the right" in json.dumps(sandbox.workspace.messages(CHANNEL)[0].blocks)
    assert sandbox.workspace.messages(DIRECT) == []
