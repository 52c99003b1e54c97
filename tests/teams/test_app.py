"""What do people in Teams get to see, from the stand-in's side?"""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from bot.messages.form import Form, Misfilled, MomentField, Purpose, TextField
from bot.messages.model import Attached, Button, Footnote, Message, Paragraph, Verb
from bot.messages.sending import Label
from bot.sandbox.teams.model import ALERTS, CHAT, COLLEAGUE, TEAM, YOU, Json, Post
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.serving import served
from tests.teams.serving import Side, side, wait_for

ANSWER = Message(
    "train-a100",
    "3 queued",
    buttons=(
        Button("Refresh", Verb.REFRESH, "train-a100"),
        Button("Share", Verb.SHARE, "train-a100"),
        Button("Why?", Verb.SAY, "/pool-stats train-a100 why"),
    ),
)
FORM = Form(
    "Silence alerts",
    Purpose.SILENCE,
    "7",
    (TextField("reason", "Reason"), MomentField("until", "Until", optional=True)),
    submit="Silence",
)
ALERT = Message(
    "Queue is long",
    "Queue is 90",
    buttons=(Button("Acknowledge", Verb.ACKNOWLEDGE, "7"), Button("Silence…", Verb.SILENCE, "7 custom")),
)


def _from_bot(bot: Side, place: str, *, seen_by: str = YOU) -> list[Post]:
    tenant = bot.teams.tenant
    return [post for post in tenant.posts(place, seen_by=seen_by) if post.sender == tenant.bot]


def _card(post: Post, person: str = YOU) -> Json:
    card = post.card_for(person)
    assert card is not None
    return card


def _titles(post: Post, person: str = YOU) -> list[str]:
    return [action["title"] for action in _card(post, person).get("actions", [])]


def _answered(bot: Side, place: str, number: int = 1, *, seen_by: str = YOU) -> Post:
    wait_for(lambda: len(_from_bot(bot, place, seen_by=seen_by)) >= number)
    return _from_bot(bot, place, seen_by=seen_by)[-1]


def _chat(bot: Side) -> str:
    """Your chat with the bot, in which it has said hello."""
    bot.teams.happening.install(YOU)
    chat = bot.teams.tenant.personal(YOU).id
    _answered(bot, chat)
    for post in _from_bot(bot, chat):
        bot.teams.tenant.delete(post)
    return chat


def _no_complaints(bot: Side) -> bool:
    return not list(bot.teams.tenant.complaints())


def test_a_question_in_a_personal_chat_is_answered_there(bot: Side) -> None:
    bot.bot.answer = lambda _: ANSWER
    chat = _chat(bot)

    bot.teams.people.say(YOU, chat, "train-a100 why")

    post = _answered(bot, chat)
    [(command, text, asker)] = bot.bot.asked
    assert (command, text) == ("/pool-stats", "train-a100 why")
    assert (asker.platform, asker.user, asker.zone) == (
        "teams",
        "0f6b2c1d-4e5a-4b7c-8d9e-0f1a2b3c4d5e",
        "Asia/Shanghai",
    )
    # There is nobody to share it with.
    assert _titles(post) == ["Refresh", "Why?"]
    assert _no_complaints(bot)


def test_a_mention_in_a_channel_is_answered_in_its_thread_for_all(bot: Side) -> None:
    said = bot.teams.people.say(YOU, ALERTS, "@pool-stats alerts rules")

    post = _answered(bot, ALERTS, seen_by=COLLEAGUE)
    assert bot.bot.asked[0][:2] == ("/pool-alerts", "rules")
    assert (post.root, post.targeted_to) == (said.id, "")
    assert _no_complaints(bot)


