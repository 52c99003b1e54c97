"""Do cards and messages look as Teams shows them, and is everything from outside only text?"""

from typing import Any

import pytest
import requests

from bot.sandbox.page.tags import Html
from bot.sandbox.page.teams.card import draw
from bot.sandbox.page.teams.inputs import Filling
from bot.sandbox.page.teams.text import markdown, message, run
from bot.sandbox.teams.model import ALERTS, CHAT, COLLEAGUE, YOU
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Clock
from tests.sandbox.teams.apps import Bot, card, execute
from tests.sandbox.teams.apps import message as activity


def drawn(*body: dict[str, Any], **more: Any) -> Html:
    return draw(card(*body, **more), Filling("test"))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and _thin_", "<b>bold</b> and <i>thin</i>"),
        (r"\*\*no\*\* \[x\](http://a.example)", "**no** [x](http://a.example)"),
        ("[x](javascript:alert)", "x"),
        ("<b>hi</b> & <script>", "&lt;b&gt;hi&lt;/b&gt; &amp; &lt;script&gt;"),
        ("# no heading", "# no heading"),
        ("- one\n- two", "<ul><li>one</li></ul><ul><li>two</li></ul>"),
        ("{{DATE(nonsense)}}", "{{DATE(nonsense)}}"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_the_markdown_teams_knows_and_nothing_else(text: str, html: str) -> None:
    assert markdown(text) == html


def test_dates_are_drawn_for_the_reader_in_blocks_and_in_runs() -> None:
    for draw_text in (markdown, run):
        html = draw_text("since {{DATE(2026-03-02T14:02:12Z,SHORT)}} {{TIME(2026-03-02T14:02:12Z)}}")
        assert html.count("<time") == 2
        assert 'data-seconds="1772460132"' in html
        assert 'data-form="{time}"' in html
    assert "**" in run("**not bold**")


def test_a_mention_stands_out_and_other_tags_are_text() -> None:
    html = message("<at>pool-stats</at> <b>x</b>", "plain")

    assert '<span class="mention">pool-stats</span>' in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "Chart.Line", "data": [{"legend": "a", "values": [{"x": "1", "y": 3}]}]},
        {"type": "Chart.VerticalBar", "data": [{"x": "a", "y": 3}]},
        {"type": "Chart.VerticalBar.Grouped", "data": [{"legend": "a", "values": [{"x": "1", "y": 3}]}]},
        {"type": "Chart.HorizontalBar", "data": [{"x": "a", "y": 3}]},
        {"type": "Chart.HorizontalBar.Stacked", "data": [{"title": "t", "data": [{"legend": "a", "value": 3}]}]},
        {"type": "Chart.Donut", "data": [{"legend": "a", "value": 3}]},
        {"type": "Chart.Pie", "data": [{"legend": "a", "value": 3}]},
        {"type": "Chart.Gauge", "value": 3, "max": 10},
    ],
    ids=lambda kind: kind["type"],
)
def test_each_chart_is_drawn_and_one_without_numbers_gives_its_fallback(kind: dict[str, Any]) -> None:
    words = {"type": "TextBlock", "text": "the words"}

    assert "<svg" in drawn({**kind, "title": "Jobs", "fallback": words})
    assert "the words" in drawn({"type": kind["type"], "title": "Jobs", "fallback": words})


def test_what_teams_does_not_know_is_replaced_dropped_or_named() -> None:
    words = {"type": "TextBlock", "text": "instead"}

    assert "instead" in drawn({"type": "Blink", "fallback": words})
    assert "Blink" not in drawn({"type": "Blink", "fallback": "drop"})
    assert "Blink is left out" in drawn({"type": "Blink"})


def test_nothing_on_a_card_becomes_markup() -> None:
    evil = "<script>alert(1)</script>"
    cell = {"type": "TableCell", "items": [{"type": "TextBlock", "text": evil}]}
    html = drawn(
        {"type": "TextBlock", "text": evil, "color": evil, "id": evil, "spacing": evil},
        {"type": "RichTextBlock", "inlines": [evil, {"type": "TextRun", "text": evil, "size": evil}]},
        {"type": "FactSet", "facts": [{"title": evil, "value": evil}]},
        {"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": [cell], "style": evil}]},
        {"type": "Chart.HorizontalBar", "title": evil, "data": [{"x": evil, "y": 1}]},
        {"type": "Input.ChoiceSet", "id": evil, "label": evil, "choices": [{"title": evil, "value": evil}]},
        {"type": "Image", "url": f"https://example.com/{evil}", "altText": evil},
        {"type": evil},
        actions=[execute(title=evil), {"type": "Action.OpenUrl", "title": evil, "url": "javascript:alert(1)"}],
    )

    assert "<script" not in html
    assert "javascript:" not in html
    assert html.count("&lt;script&gt;") >= 10


