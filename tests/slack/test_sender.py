"""Does every message reach its channel, once, or is it said why not?"""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.messages.model import Chart, Message, Paragraph, Series, Table, Tone
from bot.messages.sending import DeliveryError, Label, Posted, Sender, Unclear
from bot.sandbox.server import Sandbox
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb, new_session
from tests.slack.conftest import Ticks

HELLO = Message("Hello", "Hello, 3 queued.", blocks=(Paragraph(("3 queued",)),))
TABLE = Message("Pools", "2 pools.", blocks=(Table("Pools", ("Pool", "Queue"), (("a", 1), ("b", None))),))
LABEL = Label("d-1", "a-7")
PLATFORM = "C0PLATFORM1"
LONG_AGO = datetime.fromtimestamp(0, UTC)


def test_it_is_a_sender(sender: SlackSender) -> None:
    kept: Sender = sender
    assert kept is sender


def test_a_channel_is_found_by_its_name_and_by_its_id(sender: SlackSender, sandbox: Sandbox) -> None:
    by_name = sender.post("#ml-platform", HELLO, LABEL)
    by_id = sender.post(PLATFORM, HELLO, LABEL)

    assert by_name.channel == by_id.channel == PLATFORM
    assert [message.text for message in sandbox.workspace.messages(PLATFORM)] == ["Hello, 3 queued."] * 2
    assert len(sandbox.calls.of("conversations.list")) == 1


def test_a_name_that_is_known_holds_up_no_message(sender: SlackSender, sandbox: Sandbox, ticks: Ticks) -> None:
    sandbox.switches.posts_per_second = 0

    for _ in range(20):
        sender.post("#ml-platform", HELLO, LABEL)
        ticks.now += 1

    assert len(sandbox.workspace.messages(PLATFORM)) == 20


def test_a_message_carries_its_delivery_and_alert_as_metadata(sender: SlackSender, sandbox: Sandbox) -> None:
    posted = sender.post("#ml-platform", HELLO, LABEL)

    message = sandbox.workspace.message(posted.channel, posted.message)
    assert message is not None
    assert message.metadata == {
        "event_type": "pool_stats_delivery",
        "event_payload": {"delivery_id": "d-1", "alert_id": "a-7"},
    }


def test_links_are_not_unfolded_and_names_not_linked(sender: SlackSender, sandbox: Sandbox) -> None:
    sender.post("#ml-platform", HELLO, LABEL)

    said = sandbox.calls.of("chat.postMessage")[0].args
    assert {name: str(said[name]).lower() for name in ("parse", "link_names", "unfurl_links", "unfurl_media")} == {
        "parse": "none", "link_names": "false", "unfurl_links": "false", "unfurl_media": "false",
    }  # fmt: skip


def test_a_message_goes_into_the_thread_under_another(sender: SlackSender, sandbox: Sandbox) -> None:
    parent = sender.post("#ml-platform", HELLO, LABEL)

    reply = sender.post("#ml-platform", HELLO, Label("d-2"), thread=parent)

    assert [m.ts for m in sandbox.workspace.replies(PLATFORM, parent.message)] == [reply.message]


