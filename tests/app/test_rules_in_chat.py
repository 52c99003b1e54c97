"""A rule and a digest are made in chat, in a real browser, and then they work."""

import json
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from bot.clock import Clock
from bot.core.rule_text import parse_rule
from bot.store import rules
from bot.store.engine import open_store, writing
from tests.app.conftest import House
from tests.running import eventually
from tests.sandbox.page.conftest import _ARGUMENTS, _CHROMIUM

http_only = pytest.mark.parametrize("house", ["http"], indirect=True)
socket_only = pytest.mark.parametrize("house", ["socket"], indirect=True)


@pytest.fixture
def page() -> Iterator[Page]:
    if not _CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed ({_CHROMIUM})")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        opened = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        opened.set_default_timeout(20_000)
        yield opened
        chromium.close()


def queue(house: House, jobs: int) -> None:
    """Let so many training jobs wait."""
    house.emulator.set_counts("train-a100", {"train": {"Queue": jobs, "Running": 5}})


def typed(house: House, command: str, text: str) -> None:
    """Type a command in the channel."""
    answer = requests.post(
        f"{house.sandbox.url}_sandbox/command",
        json={"user": "U0000000YOU", "channel": "ml-platform", "command": command, "text": text},
        timeout=10,
    )
    assert answer.ok, answer.text


@pytest.mark.browser
@http_only
def test_a_rule_is_tried_and_kept_in_a_form_and_then_it_fires(house: House, page: Page) -> None:
    house.start()
    page.goto(house.sandbox.url)
    expect(page.locator("body[data-live]")).to_have_count(1, timeout=20_000)
    page.get_by_role("link", name="ml-platform").first.click()
    # The page of the channel is another one: what is typed before it lives is lost.
    expect(page.get_by_role("heading", name="ml-platform", level=1)).to_be_visible(timeout=20_000)
    expect(page.locator("body[data-live]")).to_have_count(1, timeout=20_000)
    page.locator("textarea[name=composer]").fill("/pool-alerts add")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")

    form = page.get_by_role("dialog", name="Add a rule")
    expect(form).to_be_visible(timeout=20_000)
    form.get_by_label("Name", exact=True).fill("any queue")
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_role("alert")).to_contain_text("A rule with a fixed limit needs the limit.")
    form.get_by_label("Limit", exact=True).fill("20")
    form.get_by_role("button", name="Try it").click()
    expect(form).to_contain_text("no alert in", timeout=20_000)
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden(timeout=20_000)
    expect(page.locator("[data-ephemeral]")).to_contain_text("Rule any queue is added", timeout=20_000)

    queue(house, 30)
    (told,) = eventually(house.messages, what="the alert of the new rule")
    assert "any queue" in json.dumps(told)


@socket_only
def test_a_rule_that_another_process_made_or_removed_is_noticed_and_drawn(house: House) -> None:
    house.start()
    engine = open_store(house.env["DATABASE_URL"])
    with writing(engine) as db:
        made = rules.add(db, parse_rule("Queue above 20 called any queue"), by="slack:U1", at=Clock().wall())
    queue(house, 30)
    eventually(house.messages, what="the alert of the new rule")

    typed(house, "/pool-stats", "train-a100 chart 1h")
    limit = "Queue above 20 (any queue)"
    eventually(lambda: limit in json.dumps(house.state()), what="the chart, with the new limit in it")

    with writing(engine) as db:
        rules.change(db, made, made.rule, by="slack:U1", at=Clock().wall(), removed=True)
    eventually(lambda: house.messages()[0]["text"].startswith("Closed"), what="the end of its alert")
    engine.dispose()


@http_only
def test_a_digest_and_a_drill_asked_for_in_chat_stand_in_the_channel(house: House) -> None:
    house.start()
    typed(house, "/pool-digest", "now")
    eventually(lambda: [m for m in house.messages() if "Digest: 1 pool" in json.dumps(m)], what="the digest")
    typed(house, "/pool-alerts", "drill critical")
    eventually(lambda: [m for m in house.messages() if "DRILL: not a real alert" in json.dumps(m)], what="the drill")
