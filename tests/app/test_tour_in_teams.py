"""The whole tour in the Teams view of a real browser: what Slack can do, in channels, threads, dialogs and a chat."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.core.stats import Pool
from bot.emulator.causes import set_up
from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.model import ALERTS, COLLEAGUE, YOU
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.app.browsing import IN_A_BROWSER, browsing
from tests.app.test_teams import Tenant
from tests.app.test_tour import DAYS, days_before
from tests.running import Running, eventually

pytestmark = IN_A_BROWSER


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser's page, in which no script has failed."""
    complaints: list[str] = []
    with browsing(1100, 1000) as made:
        made.on("pageerror", lambda error: complaints.append(str(error)))
        expect.set_options(timeout=20_000)
        yield made
        expect.set_options(timeout=5_000)
    assert complaints == []


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    """A tenant whose bot knows a full pool and its last days."""
    teams = TeamsStandIn()
    with Emulator() as emulator, Sandbox(teams=teams):
        emulator.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        set_up(emulator.engine)
        made = Tenant(tmp_path, emulator, teams)
        (pool,) = (Pool(each.id, each.name) for each in emulator.engine.pools() if each.name == "pool-full")
        days_before(made.env["DATABASE_URL"], pool)
        bot = Running("run", env=made.env | teams.environment() | {"POOL_STATS_TEAMS__MODE": "bot"})
        try:
            eventually(made.is_ready, what="readiness")
            teams.happening.introduce()
            yield made
        finally:
            assert bot.stop() == 0
        assert "Traceback" not in bot.said


class Chat:
    """What a person does in the page, and a picture of each thing they looked at."""

    def __init__(self, page: Page, shots: Path) -> None:
        self.page = page
        self._shots = shots

    def types(self, words: str) -> None:
        """Send it, past the list of commands that it opens."""
        composer = self.page.locator("textarea[name=composer]")
        composer.fill(words)
        composer.press("Escape")
        composer.press("Enter")
        expect(composer).to_have_value("")

    @property
    def answer(self) -> Locator:
        """What the bot said last."""
        return self.page.locator("#messages > article", has=self.page.locator(".badge")).last

    @property
    def dialog(self) -> Locator:
        """What is open over the conversation."""
        return self.page.get_by_role("dialog")

    def sees(self, name: str) -> None:
        """Keep a picture of it."""
        self.page.screenshot(path=str(self._shots / f"{name}.png"))


def open_page(page: Page, address: str) -> None:
    """Go there, and wait until it hears of changes."""
    page.goto(address)
    page.wait_for_selector("body[data-live]")


def test_ask_understand_act_undo_decide_and_read_it_all_at_home_in_teams(
    tenant: Tenant, page: Page, tmp_path: Path
) -> None:
    chat = Chat(page, tmp_path)
    teams = tenant.teams
    open_page(page, f"{teams.base_url}/teams")
    told_to_others = len(teams.tenant.posts(ALERTS, seen_by=COLLEAGUE))

    # Ask with slash commands, whose answers nobody else sees.
    chat.types("/pool-stats poolfull")
    expect(chat.answer).to_contain_text("Did you mean pool-full")
    chat.answer.get_by_role("button", name="pool-full", exact=True).click()
    expect(chat.answer.get_by_role("table").first).to_contain_text("Running")
    chat.types("/pool-stats pool-full why")
    expect(chat.answer).to_contain_text("no card is free, and the next job asks for 8")
    chat.types("/pool-stats pool-full chart 7d")
    expect(chat.answer).to_contain_text("pool-full, last 7 days")
    expect(chat.answer.locator("path.line").first).to_be_attached()
    expect(chat.answer).to_contain_text("Only you can see this")
    assert len(teams.tenant.posts(ALERTS, seen_by=COLLEAGUE)) == told_to_others
    chat.sees("asked")

    # A mention is answered for all, below the question.
    chat.types("@pool-stats pool-full")
    asked = page.locator("#messages > article.mine").last
    expect(asked.locator(".reply").get_by_role("table").first).to_contain_text("Queue")
    expect(asked).not_to_contain_text("Only you can see this")
    chat.sees("mentioned")

    # Understand: an alert says what, since when, who waits.
    tenant.queue(60)
    alert = page.locator("#messages > article", has_text="long queue in train-a100")
    expect(alert).to_contain_text("Longest waiting, 3 of 60")
    chat.sees("alert")

    # Act; what is filled in wrongly is said in the dialog; and take it back.
    alert.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(alert).to_contain_text("Acknowledged by you", ignore_case=True)
    alert.get_by_label("More actions").first.click()
    alert.get_by_role("button", name="Silence…").click()
    chat.dialog.get_by_label("For how long").fill("soon")
    chat.dialog.get_by_role("button", name="Silence", exact=True).click()
    expect(chat.dialog).to_contain_text("such as 30m")
    expect(chat.dialog.get_by_label("For how long")).to_have_value("soon")
    chat.sees("refused")
    chat.dialog.get_by_label("For how long").fill("45m")
    chat.dialog.get_by_role("button", name="Silence", exact=True).click()
    expect(chat.dialog).to_be_hidden()
    expect(alert).to_contain_text("Silenced warning: long queue in train-a100")
    silenced = alert.locator(".reply.ephemeral", has_text="Silenced until")
    expect(silenced).to_be_visible()
    chat.sees("silenced")
    silenced.get_by_role("button", name="Undo").click()
    expect(alert).to_contain_text("Acknowledged warning: long queue in train-a100")

    # Decide: the dialog says what the rule would have told before it is saved.
    chat.types("/pool-alerts add")
    chat.answer.get_by_role("button", name="Add a rule").click()
    chat.dialog.get_by_role("textbox", name="Name", exact=True).fill("full pool")
    chat.dialog.get_by_role("button", name="Try it").click()
    expect(chat.dialog).to_contain_text("A rule with a fixed limit needs the limit.")
    chat.dialog.get_by_label("Limit").fill("20")
    chat.dialog.get_by_role("textbox", name="Pools").fill("pool-full")
    chat.dialog.get_by_role("button", name="Try it").click()
    expect(chat.dialog).to_contain_text(f"{DAYS} alerts in")
    chat.sees("tried")
    chat.dialog.get_by_role("button", name="Save").click()
    expect(chat.dialog).to_be_hidden()
    expect(chat.answer).to_contain_text("Rule full pool is added")

    chat.types("/pool-digest now")
    digest = page.locator("#messages > article:not(.ephemeral)", has_text="Digest: ")
    expect(digest).to_contain_text("What moved most")
    chat.sees("digest")

    # What is new elsewhere is counted; in the chat with the bot, words are enough.
    personal = page.get_by_role("navigation", name="Conversations").get_by_role("link", name="pool-stats")
    expect(personal).to_contain_text("1 new message")
    personal.click()
    page.wait_for_selector("body[data-live]")
    chat.types("home")
    expect(chat.answer).to_contain_text("long queue in train-a100")
    expect(chat.answer.get_by_role("button", name="Choose my pools")).to_be_visible()
    chat.sees("home")

    assert [each.what for each in teams.tenant.complaints()] == []
    assert "Acknowledged by" in json.dumps([post.body for post in tenant.told()])
    assert teams.tenant.dialog(YOU) is None