def test_what_is_said_aloud_in_a_thread_is_seen_in_the_channel_too_and_found_again(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    parent = sender.post("#ml-platform", HELLO, LABEL)

    reply = sender.post("#ml-platform", HELLO, Label("d-2"), thread=parent, aloud=True)

    (shown,) = sandbox.workspace.replies(PLATFORM, parent.message)
    assert shown.broadcast
    assert sender.find("#ml-platform", Label("d-2"), since=LONG_AGO, thread=parent) == reply


def test_a_replaced_message_shows_nothing_of_what_stood_there(sender: SlackSender, sandbox: Sandbox) -> None:
    posted = sender.post("#ml-platform", Message("Bad", "42 queued.", Tone.CRITICAL, HELLO.blocks), LABEL)

    again = sender.replace(posted, Message("Good", "0 queued."), Label("d-2", "a-7"))

    message = sandbox.workspace.message(*_place(posted))
    assert again == posted
    assert message is not None
    assert message.text == "0 queued."
    assert [block["type"] for block in message.blocks] == ["header"]
    assert message.attachments == ()
    assert message.metadata is not None
    assert message.metadata["event_payload"] == {"delivery_id": "d-2", "alert_id": "a-7"}


def test_a_message_that_is_gone_cannot_be_replaced_and_that_is_said(sender: SlackSender) -> None:
    with pytest.raises(DeliveryError) as error:
        sender.replace(Posted(PLATFORM, "1.000001"), HELLO, LABEL)

    assert error.value.gone


def test_a_message_is_taken_back_and_taking_it_back_twice_is_no_error(sender: SlackSender, sandbox: Sandbox) -> None:
    posted = sender.post("#ml-platform", HELLO, LABEL)

    sender.delete(posted)
    sender.delete(posted)

    assert sandbox.workspace.message(*_place(posted)) is None


def test_a_delivery_is_found_again_by_its_id(sender: SlackSender) -> None:
    posted = sender.post("#ml-platform", HELLO, LABEL)
    for number in range(2, 6):
        sender.post("#ml-platform", HELLO, Label(f"d-{number}"))

    assert sender.find("#ml-platform", LABEL, since=LONG_AGO) == posted
    assert sender.find("#ml-platform", Label("d-99"), since=LONG_AGO) is None


def test_a_delivery_is_found_further_back_than_one_page(sender: SlackSender) -> None:
    posted = sender.post("#ml-platform", HELLO, LABEL)
    for number in range(120):
        sender.post("#ml-platform", Message("", str(number)), Label(f"other-{number}"))

    assert sender.find("#ml-platform", LABEL, since=LONG_AGO) == posted


def test_a_delivery_in_a_thread_is_found_again(sender: SlackSender) -> None:
    parent = sender.post("#ml-platform", HELLO, LABEL)
    reply = sender.post("#ml-platform", HELLO, Label("d-2"), thread=parent)

    assert sender.find("#ml-platform", Label("d-2"), since=LONG_AGO, thread=parent) == reply
    assert sender.find("#ml-platform", Label("d-3"), since=LONG_AGO, thread=parent) is None


def test_of_a_delivery_told_twice_the_newest_is_found(sender: SlackSender) -> None:
    sender.post("#ml-platform", HELLO, LABEL)
    second = sender.post("#ml-platform", HELLO, LABEL)

    assert sender.find("#ml-platform", LABEL, since=LONG_AGO) == second


def test_every_copy_of_several_deliveries_is_found_as_far_as_they_came_since(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    before = sandbox.workspace.now()
    first = sender.post("#ml-platform", HELLO, LABEL)
    again = sender.post("#ml-platform", HELLO, LABEL)
    other = sender.post("#ml-platform", HELLO, Label("d-2"))
    sender.post("#ml-platform", HELLO, Label("d-3"))
    labels = [LABEL, Label("d-2"), Label("d-4")]

    since = datetime.fromtimestamp(before, UTC) - timedelta(minutes=1)
    assert sender.copies("#ml-platform", labels, since=since) == {"d-1": [again, first], "d-2": [other], "d-4": []}
    assert sender.copies("#ml-platform", labels, since=since + timedelta(hours=1))["d-1"] == []
    assert len(sandbox.calls.of("conversations.history")) == 2


def test_every_copy_in_a_thread_is_found(sender: SlackSender, sandbox: Sandbox) -> None:
    since = datetime.fromtimestamp(sandbox.workspace.now(), UTC) - timedelta(minutes=1)
    parent = sender.post("#ml-platform", HELLO, LABEL)
    replies = [sender.post("#ml-platform", HELLO, Label("d-2"), thread=parent) for _ in range(2)]

    assert sender.copies("#ml-platform", [Label("d-2")], since=since, thread=parent) == {"d-2": replies}


def test_what_stands_somewhere_is_told_by_its_delivery(sender: SlackSender, sandbox: Sandbox) -> None:
    posted = sender.post("#ml-platform", HELLO, LABEL)
    sender.post("#ml-platform", HELLO, Label("d-2"))
    assert sender.standing_at(posted) == "d-1"
    sender.replace(posted, HELLO, Label("d-3"))
    assert sender.standing_at(posted) == "d-3"
    sender.delete(posted)
    assert sender.standing_at(posted) is None
    sandbox.switches.scopes -= {"channels:history", "groups:history"}
    with pytest.raises(NotImplementedError):
        sender.standing_at(posted)


def test_without_the_right_to_read_history_no_copies_are_found_and_that_is_said(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    sandbox.switches.scopes -= {"channels:history", "groups:history"}

    with pytest.raises(NotImplementedError):
        sender.copies("#ml-platform", [LABEL], since=datetime.fromtimestamp(0, UTC))


def test_without_the_right_to_read_history_nothing_can_be_found_and_that_is_said(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    sandbox.switches.scopes -= {"channels:history", "groups:history"}

    with pytest.raises(NotImplementedError):
        sender.find("#ml-platform", LABEL, since=LONG_AGO)


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        pytest.param("#random", "the bot is not in #random: invite it there with /invite", id="not in the channel"),
        pytest.param("#old-cluster", "#old-cluster is archived", id="archived"),
        pytest.param("#nowhere", "there is no channel #nowhere", id="no such name"),
        pytest.param("C0NOWHERE00", "there is no channel C0NOWHERE00", id="no such id"),
    ],
)
def test_what_people_can_put_right_is_told_and_the_message_waits(
    sender: SlackSender, channel: str, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(DeliveryError, match=sentence) as error:
        sender.post(channel, HELLO, LABEL)
    with pytest.raises(DeliveryError, match=sentence):
        sender.post(channel, HELLO, LABEL)

    assert not error.value.permanent
    assert not error.value.gone
    assert sentence in sender.health().problems[channel]
    assert len([record for record in caplog.records if sentence in record.getMessage()]) == 1


def test_once_it_works_again_the_problem_is_gone(sender: SlackSender, sandbox: Sandbox) -> None:
    with pytest.raises(DeliveryError):
        sender.post("#random", HELLO, LABEL)
    sandbox.workspace.invite("C0RANDOM001")

    sender.post("#random", HELLO, LABEL)

    assert sender.health().problems == {}
    assert sender.health().connected


def test_a_problem_of_a_channel_that_nobody_writes_to_any_more_is_forgotten(sender: SlackSender, ticks: Ticks) -> None:
    with pytest.raises(DeliveryError):
        sender.post("#random", HELLO, LABEL)

    ticks.now += 3600

    assert sender.health().problems == {}


def test_a_revoked_token_is_told_and_the_message_waits(sender: SlackSender, sandbox: Sandbox, ticks: Ticks) -> None:
    sender.post(PLATFORM, HELLO, LABEL)
    sandbox.switches.revoked = True

    with pytest.raises(DeliveryError, match="no longer lets the bot in") as error:
        sender.post(PLATFORM, HELLO, LABEL)

    assert not error.value.permanent
    assert not sender.health().connected
    assert "install the app again" in sender.health().problems["workspace"]
    sandbox.switches.revoked = False
    ticks.now += 60
    assert sender.health().connected
    assert sender.health().problems == {}


def test_a_missing_right_is_named(sender: SlackSender, sandbox: Sandbox) -> None:
    sandbox.switches.scopes -= {"chat:write"}

    assert "chat:write" in sender.check().problems["workspace"]
    with pytest.raises(DeliveryError, match="chat:write") as error:
        sender.post(PLATFORM, HELLO, LABEL)

    assert not error.value.permanent


def test_without_the_right_to_see_private_channels_the_public_ones_are_still_found(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    sandbox.misbehave("error", "conversations.list", error="missing_scope", count=1)

    assert sender.post("#ml-platform", HELLO, LABEL).channel == PLATFORM
    assert [call.args["types"] for call in sandbox.calls.of("conversations.list")] == [
        "public_channel,private_channel",
        "public_channel",
    ]


def test_a_new_channel_is_found_within_a_minute_without_asking_at_every_post(
    sender: SlackSender, sandbox: Sandbox, ticks: Ticks
) -> None:
    for _ in range(3):
        with pytest.raises(DeliveryError):
            sender.post("#brand-new", HELLO, LABEL)
    assert len(sandbox.calls.of("conversations.list")) == 1
    channel = sandbox.workspace.channel(PLATFORM)
    assert channel is not None
    sandbox.workspace.put_channel(
        type(channel)("C0BRANDNEW1", "brand-new", channel.members, topic="", created=channel.created)
    )

    ticks.now += 61

    assert sender.post("#brand-new", HELLO, LABEL).channel == "C0BRANDNEW1"


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(TABLE, id="a table"),
        pytest.param(
            Message("Queue", "9", blocks=(Chart("Queue", ("a", "b"), (Series("Queue", (1, 9)),), "up"),)), id="a chart"
        ),
    ],
)
def test_where_native_blocks_are_refused_the_plain_drawing_follows_at_once_and_is_remembered(
    sender: SlackSender, sandbox: Sandbox, ticks: Ticks, message: Message
) -> None:
    sandbox.switches.native_table = sandbox.switches.native_charts = False

    posted = sender.post(PLATFORM, message, LABEL)
    sender.post(PLATFORM, message, LABEL)

    shown = sandbox.workspace.message(*_place(posted))
    assert shown is not None
    assert not {"table", "data_visualization"} & {block["type"] for block in shown.blocks}
    assert [call.outcome for call in sandbox.calls.of("chat.postMessage")] == ["invalid_blocks", "ok", "ok"]
    sandbox.switches.native_table = sandbox.switches.native_charts = True
    ticks.now += 3601
    posted = sender.post(PLATFORM, message, LABEL)
    shown = sandbox.workspace.message(*_place(posted))
    assert shown is not None
    assert {"table", "data_visualization"} & {block["type"] for block in shown.blocks}


def test_what_slack_finds_too_long_is_said_in_brief(sender: SlackSender, sandbox: Sandbox) -> None:
    sandbox.misbehave("error", "chat.postMessage", error="msg_blocks_too_long", count=1)

    posted = sender.post(PLATFORM, TABLE, LABEL)

    shown = sandbox.workspace.message(*_place(posted))
    assert shown is not None
    assert [block["type"] for block in shown.blocks] == ["header", "rich_text"]


@pytest.mark.parametrize(
    "word",
    ["invalid_blocks", "invalid_blocks_format", "invalid_attachments", "only_one_table_allowed", "msg_blocks_too_long"],
)
def test_a_message_whose_blocks_are_refused_in_every_form_comes_as_its_summary(
    sender: SlackSender, sandbox: Sandbox, word: str
) -> None:
    drawings = 2 if word == "msg_blocks_too_long" else 3
    sandbox.misbehave("error", "chat.postMessage", error=word, count=drawings)

    posted = sender.post(PLATFORM, TABLE, LABEL)

    shown = sandbox.workspace.message(*_place(posted))
    assert shown is not None
    assert (shown.text, list(shown.blocks), list(shown.attachments)) == ("2 pools.", [], [])
    assert not {"blocks", "attachments"} & set(sandbox.calls.of("chat.postMessage")[-1].args)
    assert [call.outcome for call in sandbox.calls.of("chat.postMessage")] == [word] * drawings + ["ok"]


def test_a_replaced_message_whose_blocks_are_refused_in_every_form_becomes_its_summary(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    posted = sender.post(PLATFORM, Message("Bad", "42 queued.", Tone.CRITICAL, HELLO.blocks), LABEL)
    sandbox.misbehave("error", "chat.update", error="invalid_blocks", count=3)

    sender.replace(posted, TABLE, LABEL)

    shown = sandbox.workspace.message(*_place(posted))
    assert shown is not None
    assert (shown.text, list(shown.blocks), list(shown.attachments)) == ("2 pools.", [], [])


def test_what_slack_takes_in_no_form_is_given_up(sender: SlackSender, sandbox: Sandbox) -> None:
    sandbox.misbehave("error", "chat.postMessage", error="invalid_blocks")

    with pytest.raises(DeliveryError) as error:
        sender.post(PLATFORM, TABLE, LABEL)

    assert error.value.permanent


def test_a_word_that_we_do_not_know_is_taken_to_pass(sender: SlackSender, sandbox: Sandbox) -> None:
    sandbox.misbehave("error", "chat.postMessage", error="something_new")

    with pytest.raises(DeliveryError, match="something_new") as error:
        sender.post(PLATFORM, HELLO, LABEL)

    assert not error.value.permanent


def test_a_429_is_told_and_the_channel_left_alone_for_as_long(
    sender: SlackSender, sandbox: Sandbox, ticks: Ticks
) -> None:
    sandbox.misbehave("ratelimited", "chat.postMessage", retry_after=7, count=1)

    with pytest.raises(DeliveryError) as first:
        sender.post(PLATFORM, HELLO, LABEL)
    ticks.now += 3
    with pytest.raises(DeliveryError) as second:
        sender.post(PLATFORM, HELLO, LABEL)
    sender.post("#research", HELLO, LABEL)
    ticks.now += 5
    sender.post(PLATFORM, HELLO, LABEL)

    assert first.value.retry_after == timedelta(seconds=7)
    assert second.value.retry_after == timedelta(seconds=4)
    assert len(sandbox.calls.of("chat.postMessage")) == 3


@pytest.mark.parametrize("kind", ["cut", "reset", "hang"])
def test_after_an_unclear_outcome_the_message_is_found_and_not_told_twice(sandbox: Sandbox, kind: str) -> None:
    with new_session() as session:
        sender = SlackSender(SlackWeb(f"{sandbox.url}api/", sandbox.tokens.bot, session, read_seconds=0.3))
        more = {} if kind == "cut" else {"after_accepting": True}
        sandbox.misbehave(kind, "chat.postMessage", count=1, **more)

        with pytest.raises(Unclear):
            sender.post(PLATFORM, HELLO, LABEL)
        found = sender.find(PLATFORM, LABEL, since=LONG_AGO)

    assert found is not None
    assert len(sandbox.workspace.messages(PLATFORM)) == 1


def test_a_503_is_unclear(sender: SlackSender, sandbox: Sandbox) -> None:
    sandbox.misbehave("status", "chat.postMessage", status=503)

    with pytest.raises(Unclear):
        sender.post(PLATFORM, HELLO, LABEL)


def test_when_only_the_name_could_not_be_looked_up_it_is_certain_that_nothing_was_posted(
    sender: SlackSender, sandbox: Sandbox
) -> None:
    sandbox.misbehave("status", "conversations.list", status=503)

    with pytest.raises(DeliveryError):
        sender.post("#ml-platform", HELLO, LABEL)

    assert sandbox.calls.of("chat.postMessage") == []


def test_a_slack_that_cannot_be_reached_is_told(ticks: Ticks) -> None:
    with new_session() as session:
        sender = SlackSender(SlackWeb("http://127.0.0.1:9/api/", "xoxb-1", session), monotonic=ticks)

        with pytest.raises(DeliveryError, match="cannot be reached") as error:
            sender.post(PLATFORM, HELLO, LABEL)

        assert not error.value.permanent
        assert not sender.health().connected
        assert "cannot be reached" in sender.health().problems["workspace"]


def _place(posted: Posted) -> tuple[str, str]:
    return posted.channel, posted.message


def test_what_would_be_cut_is_known_before(sender: SlackSender) -> None:
    rows = tuple((f"pool-{number}", number) for number in range(300))
    assert not sender.fits(Message("Pools", "300 pools.", blocks=(Table("Pools", ("Pool", "Queue"), rows),)))
    assert not sender.fits(Message("Many", "60 lines.", blocks=tuple(Paragraph((str(n),)) for n in range(60))))
    assert sender.fits(TABLE)
    assert sender.fits(Message("Bad", "9 queued.", Tone.CRITICAL, HELLO.blocks))
