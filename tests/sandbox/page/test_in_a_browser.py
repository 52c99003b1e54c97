"""The chat page as somebody uses it, in a real Chromium."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.model import BOT, BOT_ID, COLLEAGUE, YOU, Message
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.sandbox.page.scenes import ONCALL, PLATFORM, FakeApp, alert, button, plain

pytestmark = pytest.mark.browser


def show(page: Page, site: Sandbox, path: str = "") -> None:
    """Open an address of the page and wait until its line to the server is there."""
    page.goto(f"{site.url.rstrip('/')}/{path}")
    expect(page.locator("body[data-live]")).to_have_count(1)


def message(ts: str) -> str:
    return f"article[data-ts='{ts}']"


def test_a_command_is_completed_and_answered_for_the_asker_alone(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site)
    composer = page.locator("textarea[name=composer]")

    composer.press_sequentially("/pool")
    expect(page.locator("#completions").get_by_role("option")).to_have_count(3)
    composer.press("ArrowDown")
    expect(page.locator("#completions").get_by_role("option", selected=True)).to_contain_text("/pool-alerts")
    composer.press("ArrowUp")
    composer.press("Tab")
    expect(composer).to_have_value("/pool-stats ")
    expect(page.locator("#completions").get_by_role("option")).to_contain_text("[pool]")
    composer.press_sequentially("train-a100")
    composer.press("Enter")

    answer = page.locator("[data-ephemeral]")
    expect(answer).to_contain_text("Only visible to you")
    expect(answer.locator("tbody tr")).to_have_count(4)
    expect(answer).to_be_in_viewport()
    expect(composer).to_have_value("")
    assert app.got[-1][1]["text"] == "train-a100"


def test_escape_closes_the_completion_and_enter_then_sends(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site)
    composer = page.locator("textarea[name=composer]")

    composer.press_sequentially("/pool-stats")
    composer.press("Escape")
    expect(page.locator("#completions")).to_be_hidden()
    composer.press("Enter")

    expect(page.locator("[data-ephemeral]")).to_have_count(1)
    assert app.got[-1][1]["command"] == "/pool-stats"


def test_a_pressed_button_replaces_the_answer_in_place(page: Page, site: Sandbox) -> None:
    show(page, site)
    page.locator("textarea[name=composer]").fill("/pool-stats train-a100")
    page.keyboard.press("Enter")
    answer = page.locator("[data-ephemeral]")
    expect(answer).to_contain_text("43 queued")

    answer.locator("button[data-action-id=refresh]").click()

    expect(answer).to_contain_text("8 queued")
    expect(answer).to_have_count(1)
    expect(answer.locator("button[data-action-id=refresh]")).not_to_have_attribute("aria-busy", "true")


def test_an_answer_can_be_dismissed(page: Page, site: Sandbox) -> None:
    show(page, site)
    page.locator("textarea[name=composer]").fill("/pool-stats")
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Dismiss").click()

    expect(page.locator("[data-ephemeral]")).to_have_count(0)


def test_a_live_message_arrives_is_updated_in_place_and_goes(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site, f"c/{ONCALL}")

    fired = workspace.post(alert(1_790_000_000))
    article = page.locator(message(fired.ts))
    expect(article).to_contain_text("Firing")
    expect(page.locator("#announcer")).to_contain_text("Message from Pool Stats: Queue spike")
    where = page.locator("#messages article").evaluate_all("all => all.map(each => each.dataset.ts)")

    resolved = alert(1_790_000_000, resolved=True)
    workspace.change(replace(fired, text=resolved.text, attachments=resolved.attachments))
    expect(article).to_contain_text("Resolved")
    expect(article).not_to_contain_text("Firing")
    assert page.locator("#messages article").evaluate_all("all => all.map(each => each.dataset.ts)") == where

    workspace.delete(ONCALL, fired.ts)
    expect(article).to_have_count(0)


def test_a_message_elsewhere_is_counted_until_it_is_seen(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site)

    workspace.post(alert(1_790_000_000))
    workspace.post(alert(1_790_000_000))

    room = page.locator(f"#sidebar a[href='/c/{ONCALL}']")
    expect(room.locator(".unread")).to_have_text("2")
    room.click()
    expect(page.locator("h1")).to_have_text("ml-oncall")
    expect(page.locator("#sidebar .unread")).to_have_count(0)


def test_a_thread_opens_beside_and_takes_a_reply(
    page: Page, site: Sandbox, workspace: Workspace, scene: dict[str, Message]
) -> None:
    show(page, site)
    root = scene["root"].ts

    page.locator(f".replies[data-thread='{root}']").click()
    thread = page.locator("#thread")
    expect(thread.locator("article")).to_have_count(3)
    expect(page.locator("textarea[name=reply]")).to_be_focused()
    page.keyboard.type("on it")
    page.keyboard.press("Enter")

    expect(thread.locator("article").last).to_contain_text("on it")
    expect(page.locator(f".replies[data-thread='{root}']")).to_contain_text("3 replies")
    workspace.post(Message(PLATFORM, "", BOT, "resolved", thread_ts=root, bot_id=BOT_ID))
    expect(thread.locator("article").last).to_contain_text("resolved")
    page.keyboard.press("Escape")
    expect(thread).to_be_hidden()


def test_a_modal_is_filled_in_refused_and_submitted(
    page: Page, site: Sandbox, scene: dict[str, Message], app: FakeApp
) -> None:
    show(page, site, f"c/{ONCALL}")

    page.locator(f"{message(scene['alert'].ts)} button[data-action-id=silence]").click()
    modal = page.get_by_role("dialog", name="Silence an alert")
    expect(modal).to_be_visible()
    modal.locator("select").select_option("4h")
    modal.get_by_role("button", name="Silence").click()
    expect(modal.get_by_role("alert")).to_have_text("This is a required field")
    modal.get_by_label("Why").fill("because")
    modal.get_by_label("the channel").check()
    modal.get_by_role("button", name="Silence").click()
    expect(modal.get_by_role("alert")).to_have_text("Say a little more than that.")
    expect(modal.locator("select")).to_have_value("4h")
    modal.get_by_label("Why").fill("planned maintenance")
    modal.get_by_role("button", name="Silence").click()

    expect(modal).to_be_hidden()
    expect(page.locator("article").last).to_contain_text("Silenced: planned maintenance")
    values = next(each for kind, each in reversed(app.got) if kind == "interactive")["view"]["state"]["values"]
    assert values["for"]["duration"]["selected_option"]["value"] == "4h"
    assert [each["value"] for each in values["who"]["tell"]["selected_options"]] == ["channel"]


def test_escape_closes_a_modal(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site, f"c/{ONCALL}")
    page.locator("button[data-action-id=silence]").click()
    expect(page.locator("#modal")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#modal")).to_be_hidden()
    assert workspace.modals(YOU) == []


def test_a_press_that_must_be_confirmed_is_sent_only_then(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site, f"c/{ONCALL}")
    resolve = page.locator("button[data-action-id=resolve]")

    resolve.click()
    sure = page.get_by_role("dialog", name="Resolve this alert?")
    expect(sure).to_contain_text("The queue is still long.")
    sure.get_by_role("button", name="Keep it").click()
    expect(sure).to_be_hidden()
    assert app.got == []
    resolve.click()
    sure.get_by_role("button", name="Resolve").click()

    expect(page.locator("#messages article")).to_contain_text("Resolved")


def test_a_select_and_a_menu_send_what_was_chosen(
    page: Page, site: Sandbox, workspace: Workspace, app: FakeApp
) -> None:
    show(page, site)
    answer = page.locator("article", has=page.locator("[data-action-id=window]"))

    with page.expect_response("**/page/press"):
        answer.locator("select[data-action-id=window]").select_option("7d")
    answer.get_by_label("More actions").click()
    with page.expect_response("**/page/press"):
        answer.get_by_role("button", name="Why?").click()

    actions = [payload["actions"][0] for _, payload in app.got]
    assert [each["selected_option"]["value"] for each in actions] == ["7d", "why"]
    assert workspace.modals(YOU) == []


def test_the_home_tab_is_published_and_drawn(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site, "home")

    expect(page.get_by_role("heading", name="Your pools")).to_be_visible()
    with page.expect_response("**/page/press"):
        page.locator("#home button[data-action-id=show]").first.click()

    payload = app.got[-1][1]
    assert (payload["view"]["type"], payload["actions"][0]["value"]) == ("home", "train-a100")


def test_a_command_the_app_does_not_acknowledge_says_what_slack_says(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site)
    app.broken = "operation_timeout"

    page.locator("textarea[name=composer]").fill("/pool-stats train-a100")
    page.keyboard.press("Enter")

    told = page.locator("[data-ephemeral]")
    expect(told).to_contain_text('/pool-stats failed with the error "operation_timeout"')
    expect(told).to_contain_text("Slackbot")


def test_a_press_the_app_does_not_acknowledge_is_told_at_the_button(page: Page, site: Sandbox, app: FakeApp) -> None:
    show(page, site, f"c/{ONCALL}")
    app.broken = "operation_timeout"

    page.locator("button[data-action-id=ack]").click()

    expect(page.locator("article").get_by_role("alert")).to_have_text("We had some trouble connecting. Try again?")


def test_hostile_names_stay_text_in_the_live_page(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site)
    hostile = "\"><img src=x onerror=document.title='owned'><script>document.title='owned'</script>"

    blocks = ({"type": "header", "text": plain(hostile)},
              {"type": "actions", "block_id": "b", "elements": [button(hostile, hostile, value=hostile)]})  # fmt: skip
    sent = workspace.post(Message(PLATFORM, "", BOT, hostile, blocks=blocks, bot_id=BOT_ID))

    article = page.locator(message(sent.ts))
    expect(article.locator("h3")).to_have_text(hostile)
    expect(article.locator("img")).to_have_count(0)
    expect(page).to_have_title(re.compile("ml-platform"))


def test_typed_markup_is_shown_as_typed(page: Page, site: Sandbox) -> None:
    show(page, site)

    page.locator("textarea[name=composer]").fill("a < b && <script>alert(1)</script> &amp;")
    page.keyboard.press("Enter")

    last = page.locator("#messages article").last
    expect(last.locator(".text")).to_have_text("a < b && <script>alert(1)</script> &amp;")


def test_dates_are_shown_in_the_readers_own_time(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site)

    sent = workspace.post(Message(PLATFORM, "", COLLEAGUE, "<!date^1700000000^{date_num} at {time}|then>"))

    expected = page.evaluate("new Date(1700000000000).toLocaleTimeString([], {hour: 'numeric', minute: '2-digit'})")
    expect(page.locator(f"{message(sent.ts)} .text")).to_have_text(f"2023-11-14 at {expected}")


def test_what_was_missed_while_the_line_was_cut_is_there_afterwards(
    page: Page, site: Sandbox, workspace: Workspace
) -> None:
    show(page, site)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    workspace.post(Message(PLATFORM, "", COLLEAGUE, "said meanwhile"))
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator("#messages article").last).to_contain_text("said meanwhile")


@pytest.mark.parametrize("path", ["", f"c/{ONCALL}", "home"])
def test_a_phone_needs_no_sideways_scrolling(page: Page, site: Sandbox, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, site, path)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("#sidebar")).not_to_be_in_viewport()
    page.get_by_role("button", name="Conversations").click()
    expect(page.locator("#sidebar a").first).to_be_in_viewport()


def test_everything_is_loaded_from_here(page: Page, site: Sandbox) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    show(page, site)

    assert asked
    assert [url for url in asked if not url.startswith(site.url)] == []


_NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, [role=img]")]
    .filter((each) => each.checkVisibility({visibilityProperty: true}))
    .filter((each) => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length))
    .map((each) => each.outerHTML)"""


