"""One tab of a browser for a whole module of tests, driven by the mouse and by expressions. It notes what the console shows."""

import contextlib
import json
from collections.abc import Callable, Generator
from typing import Any

from playwright.sync_api import Page

from tests.e2e.browsing import chromium


class Browser:
    """One tab. `logged` is what its console shows as an error, such as a broken content security policy."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._protocol = page.context.new_cdp_session(page)
        self.logged: list[str] = []
        page.context.on("page", self._watch)
        self._watch(page)

    def do(self, method: str, **parameters: object) -> Any:
        """Call a method of the DevTools protocol, and return its result."""
        return self._protocol.send(method, parameters)

    def open(self, url: str) -> None:
        """Go to an address, as if it were typed, and wait until the page is there."""
        self._page.goto(url)

    def press(self, label: str) -> None:
        """Press the button with this label by the mouse, and wait for the page that follows."""
        self._press(f"xpath=//button[.={json.dumps(label)}]")

    def click(self, selector: str) -> None:
        """Press what this selector finds first by the mouse, and wait for the page that follows."""
        self._press(selector)

    def leave(self, act: Callable[[], object]) -> None:
        """Do something that leads to another page, and wait until that is there."""
        with self._page.expect_navigation():
            act()

    def back(self) -> None:
        """Go back one page."""
        self._page.go_back()

    def value(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self._page.evaluate(expression)

    def text(self) -> str:
        """What a person reads on the page."""
        return self._page.inner_text("body")

    def _press(self, selector: str) -> None:
        self.leave(self._page.locator(selector).first.click)

    def _watch(self, page: Page) -> None:
        page.on("console", lambda message: self.logged.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.logged.append(str(error)))


@contextlib.contextmanager
def browsing() -> Generator[Browser]:
    """A browser with one tab and a profile of its own; ended afterwards."""
    with chromium() as started:
        yield Browser(started.new_page())
