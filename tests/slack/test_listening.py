"""Is the bot spoken to in channels and in direct messages as it is by commands, and never by machines?"""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot.later import Later
from bot.messages.form import Form, Purpose, TextField
from bot.messages.model import Button, Message, Paragraph, Verb
from bot.messages.page import Page, Section
from bot.sandbox import model
from bot.sandbox.model import BOT, COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from bot.slack.app import build_app
from bot.slack.heard import heard
from bot.slack.web import SlackWeb
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always

CHANNEL, DIRECT = "C0PLATFORM1", "D0000000YOU"

ANSWER = Message("a", "a: 1.", blocks=(Paragraph(("1",)),), buttons=(Button("Share", Verb.SHARE, "a"),))


def said(sandbox: Sandbox, channel: str, *, user: str = YOU, count: int = 1) -> list[model.Message]:
    """What the bot said there, once it has said so much."""

    def found() -> list[model.Message]:
        return [each for each in sandbox.workspace.messages(channel, seen_by=user) if each.bot_id]

    wait_for(lambda: len(found()) >= count)
    return found()


def event(words: str, **more: Any) -> dict[str, Any]:
    """A message of yours in a direct message, in its envelope."""
    inside = {"type": "message", "channel_type": "im", "channel": DIRECT, "user": YOU, "text": words, "ts": "1.1"}
    return {
        "type": "event_callback",
        "team_id": model.TEAM,
        "event_id": "Ev1",
        "authorizations": [{"user_id": BOT, "is_bot": True}],
        "event": inside | more,
    }