def test_who_sees_more_than_others_there_is_answered_alone_also_where_they_ask_aloud(bot: Side) -> None:
    bot.bot.answer = lambda _: ANSWER
    bot.teams.people.say(YOU, ALERTS, "@pool-stats train-a100")
    shown = _answered(bot, ALERTS, seen_by=COLLEAGUE)
    bot.bot.sees_more, bot.bot.answer = True, lambda _: Message("secret", "9 pools")

    bot.teams.people.say(YOU, ALERTS, "@pool-stats")
    wait_for(lambda: len(_from_bot(bot, ALERTS)) == 2)
    assert bot.teams.people.press(YOU, ALERTS, shown.id, "Refresh").ok
    wait_for(lambda: len(_from_bot(bot, ALERTS)) == 3)

    assert [post.id for post in _from_bot(bot, ALERTS, seen_by=COLLEAGUE)] == [shown.id]
    assert "secret" not in str(bot.teams.tenant.message(ALERTS, shown.id))


def test_a_slash_command_is_answered_to_who_gave_it_alone(bot: Side) -> None:
    bot.bot.answer = lambda _: ANSWER
    bot.teams.people.say(YOU, CHAT, "pool-stats train-a100", slash=True)

    post = _answered(bot, CHAT)
    assert post.targeted_to == YOU
    assert _from_bot(bot, CHAT, seen_by=COLLEAGUE) == []
    assert "Share" in _titles(post)


def test_what_teams_delivers_twice_is_answered_once(bot: Side) -> None:
    bot.teams.tenant.switches.repeats = 2
    chat = _chat(bot)

    bot.teams.people.say(YOU, chat, "train-a100")
    bot.teams.people.say(YOU, chat, "other")

    _answered(bot, chat, 2)
    assert [text for _, text, _ in bot.bot.asked] == ["train-a100", "other"]


def test_an_answer_is_refreshed_in_place_and_shared_with_the_channel(bot: Side) -> None:
    bot.bot.answer = lambda _: ANSWER
    bot.teams.people.say(YOU, CHAT, "train-a100", slash=True)
    post = _answered(bot, CHAT)

    bot.bot.answer = lambda _: Message("train-a100", "4 queued", buttons=ANSWER.buttons)
    assert bot.teams.people.press(YOU, CHAT, post.id, "Refresh").ok
    wait_for(lambda: "4 queued" in str(_from_bot(bot, CHAT)[-1].body))
    assert len(_from_bot(bot, CHAT)) == 1

    bot.bot.said = ANSWER
    assert bot.teams.people.press(YOU, CHAT, post.id, "Share").ok
    # Who shares is on record, so it is asked for as what people do.
    assert [(verb, subject) for verb, subject, _ in bot.bot.pressed] == [(Verb.SHARE, "train-a100")]
    wait_for(lambda: len(_from_bot(bot, CHAT, seen_by=COLLEAGUE)) == 1)
    assert "Share" not in _titles(_from_bot(bot, CHAT, seen_by=COLLEAGUE)[0])


def test_who_looks_closer_at_what_all_see_is_answered_alone(bot: Side) -> None:
    bot.bot.answer = lambda _: ANSWER
    bot.teams.people.say(YOU, ALERTS, "@pool-stats train-a100")
    post = _answered(bot, ALERTS)

    assert bot.teams.people.press(COLLEAGUE, ALERTS, post.id, "Why?").ok

    wait_for(lambda: len(_from_bot(bot, ALERTS, seen_by=COLLEAGUE)) == 2)
    assert len(_from_bot(bot, ALERTS)) == 1
    assert bot.bot.asked[-1][:2] == ("/pool-stats", "train-a100 why")


def test_a_tenant_without_targeted_messages_answers_for_all(bot: Side) -> None:
    bot.teams.people.say(YOU, CHAT, "@pool-stats train-a100")
    _answered(bot, CHAT)
    bot.teams.misbehave("error", "activities.create", error="BadArgument", count=1)

    bot.teams.people.say(YOU, CHAT, "train-a100", slash=True)

    post = _answered(bot, CHAT, 2)
    assert post.targeted_to == ""


