"""Is everything that Slack sends acknowledged at once, and every question answered?"""

import json
import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest

from bot.clock import Leaving
from bot.later import Later
from bot.messages.model import Button, Code, Footnote, Message, Paragraph, Table, Tone, Verb, When
from bot.messages.sending import Label
from bot.sandbox import model
from bot.sandbox.model import COLLEAGUE, YOU
from bot.sandbox.server import Sandbox
from bot.slack.app import build_app
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb
from tests.running import eventually
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot, always, served

CHANNEL = "C0PLATFORM1"
POOL = Message(
    "train-a100",
    "train-a100: 12 queued, 2 failed.",
    blocks=(
        Paragraph(("Pool ", Code("pool-train-a100-0f2c"))),
        Table("Jobs now", ("Job type", "Queue", "Failed"), (("train", 12, 2), ("infer", 0, None))),
        Footnote(("Read ", When(datetime(2026, 11, 23, 12, tzinfo=UTC)))),
    ),
    buttons=(Button("Refresh", Verb.REFRESH, "train-a100"), Button("Share", Verb.SHARE, "train-a100")),
)


def shown(sandbox: Sandbox, *, user: str = YOU) -> list[model.Message]:
    """What the bot said that `user` sees."""
    return [message for message in sandbox.workspace.messages(CHANNEL, seen_by=user) if message.bot_id]


def ask(sandbox: Sandbox, text: str = "", command: str = "/pool-stats", *, count: int = 1) -> model.Message:
    """Type a command, wait for the answer, and give it back."""
    outcome = sandbox.workspace.run_command(YOU, CHANNEL, command, text)
    assert outcome.ok, outcome
    wait_for(lambda: len(shown(sandbox)) >= count)
    return shown(sandbox)[-1]


def button(message: model.Message, verb: Verb) -> str:
    blocks = [*message.blocks, *(block for each in message.attachments for block in each["blocks"])]
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return next(str(e["action_id"]) for row in rows for e in row if str(e["action_id"]).startswith(verb.value + ":"))


@pytest.mark.usefixtures("over_http")
def test_a_command_is_answered_to_the_one_who_asked(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(POOL)

    answer = ask(sandbox, "train-a100")

    command, text, asker = bot.asked[0]
    assert (command, text) == ("/pool-stats", "train-a100")
    assert (asker.platform, asker.workspace, asker.channel, asker.user) == ("slack", model.TEAM, CHANNEL, YOU)
    assert answer.ephemeral_to == YOU
    assert answer.text == "train-a100: 12 queued, 2 failed."
    assert "table" in {block["type"] for block in answer.blocks}
    assert shown(sandbox, user=COLLEAGUE) == []


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("command", ["/pool-stats", "/pool-alerts", "/pool-digest"])
def test_every_command_of_the_manifest_is_answered(sandbox: Sandbox, command: str) -> None:
    assert ask(sandbox, "help", command).text == f"{command} help"


@pytest.mark.usefixtures("over_http")
def test_a_digest_is_planned_where_its_maker_lives_and_for_a_channel_that_has_a_name(
    sandbox: Sandbox, bot: Bot
) -> None:
    for text in ("add 09:00", "now"):
        ask(sandbox, text, "/pool-digest")
    # The second answer is like the first, which is what was seen.
    eventually(lambda: len(bot.asked) == 2, what="the second question")

    (_, _, planning), (_, _, posting) = bot.asked
    assert (planning.zone, posting.zone) == ("Asia/Shanghai", "")
    (channel,) = [each for each in sandbox.workspace.channels() if each.id == CHANNEL]
    assert planning.room == posting.room == f"#{channel.name}"


@pytest.mark.usefixtures("over_http")
def test_a_command_that_is_not_ours_is_answered_too(bot: Bot, sandbox: Sandbox) -> None:
    body = "command=%2Fnever-heard-of&text=x&team_id=T1&channel_id=C0PLATFORM1&user_id=U1&response_url="
    answer = sandbox.courier.post(body.encode(), "application/x-www-form-urlencoded")

    assert answer.status == 200
    wait_for(lambda: bool(bot.asked))
    assert bot.asked[0][0] == "/never-heard-of"


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<!channel> @here", id="calls to everybody"),
        pytest.param("&amp; & < >", id="entities"),
        pytest.param("*b* _i_ `c` ~s~", id="marks"),
        pytest.param("资源池 🚀", id="Chinese and emoji"),
        pytest.param("\u202eevil\u202c", id="right to left"),
        pytest.param("x\x00\x1b[31my", id="control characters"),
        pytest.param("x" * 10_000, id="ten thousand characters"),
    ],
)
def test_what_was_typed_comes_back_as_text_and_calls_nobody(sandbox: Sandbox, bot: Bot, text: str) -> None:
    bot.answer = lambda words: Message(words[:60], f"I do not know {words}", blocks=(Paragraph((words,)),))

    answer = ask(sandbox, text)

    assert answer.ephemeral_to == YOU
    assert "<!" not in answer.text + json.dumps(answer.blocks)
    assert "\x00" not in answer.text
    assert "\u202e" not in answer.text


