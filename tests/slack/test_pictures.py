"""Does a picture reach the one who asked, and does an answer come where none can?"""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image

from bot.core.stats import JobStatus
from bot.core.stretch import Stretch
from bot.messages.chart import History, chart_message
from bot.messages.model import Message, Verb
from bot.sandbox.model import COLLEAGUE, YOU
from bot.sandbox.model import Message as Said
from bot.sandbox.server import Sandbox
from tests.building import MINUTE, NOON, POOL, an_alert, long_queue
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always
from tests.slack.test_app import CHANNEL, ask, button, shown

pytestmark = pytest.mark.usefixtures("over_http")


def chart(stretch: Stretch = Stretch.WEEK) -> Message:
    """A day of readings."""
    counts = [(NOON - timedelta(minutes=10 * place), place % 50) for place in range(144, 0, -1)]
    history = History(
        POOL,
        NOON - stretch.length,
        NOON,
        {JobStatus.QUEUE: counts},
        alerts=(an_alert(began_at=NOON - 90 * MINUTE),),
        limits=(long_queue(40),),
    )
    return chart_message(history, stretch, now=NOON)


def pictures(sandbox: Sandbox, said: Said) -> list[bytes]:
    """What the images of a message show."""
    found = [sandbox.workspace.file(block["slack_file"]["id"]) for block in said.blocks if block["type"] == "image"]
    return [file.content for file in found if file is not None]


def private(sandbox: Sandbox, user: str = YOU) -> list[Said]:
    """What stands in somebody's messages with the bot."""
    rooms = [room for room in sandbox.workspace.channels() if room.is_im and room.user == user]
    return [said for room in rooms for said in sandbox.workspace.messages(room.id)]


def words(said: Said) -> str:
    return str(said.blocks) + str(said.attachments)


def test_a_week_is_answered_with_a_chart_and_its_picture_comes_privately(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart())

    answer = ask(sandbox, "train chart 7d")

    assert answer.ephemeral_to == YOU
    assert "data_visualization" in {block["type"] for block in answer.blocks}
    assert "The picture with all readings is in your messages with me." in words(answer)
    [said] = private(sandbox)
    [content] = pictures(sandbox, said)
    assert Image.open(io.BytesIO(content)).format == "PNG"
    [image] = said.blocks
    assert "Queue between 0 and 49" in image["alt_text"]
    assert "Limit: long queue: Queue above 40" in image["alt_text"]
    assert said.text
    assert private(sandbox, COLLEAGUE) == []


def test_a_day_needs_no_picture(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart(Stretch.DAY))

    answer = ask(sandbox, "train chart")

    assert "data_visualization" in {block["type"] for block in answer.blocks}
    assert not sandbox.calls.of("files.getUploadURLExternal")
    assert "picture" not in words(answer)


def test_where_slack_takes_no_chart_a_day_comes_as_a_picture_too(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.switches.native_charts = False
    bot.answer = always(chart(Stretch.DAY))

    answer = ask(sandbox, "train chart")

    wait_for(lambda: len(private(sandbox)) == 1)
    assert "data_visualization" not in {block["type"] for block in answer.blocks}
    assert "high 49" in words(answer)
    assert pictures(sandbox, private(sandbox)[0])


def test_the_same_picture_is_not_sent_again_at_once(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart())
    first = ask(sandbox, "train chart 7d")

    assert sandbox.workspace.press(YOU, CHANNEL, first.ts, action_id=button(first, Verb.REFRESH)).ok

    wait_for(lambda: len(bot.asked) == 2 and len(shown(sandbox)) == 1)
    assert len(private(sandbox)) == 1


def test_what_is_shared_shows_the_picture_to_everybody(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart())
    own = ask(sandbox, "train chart 7d")

    assert sandbox.workspace.press(YOU, CHANNEL, own.ts, action_id=button(own, Verb.SHARE)).ok

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    [shared] = shown(sandbox, user=COLLEAGUE)
    assert [block["type"] for block in shared.blocks[:2]] == ["header", "image"]
    assert pictures(sandbox, shared)
    assert len(private(sandbox)) == 1


def test_refreshing_what_is_shared_keeps_its_picture(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart())
    own = ask(sandbox, "train chart 7d")
    sandbox.workspace.press(YOU, CHANNEL, own.ts, action_id=button(own, Verb.SHARE))
    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    [shared] = shown(sandbox, user=COLLEAGUE)
    before = shared.blocks[1]["slack_file"]["id"]

    assert sandbox.workspace.press(COLLEAGUE, CHANNEL, shared.ts, action_id=button(shared, Verb.REFRESH)).ok

    wait_for(lambda: shown(sandbox, user=COLLEAGUE)[0].blocks[1]["slack_file"]["id"] != before)
    assert pictures(sandbox, shown(sandbox, user=COLLEAGUE)[0])
    assert private(sandbox, COLLEAGUE) == []


def without(scope: str) -> Callable[[Sandbox], None]:
    return lambda sandbox: sandbox.switches.scopes.discard(scope)


def slow(sandbox: Sandbox) -> None:
    sandbox.switches.file_ready_after = 0.6


@pytest.mark.parametrize(
    "breaks",
    [pytest.param(slow, id="Slack looks at it"), pytest.param(without("files:read"), id="it may not be asked")],
)
def test_a_picture_waits_until_slack_can_show_it(sandbox: Sandbox, bot: Bot, breaks: Callable[[Sandbox], None]) -> None:
    breaks(sandbox)
    bot.answer = always(chart())

    ask(sandbox, "train chart 7d")

    assert pictures(sandbox, private(sandbox)[0])


def test_without_the_right_to_upload_the_answer_says_so_and_has_its_figures(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.switches.scopes.discard("files:write")
    bot.answer = always(chart())

    answer = ask(sandbox, "train chart 7d")

    assert "No picture: the bot lacks the right files" in words(answer)
    assert "Queue 0 to 49" in answer.text
    assert "data_visualization" in {block["type"] for block in answer.blocks}
    assert private(sandbox) == []


def test_without_the_right_to_upload_what_is_shared_says_so_too(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.switches.scopes.discard("files:write")
    bot.answer = always(chart())
    own = ask(sandbox, "train chart 7d")

    sandbox.workspace.press(YOU, CHANNEL, own.ts, action_id=button(own, Verb.SHARE))

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    assert "No picture" in words(shown(sandbox, user=COLLEAGUE)[0])


def test_an_image_that_slack_refuses_leaves_the_answer_without_it(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(chart())
    own = ask(sandbox, "train chart 7d")
    sandbox.switches.scopes.discard("files:read")
    sandbox.switches.file_ready_after = 3600.0

    sandbox.workspace.press(YOU, CHANNEL, own.ts, action_id=button(own, Verb.SHARE))

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    types = [block["type"] for block in shown(sandbox, user=COLLEAGUE)[0].blocks]
    assert "image" not in types
    assert "data_visualization" in types