def test_an_acknowledgement_redraws_the_alert_and_is_said_to_who_pressed(bot: Side) -> None:
    posted = _alert(bot)
    bot.bot.said = Message("", "You have acknowledged it.", buttons=(Button("Undo", Verb.UNDO, "3"),))
    bot.bot.stands = Message("Queue is long", "Acknowledged by Lin", buttons=())

    assert bot.teams.people.press(COLLEAGUE, ALERTS, posted, "Acknowledge").ok

    [(verb, subject, asker)] = bot.bot.pressed
    assert (verb, subject, asker.name) == (Verb.ACKNOWLEDGE, "7", "Lin")
    stands = bot.teams.tenant.message(ALERTS, posted)
    assert stands is not None
    assert "Acknowledged by Lin" in str(_card(stands, COLLEAGUE))
    wait_for(lambda: any("Undo" in _titles(post) for post in _from_bot(bot, ALERTS, seen_by=COLLEAGUE)))
    assert not any("Undo" in _titles(post) for post in _from_bot(bot, ALERTS))


def test_a_dialog_says_what_is_wrong_keeps_what_was_typed_and_closes_when_it_is_done(bot: Side) -> None:
    posted = _alert(bot)
    bot.bot.said = FORM

    def take(typed: dict[str, str]) -> Message:
        if typed["reason"] != "upgrade":
            raise Misfilled({"reason": "That is no reason."})
        return Message("", "Silenced.", buttons=(Button("Undo", Verb.UNDO, "3"),))

    bot.bot.taken = take
    assert bot.teams.people.press(YOU, ALERTS, posted, "Silence…").ok
    assert bot.bot.pressed[0][:2] == (Verb.SILENCE, "7 custom")

    dialogs = bot.teams.people.dialogs
    assert dialogs.submit(YOU, "Silence", {"field:reason": "because"}).ok
    dialog = bot.teams.tenant.dialog(YOU)
    assert dialog is not None
    assert "That is no reason." in str(dialog.card)
    assert "because" in str(dialog.card)

    filled = {"field:reason": "upgrade", "field:until:date": "2026-11-24", "field:until:time": "09:30"}
    assert dialogs.submit(YOU, "Silence", filled).ok
    assert bot.teams.tenant.dialog(YOU) is None
    purpose, subject, typed, _ = bot.bot.submitted[-1]
    assert (purpose, subject) == (Purpose.SILENCE, "7")
    # Half past nine where the person is, who is in Shanghai.
    assert datetime.fromtimestamp(int(typed["until"]), UTC) == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    wait_for(lambda: any("Undo" in _titles(post) for post in _from_bot(bot, ALERTS)))
    assert _no_complaints(bot)


def test_a_command_that_needs_a_form_offers_a_button_that_opens_it(bot: Side) -> None:
    bot.bot.answer = lambda _: FORM
    chat = _chat(bot)
    bot.teams.people.say(YOU, chat, "alerts add")
    post = _answered(bot, chat)

    assert bot.teams.people.press(YOU, chat, post.id, 0).ok

    dialog = bot.teams.tenant.dialog(YOU)
    assert dialog is not None
    assert dialog.title == "Silence alerts"


@pytest.mark.parametrize(
    ("activity", "status"),
    [
        pytest.param({"type": "fooBar"}, 200, id="a type nobody knows"),
        pytest.param({"type": "endOfConversation"}, 200, id="the end of a conversation"),
        pytest.param({"type": "event", "name": "application/vnd.microsoft.zzz"}, 200, id="an event nobody knows"),
        pytest.param({"type": "message", "text": "x", "recipient": None, "conversation": {}}, 200, id="no place"),
        pytest.param({"type": "message", "text": {"a": 1}}, 200, id="a text that is none"),
        pytest.param({"type": ["message"]}, 200, id="a type that is none"),
        pytest.param({"type": "installationUpdate", "action": "add-upgrade"}, 200, id="an upgrade"),
        pytest.param({"type": "installationUpdate", "action": "remove-upgrade"}, 200, id="the end of an upgrade"),
        pytest.param({"type": "invoke", "name": "foo/bar", "value": {}}, 501, id="an invoke nobody knows"),
        pytest.param({"type": "invoke", "name": "adaptiveCard/action", "value": []}, 501, id="an action without any"),
        pytest.param({"type": "invoke", "name": "task/fetch", "value": {"data": 7}}, 501, id="a dialog without any"),
        pytest.param({"type": "invoke", "name": "task/submit", "value": {"data": {}}}, 200, id="a form without any"),
    ],
)
def test_nothing_that_teams_may_send_is_an_error_of_the_server(bot: Side, activity: Json, status: int) -> None:
    person, place = bot.teams.tenant.person(YOU), bot.teams.tenant.place(ALERTS)
    assert person is not None
    assert place is not None
    sent = bot.teams.composer.activity("message", person, place) | activity

    assert bot.teams.courier.post(sent, within=5).status == status


