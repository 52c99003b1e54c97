"""The page of Teams as somebody uses it, in a real Chromium, with an app behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.sandbox.teams.model import ALERTS
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Received, listening
from tests.sandbox.teams.apps import CARD, Bot, card, execute, message

pytestmark = pytest.mark.browser

_CHROMIUM = Path("/usr/bin/chromium")
_CELL = {"type": "TableCell", "items": [{"type": "TextBlock", "text": "Queue"}]}
_ALERT = card(
    {"type": "TextBlock", "text": "Queue is long", "style": "heading"},
    {"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": [_CELL]}]},
    {
        "type": "Chart.Line",
        "title": "Queue",
        "data": [{"legend": "Queue", "values": [{"x": f"1{n}:00", "y": n * n} for n in range(6)]}],
        "fallback": "drop",
    },
    actions=[
        execute("ack", "Acknowledge", style="positive"),
        {"type": "Action.Submit", "title": "Silence", "data": {"msteams": {"type": "task/fetch"}}},
    ],
)
_FORM = card(
    {
        "type": "Input.ChoiceSet",
        "id": "for",
        "label": "For",
        "value": "1h",
        "choices": [{"title": "1 hour", "value": "1h"}, {"title": "4 hours", "value": "4h"}],
    },
    {"type": "Input.Text", "id": "why", "label": "Why", "isRequired": True, "errorMessage": "Say why."},
    {"type": "Input.Toggle", "id": "tell", "title": "Tell the channel"},
    actions=[{"type": "Action.Submit", "title": "Save", "data": {"subject": "7"}}],
)


class App:
    """Answers every command with a card for the asker alone, and every press as the demo's bot would."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.got: list[dict[str, Any]] = []

    def take(self, received: Received) -> tuple[int, dict[str, str], bytes]:
        activity = json.loads(received.body)
        self.got.append(activity)
        return 200, {"content-type": "application/json"}, json.dumps(self._answer(activity)).encode()

    def _answer(self, activity: dict[str, Any]) -> Any:
        match activity.get("name") or activity["type"]:
            case "adaptiveCard/action":
                done = card({"type": "TextBlock", "text": "Acknowledged"})
                self.bot.update(ALERTS, activity["replyToId"], message(done))
                return {"statusCode": 200, "type": CARD, "value": done}
            case "task/fetch":
                value = {"title": "Silence", "card": {"contentType": CARD, "content": _FORM}}
                return {"task": {"type": "continue", "value": value}}
            case "message" if activity["recipient"].get("isTargeted"):
                answer = message(card({"type": "TextBlock", "text": "12 jobs wait"}), recipient=activity["from"])
                path = f"conversations/{activity['conversation']['id']}/activities?isTargetedActivity=true"
                self.bot.ask("POST", path, answer)
        return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not _CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed ({_CHROMIUM})")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, teams: TeamsStandIn) -> Iterator[Page]:
    """A page that is closed before the tenant that it looks at."""
    assert teams.base_url
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield opened
    opened.close()
    assert complaints == []


def test_a_card_is_drawn_pressed_and_a_dialog_filled_in(page: Page, teams: TeamsStandIn, bot: Bot) -> None:
    app = App(bot)
    with listening(app.take) as served:
        teams.app_url = served.url
        page.goto(f"{teams.base_url}/teams")
        expect(page.locator("body[data-live]")).to_have_count(1)

        first = bot.sent(ALERTS, message(_ALERT))
        shown = page.locator(f"[data-card='{first}']")
        expect(shown.locator("table.ac-table")).to_contain_text("Queue")
        expect(shown.locator("svg.narrow path.line")).to_be_visible()

        shown.get_by_role("button", name="Silence").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("For").select_option("4h")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_role("alert").filter(has_text="Say why.")).to_be_visible()
        expect(dialog.get_by_label("For")).to_have_value("4h")
        dialog.get_by_label("Why").fill("planned work")
        dialog.get_by_label("Tell the channel").check()
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()
        sent = app.got[-1]["value"]["data"]
        assert sent == {"subject": "7", "for": "4h", "why": "planned work", "tell": "true"}

        shown.get_by_role("button", name="Acknowledge").click()
        expect(shown).to_contain_text("Acknowledged")
        expect(page.locator(f"article[data-id='{first}'] .edited")).to_have_text("Edited")

        composer = page.locator("textarea[name=composer]")
        composer.press_sequentially("/pool-s")
        expect(page.locator("#completions").get_by_role("option")).to_have_count(1)
        composer.press("Tab")
        composer.press_sequentially("train")
        composer.press("Enter")
        expect(page.locator("article.ephemeral").last).to_contain_text("12 jobs wait")
        assert app.got[-1]["text"] == "pool-stats train"

        page.get_by_role("link", name="Slack").click()
        expect(page.get_by_role("link", name="Teams")).to_be_visible()
