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
MADE = answering(200, b'{"ok": true}')


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


FAILURES = [answering(500, b"rollup_error"), answering(503, b"<html>Sorry</html>")]


@pytest.mark.parametrize("failure", FAILURES, ids=["500", "503"])
@pytest.mark.parametrize("how", [How.PRIVATELY, How.IN_PLACE])
def test_an_answer_of_ones_own_that_met_a_5xx_is_sent_once_more(
    stub: Stub, session: requests.Session, how: How, failure: Any
) -> None:
    stub.answers = [failure, OK]

    tries = answer(stub, session, how)

    assert [where for where, _ in tries] == ["answer", "answer"]
    assert tries[0] == tries[1]


@pytest.mark.parametrize("failure", FAILURES, ids=["500", "503"])
def test_an_answer_of_ones_own_that_met_two_5xx_goes_into_the_channel_to_the_asker_alone(
    stub: Stub, session: requests.Session, failure: Any
) -> None:
    stub.answers = [failure, failure, MADE]

    tries = answer(stub, session)

    assert [where for where, _ in tries] == ["answer", "answer", "chat.postEphemeral"]
    said = tries[-1][1]
    assert (said["channel"], said["user"], said["text"]) == ("C1", "U1", "2 pools, 7 queued.")


def test_an_answer_for_all_that_met_a_5xx_is_not_repeated_because_it_may_be_there(
    stub: Stub, session: requests.Session
) -> None:
    stub.answers = [answering(500, b"rollup_error"), OK]

    assert [where for where, _ in answer(stub, session, How.FOR_ALL)] == ["answer"]