@pytest.mark.usefixtures("over_http")
def test_an_entity_that_slack_made_is_read_back_once(sandbox: Sandbox, bot: Bot) -> None:
    ask(sandbox, "R&D <x> &amp;")

    assert bot.asked[0][1] == "R&D <x> &amp;"


@pytest.mark.usefixtures("over_http")
def test_refresh_puts_the_new_answer_in_the_place_of_the_old(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(POOL)
    old = ask(sandbox, "train-a100")
    bot.answer = always(Message("train-a100", "train-a100: 0 queued."))

    assert sandbox.workspace.press(YOU, CHANNEL, old.ts, action_id=button(old, Verb.REFRESH)).ok

    wait_for(lambda: shown(sandbox)[-1].text == "train-a100: 0 queued.")
    assert len(shown(sandbox)) == 1
    assert shown(sandbox)[0].ephemeral_to == YOU
    assert bot.asked[1][:2] == ("/pool-stats", "train-a100")


@pytest.mark.usefixtures("over_http")
def test_share_shows_the_answer_to_the_channel_and_leaves_ones_own(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(POOL)
    own = ask(sandbox, "train-a100")

    assert sandbox.workspace.press(YOU, CHANNEL, own.ts, action_id=button(own, Verb.SHARE)).ok

    wait_for(lambda: len(shown(sandbox)) == 2)
    shared = shown(sandbox, user=COLLEAGUE)
    assert [message.text for message in shared] == ["train-a100: 12 queued, 2 failed."]
    assert "Share" not in json.dumps(shared[0].blocks)
    assert "Refresh" in json.dumps(shared[0].blocks)


@pytest.mark.usefixtures("over_http")
def test_show_opens_a_pool_in_the_place_of_a_private_list(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(Message("All", "3 pools.", buttons=(Button("a", Verb.SHOW, "a"),)))
    pools = ask(sandbox)
    bot.answer = lambda asked: Message("a", f"answer to {asked}")

    sandbox.workspace.press(YOU, CHANNEL, pools.ts, action_id=button(pools, Verb.SHOW))

    wait_for(lambda: shown(sandbox)[-1].text == "answer to /pool-stats a")
    assert len(shown(sandbox)) == 1


def posted(sandbox: Sandbox, web: SlackWeb, *buttons: Button) -> model.Message:
    """An alert that stands in the channel for everybody."""
    alert = Message("Queue is long", "42 queued.", Tone.CRITICAL, (Paragraph(("42",)),), buttons)
    place = SlackSender(web).post(CHANNEL, alert, Label("d-1"))
    found = sandbox.workspace.message(place.channel, place.message)
    assert found is not None
    return found


@pytest.mark.usefixtures("over_http")
def test_show_on_an_alert_answers_privately_and_leaves_the_alert_alone(sandbox: Sandbox, web: SlackWeb) -> None:
    alert = posted(sandbox, web, Button("Show", Verb.SHOW, "a"))

    assert sandbox.workspace.press(COLLEAGUE, CHANNEL, alert.ts, action_id=button(alert, Verb.SHOW)).ok

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 2)
    assert sandbox.workspace.message(CHANNEL, alert.ts) == alert
    assert shown(sandbox, user=COLLEAGUE)[-1].ephemeral_to == COLLEAGUE


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.UNACKNOWLEDGE, Verb.SILENCE, Verb.UNSILENCE])
def test_a_button_of_an_alert_is_done_for_the_one_who_pressed_it(
    sandbox: Sandbox, bot: Bot, web: SlackWeb, verb: Verb
) -> None:
    alert = posted(sandbox, web, Button("Do", verb, "7 2h"))
    bot.said = Message("", "You may not do that.")

    assert sandbox.workspace.press(COLLEAGUE, CHANNEL, alert.ts, action_id=button(alert, verb)).ok

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 2)
    assert bot.pressed[0][:2] == (verb, "7 2h")
    assert bot.pressed[0][2].user == COLLEAGUE
    assert shown(sandbox, user=COLLEAGUE)[-1].text == "You may not do that."
    assert shown(sandbox, user=YOU) == [alert]