def test_what_is_not_known_is_counted(bot: Side) -> None:
    person, place = bot.teams.tenant.person(YOU), bot.teams.tenant.place(ALERTS)
    assert person is not None
    assert place is not None
    for kind in ("typing", "fooBar", "invoke"):
        bot.teams.courier.post(bot.teams.composer.activity(kind, person, place), within=5)

    assert bot.bot.unknown == ["typing", "other", "invoke"]


def test_more_than_teams_ever_sends_is_not_read(bot: Side) -> None:
    person, place = bot.teams.tenant.person(YOU), bot.teams.tenant.place(ALERTS)
    assert person is not None
    assert place is not None
    sent = bot.teams.composer.activity("message", person, place) | {"text": "x" * 600_000}

    assert bot.teams.courier.post(sent, within=5).status == 413


def test_a_dialog_that_takes_too_long_is_answered_in_time_all_the_same(bot: Side) -> None:
    posted = _alert(bot)
    bot.bot.said = FORM
    goes_on = threading.Event()

    def take(_: dict[str, str]) -> Message:
        assert goes_on.wait(20)
        return Message("", "Silenced.")

    bot.bot.taken = take
    bot.teams.people.press(YOU, ALERTS, posted, "Silence…")

    outcome = bot.teams.people.dialogs.submit(YOU, "Silence", {"field:reason": "upgrade"})
    goes_on.set()

    assert outcome.ok
    wait_for(lambda: any("Silenced." in str(post.body) for post in _from_bot(bot, ALERTS)))


def test_an_answer_with_a_file_says_that_there_is_none_here_and_how_to_get_it(bot: Side) -> None:
    how = Message(
        "Who did what", "2 entries, as a file.", blocks=(Paragraph(("2 entries",)), Footnote(("By a command",)))
    )
    bot.bot.answer = lambda _: replace(how, attached=Attached("log.csv", "when,who"))
    chat = _chat(bot)

    bot.teams.people.say(YOU, chat, "alerts log export")

    said = str(_answered(bot, chat).body)
    assert "In Teams it cannot be handed over as a file" in said
    assert "By a command" in said
    assert "when,who" not in said


def test_a_failure_is_answered_too(bot: Side, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: str) -> Message:
        raise RuntimeError("unforeseen")

    bot.bot.answer = fail
    chat = _chat(bot)

    bot.teams.people.say(YOU, chat, "train-a100")

    _answered(bot, chat)
    assert "could not be answered" in caplog.text


def test_where_the_bot_is_counts_as_heard_only_once_it_is_kept(teams: TeamsStandIn, engine: Engine) -> None:
    file = engine.url.database or ""
    with side(teams, engine, patience=0.3) as bot, served(bot.endpoint) as address:
        teams.app_url = address
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert teams.happening.install(YOU).status == 503
            other.execute("ROLLBACK")
        wait_for(lambda: teams.happening.install(YOU).ok)
        chat = teams.tenant.personal(YOU).id

        assert bot.places.find(chat).kind == "personal"
        wait_for(lambda: len(_from_bot(bot, chat)) == 1)


def _alert(bot: Side) -> str:
    """An alert that stands in the channel; the bot knows the channel since somebody spoke to it there."""
    bot.teams.happening.install(YOU, ALERTS)
    wait_for(lambda: bot.places.known(TEAM) is not None)
    return bot.sender.post("ML Platform/Alerts", ALERT, Label("d1", "7")).message
