"""Somebody silences an alert in a real browser: the menu, the form, what it shows, and the way back."""

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
    with browsing(1000, 900) as made:
        yield made


def test_an_alert_is_silenced_by_a_form_shows_that_and_undo_brings_it_back(
    house: House, page: Page, tmp_path: Path
) -> None:
    house.start()
    queue(house, 60)
    (told,) = eventually(house.messages, what="the alert")
    page.goto(house.sandbox.url)
    page.wait_for_selector("body[data-live]")
    alert = page.locator(f"article[data-ts='{told['ts']}']")
    expect(alert).to_contain_text("Warning: long queue in train-a100")

    alert.get_by_label("More actions").click()
    alert.get_by_role("button", name="Silence…").click()
    form = page.get_by_role("dialog", name="Silence alerts")
    expect(form).to_be_visible()
    expect(form.get_by_label("Pools")).to_have_value("train-a100")
    expect(form.get_by_label("Rule")).to_have_value("long queue")
    form.get_by_label("For how long").fill("soon")
    form.get_by_label("Reason").fill("new driver")
    page.screenshot(path=str(tmp_path / "form.png"))
    form.get_by_role("button", name="Silence", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("such as 30m")
    form.get_by_label("For how long").fill("45m")
    form.get_by_role("button", name="Silence", exact=True).click()

    expect(form).to_be_hidden()
    expect(alert).to_contain_text("Silenced warning: long queue in train-a100")
    answer = page.locator("article[data-ephemeral]").last
    expect(answer).to_contain_text("Silenced until")
    page.screenshot(path=str(tmp_path / "silenced.png"))
    answer.get_by_role("button", name="Undo").click()

    expect(answer).to_contain_text("Undone")
    expect(alert).not_to_contain_text("Silenced")
    expect(alert).to_contain_text("Warning: long queue in train-a100")
    assert any("new driver" in entry["text"] for entry in house.entries())
