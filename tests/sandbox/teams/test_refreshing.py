"""Is a card that refreshes itself asked for when it is looked at, for whom, and how often?"""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.teams.model import ALERTS, COLLEAGUE, YOU, Person
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Clock, listening
from tests.sandbox.teams.apps import CARD, Bot, card, execute, message
from tests.sandbox.teams.test_inbound import App

MINE = card({"type": "TextBlock", "text": "yours"})


@pytest.fixture
def app(teams: TeamsStandIn) -> Iterator[App]:
    app = App(answer={"statusCode": 200, "type": CARD, "value": MINE})
    with listening(app.take) as served:
        teams.app_url = served.url
        yield app


def refreshing(*people: str) -> dict[str, Any]:
    """A card that refreshes itself for these people."""
    refresh: dict[str, Any] = {"action": execute("look", data={"subject": "7"})}
    return message(card({"type": "TextBlock", "text": "everybody's"}, refresh=refresh | {"userIds": list(people)}))


def test_a_card_is_asked_for_by_those_it_names_at_most_once_a_minute(
    teams: TeamsStandIn, bot: Bot, app: App, clock: Clock
) -> None:
    post = bot.sent(ALERTS, refreshing(YOU))

    assert teams.people.refresh(YOU, ALERTS, post).ok
    (asked,) = app.got
    assert (asked["name"], asked["value"]["trigger"]) == ("adaptiveCard/action", "automatic")
    assert asked["value"]["action"]["verb"] == "look"
    shown = teams.tenant.message(ALERTS, post)
    assert shown is not None
    assert shown.card_for(YOU) == MINE
    assert shown.card_for(COLLEAGUE) != MINE

    assert not teams.people.refresh(COLLEAGUE, ALERTS, post).ok
    # What came has no refresh of its own, so there is nothing left to ask for.
    assert not teams.people.refresh(YOU, ALERTS, post).ok
    bot.update(ALERTS, post, refreshing(YOU))
    assert teams.people.refresh(YOU, ALERTS, post).error == "the card is less than a minute old"
    clock.ahead += 61
    assert teams.people.refresh(YOU, ALERTS, post).ok
    assert len(app.got) == 2
    assert teams.tenant.complaints() == []


def test_a_card_that_names_nobody_is_asked_for_by_itself_only_where_few_are(
    teams: TeamsStandIn, bot: Bot, app: App
) -> None:
    post = bot.sent(ALERTS, refreshing())
    for number in range(59):
        teams.happening.join(Person(f"29:{number}", f"Nr {number}", f"00-{number}", "x@example.com"), ALERTS)
    app.got.clear()

    assert not teams.people.refresh(YOU, ALERTS, post).ok
    assert app.got == []
    assert teams.people.refresh(YOU, ALERTS, post, by_hand=True).ok
    assert app.got[0]["value"]["trigger"] == "manual"


def test_a_refresh_that_fails_is_told_to_nobody_unless_they_asked_for_it(
    teams: TeamsStandIn, bot: Bot, app: App
) -> None:
    app.status = 500
    post = bot.sent(ALERTS, refreshing(YOU))

    assert teams.people.refresh(YOU, ALERTS, post).shown == ""
    assert teams.people.refresh(YOU, ALERTS, post, by_hand=True).shown
