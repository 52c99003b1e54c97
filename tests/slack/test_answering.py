"""Does an answer come through where Slack refuses how it is drawn, or fails?"""

import json
from typing import Any

import pytest
import requests

from bot.core.command import Asker
from bot.messages.model import Message, Table
from bot.slack.answering import Answers, How
from bot.slack.drawing import Drawings
from bot.slack.web import SlackWeb
from tests.slack.stub import Stub, answering

ASKER = Asker(platform="slack", workspace="T1", channel="C1", user="U1")
ANSWER = Message("Pools", "2 pools, 7 queued.", blocks=(Table("Pools", ("Pool", "Queue"), (("a", 7), ("b", None))),))
OK = answering(200, b"ok")


def answer(stub: Stub, session: requests.Session, how: How = How.PRIVATELY) -> list[tuple[str, dict[str, Any]]]:
    """Answer once; where each try went to, and what it said."""
    answers = Answers(SlackWeb(stub.url, "xoxb-secret", session), Drawings())
    answers.answer(lambda: ANSWER, url=stub.url + "answer", asker=ASKER, how=how)
    return [
        (path.rpartition("/")[2], form if path.rpartition("/")[2] != "answer" else json.loads(body))
        for path, _, form, body in stub.asked
    ]


@pytest.mark.parametrize("word", ["invalid_blocks", "invalid_blocks_format", "invalid_attachments"])
def test_an_answer_whose_blocks_are_refused_in_every_form_comes_as_its_summary(
    stub: Stub, session: requests.Session, word: str
) -> None:
    stub.answers = [*[answering(400, word.encode())] * 3, OK]

    tries = answer(stub, session)

    assert [where for where, _ in tries] == ["answer"] * 4
    said = tries[-1][1]
    assert said["text"] == "2 pools, 7 queued."
    assert not {"blocks", "attachments"} & set(said)
    assert said["response_type"] == "ephemeral"
