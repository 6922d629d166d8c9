"""Every page of the demo in a real browser, light and dark, wide and narrow. A page that is added is in here without being named."""

import time

import pytest

from tests.e2e.browsing import NARROW, WIDE, Tab, chromium, needs_chromium, signed_in
from tests.e2e.filled_demo import filled_demo
from tests.e2e.page_table import LINKS, Tour, navigation_paths, page_table, shown_pages
from tests.e2e.visitor import Visitor
from tests.fakes import examples

pytestmark = needs_chromium

HTML_BYTES_MAX = 60 << 10
# A button that does nothing without scripts: not hidden, and in no form.
_DEAD = "[...document.querySelectorAll('button')].filter(each => !each.form && each.checkVisibility()).map(each => each.outerHTML.slice(0, 120))"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway that has filled its store with the demo's month, which stays as it is."""
    with filled_demo(tmp_path_factory.mktemp("pages"), live=False) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def cookie(demo):
    """The session of an administrator."""
    return Visitor(demo).cookie


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of this module."""
    with chromium() as started:
        yield started


class Found:
    """What is wrong, by page and kind."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {}

    def note(self, kind: str, path: str, *what: object) -> None:
        """Add what is wrong of this kind, if anything."""
        self.wrong.setdefault(kind, []).extend(f"{path}: {each}" for each in what if each)


def look(tab: Tab, found: Found, path: str, *, dark: bool) -> None:
    """The page wide and narrow, light and dark. Colours do not depend on the width, so contrast is measured once for each theme."""
    found.note("sideways", path, tab.sideways() and "at 1440")
    found.note("axe", path, *tab.axe())
    if dark:
        tab.page.emulate_media(color_scheme="dark")
        tab.settle()
        found.note("axe", f"{path} dark", *tab.axe("color-contrast"))
        tab.page.emulate_media(color_scheme="light")
        tab.settle()
    tab.resize(NARROW)
    tab.settle()
    found.note("sideways", path, tab.sideways() and "at 390")
    found.note("console", path, *tab.noted)
    tab.noted.clear()
    tab.resize(WIDE)


@pytest.fixture(scope="module")
def walk(demo, browser, cookie):
    """Every page opened once, and looked at on two screens; a third of them in the dark theme too, or all (`make whole`): the themes are one set of variables."""
    found = Found()
    tour = Tour(page_table())
    with signed_in(browser, demo, cookie) as tab:
        tab.keep_still()
        for path in tour:
            began = time.monotonic()
            html = tab.open(path)
            if not html:
                tour.opened.pop()
                continue
            found.note("size", path, len(html) if len(html) > HTML_BYTES_MAX else 0)
            tour.saw(tab.page.evaluate(LINKS))
            look(tab, found, path, dark=examples.ALL or len(tour.opened) % 3 == 0)
            print(f"{path}: {time.monotonic() - began:.1f} s", flush=True)
    print(f"opened {len(tour.opened)} pages: {' '.join(tour.opened)}\nwithout a link to them: {' '.join(tour.missed)}")
    return tour, found


@pytest.mark.slow
def test_every_page_on_a_phone(demo, browser, cookie, walk):
    """Nothing serious for axe on a narrow screen, where other parts are shown and targets are smaller."""
    tour, _ = walk
    found = Found()
    with signed_in(browser, demo, cookie, width=NARROW) as tab:
        tab.keep_still()
        for path in tour.opened:
            tab.open(path)
            found.note("axe", path, *tab.axe(without=("color-contrast",)))
    assert not found.wrong.get("axe"), "\n".join(found.wrong["axe"])


@pytest.mark.parametrize("kind", ["size", "sideways", "axe", "console"])
def test_every_page(walk, kind):
    """No console error, no request to another host, no scrolling sideways, nothing serious for axe, and HTML within its size."""
    _, found = walk
    assert not found.wrong.get(kind), "\n".join(found.wrong[kind])


def test_the_walk_was_whole(walk):
    """Every page of the navigation that is served was opened, and most that are reached from them."""
    tour, _ = walk
    served = {route.path for route in shown_pages(page_table())}
    assert set(tour.opened) >= served & set(navigation_paths())
    assert len(tour.missed) < len(tour.opened)


def test_without_scripts(demo, browser, cookie, walk):
    """Every page is there as plain links and forms: a title, the way to every other page, a link for every tile, and no button that does nothing."""
    tour, _ = walk
    wrong = []
    with signed_in(browser, demo, cookie, java_script_enabled=False) as tab:
        for path in tour.opened:
            tab.page.goto(path)
            links = tab.page.evaluate("[...document.querySelectorAll('nav[aria-label=Pages] a')].filter(a => a.checkVisibility()).length")
            tiles = tab.page.evaluate("[...document.querySelectorAll('[data-tile]')].filter(tile => !tile.querySelector('.tile-body a')).length")
            dead = tab.page.evaluate(_DEAD)
            if links < 10 or tiles or dead:
                wrong.append(f"{path}: {links} links, {tiles} tiles without one, {dead}")
    assert not wrong, "\n".join(wrong)
