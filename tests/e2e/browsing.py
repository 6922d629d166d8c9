"""A real browser for tests: Debian's Chromium, driven by Playwright. It notes what no page may do."""

import contextlib
import json
import shutil
from collections.abc import Generator, Mapping
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.lab import Gateway
from tests.e2e.visitor import Visitor

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
needs_chromium = pytest.mark.skipif(not PROGRAM, reason="Chromium is not installed: `apt-get install chromium` installs it")

# The sandbox needs rights that a container does not have.
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars", "--disable-background-networking")
_WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
WIDE, NARROW = 1440, 390
# As high as the longest page on a wide screen, so that every tile is in view and loads.
HEIGHT = 4000
# Rows of a table after the third are marked up as those before them are, and a chart is one image with a text.
_UNREAD = ("tbody tr:nth-child(n+4)", "svg.marks *")
_NO_EVENTS = "retry: 3600000\n\n"


@contextlib.contextmanager
def chromium() -> Generator[Browser]:
    """A browser without any session; ended afterwards."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=list(_FLAGS), timeout=120_000)
        try:
            yield started
        finally:
            started.close()


class Tab:
    """One tab with cookies of its own. `noted` is what it did that no page may do: errors, dialogs, requests to other hosts."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.noted: list[str] = []
        size = {"width": options.pop("width", WIDE), "height": options.pop("height", HEIGHT)}
        self.context: BrowserContext = browser.new_context(base_url=url, viewport=size, **options)
        self.context.set_default_timeout(60_000)
        self.context.on("request", lambda asked: self._foreign(asked.url))
        self.context.on("page", self._watch)
        self.page: Page = self.context.new_page()

    def sign_in(self, cookie: str) -> None:
        """Go on with a session: the text of its cookie."""
        name, _, value = cookie.partition("=")
        self.context.add_cookies([{"name": name, "value": value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}])

    def open(self, path: str) -> bytes:
        """Go to a page, wait until its tiles show something, and return its HTML as it came. Returns nothing for a file."""
        try:
            answer = self.page.goto(path, wait_until="load")
        except PlaywrightError as error:
            if "Download is starting" in str(error):
                return b""
            raise
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status} {self.page.inner_text('body')[:200]}"
        self.settle()
        return answer.body()

    def settle(self) -> None:
        """Wait until the scripts ran, every tile is drawn."""
        self.page.wait_for_function(
            "() => document.documentElement.dataset.scripts && [...document.querySelectorAll('[data-tile]')].every(tile => tile.dataset.drawn)"
        )

    def settle_in_view(self) -> None:
        """Wait until the scripts ran and every tile that is on the screen is drawn."""
        self.page.wait_for_function(
            "() => document.documentElement.dataset.scripts && [...document.querySelectorAll('[data-tile]')]"
            ".every(tile => tile.dataset.drawn || tile.getBoundingClientRect().top > innerHeight)"
        )

    def keep_still(self) -> None:
        """From now on pages hear of nothing that is recorded, so that what is shown does not change while it is looked at."""
        self.context.route("**/events", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=_NO_EVENTS))

    def resize(self, width: int) -> None:
        """Make the screen this wide, and wait until charts have followed, if they do."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        with contextlib.suppress(PlaywrightTimeout):
            self.page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth", timeout=5000)

    def axe(self, *rules: str, without: tuple[str, ...] = ()) -> list[str]:
        """What axe finds that is serious or critical: by WCAG A and AA without some rules, or by these rules alone."""
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _WCAG}
        options = {"runOnly": only, "resultTypes": ["violations"], "rules": {name: {"enabled": False} for name in without}}
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE_SCRIPT)
        options |= {"preload": False, "iframes": False}  # the pages have no frame
        found = self.page.evaluate(f"axe.run({json.dumps({'exclude': [[each] for each in _UNREAD]})}, {json.dumps(options)})")
        return [
            f"{each['id']} {node['target']}: {node['html'][:160]} {_reason(node)}"
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"][:4]
        ]

    def sideways(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"))

    def _watch(self, page: Page) -> None:
        page.on("console", lambda message: self.noted.append(f"{page.url}: {message.text}") if message.type == "error" else None)
        page.on("pageerror", lambda error: self.noted.append(f"{page.url}: {error}"))
        page.on("dialog", lambda dialog: (self.noted.append(f"{page.url}: dialog {dialog.message}"), dialog.dismiss()))

    def _foreign(self, url: str) -> None:
        if not url.startswith((self.url + "/", "data:", "blob:")):
            self.noted.append(f"{self.page.url} asked for {url}")


def _reason(node: Mapping[str, Any]) -> str:
    return next((str(each["message"]) for each in (*node["any"], *node["all"], *node["none"])), "")


@contextlib.contextmanager
def signed_in(browser: Browser, gateway: Gateway, cookie: str = "", **options: Any) -> Generator[Tab]:
    """A tab with this session, or an administrator's; closed afterwards, and it must have noted nothing."""
    tab = Tab(browser, gateway.url, **options)
    try:
        tab.sign_in(cookie or Visitor(gateway).cookie)
        yield tab
    finally:
        tab.context.close()
    assert not tab.noted, "\n".join(tab.noted)
