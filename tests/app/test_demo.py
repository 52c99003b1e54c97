"""`pool-stats demo`, as a newcomer sees it: in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.browsing import IN_A_BROWSER, browsing
from tests.running import Running, environment, eventually, running

pytestmark = IN_A_BROWSER


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser's page."""
    with browsing(1280, 900, patience=30) as made:
        yield made


def address(demo: Running) -> str:
    """Where the demo says its page is."""
    line = eventually(lambda: next(iter(demo.out), ""), within=90, what="the page's address")
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found is not None, line
    return found[0]


def test_a_newcomer_asks_sees_the_table_refreshes_and_sees_a_spike_arrive_and_resolve(
    tmp_path: Path, page: Page
) -> None:
    with running("demo", "--no-browser", "--speed", "400", env=environment(tmp_path)) as demo:
        url = address(demo)
        page.goto(url)
        page.wait_for_selector("body[data-live]")

        composer = page.locator("textarea[name=composer]")
        composer.fill("/pool-stats theta")
        composer.press("Enter")
        answer = page.locator("article[data-ephemeral]").first
        expect(answer.locator("table.cells").first).to_contain_text("Running")
        assert answer.locator("table.cells").first.locator("tr").count() == 11

        before = answer.inner_text()
        answer.locator("button", has_text="Refresh").click()
        expect(answer).not_to_have_text(before, timeout=15_000)
        expect(answer.locator("table.cells").first).to_contain_text("Running")

        alert = page.locator("article[data-ts]:not([data-ephemeral])", has_text="queue spike in earth-vc6ye")
        expect(alert).to_be_visible(timeout=60_000)
        told_at = alert.get_attribute("data-ts")
        expect(alert).to_contain_text("usual here")
        resolved = page.locator(f"article[data-ts='{told_at}']", has_text="Resolved")
        expect(resolved).to_be_visible(timeout=120_000)
        expect(page.locator(f".replies[data-thread='{told_at}']")).to_be_visible()

        assert demo.stop() == 0
        assert demo.said == ""


def test_at_the_default_speed_the_first_spike_arrives_within_a_minute(tmp_path: Path, page: Page) -> None:
    with running("demo", "--no-browser", env=environment(tmp_path)) as demo:
        url = address(demo)
        page.goto(url)
        alert = page.locator("article[data-ts]:not([data-ephemeral])", has_text="queue spike")

        expect(alert).to_be_visible(timeout=60_000)

        page.goto(f"{url}teams")
        told = page.locator("article[data-ts]:not([data-ephemeral])", has_text="queue spike")
        expect(told).to_be_visible(timeout=10_000)
        expect(told.get_by_role("button", name="Acknowledge")).to_be_visible()