@pytest.mark.usefixtures("over_http")
def test_a_mention_does_what_the_command_does_for_the_one_who_asks(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(ANSWER)

    sandbox.workspace.say(YOU, CHANNEL, "@pool-stats train-a100 why")

    (answer,) = said(sandbox, CHANNEL)
    assert answer.ephemeral_to == YOU
    assert bot.asked[0][:2] == ("/pool-stats", "train-a100 why")
    assert bot.asked[0][2].channel == CHANNEL
    assert bot.asked[0][2].also == ()
    share = next(e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"])
    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=share)
    shared = said(sandbox, CHANNEL, user=COLLEAGUE)
    assert [each.text for each in shared] == ["a: 1."]


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize(
    ("typed", "command", "text"),
    [
        pytest.param("@pool-stats alerts rules", "/pool-alerts", "rules", id="alerts"),
        pytest.param("@pool-stats: digest", "/pool-digest", "", id="a digest, with a colon"),
        pytest.param("train-* @pool-stats", "/pool-stats", "train-*", id="the name comes last"),
        pytest.param("hey, @pool-stats R&D <x>", "/pool-stats", "R&D <x>", id="Slack's marks"),
        pytest.param("@pool-stats @colleague #research", "/pool-stats", "@U0COLLEAGUE research", id="references"),
    ],
)
def test_other_commands_are_reached_by_a_mention(
    sandbox: Sandbox, bot: Bot, typed: str, command: str, text: str
) -> None:
    sandbox.workspace.say(YOU, CHANNEL, typed)

    said(sandbox, CHANNEL)
    assert bot.asked[0][:2] == (command, text)


@pytest.mark.usefixtures("over_http")
def test_a_mention_in_a_thread_is_answered_and_shared_there(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(ANSWER)
    root = sandbox.workspace.say(COLLEAGUE, CHANNEL, "what is wrong?").ts

    sandbox.workspace.say(YOU, CHANNEL, "@pool-stats a", thread_ts=root)

    (answer,) = said(sandbox, CHANNEL)
    assert answer.thread_ts == root
    share = next(e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"])
    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=share)
    assert [each.thread_ts for each in said(sandbox, CHANNEL, user=COLLEAGUE)] == [root]


@pytest.mark.usefixtures("over_http")
def test_a_direct_message_is_answered_in_it_and_sees_what_ones_channels_see(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(ANSWER)

    sandbox.workspace.say(YOU, DIRECT, "train-a100 jobs Failed")

    (answer,) = said(sandbox, DIRECT)
    assert (answer.ephemeral_to, answer.thread_ts, answer.text) == ("", "", "a: 1.")
    assert "Share" not in json.dumps(answer.blocks)
    assert bot.asked[0][:2] == ("/pool-stats", "train-a100 jobs Failed")
    assert CHANNEL in bot.asked[0][2].also


@pytest.mark.usefixtures("over_http")
def test_what_is_asked_by_a_button_in_a_direct_message_stays_there(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(Message("", "one", blocks=(Paragraph(("one",)),), buttons=(Button("Why", Verb.SHOW, "a why"),)))
    sandbox.workspace.say(YOU, DIRECT, "a")
    (first,) = said(sandbox, DIRECT)
    bot.answer = always(Message("", "two"))

    why = next(e["action_id"] for b in first.blocks if b["type"] == "actions" for e in b["elements"])
    sandbox.workspace.press(YOU, DIRECT, first.ts, action_id=why)

    both = said(sandbox, DIRECT, count=2)
    assert [(each.text, each.ephemeral_to) for each in both] == [("one", ""), ("two", "")]


@pytest.mark.usefixtures("over_http")
def test_home_is_a_word_too(sandbox: Sandbox, bot: Bot) -> None:
    bot.page = Page("Home", "3 pools.", (Section("Pools", ()),))

    sandbox.workspace.say(YOU, DIRECT, "home")

    assert said(sandbox, DIRECT)[0].text == "3 pools."
    assert bot.asked == []


@pytest.mark.usefixtures("over_http")
def test_what_needs_a_form_is_answered_with_a_button_that_opens_it(sandbox: Sandbox, bot: Bot) -> None:
    form = Form("Add a rule", Purpose.TRY_RULE, "", (TextField("name", "Name"),))
    bot.answer = lambda _: form
    sandbox.workspace.say(YOU, DIRECT, "alerts add")
    (answer,) = said(sandbox, DIRECT)

    opens = next(e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"])
    sandbox.workspace.press(YOU, DIRECT, answer.ts, action_id=opens)

    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    assert bot.asked[1][:2] == ("/pool-alerts", "add")


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("text", ["<!channel> @here *b*", "\u202eevil", "x" * 11_000, "&lt;!here&gt; `"])
def test_hostile_words_come_back_as_text_and_call_nobody(sandbox: Sandbox, bot: Bot, text: str) -> None:
    bot.answer = lambda words: Message(words[:60], f"I do not know {words}", blocks=(Paragraph((words,)),))

    sandbox.workspace.say(YOU, DIRECT, text)

    (answer,) = said(sandbox, DIRECT)
    assert "<!" not in answer.text + json.dumps(answer.blocks)
    assert "\u202e" not in answer.text


def test_the_same_event_that_slack_repeats_is_answered_once(app: App, sandbox: Sandbox, bot: Bot) -> None:
    for attempt in range(3):
        headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": str(attempt)}
        answered = app.dispatch(BoltRequest(body=event("a"), headers=headers, mode="socket_mode"))
        assert answered.status == 200
    other = event("b") | {"event_id": "Ev2"}
    app.dispatch(BoltRequest(body=other, mode="socket_mode"))

    said(sandbox, DIRECT, count=2)
    assert sorted(text for _, text, _ in bot.asked) == ["a", "b"]


def test_an_event_that_slack_repeats_to_another_replica_is_answered_once(
    web: SlackWeb, sandbox: Sandbox, bot: Bot, later: Later
) -> None:
    answered: set[str] = set()

    def first(what: str) -> bool:
        known = len(answered)
        answered.add(what)
        return len(answered) > known

    replicas = [
        build_app(
            web, signing_secret=None, asked=bot.on_asked, pressed=bot.on_pressed, later=later, first=first,
            homed=bot.on_homed, offered=bot.on_offered,
        )
        for _ in range(2)
    ]  # fmt: skip
    for words, known in (("a", "Ev1"), ("b", "Ev2")):
        for replica in replicas:
            replica.dispatch(BoltRequest(body=event(words) | {"event_id": known}, mode="socket_mode"))
            wait_for(lambda: len(bot.asked) >= len(answered))

    said(sandbox, DIRECT, count=2)
    assert later.stop()
    assert sorted(text for _, text, _ in bot.asked) == ["a", "b"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"bot_id": "B1"}, id="a bot"),
        pytest.param({"user": BOT}, id="the bot itself"),
        pytest.param({"subtype": "message_changed", "hidden": True}, id="an edit"),
        pytest.param({"subtype": "message_deleted"}, id="a removal"),
        pytest.param({"subtype": "bot_message"}, id="a webhook"),
        pytest.param({"edited": {"user": YOU, "ts": "2.1"}}, id="a mention that was edited in"),
        pytest.param({"text": "  "}, id="nothing"),
        pytest.param({"text": None}, id="no text at all"),
        pytest.param({"channel_type": "channel"}, id="a channel that nobody asked it to read"),
        pytest.param({"user": ""}, id="nobody"),
    ],
)
def test_machines_edits_and_silence_are_not_answered(more: dict[str, Any]) -> None:
    assert heard(event("a", **more)) is None


def test_a_person_is_heard() -> None:
    found = heard(event(f"<@{BOT}> see <https://a.example|a.example> &amp; <#C1|research>", thread_ts="1.0"))

    assert found is not None
    assert (found.text, found.thread, found.is_direct) == ("see a.example & research", "1.0", True)


@pytest.mark.usefixtures("over_http")
def test_a_shortcut_opens_the_form_and_its_answer_stands_in_the_modal(sandbox: Sandbox, bot: Bot) -> None:
    bot.form = Form("Ask about a pool", Purpose.ASK, "", (TextField("name", "Pool"),))
    bot.taken = always(ANSWER)  # type: ignore[assignment]

    assert sandbox.workspace.run_shortcut(YOU, "pool_stats_shortcut").ok
    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    form = sandbox.workspace.modals(YOU)[-1]
    assert sandbox.workspace.submit_view(YOU, form.id, {"field:name": {"name": "a"}}).ok

    answer = sandbox.workspace.modals(YOU)[-1]
    assert "1" in json.dumps(answer.body["blocks"])
    assert "Share" not in json.dumps(answer.body["blocks"])
    purpose, _, typed, asker = bot.submitted[0]
    assert (purpose, typed, asker.channel) == (Purpose.ASK, {"name": "a"}, "")
    assert CHANNEL in asker.also


@pytest.mark.usefixtures("over_http")
def test_a_press_in_an_answer_of_a_modal_is_answered_in_the_modal(sandbox: Sandbox, bot: Bot) -> None:
    bot.form = Form("Ask about a pool", Purpose.ASK, "", (TextField("name", "Pool"),))
    shown = Message("a", "a: 1.", blocks=(Paragraph(("first",)),), buttons=(Button("Why", Verb.SHOW, "a why"),))
    bot.taken = always(shown)  # type: ignore[assignment]
    bot.answer = always(Message("a", "Because.", blocks=(Paragraph(("second",)),)))
    sandbox.workspace.run_shortcut(YOU, "pool_stats_shortcut")
    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    view = sandbox.workspace.modals(YOU)[-1]
    sandbox.workspace.submit_view(YOU, view.id, {"field:name": {"name": "a"}})
    wait_for(lambda: "first" in json.dumps(sandbox.workspace.modals(YOU)[-1].body))

    drawn = sandbox.workspace.modals(YOU)[-1]
    why = next(e["action_id"] for b in drawn.body["blocks"] if b["type"] == "actions" for e in b["elements"])
    assert sandbox.workspace.press(YOU, view_id=drawn.id, action_id=why).ok

    wait_for(lambda: "second" in json.dumps(sandbox.workspace.modals(YOU)[-1].body))


@pytest.mark.usefixtures("over_http")
def test_a_shortcut_of_a_message_says_what_the_message_is_about(sandbox: Sandbox, bot: Bot) -> None:
    bot.form = Form("Ask about a pool", Purpose.ASK, "", (TextField("name", "Pool"),))
    message = sandbox.workspace.say(COLLEAGUE, CHANNEL, "R&D: why is train-a100 stuck?").ts

    sandbox.workspace.run_shortcut(YOU, "pool_stats_message", CHANNEL, message)

    wait_for(lambda: bool(sandbox.workspace.modals(YOU)))
    asker, about = bot.abouts[0]
    assert (asker.channel, about) == (CHANNEL, "R&D: why is train-a100 stuck?")