@pytest.mark.usefixtures("over_http")
def test_a_failure_is_answered_with_one_sentence_and_logged_once(
    sandbox: Sandbox, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: str) -> Message:
        raise RuntimeError("the database is on fire")

    bot.answer = fail

    answer = ask(sandbox, "secret words")

    assert answer.text.startswith("That did not work")
    assert "fire" not in answer.text
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "secret words" not in caplog.text


@pytest.mark.usefixtures("over_http")
def test_a_question_that_is_cut_off_by_a_stop_is_answered_as_that(
    sandbox: Sandbox, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    def leave(_: str) -> Message:
        raise Leaving("the bot is stopping")

    bot.answer = leave

    assert ask(sandbox, "train-a100").text.startswith("I am being restarted")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info] == []


@pytest.mark.usefixtures("over_http")
def test_where_native_blocks_are_refused_the_answer_comes_in_letters(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.switches.native_table = False
    bot.answer = always(POOL)

    answer = ask(sandbox, "train-a100")

    assert "Job type  Queue  Failed\\ntrain        12       2" in json.dumps(answer.blocks)


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 404}, {"kind": "ratelimited"}], ids=["404", "429"])
def test_when_the_response_url_takes_no_answer_the_answer_still_comes(
    sandbox: Sandbox, bot: Bot, fault: dict[str, Any]
) -> None:
    bot.answer = always(POOL)
    answer = ask(sandbox, "train-a100")
    sandbox.misbehave(fault["kind"], "response_url", **{k: v for k, v in fault.items() if k != "kind"})

    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=button(answer, Verb.SHARE))

    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=button(answer, Verb.REFRESH))
    wait_for(lambda: len(sandbox.calls.of("chat.postEphemeral")) == 1)
    assert shown(sandbox)[-1].ephemeral_to == YOU


@pytest.mark.usefixtures("over_http")
def test_twenty_slow_commands_in_progress_do_not_delay_the_next_acknowledgement(sandbox: Sandbox, bot: Bot) -> None:
    release = threading.Event()

    def slow(asked: str) -> Message:
        assert release.wait(30)
        return Message("", f"done {asked}")

    bot.answer = slow
    try:
        for number in range(20):
            assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", str(number)).ok
        began = time.monotonic()
        outcome = sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "one more")
        took = time.monotonic() - began
    finally:
        release.set()

    assert outcome.ok
    assert took < 0.5
    wait_for(lambda: len(shown(sandbox)) == 21)


def test_an_acknowledgement_is_made_on_the_thread_that_hears_and_waits_for_no_other(web: SlackWeb, bot: Bot) -> None:
    threads: list[str] = []
    app = build_app(
        web,
        signing_secret=None,
        asked=bot.on_asked,
        pressed=bot.on_pressed,
        later=lambda _: threads.append(threading.current_thread().name),
    )
    heard = {"command": "/pool-stats", "text": "", "team_id": "T1", "user_id": "U1", "channel_id": CHANNEL}

    answer = app.dispatch(BoltRequest(mode="socket_mode", body=heard))

    assert answer.status == 200
    assert threads == [threading.current_thread().name]
    assert bot.asked == []


