"""The table of all pages, as a serving process makes it, and the addresses of a gateway's pages found by following links."""

import re
from collections.abc import Iterable
from unittest.mock import MagicMock

from headgate.app.pages import PagesParts
from headgate.core.clock import SystemClock
from headgate.web.ui.navigation import NAVIGATION
from headgate.web.ui.routes import PageRoute

# Addresses that are no page: they answer scripts, machines or one press of a button.
_NO_PAGE = {
    "/connect.sh",
    "/connect.ps1",
    "/setup.md",
    "/llms.txt",
    "/docs",
    "/docs/{name}",
    "/events",
    "/healthz",
    "/readyz",
    "/login",
    "/logout",
    "/static/{version}/{name}",
}
# JavaScript: the links of a page to other pages of the gateway.
LINKS = "[...document.querySelectorAll('main a[href]:not([download])')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def page_table() -> list[PageRoute]:
    """Every route of pages. Nothing behind them is real, so none of them may be called."""
    control = MagicMock()
    control.store.pepper = b"p" * 32
    control.configuration.settings.server.public_url = ""
    control.configuration.settings.pages.dashboards = "dashboards"
    parts = PagesParts(control, MagicMock(), MagicMock(), MagicMock(), "http://127.0.0.1", demo=True)
    return list(parts.service(SystemClock(), MagicMock())._table)


def shown_pages(table: Iterable[PageRoute]) -> list[PageRoute]:
    """The routes that a person opens."""
    return [route for route in table if route.method == "GET" and route.path not in _NO_PAGE]


def navigation_paths() -> list[str]:
    """The addresses in the navigation, in its order."""
    return [entry.path for group in NAVIGATION for entry in group.entries]


def fits(route: PageRoute, path: str) -> bool:
    """Whether the path is one of this route's."""
    pattern = _PLACEHOLDER.sub("[^/]+", route.path)
    return re.fullmatch(pattern, path) is not None


class Tour:
    """Which pages to open: those of the navigation, then for every other route the first link to it that a page had."""

    def __init__(self, table: Iterable[PageRoute]) -> None:
        unseen = {route.path: route for route in shown_pages(table)}
        self._left = [path for path in navigation_paths() if unseen.pop(path, None)]
        self._unseen = sorted(unseen.values(), key=lambda route: route.path.count("{"))
        self.opened: list[str] = []

    @property
    def missed(self) -> list[str]:
        """The routes to which no page that was opened had a link."""
        return [route.path for route in self._unseen]

    def __iter__(self) -> "Tour":
        return self

    def __next__(self) -> str:
        if not self._left:
            raise StopIteration
        self.opened.append(self._left.pop(0))
        return self.opened[-1]

    def saw(self, links: Iterable[str]) -> None:
        """The links of the page that was opened last: paths, with their queries."""
        for link in links:
            route = next((each for each in self._unseen if fits(each, link.partition("?")[0])), None)
            if route is not None:
                self._unseen.remove(route)
                self._left.append(link)
