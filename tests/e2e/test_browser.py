"""The pages in a real browser, over a running gateway: the buttons are pressed by the mouse. Needs Chromium, and is skipped without."""

import pytest

from headgate.web.ui.assets import asset_path
from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.lab import headgate, running
from tests.fakes.front import wait_until

pytestmark = needs_chromium

# The browser's own note on an error status, which is meant here.
_STATUS_NOTE = "Failed to load resource: the server responded with a status of "
# Text that is not told from what is behind it: WCAG 2.2, contrast minimum, https://www.w3.org/TR/WCAG22/#contrast-minimum
_FAINT = """
(() => {
  const channels = color => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = each => { const c = channels(getComputedStyle(each).backgroundColor); return c[3] === 0 ? behind(each.parentElement) : c; };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
  while (texts.nextNode()) {
    const each = texts.currentNode.parentElement;
    const [less, more] = [light(channels(getComputedStyle(each).color)), light(behind(each))].sort((a, b) => a - b);
    if (texts.currentNode.textContent.trim() && (more + 0.05) / (less + 0.05) < 4.5) faint.push(texts.currentNode.textContent);
  }
  return faint;
})()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("browsed"), None, arguments=("--demo",)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of this module. No page may break its own content security policy or name a file that is missing."""
    with browsing() as started:
        yield started
        assert [text for text in started.logged if not text.startswith(_STATUS_NOTE)] == []


def link(demo) -> str:
    """A fresh one-time link."""
    return headgate("token", "sign-in", "--url", demo.url, "--data", demo.data).strip()


HERE = "Connect an agent"


def test_signing_in_and_out(demo, browser):
    """A link and its button sign in once; the button in the frame signs out, and going back shows nothing again."""
    once = link(demo)
    browser.open(once)
    assert HERE not in browser.text()
    browser.press("Sign in")
    assert browser.value("location.href").startswith(demo.url)
    browser.open(f"{demo.url}/connect")
    assert HERE in browser.text()
    assert "headgate_session" not in browser.value("document.cookie")
    browser.click("[aria-label='Sign out']")
    assert "headgate token sign-in" in browser.value("document.body.textContent")
    browser.back()
    assert HERE not in browser.text()
    browser.open(once)
    browser.press("Sign in")
    assert "This link was used before" in browser.text()


def test_a_wrong_address_is_a_page(demo, browser):
    """It leads to the start page."""
    browser.open(f"{demo.url}/nothing")
    assert browser.value("document.title") == "Not Found · Headgate"
    assert browser.value("document.querySelector('section a').href") == f"{demo.url}/"


def test_the_palette_and_the_theme(demo, browser):
    """The palette goes to a page by a few letters and the keyboard alone; the theme is chosen, and stays on the next page."""
    browser.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    browser.open(link(demo))
    browser.press("Sign in")
    browser.open(f"{demo.url}/connect")
    browser.value("document.querySelector('[data-palette]').click()")
    browser.do("Input.insertText", text="endpo")
    browser.leave(lambda: [browser.do("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter") for kind in ("keyDown", "keyUp")])
    assert browser.value("location.pathname") == "/endpoints"
    browser.value("document.querySelector('[data-theme-switch]').click()")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(11, 14, 20)"
    browser.open(f"{demo.url}/connect")
    assert browser.value("document.documentElement.dataset.theme") == "dark"
    browser.value("document.querySelector('[data-theme-switch]').click()")
    browser.click("[aria-label='Sign out']")


_GOVERNED = (
    "/access",
    "/access?show=tokens",
    "/me/tokens",
    "/limits",
    "/limits?show=budgets",
    f"/limits?show=try&model={'x' * 60}",
    "/me/limits",
    "/audit",
)
_PAGES = (
    *("/connect", "/connect?agent=codex&telemetry=on", "/connect?agent=other", "/endpoints", "/endpoints?new", "/endpoints/claude-opus-4-6"),
    *("/providers", "/settings", "/previews"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read(demo, browser, scheme):
    """On a small screen too: no text is fainter than the standard allows, and nothing needs scrolling sideways."""
    browser.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.do("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=False)
    seen = {}

    def look(name: str) -> None:
        seen[name] = browser.value(_FAINT), browser.value("Math.max(0, document.documentElement.scrollWidth - innerWidth)")

    for name, path in (("signed out", "/"), ("wrong address", "/nothing"), ("button", link(demo).removeprefix(demo.url))):
        browser.open(demo.url + path)
        look(name)
    browser.press("Sign in")
    browser.value("document.cookie = 'headgate_theme=; path=/; max-age=0'")
    for path in (*_PAGES, *_GOVERNED):
        browser.open(demo.url + path)
        look(path)
    background = browser.value("getComputedStyle(document.body).backgroundColor")
    browser.do("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)
    browser.click("[aria-label='Sign out']")
    assert seen == dict.fromkeys(seen, ([], 0))
    assert (background == "rgb(11, 14, 20)") is (scheme == "dark")


_LISTEN = """
(async () => {
  const pages = [window, open("/previews")];
  const until = async happened => { while (!await happened()) await new Promise(again => setTimeout(again, 20)); };
  const locks = async () => { const { held, pending } = await navigator.locks.query(); return held.length + pending.length; };
  await until(() => pages[1].location.pathname === "/previews" && pages[1].document.readyState === "complete");
  window.heard = pages.map(() => []);
  for (const [number, page] of pages.entries()) {
    page.addEventListener("headgate-recorded", event => heard[number].push(event.detail.exchanges));
    const script = page.document.createElement("script");
    page.document.head.append(Object.assign(script, { type: "module", src: "EVENTS" }));
    await until(async () => await locks() === number + 1);
  }
  const { held, pending } = await navigator.locks.query();
  return [held.length, pending.length];
})()
"""


def test_one_event_stream_serves_all_pages(demo, browser):
    """Two pages of one browser hear of an exchange, and one of them alone has the stream. They are pages that do not listen themselves."""
    browser.open(link(demo))
    browser.press("Sign in")
    browser.open(f"{demo.url}/previews")
    listen = _LISTEN.replace("EVENTS", asset_path("events.js"))
    streams = browser.do("Runtime.evaluate", expression=listen, awaitPromise=True, returnByValue=True, userGesture=True)
    assert streams["result"]["value"] == [1, 1]

    def heard() -> bool:
        with Asking(demo.url, demo.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()
        return browser.value("heard.every(each => each.length)")

    wait_until(heard)
