"""Does the sender know what would be refused, and leave it alone?"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.messages.model import Message
from bot.messages.sending import Act, DeliveryError, Label, Needs, Unclear
from bot.sandbox.model import YOU
from bot.sandbox.server import Sandbox
from bot.slack.drawing import Drawings
from bot.slack.pace import Pace
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb
from tests.slack.conftest import Ticks

HELLO = Message("Hello", "Hello, 3 queued.")
LABEL = Label("d-1", "a-7")
PLATFORM = "C0PLATFORM1"
LONG_AGO = datetime.fromtimestamp(0, UTC)
NONE = timedelta()


@pytest.fixture
def paced(web: SlackWeb, drawings: Drawings, ticks: Ticks) -> SlackSender:
    """A sender that keeps to Slack's documented pace."""
    return SlackSender(web, drawings, pace=Pace(monotonic=ticks), monotonic=ticks)


def test_after_a_burst_a_channel_waits_and_no_other_does(paced: SlackSender, sandbox: Sandbox) -> None:
    for _ in range(3):
        assert paced.wait("#ml-platform", Act.POST) == NONE
        paced.post("#ml-platform", HELLO, LABEL)

    assert paced.wait("#ml-platform", Act.POST) == timedelta(seconds=1)
    assert paced.wait("#ml-platform", Act.EDIT) == paced.wait("#research", Act.POST) == NONE
    with pytest.raises(DeliveryError, match="no more for the moment") as error:
        paced.post("#ml-platform", HELLO, LABEL)
    assert error.value.retry_after == timedelta(seconds=1)
    assert len(sandbox.calls.of("chat.postMessage")) == 3


def test_a_channel_that_waits_for_people_is_tried_now_and_then(paced: SlackSender, ticks: Ticks) -> None:
    with pytest.raises(DeliveryError) as error:
        paced.post("#random", HELLO, LABEL)

    assert error.value.needs is Needs.CHANNEL
    assert paced.wait("#random", Act.POST) == error.value.retry_after
    assert paced.wait("#ml-platform", Act.POST) == NONE
    ticks.now += 15
    assert paced.wait("#random", Act.POST) == NONE


def test_without_a_way_in_no_channel_is_tried(paced: SlackSender, sandbox: Sandbox) -> None:
    sandbox.switches.revoked = True
    with pytest.raises(DeliveryError) as error:
        paced.post(PLATFORM, HELLO, LABEL)

    assert error.value.needs is Needs.WORKSPACE
    assert paced.wait("#research", Act.POST) > NONE


def test_while_slack_does_not_answer_ever_less_is_put_in_doubt(
    paced: SlackSender, sandbox: Sandbox, ticks: Ticks
) -> None:
    sandbox.misbehave("status", "chat.postMessage", status=503)
    waits = []
    for _ in range(6):
        with pytest.raises(Unclear):
            paced.post(PLATFORM, HELLO, LABEL)
        waits.append(paced.wait("#research", Act.POST).total_seconds())
        ticks.now += 60
    assert waits == [2, 4, 8, 16, 30, 30]

    sandbox.behave()
    paced.post(PLATFORM, HELLO, LABEL)
    assert paced.wait("#research", Act.POST) == NONE


def test_a_person_is_written_to_and_the_conversation_is_read_back(paced: SlackSender, sandbox: Sandbox) -> None:
    posted = paced.post(YOU, HELLO, LABEL)

    assert posted.channel == sandbox.workspace.direct(YOU).id
    assert paced.find(YOU, LABEL, since=LONG_AGO) == posted


def test_without_the_right_to_open_conversations_a_person_s_cannot_be_read_back(
    paced: SlackSender, sandbox: Sandbox
) -> None:
    sandbox.switches.scopes -= {"im:write"}

    with pytest.raises(NotImplementedError):
        paced.find(YOU, LABEL, since=LONG_AGO)


def test_only_what_came_since_is_read_back(paced: SlackSender, sandbox: Sandbox) -> None:
    paced.post(PLATFORM, HELLO, LABEL)

    later = datetime.fromtimestamp(sandbox.workspace.now(), UTC) + timedelta(minutes=1)
    assert paced.find(PLATFORM, LABEL, since=later) is None


def test_a_right_that_is_missing_to_read_history_is_noted_and_no_problem(paced: SlackSender, sandbox: Sandbox) -> None:
    assert paced.check().notes == {}
    sandbox.switches.scopes -= {"channels:history", "groups:history"}

    health = paced.check()
    assert health.problems == {}
    assert "without the right channels:history and groups:history" in health.notes["history"]


def test_an_app_made_from_an_older_manifest_is_said_to_lack_rights(paced: SlackSender, sandbox: Sandbox) -> None:
    sandbox.switches.scopes -= {"app_mentions:read", "im:history", "users:read"}

    health = paced.check()

    assert health.problems == {}
    assert set(health.notes) == {"mentions", "messages", "zones"}
    assert "without the right im:history" in health.notes["messages"]
