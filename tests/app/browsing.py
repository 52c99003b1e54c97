"""A real browser before the demo or a house: Debian's Chromium, quiet about everything else on the network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

_CHROMIUM = Path("/usr/bin/chromium")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not _CHROMIUM.exists(), reason="Chromium is not installed: apt install chromium"),
]


@contextmanager
def browsing(width: int, height: int, *, patience: float = 20.0) -> Iterator[Page]:
    """A page of that size, which waits for what is looked for for so many seconds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=list(_QUIET))
        made = browser.new_page(viewport={"width": width, "height": height})
        made.set_default_timeout(patience * 1000)
        yield made
        browser.close()
