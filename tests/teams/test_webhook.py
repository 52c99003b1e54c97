"""Do alerts reach a channel through a webhook, and does its address stay a secret?"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.messages.model import Button, Link, Message, Paragraph, Table, Verb
from bot.messages.sending import Act, DeliveryError, Label, Needs, Posted, Unclear
from bot.sandbox.teams.model import ALERTS
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.teams.asking import new_session
from bot.teams.standing import Standing
from bot.teams.webhook import WebhookSender, payload

LABEL = Label("d1", "7")
ALERT = Message("Queue is long", "Queue is 90", buttons=(Button("Acknowledge", Verb.ACKNOWLEDGE, "7"),))


@pytest.fixture
def sender(teams: TeamsStandIn) -> Iterator[WebhookSender]:
    with new_session() as session:
        yield WebhookSender(session, teams.webhook_url, Standing())


def test_an_alert_is_posted_and_what_happens_to_it_follows(teams: TeamsStandIn, sender: WebhookSender) -> None:
    posted = sender.post("ML Platform/Alerts", ALERT, LABEL)
    sender.replace(posted, Message("Queue is long", "Queue is 95"), LABEL)
    sender.post("ML Platform/Alerts", Message("", "Resolved"), Label("d2", "7"), thread=posted)

    assert ["Queue is 90" in str(post.body) for post in teams.tenant.posts(ALERTS)] == [True, False]
    assert [each.what for each in teams.tenant.complaints()] == []


def test_there_are_links_in_the_place_of_buttons() -> None:
    linked = Message("a", "b", blocks=(Paragraph((Link("Console", "https://example.com/x"),)),), buttons=ALERT.buttons)

    card = payload(linked)["attachments"][0]["content"]

    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Console", "url": "https://example.com/x"}]
    assert "actions" not in payload(ALERT)["attachments"][0]["content"]


def test_the_longest_message_is_within_what_a_webhook_takes() -> None:
    rows = tuple((f"pool-{number}" * 9, number) for number in range(5000))

    assert len(json.dumps(payload(Message("a", "b", blocks=(Table("t", ("p", "n"), rows),))))) <= 28 * 1024


def test_more_than_four_in_a_second_wait(teams: TeamsStandIn, sender: WebhookSender) -> None:
    for number in range(4):
        sender.post("any", ALERT, Label(f"d{number}", None))

    assert timedelta() < sender.wait("any", Act.POST) <= timedelta(seconds=1)
    assert sender.wait("any", Act.EDIT) == timedelta()
    with pytest.raises(DeliveryError):
        sender.post("any", ALERT, LABEL)
    assert len(teams.tenant.posts(ALERTS)) == 4


def test_an_address_that_is_no_longer_good_waits_for_people_and_is_not_shown(teams: TeamsStandIn) -> None:
    address = teams.webhook_url.replace("sig=", "sig=no")
    with new_session() as session:
        sender = WebhookSender(session, address, Standing())
        with pytest.raises(DeliveryError) as refused:
            sender.post("any", ALERT, LABEL)

    assert refused.value.needs is Needs.WORKSPACE
    assert "sig=" not in str(refused.value) + str(sender.health()) + repr(sender)
    assert not sender.health().connected


def test_an_answer_that_is_cut_off_leaves_it_open(teams: TeamsStandIn, sender: WebhookSender) -> None:
    teams.misbehave("status", "webhook", status=502, count=1)

    with pytest.raises(Unclear):
        sender.post("any", ALERT, LABEL)
    with pytest.raises(NotImplementedError):
        sender.standing_at(Posted("any", "d1"))
