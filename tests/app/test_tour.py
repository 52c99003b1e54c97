"""The whole tour in a real browser: ask, understand, act and undo, make a rule and a digest, find it all in Home."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.clock import Clock
from bot.core.stats import Pool
from bot.emulator.causes import set_up
from bot.store import samples
from bot.store.engine import open_store, upgrade, writing
from tests.app.browsing import IN_A_BROWSER, browsing
from tests.app.conftest import House
from tests.building import stats
from tests.running import eventually

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.parametrize("house", ["http"], indirect=True),
]

DAYS, QUARTER = 3, timedelta(minutes=15)
QUARTERS = range(DAYS * 96, 3, -1)


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser's page."""
    with browsing(1100, 1000) as made:
        expect.set_options(timeout=20_000)
        yield made
        expect.set_options(timeout=5_000)


def jobs(quarters_ago: int) -> dict[str, int]:
    """Those of the pool then."""
    usual = 5 if quarters_ago < 96 else 1
    return {"Queue": 30 if quarters_ago % 96 in range(8, 12) else usual, "Running": 20}


def days_before(database: str, pool: Pool) -> None:
    """Readings of the last days: an hour of thirty queued jobs in each; else one, and five on the last day."""
    now = Clock().now()
    store = open_store(database)
    try:
        upgrade(store)
        with writing(store) as db:
            samples.save_many(db, (stats(now - number * QUARTER, pool, train=jobs(number)) for number in QUARTERS))
    finally:
        store.dispose()


class Chat:
    """What a person does in the page."""

    def __init__(self, page: Page, shots: Path) -> None:
        self.page = page
        self._shots = shots

    def types(self, words: str) -> None:
        """Type a command into the channel."""
        composer = self.page.locator("textarea[name=composer]")
        composer.fill(words)
        expect(self.page.get_by_role("button", name="Send")).to_be_enabled()
        # It closes the list of commands that what was typed has opened.
        composer.press("Escape")
        composer.press("Enter")
        expect(composer).to_have_value("")

    @property
    def answer(self) -> Locator:
        """What was said last to this person alone."""
        return self.page.locator("article[data-ephemeral]").last

    def sees(self, name: str) -> None:
        """Keep a picture of it."""
        self.page.screenshot(path=str(self._shots / f"{name}.png"))


def test_ask_understand_act_undo_decide_and_read_it_all_in_home(house: House, page: Page, tmp_path: Path) -> None:
    set_up(house.emulator.engine)
    (pool,) = (Pool(each.id, each.name) for each in house.emulator.engine.pools() if each.name == "pool-full")
    days_before(house.env["DATABASE_URL"], pool)
    house.start()
    chat = Chat(page, tmp_path)
    page.goto(house.sandbox.url)
    page.wait_for_selector("body[data-live]")

    # Ask: all pools, why, and the days before.
    chat.types("/pool-stats")
    expect(chat.answer).to_contain_text("Jobs by pool, the worst first")
    expect(chat.answer.get_by_role("table")).to_contain_text("pool-full")
    chat.types("/pool-stats pool-full why")
    expect(chat.answer).to_contain_text("no card is free, and the next job asks for 8")
    chat.types("/pool-stats pool-full chart 7d")
    expect(chat.answer).to_contain_text("pool-full, last 7 days")
    expect(chat.answer).to_contain_text("Queue 1 to 30")
    chat.sees("asked")

    # Understand: an alert says what, since when, who waits, and what is likely.
    house.emulator.set_counts("train-a100", {"train": {"Queue": 60, "Running": 5}})
    (told,) = eventually(house.messages, what="the alert")
    alert = page.locator(f"article[data-ts='{told['ts']}']")
    expect(alert).to_contain_text("Warning: long queue in train-a100")
    expect(alert).to_contain_text("Longest waiting, 3 of 60")
    chat.sees("alert")

    # Act, and take it back.
    alert.get_by_role("button", name="Acknowledge").click()
    expect(alert).to_contain_text("Acknowledged by you")
    expect(chat.answer).to_contain_text("Acknowledged")
    alert.get_by_role("button", name="Silence 2 h").click()
    expect(alert).to_contain_text("Silenced warning: long queue in train-a100")
    chat.answer.get_by_role("button", name="Undo").click()
    expect(chat.answer).to_contain_text("Undone")
    expect(alert).not_to_contain_text("Silenced")
    eventually(lambda: len(house.entries()) >= 3, what="what happened to it, in its thread")

    # Decide: the form says what the rule would have done, and what would make it one a day.
    chat.types("/pool-alerts add")
    form = page.get_by_role("dialog", name="Add a rule")
    form.get_by_label("Name", exact=True).fill("full pool")
    form.get_by_label("Limit", exact=True).fill("20")
    form.get_by_label("Pools").fill("pool-full")
    form.get_by_role("button", name="Try it").click()
    expect(form).to_contain_text(f"{DAYS} alerts in")
    chat.sees("tried")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    expect(chat.answer).to_contain_text("Rule full pool is added")

    # Told every morning.
    chat.types("/pool-digest add 09:00 mon-fri Asia/Shanghai")
    expect(chat.answer).to_contain_text("The digest is planned")
    chat.types("/pool-digest now")
    digest = page.locator("article[data-ts]:not([data-ephemeral])", has_text="Digest: ")
    expect(digest).to_contain_text("What moved most")
    expect(digest).to_contain_text("1 message in this channel")
    chat.sees("digest")

    # All of it in Home.
    page.goto(f"{house.sandbox.url}home")
    page.wait_for_selector("body[data-live]")
    home = page.locator("#home")
    expect(home).to_contain_text("long queue in train-a100")
    expect(home).to_contain_text("Acknowledged by you", ignore_case=True)
    expect(home).to_contain_text("09:00 mon-fri (Asia/Shanghai)")
    chat.sees("home")
    assert house.bot is not None
    assert not [line for line in house.bot.said.splitlines() if " ERROR " in line or " WARNING " in line]
