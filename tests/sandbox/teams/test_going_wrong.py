"""Can the Bot Connector be told to go wrong, and does it complain of what Teams would not show?"""

import threading
from typing import Any

import pytest
import requests

from bot.sandbox.teams.model import ALERTS
from bot.sandbox.teams.refusing import CODES
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.strict.cards import problems
from tests.sandbox.teams.apps import Bot, card, code, execute, message


def control(teams: TeamsStandIn, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, f"{teams.base_url}/_sandbox/teams/{path}", json=body, timeout=10)


@pytest.mark.parametrize(
    "error", ["BotNotInConversationRoster", "PreconditionFailed", "MessageSizeTooBig", "ServiceError"]
)
def test_each_documented_error_can_be_asked_for(bot: Bot, teams: TeamsStandIn, error: str) -> None:
    asked = {"kind": "error", "methods": "activities.create", "error": error, "count": 1}
    assert control(teams, "PUT", "faults", asked).status_code == 200

    answer = bot.send(ALERTS)

    assert (answer.status_code, code(answer)) == (CODES[error][0], error)
    assert bot.send(ALERTS).status_code == 201
    assert [call["outcome"] for call in control(teams, "GET", "calls").json()][-2:] == [error, "ok"]


def test_a_429_is_told_with_its_window(bot: Bot, teams: TeamsStandIn) -> None:
    teams.misbehave("ratelimited", "activities.create", retry_after=7, count=1)

    answer = bot.send(ALERTS)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize(
    ("kind", "more", "kept"),
    [
        pytest.param("cut", {}, True, id="a cut reply: it was accepted"),
        pytest.param("reset", {"after_accepting": True}, True, id="a reset after it was accepted"),
        pytest.param("reset", {}, False, id="a reset before"),
        pytest.param("hang", {"after_accepting": True}, True, id="no answer, but accepted"),
        pytest.param("hang", {}, False, id="no answer, nothing accepted"),
    ],
)
def test_an_unclear_outcome(bot: Bot, teams: TeamsStandIn, kind: str, more: dict[str, Any], kept: bool) -> None:
    teams.misbehave(kind, "activities.create", count=1, **more)

    with pytest.raises(requests.RequestException):
        bot.send(ALERTS, timeout=0.3)

    assert len(teams.tenant.posts(ALERTS)) == int(kept)


def test_a_message_can_be_accepted_after_the_bot_has_given_up(bot: Bot, teams: TeamsStandIn) -> None:
    accepted = threading.Event()
    teams.tenant.listen(lambda change: accepted.set() if change.kind == "post" else None)
    teams.misbehave("slow", "activities.create", count=1, seconds=0.4)

    with pytest.raises(requests.Timeout):
        bot.send(ALERTS, timeout=0.1)

    assert teams.tenant.posts(ALERTS) == []
    assert accepted.wait(5)


def test_what_overlaps_in_one_conversation_is_refused_with_412(bot: Bot, teams: TeamsStandIn) -> None:
    teams.tenant.switches.takes = 0.3
    answers: list[requests.Response] = []
    both = [threading.Thread(target=lambda: answers.append(bot.send(ALERTS))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert sorted(each.status_code for each in answers) == [201, 412]


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ({"type": "Blink", "text": "x"}, "there is no element 'Blink'"),
        ({"type": "TextBlock", "text": "x", "colour": "good"}, "has no property 'colour'"),
        ({"type": "TextBlock"}, "needs text"),
        ({"type": "TextBlock", "text": "x", "color": "pink"}, "'pink' is none of"),
        ({"type": "Chart.Line", "data": [{"values": [{"x": "1", "y": "2"}]}], "fallback": "drop"}, "must be a number"),
        ({"type": "Chart.Line", "data": [{"values": [{"x": "1", "y": 2}]}]}, "no fallback"),
        ({"type": "Chart.VerticalBar", "data": [], "fallback": "drop"}, "not empty"),
        ({"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": []}]}, "0 cells in 1"),
        ({"type": "Input.Text", "id": "a", "label": "A", "isRequired": True}, "without errorMessage"),
        ({"type": "ActionSet", "actions": [{"type": "Action.Execute", "title": "Go"}]}, "needs verb"),
        ({"type": "ActionSet", "actions": [{"type": "Action.Fly", "title": "Go"}]}, "there is no action"),
        ({"type": "RichTextBlock", "inlines": [{"type": "TextBlock", "text": "x"}]}, "must be text or a TextRun"),
        ({"type": "FactSet", "facts": [{"title": "x"}]}, "needs title and value"),
        ({"type": "Container", "items": [{"type": "TextRun", "text": "x"}]}, "there is no element 'TextRun'"),
    ],
)
def test_a_card_teams_would_not_show_as_it_was_meant_is_taken_and_complained_of(
    bot: Bot, teams: TeamsStandIn, element: dict[str, Any], problem: str
) -> None:
    bot.sent(ALERTS, message(card(element)))

    told = [each["what"] for each in control(teams, "GET", "complaints").json()]
    assert any(problem in each for each in told), told


def test_a_good_card_is_not_complained_of() -> None:
    point = {"x": "10:00", "y": 1}
    good = card(
        {"type": "Container", "style": "attention", "bleed": True, "items": [{"type": "TextBlock", "text": "t"}]},
        {"type": "RichTextBlock", "inlines": ["a ", {"type": "TextRun", "text": "b", "weight": "Bolder"}]},
        {"type": "FactSet", "facts": [{"title": "a", "value": "b"}]},
        {
            "type": "Table",
            "columns": [{"width": 1}],
            "firstRowAsHeader": True,
            "rows": [
                {"type": "TableRow", "cells": [{"type": "TableCell", "items": [{"type": "TextBlock", "text": "x"}]}]}
            ],
        },
        {"type": "Chart.Line", "title": "t", "data": [{"legend": "a", "values": [point]}], "fallback": "drop"},
        {"type": "Image", "url": "https://example.com/a.png", "altText": "a"},
        actions=[execute(), {"type": "Action.Submit", "title": "Open", "data": {"msteams": {"type": "task/fetch"}}}],
        msteams={"width": "full"},
        fallbackText="t",
    )

    assert list(problems(good)) == []


@pytest.mark.parametrize("card_", [None, [], {"type": "AdaptiveCard", "version": "1.5", "body": {}}, {"body": [[[]]]}])
def test_nonsense_for_a_card_is_told_and_nothing_breaks(card_: Any) -> None:
    assert list(problems(card_))


def test_mentions_that_do_not_fit_are_complained_of(bot: Bot, teams: TeamsStandIn) -> None:
    bot.sent(ALERTS, {"type": "message", "text": "<at>Lin</at> look"})

    assert [each.what for each in teams.tenant.complaints()] == ["text: <at>Lin</at> has no mention entity"]
