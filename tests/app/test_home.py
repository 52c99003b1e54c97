"""Somebody opens Home in a real browser, acknowledges there, asks in a direct message and by a shortcut."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.browsing import IN_A_BROWSER, browsing
from tests.app.conftest import House
from tests.app.test_run import queue
from tests.running import eventually

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.parametrize("house", ["socket"], indirect=True),
]


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser's page."""
    with browsing(1000, 1100) as made:
        yield made


def test_home_shows_the_alert_and_acknowledges_it_and_a_direct_message_is_answered(
    house: House, page: Page, tmp_path: Path
) -> None:
    house.start()
    queue(house, 60)
    (told,) = eventually(house.messages, what="the alert")
    page.goto(f"{house.sandbox.url}home")
    page.wait_for_selector("body[data-live]")
    home = page.locator("#home")
    expect(home).to_contain_text("Warning: long queue in train-a100", timeout=20_000)
    expect(home.get_by_role("table")).to_contain_text("train-a100")
    page.screenshot(path=str(tmp_path / "home.png"))

    home.get_by_role("button", name="Acknowledge").click()

    expect(home).to_contain_text("Acknowledged by You", ignore_case=True, timeout=20_000)
    expect(home.get_by_role("button", name="Undo")).to_be_visible()
    expect(home.get_by_role("button", name="Unacknowledge")).to_be_visible()
    page.screenshot(path=str(tmp_path / "acknowledged.png"))
    eventually(lambda: house.messages()[0]["text"].startswith("Acknowledged"), what="the alert in its channel")
    assert house.messages()[0]["ts"] == told["ts"]

    page.get_by_role("navigation", name="App").get_by_role("link", name="Messages").click()
    page.wait_for_selector("body[data-live]")
    page.locator("textarea[name=composer]").fill("train-a100 why")
    page.keyboard.press("Enter")
    expect(page.locator("#messages article").last).to_contain_text("train-a100", timeout=20_000)
    page.screenshot(path=str(tmp_path / "direct.png"))

    page.get_by_label("Shortcuts").click()
    page.get_by_role("button", name="Ask about a pool").click()
    form = page.get_by_role("dialog", name="Ask about a pool")
    form.get_by_label("Pool", exact=True).select_option(label="train-a100")
    form.get_by_role("button", name="Ask").click()
    expect(page.locator("#modal")).to_contain_text("Queue", timeout=20_000)
    page.screenshot(path=str(tmp_path / "shortcut.png"))
