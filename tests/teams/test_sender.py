"""How does a message reach a conversation of Teams, and what is known when it does not?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.messages.model import Button, Message, Paragraph, Verb
from bot.messages.sending import Act, DeliveryError, Label, Needs, Posted, Unclear
from bot.sandbox.teams.model import ALERTS, COLLEAGUE, TEAM, YOU
from tests.teams.serving import Side, wait_for

ALERT = Message("Queue is long", "Queue is 90", buttons=(Button("Acknowledge", Verb.ACKNOWLEDGE, "7"),))
LABEL = Label("d1", "7")
PLACE = "ML Platform/Alerts"


@pytest.fixture
def installed(bot: Side) -> Side:
    """The bot where it has been added to the team."""
    bot.teams.happening.install(YOU, TEAM)
    wait_for(lambda: bot.places.known(TEAM) is not None)
    return bot


def test_a_channel_is_found_by_its_name_posted_to_updated_and_answered_in_its_thread(installed: Side) -> None:
    posted = installed.sender.post(PLACE.upper(), ALERT, LABEL)
    installed.sender.replace(posted, Message("Queue is long", "Queue is 95"), LABEL)
    entry = installed.sender.post(PLACE, Message("", "Resolved"), LABEL, thread=posted, aloud=True)

    assert posted.channel == ALERTS
    first, under = installed.teams.tenant.posts(ALERTS)
    assert "Queue is 95" in str(first.body)
    assert (under.id, under.root) == (entry.message, posted.message)
    assert first.body["channelData"]["poolStats"] == {"deliveryId": "d1", "alertId": "7"}
    assert [each.what for each in installed.teams.tenant.complaints()] == []


def test_a_place_that_nobody_has_added_the_bot_to_waits_for_people(installed: Side) -> None:
    with pytest.raises(DeliveryError, match="there is no ML Platform/Nowhere that the bot is in") as refused:
        installed.sender.post("ML Platform/Nowhere", ALERT, LABEL)

    assert refused.value.needs is Needs.CHANNEL
    assert not refused.value.permanent


def test_somebody_who_has_the_app_is_written_to_though_they_never_wrote(installed: Side) -> None:
    [person] = [each for each in installed.teams.tenant.people() if each.id == COLLEAGUE]
    with pytest.raises(DeliveryError, match="the bot is not in") as refused:
        installed.sender.post(person.aad_object_id, ALERT, LABEL)
    assert refused.value.needs is Needs.CHANNEL
    installed.teams.tenant.put_place(replace(installed.teams.tenant.personal(COLLEAGUE), has_bot=True))

    posted = installed.sender.post(person.aad_object_id, ALERT, LABEL)

    assert installed.teams.tenant.message(posted.channel, posted.message) is not None
    # From then on the chat is known.
    assert installed.sender.post(person.aad_object_id, ALERT, LABEL).channel == posted.channel
    assert len(installed.teams.calls.of("conversations.create")) == 2


def test_a_channel_that_is_renamed_goes_by_its_new_name(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.happening.rename(YOU, ALERTS, "Incidents")
    wait_for(lambda: installed.places.known("ML Platform/Incidents") is not None)

    assert installed.sender.post("ML Platform/Incidents", ALERT, LABEL).channel == ALERTS


def test_a_bot_that_was_removed_says_so_and_goes_on_when_it_is_added_again(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.happening.remove(YOU, TEAM)
    wait_for(lambda: installed.places.known(ALERTS) is None)
    with pytest.raises(DeliveryError, match="not in ML Platform/Alerts any more"):
        installed.sender.post(PLACE, ALERT, LABEL)
    assert PLACE in installed.sender.health().problems

    installed.teams.happening.install(YOU, TEAM)
    wait_for(lambda: installed.places.known(ALERTS) is not None)
    installed.sender.post(PLACE, ALERT, LABEL)
    assert installed.sender.health().problems == {}


@pytest.mark.parametrize(
    ("error", "needs", "permanent", "gone"),
    [
        pytest.param("BotNotInConversationRoster", Needs.CHANNEL, False, False, id="not in the roster"),
        pytest.param("ConversationBlockedByUser", Needs.CHANNEL, False, False, id="blocked by its user"),
        pytest.param("BotDisabledByAdmin", Needs.CHANNEL, False, False, id="switched off by an admin"),
        pytest.param("ConversationNotFound", Needs.CHANNEL, False, False, id="no such conversation"),
        pytest.param("ActivityNotFoundInConversation", None, False, True, id="no such thread"),
        pytest.param("MessageSizeTooBig", None, True, False, id="too long in any form"),
        pytest.param("BadArgument", None, True, False, id="not accepted in any form"),
    ],
)
def test_a_refusal_is_told_with_its_meaning(
    installed: Side, error: str, needs: Needs | None, permanent: bool, gone: bool
) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("error", "activities.create", error=error, count=2)

    with pytest.raises(DeliveryError) as refused:
        installed.sender.post(PLACE, ALERT, LABEL)

    found = refused.value
    assert (found.needs, found.permanent, found.gone) == (needs, permanent, gone)
    if needs is not None:
        assert installed.sender.wait(PLACE, Act.POST) > timedelta(seconds=10)


def test_somebody_who_speaks_to_the_bot_ends_the_wait(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("error", "activities.create", error="BotDisabledByAdmin", count=1)
    with pytest.raises(DeliveryError):
        installed.sender.post(PLACE, ALERT, LABEL)

    installed.teams.people.say(YOU, ALERTS, "@pool-stats help")

    wait_for(lambda: installed.sender.wait(PLACE, Act.POST) < timedelta(seconds=2))


def test_a_message_that_a_person_deleted_is_gone(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)

    with pytest.raises(DeliveryError) as refused:
        installed.sender.replace(Posted(ALERTS, "1"), ALERT, LABEL)

    assert refused.value.gone
    installed.sender.delete(Posted(ALERTS, "1"))


def test_a_card_that_is_too_long_after_all_is_told_in_brief(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("error", "activities.create", error="MessageSizeTooBig", count=1)

    installed.sender.post(PLACE, Message("Queue is long", "Queue is 90", blocks=(Paragraph(("More of it",)),)), LABEL)

    assert "More of it" not in str(installed.teams.tenant.posts(ALERTS)[-1].body)


def test_a_limit_is_told_with_how_long_it_lasts_and_kept(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("ratelimited", "activities.create", retry_after=7, count=1)

    with pytest.raises(DeliveryError) as refused:
        installed.sender.post(PLACE, ALERT, LABEL)

    assert refused.value.retry_after == timedelta(seconds=7)
    assert installed.sender.wait(PLACE, Act.POST) > timedelta(seconds=5)
    # Nothing is asked meanwhile.
    with pytest.raises(DeliveryError):
        installed.sender.post(PLACE, ALERT, LABEL)
    assert [call.outcome for call in installed.teams.calls].count("Throttled") == 1


@pytest.mark.parametrize("status", [502, 503, 504, 500])
def test_an_error_of_the_servers_leaves_it_open_whether_it_was_posted(installed: Side, status: int) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("status", "activities.create", status=status, count=1)

    with pytest.raises(Unclear):
        installed.sender.post(PLACE, ALERT, LABEL)
    with pytest.raises(NotImplementedError):
        installed.sender.find(PLACE, LABEL, since=datetime(2026, 11, 23, tzinfo=UTC))


def test_an_answer_that_is_cut_off_leaves_it_open_too(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("cut", "activities.create", count=1)

    with pytest.raises(Unclear):
        installed.sender.post(PLACE, ALERT, LABEL)
    assert len(installed.teams.tenant.posts(ALERTS)) == 2


def test_two_operations_at_once_that_teams_would_refuse_are_told_to_come_again_soon(installed: Side) -> None:
    installed.sender.post(PLACE, ALERT, LABEL)
    installed.teams.misbehave("error", "activities.create", error="PreconditionFailed", count=1)

    with pytest.raises(DeliveryError) as refused:
        installed.sender.post(PLACE, ALERT, LABEL)

    assert refused.value.retry_after == timedelta(seconds=1)
    installed.sender.post(PLACE, ALERT, LABEL)


def test_an_answer_to_a_person_survives_what_passes(installed: Side) -> None:
    installed.teams.misbehave("status", "activities.create", status=503, count=1)

    installed.teams.people.say(YOU, ALERTS, "@pool-stats help")

    tenant = installed.teams.tenant
    wait_for(lambda: any(post.sender == tenant.bot for post in tenant.posts(ALERTS)))


def test_a_token_is_asked_for_once_and_anew_when_it_is_not_taken_any_more(installed: Side) -> None:
    for _ in range(3):
        installed.sender.post(PLACE, ALERT, LABEL)
    assert len(installed.teams.calls.of("token")) == 1

    installed.teams.misbehave("error", "activities.create", error="Unauthorized", count=1)
    installed.sender.post(PLACE, ALERT, LABEL)
    assert len(installed.teams.calls.of("token")) == 2


def test_wrong_credentials_are_the_whole_tenants_and_nobody_asks_again_at_once(bot: Side) -> None:
    bot.teams.misbehave("error", "token", error="invalid_client", count=5)

    first, second = bot.sender.check(), bot.sender.check()

    assert not first.connected
    assert "check CLIENT_ID, CLIENT_SECRET and TENANT_ID" in second.problems["tenant"]
    assert len(bot.teams.calls.of("token")) == 1


def test_what_was_wrong_with_the_whole_tenant_is_looked_at_again_though_nothing_is_sent(bot: Side) -> None:
    bot.teams.misbehave("status", "token", status=503, count=1)
    assert not bot.sender.check().connected

    wait_for(lambda: bot.sender.health().connected)

    assert bot.sender.health().problems == {}