def test_a_card_nested_without_end_is_cut_off() -> None:
    deep: dict[str, Any] = {"type": "TextBlock", "text": "bottom"}
    for _ in range(60):
        deep = {"type": "Container", "items": [deep]}

    assert "bottom" not in drawn(deep)


def test_buttons_know_their_action_and_secondary_ones_stand_in_a_menu() -> None:
    html = drawn(actions=[execute("a", "First"), execute("b", "Second", mode="secondary"), execute("c", "Third")])

    assert html.index('data-press="0"') < html.index('data-press="2"') < html.index('data-press="1"')
    assert html.index("overflow") < html.index('data-press="1"')


def test_the_page_shows_to_each_what_is_theirs(teams: TeamsStandIn, bot: Bot) -> None:
    root = bot.sent(ALERTS)
    bot.sent(f"{ALERTS};messageid={root}", activity(card({"type": "TextBlock", "text": "in the thread"})))
    bot.update(ALERTS, root, {"type": "message", "text": "edited & changed"})
    path = f"conversations/{ALERTS}/activities?isTargetedActivity=true"
    bot.ask("POST", path, {"type": "message", "text": "for you", "recipient": {"id": YOU}})
    bot.ask("POST", path, {"type": "message", "text": "for Lin", "recipient": {"id": COLLEAGUE}})

    page = requests.get(f"{teams.base_url}/teams/c/{ALERTS}", timeout=10).text
    thread = requests.get(f"{teams.base_url}/teams/c/{ALERTS}?thread={root}", timeout=10).text

    assert "edited &amp; changed" in page
    assert ">Edited<" in page
    assert "1 reply" in page
    # As in Teams the last replies stand below what they answer.
    assert page.index("edited &amp; changed") < page.index("1 reply") < page.index("in the thread")
    assert "for you" in page
    assert "Only you can see this" in page
    assert "for Lin" not in page
    assert "in the thread" in thread
    assert requests.get(f"{teams.base_url}/teams/c/19:nowhere", timeout=10).status_code == 404
    assert 'href="/teams"' in requests.get(f"{teams.base_url}/", timeout=10).text


def test_an_older_client_shows_what_stands_in_for_charts_and_for_whole_cards(teams: TeamsStandIn, bot: Bot) -> None:
    words = {"type": "TextBlock", "text": "12 wait"}
    chart = {"type": "Chart.Line", "title": "Queue", "data": [{"legend": "a", "values": [{"x": "1", "y": 3}]}]}
    bot.sent(ALERTS, activity(card({**chart, "fallback": words}, fallbackText="Queue is **long**")))

    def shown_as(client: str) -> str:
        said = requests.post(f"{teams.base_url}/teams/do/client", json={"client": client}, timeout=10)
        assert said.json()["error"] == ""
        return requests.get(f"{teams.base_url}/teams", timeout=10).text

    assert "12 wait" not in (page := shown_as("newest"))
    assert 'class="line' in page
    assert "12 wait" in (page := shown_as("without-charts"))
    assert 'class="line' not in page
    assert "12 wait" not in (page := shown_as("older"))
    assert "Queue is <b>long</b>" in page
    wrong = requests.post(f"{teams.base_url}/teams/do/client", json={"client": "mine"}, timeout=10)
    assert wrong.json()["error"] == "there is no such client"


def test_what_is_new_in_a_conversation_is_counted_until_it_is_looked_at(
    teams: TeamsStandIn, bot: Bot, clock: Clock
) -> None:
    url = f"{teams.base_url}/teams"
    clock.ahead += 1
    bot.sent(CHAT)
    bot.sent(CHAT)

    assert ", 2 new messages<" in requests.get(url, timeout=10).text
    assert "new message" not in requests.get(f"{url}/c/{CHAT}", timeout=10).text
    assert "new message" not in requests.get(url, timeout=10).text
    clock.ahead += 1
    bot.sent(CHAT)
    assert ", 1 new message<" in requests.get(url, timeout=10).text


def test_what_teams_would_not_show_is_listed(teams: TeamsStandIn, bot: Bot) -> None:
    bot.sent(CHAT, activity(card({"type": "<Blink>"})))

    assert "1 things" not in requests.get(f"{teams.base_url}/teams", timeout=10).text
    listed = requests.get(f"{teams.base_url}/teams/complaints", timeout=10).text
    assert "there is no element &#x27;&lt;Blink&gt;&#x27;" in listed