def test_an_attachments_colour_is_as_high_as_its_text(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site)
    said = ({"color": "#2f9e6b", "text": "one line"},)
    sent = workspace.post(Message(PLATFORM, "", BOT, "", attachments=said, bot_id=BOT_ID))

    bar, words = (page.locator(f"{message(sent.ts)} {each}") for each in (".bar", ".attachment .text"))
    expect(bar.locator("rect")).to_have_attribute("fill", "#2f9e6b")
    seen, read = bar.bounding_box(), words.bounding_box()
    assert seen is not None
    assert read is not None
    assert seen["height"] == pytest.approx(read["height"], abs=2)


@pytest.mark.parametrize("path", ["", f"c/{ONCALL}", "home"])
def test_every_control_has_a_name(page: Page, site: Sandbox, path: str) -> None:
    show(page, site, path)

    assert page.evaluate(_NAMELESS) == []


def test_a_data_table_is_sorted_and_paged(page: Page, site: Sandbox, workspace: Workspace) -> None:
    show(page, site)
    names = ["delta", "alpha", "charlie", "bravo"]
    rows = [[{"type": "raw_text", "text": name}, {"type": "raw_number", "value": len(name) * 3}] for name in names]
    head = [{"type": "raw_text", "text": "Pool"}, {"type": "raw_text", "text": "Jobs"}]
    table = {"type": "data_table", "caption": "Pools", "page_size": 2, "rows": [head, *rows]}
    sent = workspace.post(Message(PLATFORM, "", BOT, "pools", blocks=(table,), bot_id=BOT_ID))

    shown = page.locator(f"{message(sent.ts)} tbody tr:visible th")
    expect(shown).to_have_text(["delta", "alpha"])
    page.get_by_role("button", name="Next").click()
    expect(shown).to_have_text(["charlie", "bravo"])
    page.get_by_role("button", name="Pool", exact=True).click()
    expect(shown).to_have_text(["alpha", "bravo"])
    page.get_by_role("button", name="Jobs", exact=True).click()
    page.get_by_role("button", name="Jobs", exact=True).click()
    expect(shown.first).to_have_text("charlie")
