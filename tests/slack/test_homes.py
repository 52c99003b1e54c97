"""Does Slack show a person's Home when it is opened, and what came of each press in it?"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.core.command import Asker
from bot.messages.form import Form, PoolsField, Purpose
from bot.messages.model import Button, Chart, Look, Message, Paragraph, Series, Table, Verb
from bot.messages.page import Entry, Page, Section
from bot.sandbox.model import COLLEAGUE, YOU, View
from bot.sandbox.server import Sandbox
from bot.slack.pages import home_view
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always

HOME = "D0000000YOU"
PAGE = Page(
    "Home",
    "1 pool, 1 alert.",
    (
        Section(
            "Pools",
            (Entry((Table("Jobs", ("Pool", "Queue"), (("a", 1),)),), (Button("a", Verb.SHOW, "a"),)),),
        ),
        Section(
            "Open alerts",
            (
                Entry(
                    (Paragraph(("Queue 42",)),),
                    (
                        Button("Acknowledge", Verb.ACKNOWLEDGE, "7", Look.PRIMARY),
                        Button("Silence…", Verb.SILENCE, "7 custom", Look.TUCKED),
                    ),
                ),
                Entry((Paragraph(("Queue 43",)),), (Button("Acknowledge", Verb.ACKNOWLEDGE, "8", Look.PRIMARY),)),
            ),
        ),
    ),
)

pytestmark = pytest.mark.usefixtures("over_http")


def opened(sandbox: Sandbox, user: str = YOU) -> View:
    """Open Home, wait until something stands there, and give it back."""
    before = sandbox.workspace.home(user)
    assert sandbox.workspace.open_home(user).ok
    wait_for(lambda: sandbox.workspace.home(user) not in (None, before))
    found = sandbox.workspace.home(user)
    assert found is not None
    return found


def blocks(sandbox: Sandbox, user: str = YOU) -> str:
    view = sandbox.workspace.home(user)
    return json.dumps(view.body["blocks"], ensure_ascii=False) if view else ""


def pressed(sandbox: Sandbox, view: View, label: str) -> None:
    """Press the first button of that label."""
    element = next(each for each in elements(view.body["blocks"]) if label in json.dumps(each, ensure_ascii=False))
    chosen = element["options"][0]["value"] if element["type"] == "overflow" else None
    outcome = sandbox.workspace.press(YOU, view_id=view.id, action_id=element["action_id"], selected=chosen)
    assert outcome.ok, outcome


def elements(drawn: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [element for block in drawn if block["type"] == "actions" for element in block["elements"]]


def test_home_is_shown_when_it_is_opened(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE

    view = opened(sandbox)

    assert "Queue 42" in json.dumps(view.body)
    assert "table" in {block["type"] for block in view.body["blocks"]}
    asker, called = bot.homes[0]
    assert (asker.platform, asker.user, asker.channel) == ("slack", YOU, HOME)
    assert asker.zone == "Asia/Shanghai"
    assert called["C0PLATFORM1"] == "ml-platform"
    assert "C0PLATFORM1" in asker.also


def test_the_messages_tab_shows_no_home(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.workspace.open_home(YOU, tab="messages")
    opened(sandbox, COLLEAGUE)

    assert [asker.user for asker, _ in bot.homes] == [COLLEAGUE]


def test_a_home_where_slack_takes_no_table_is_drawn_in_letters(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE
    sandbox.switches.native_table = False

    view = opened(sandbox)

    assert "table" not in {block["type"] for block in view.body["blocks"]}
    assert "Queue 42" in json.dumps(view.body)


def test_what_was_done_stands_above_home_with_the_way_back(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE
    bot.said = Message(
        "", "Acknowledged.", blocks=(Paragraph(("Done it",)),), buttons=(Button("Undo", Verb.UNDO, "1"),)
    )
    view = opened(sandbox)

    pressed(sandbox, view, "Acknowledge")

    wait_for(lambda: "Done it" in blocks(sandbox))
    assert blocks(sandbox).index("Done it") < blocks(sandbox).index("Queue 42")
    assert bot.pressed[0][:2] == (Verb.ACKNOWLEDGE, "7")
    asker = bot.pressed[0][2]
    assert (asker.channel, asker.user, "C0PLATFORM1" in asker.also) == (HOME, YOU, True)
    found = sandbox.workspace.home(YOU)
    assert found is not None
    pressed(sandbox, found, "Undo")
    wait_for(lambda: len(bot.pressed) == 2)
    assert bot.pressed[1][:2] == (Verb.UNDO, "1")


def test_an_answer_takes_the_place_of_home_and_leads_back(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE
    chart = Chart("Queue", ("9", "10"), (Series("Queue", (1, 2)),), "From 1 to 2.")
    share = Button("Share", Verb.SHARE, "a")
    bot.answer = always(Message("Pool a", "a: 1.", blocks=(Paragraph(("How a stands",)), chart), buttons=(share,)))
    view = opened(sandbox)

    pressed(sandbox, view, '"a"')

    wait_for(lambda: "How a stands" in blocks(sandbox))
    assert bot.asked[0][:2] == ("/pool-stats", "a")
    assert "Queue 42" not in blocks(sandbox)
    assert "Share" not in blocks(sandbox)
    answer = sandbox.workspace.home(YOU)
    assert answer is not None
    pressed(sandbox, answer, "Back")
    wait_for(lambda: "Queue 42" in blocks(sandbox))


def test_a_form_opened_in_home_shows_there_what_came_of_it(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE
    bot.said = Form("Silence alerts", Purpose.SILENCE, "7", (PoolsField("pools", "Pools"),))
    bot.taken = always(Message("", "Silenced.", blocks=(Paragraph(("Now quiet",)),)))  # type: ignore[assignment]
    view = opened(sandbox)

    pressed(sandbox, view, "Silence…")
    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    modal = sandbox.workspace.modals(YOU)[-1]
    assert sandbox.workspace.submit_view(YOU, modal.id, {"field:pools": {"pools": "train-*"}}).ok

    wait_for(lambda: "Now quiet" in blocks(sandbox))
    assert bot.submitted[0][3].channel == HOME
    assert sandbox.workspace.messages(HOME) == []


def test_a_press_that_fails_is_answered_in_home(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = PAGE
    view = opened(sandbox)

    def fails(_: str) -> Message:
        raise RuntimeError("boom")

    bot.answer = fails
    pressed(sandbox, view, '"a"')

    wait_for(lambda: "Queue 42" not in blocks(sandbox))
    assert "boom" not in blocks(sandbox)


def test_a_home_with_more_than_slack_takes_says_how_much_more_there_is(sandbox: Sandbox, bot: Bot) -> None:
    entry = Entry((Paragraph(("one",)),), (Button("End", Verb.END_SILENCE, "1"),))
    bot.page = Page("Home", "Much.", (Section("Silences", (entry,) * 120),))

    view = opened(sandbox)

    assert len(view.body["blocks"]) <= 100
    assert "more, too long to show here" in json.dumps(view.body["blocks"][-1])


def test_names_of_actions_differ_in_all_of_home() -> None:
    said = Message("", "x", buttons=(Button("Undo", Verb.UNDO, "1"),))
    names = [each["action_id"] for each in elements(home_view(PAGE, said=said)["blocks"])]

    assert len(names) == len(set(names))


def test_a_person_is_only_in_the_channels_that_they_are_in(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.workspace.remove("C0RESEARCH1", COLLEAGUE)

    opened(sandbox, COLLEAGUE)

    asker: Asker = bot.homes[0][0]
    assert "C0RESEARCH1" not in asker.also
    assert "C0PLATFORM1" in asker.also