def test_when_too_much_waits_that_is_said_in_the_acknowledgement(sandbox: Sandbox, web: SlackWeb, bot: Bot) -> None:
    release = threading.Event()

    def slow(_: str) -> Message:
        assert release.wait(30)
        return Message("", "done")

    bot.answer = slow
    later = Later(threads=1, most_waiting=2)
    secret = sandbox.tokens.signing_secret
    app = build_app(web, signing_secret=secret, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
    with served(app) as address:
        sandbox.app_url = address
        try:
            outcomes = [sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", str(n)) for n in range(6)]
        finally:
            release.set()
            assert later.stop()

    assert all(outcome.ok for outcome in outcomes)
    assert outcomes[-1].shown.startswith("I have more waiting than I can do")


def test_a_press_that_is_not_taken_because_too_much_waits_is_answered_at_once(
    sandbox: Sandbox, web: SlackWeb, bot: Bot
) -> None:
    bot.answer = always(POOL)
    release = threading.Event()
    later = Later(threads=1, most_waiting=1)
    secret = sandbox.tokens.signing_secret
    app = build_app(web, signing_secret=secret, asked=bot.on_asked, pressed=bot.on_pressed, later=later)
    with served(app) as address:
        sandbox.app_url = address
        answer = ask(sandbox, "train-a100")
        later(lambda: assert_released(release))
        wait_for(lambda: later.waiting == 0)
        later(lambda: None)
        try:
            outcome = sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=button(answer, Verb.REFRESH))
            wait_for(lambda: len(shown(sandbox)) == 2)
        finally:
            release.set()
            assert later.stop()

    assert outcome.ok
    assert shown(sandbox)[-1].text.startswith("I have more waiting than I can do")
    assert shown(sandbox)[-1].ephemeral_to == YOU


@pytest.mark.usefixtures("over_http")
def test_a_shared_answer_that_is_refreshed_is_not_to_be_shared_again(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = always(POOL)
    answer = ask(sandbox, "train-a100")
    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=button(answer, Verb.SHARE))
    wait_for(lambda: len(shown(sandbox, user=COLLEAGUE)) == 1)
    shared = shown(sandbox, user=COLLEAGUE)[0]
    asked = len(bot.asked)

    sandbox.workspace.press(COLLEAGUE, CHANNEL, shared.ts, action_id=button(shared, Verb.REFRESH))

    wait_for(lambda: len(bot.asked) > asked and shown(sandbox, user=COLLEAGUE)[0].edited != "")
    verbs = json.dumps([shown(sandbox, user=COLLEAGUE)[0].blocks, shown(sandbox, user=COLLEAGUE)[0].attachments])
    assert Verb.REFRESH.value in verbs
    assert Verb.SHARE.value not in verbs


def assert_released(release: threading.Event) -> None:
    assert release.wait(30)


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"type": "shortcut", "callback_id": "x"}, id="a shortcut"),
        pytest.param({"type": "message_action", "callback_id": "x"}, id="a message shortcut"),
        pytest.param({"type": "view_submission", "view": {"type": "modal", "callback_id": "x"}}, id="a view"),
        pytest.param({"type": "view_closed", "view": {"type": "modal", "callback_id": "x"}}, id="a closed view"),
        pytest.param(
            {"type": "block_actions", "actions": [{"action_id": "old", "value": "x"}]}, id="an unknown button"
        ),
        pytest.param({"type": "block_actions", "actions": [{"action_id": "no value"}]}, id="a button without a value"),
        pytest.param({"type": "block_suggestion", "action_id": "x"}, id="options"),
        pytest.param({"type": "something_new"}, id="what nobody knows yet"),
    ],
)
def test_nothing_goes_unacknowledged(sandbox: Sandbox, bot: Bot, payload: dict[str, object]) -> None:
    common = {"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "1.2.3"}
    form = urlencode({"payload": json.dumps(common | payload)})

    assert sandbox.courier.post(form.encode(), "application/x-www-form-urlencoded").status == 200
    assert bot.pressed == []


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize("kind", ["message", "app_mention", "app_home_opened", "never_heard_of"])
def test_events_are_acknowledged(sandbox: Sandbox, kind: str) -> None:
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": kind, "user": "U1"}, "event_id": "Ev1"}

    assert sandbox.courier.post(json.dumps(event).encode(), "application/json").status == 200


def test_the_environment_changes_nothing(
    web: SlackWeb, bot: Bot, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "from-the-environment")

    app = build_app(web, signing_secret="ours", asked=bot.on_asked, pressed=bot.on_pressed, later=later)

    assert app.oauth_flow is None
    assert app.client.token is None


def test_no_call_to_slack_is_made_before_an_acknowledgement(app: App, sandbox: Sandbox) -> None:
    body = {"command": "/pool-stats", "text": "", "team_id": "T1", "channel_id": "C1", "user_id": "U1"}

    began = time.monotonic()
    answer = app.dispatch(BoltRequest(mode="socket_mode", body=body))

    assert answer.status == 200
    assert time.monotonic() - began < 0.5
    assert [call.method for call in sandbox.calls if call.method != "chat.postEphemeral"] == []
