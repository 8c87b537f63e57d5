"""A real browser, for tests that look at pages as people do."""

from collections.abc import Iterator
from contextlib import contextmanager

import needs
from playwright.sync_api import Browser, sync_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks of anybody else fails, and shows as an error.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start the browser; it asks no server but ours."""
    with sync_playwright() as playwright:
        path = needs.chromium()
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
