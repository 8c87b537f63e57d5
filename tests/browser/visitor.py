"""Somebody at a screen: a browser of its own, a language, a width, and what must never happen.

No request goes to another host, no script fails, nothing breaks the content security policy, and
the page is never wider than the screen. Whatever of that happened is in `complaints`, which the
fixture that made the visitor asserts to be empty.
"""

import json
import time
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from browser.town import PATIENCE_S, Town
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

WIDE, NARROW = 1280, 390
"""Widths of a desktop's window and of a telephone, CSS pixels."""
_HEIGHTS = {WIDE: 900, NARROW: 844}

TAGS = {"zh": "zh-CN", "en": "en-GB"}
Language = Literal["zh", "en"]

_BEHIND = """(() => {
  const Machine = Date, behind = BEHIND_MS;
  globalThis.Date = class extends Machine {
    constructor(...parts) { parts.length ? super(...parts) : super(Machine.now() - behind); }
    static now() { return Machine.now() - behind; }
  };
})()"""
"""The town's time, also in the browser."""

_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_VIOLATIONS = """() => axe.run({resultTypes: ["violations"]}).then(({violations}) =>
  violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map((n) => n.html).slice(0, 3)}`))
"""


class Visitor:
    """A person with a browser.

    Attributes:
        page: what is on the screen.
        town: the city whose portal it is.
        language: in which the person reads.
        complaints: what should not have happened.

    """

    def __init__(
        self, context: BrowserContext, town: Town, language: Language, album: Path
    ) -> None:
        """Open an empty page; pictures go to the folder `album`."""
        self.town, self.language = town, language
        self.complaints: list[str] = []
        self._album = album
        self._expected: set[int] = set()
        context.add_init_script(_BEHIND.replace("BEHIND_MS", str(town.behind_ms)))
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._watch)
        self.page.on("response", self._judge)

    def goto(self, path: str, status: int = 200) -> Page:
        """Open a page of the portal: a path behind the language."""
        self._expected = {status}
        answer = self.page.goto(f"{self.town.url}/{self.language}/{path}")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def follow(self, name: str) -> Page:
        """Follow the first link of a name."""
        self.page.get_by_role("link", name=name).first.click()
        return self.page

    def sign_in(self, key: str) -> None:
        """Sign in as whoever runs `sunledger session` beside and pastes what it prints."""
        page = self.goto("session")
        command = page.locator("code").first.inner_text().split()
        nonce, host = (command[command.index(option) + 1] for option in ("--nonce", "--host"))
        page.locator("#note").fill(self.town.session_note(key, nonce, host))
        page.locator("form:has(#note) button").click()
        page.locator("form[action$='/session/end']").wait_for()

    def await_text(self, path: str, text: str, within: str = "main") -> None:
        """Open a page, again and again, until it says something: a kept page may be a second old.

        Raises:
            AssertionError: it does not; what it says instead stands in the error.

        """
        until = time.monotonic() + PATIENCE_S
        while text not in (said := "".join(self.goto(path).locator(within).all_inner_texts())):
            assert time.monotonic() < until, f"{text!r} is not in {said!r}"
            time.sleep(0.2)

    def heading(self) -> str:
        """Return the page's heading."""
        return self.page.locator("h1").inner_text()

    def main(self) -> str:
        """Return what the page says, without what stands on every page."""
        return self.page.locator("main").inner_text()

    def record(self) -> Any:
        """Return the page's `.json` twin, as this person gets it."""
        address = self.page.url.partition("#")[0]
        path, _, query = address.partition("?")
        answer = self.page.request.get(f"{path}.json" + (f"?{query}" if query else ""))
        assert answer.ok, answer.status
        return json.loads(answer.body())

    def picture(self, name: str) -> None:
        """Keep a picture of the page, and see that it fits the screen."""
        over = self.page.evaluate(_TOO_WIDE)
        if over > 0:
            self.complaints.append(f"{self.page.url} is {over} px wider than the screen")
        self._album.mkdir(parents=True, exist_ok=True)
        number = len(list(self._album.iterdir())) + 1
        path = self._album / f"{number:02}-{name.replace('/', '-')}.png"
        self.page.screenshot(path=path)

    def resize(self, width: int) -> None:
        """Take another screen."""
        self.page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})

    def barriers(self) -> list[str]:
        """Return what of the page keeps people out, by axe-core."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found: list[str] = self.page.evaluate(_VIOLATIONS)
        return [f"{self.page.url}: {each}" for each in found]

    # -- what must not happen ------------------------------------------------------------------

    def _hear(self, message: ConsoleMessage) -> None:
        # That a resource was answered with an error is told by `_judge`, which knows the address.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        own = f"{self.town.url}/"
        if not request.url.startswith((own, f"blob:{own}", "data:")):
            self.complaints.append(f"another host: {request.url}")

    def _judge(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.complaints.append(f"{response.status}: {response.url}")
