"""A running stand-in with a morning's conversation in it, and a real browser before its page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.sandbox.model import Message
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.sandbox.page.scenes import FakeApp, fill

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]

expect.set_options(timeout=10_000)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def scene(workspace: Workspace) -> dict[str, Message]:
    return fill(workspace)


@pytest.fixture
def site(workspace: Workspace, scene: dict[str, Message]) -> Iterator[Sandbox]:
    assert scene
    with Sandbox(workspace=workspace, banner="Replaying a recorded cluster; try /pool-stats") as running:
        yield running


@pytest.fixture
def app(site: Sandbox, workspace: Workspace) -> FakeApp:
    assert site.url
    return FakeApp(workspace)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not _CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed ({_CHROMIUM})")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, app: FakeApp) -> Iterator[Page]:
    """A page of the stand-in's size on a desk; anything the browser complains about fails the test."""
    assert app.got == []
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert complaints == []
