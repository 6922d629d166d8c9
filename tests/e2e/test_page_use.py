"""Pages as a person uses them, over the demo's month in a real browser: filters, charts, files, the keyboard alone, and what arrives while they are open."""

import datetime as dt
import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.browsing import chromium, needs_chromium, signed_in
from tests.e2e.filled_demo import filled_demo
from tests.e2e.lab import USER, headgate
from tests.e2e.visitor import Visitor

pytestmark = needs_chromium

AGENT = "claude-code"
SPEND = "#tile-spend-by-model"
# Whether a person sees what has the focus: an outline, or a shadow that is drawn as one.
_FOCUS = """
(() => {
  const style = getComputedStyle(document.activeElement);
  return document.activeElement !== document.body && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none");
})()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with the demo's month."""
    with filled_demo(tmp_path_factory.mktemp("use")) as gateway:
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


@pytest.fixture
def tab(demo, browser, cookie):
    """A tab of an administrator, in which nothing changes by itself."""
    with signed_in(browser, demo, cookie, height=1600) as opened:
        opened.keep_still()
        yield opened


def past_week():
    """Filters for seven days that have ended, to which the demo adds nothing any more."""
    end = dt.datetime.now(dt.UTC).date()
    return f"from={end - dt.timedelta(days=7)}T00:00&to={end}T00:00"


def query(tab, name):
    """The values of a filter in the address."""
    return tab.page.evaluate("name => new URLSearchParams(location.search).getAll(name)", name)


def test_filters_by_form_chip_and_link(tab):
    """Each changes the address alone: the form adds a filter, a range keeps it, its chip takes it away, and going back undoes that."""
    page = tab.page
    tab.open("/")
    page.click(".filter-more summary")
    expect(page.locator("#values-agent option").first).to_be_attached()
    page.fill(".filter-more [name=agent]", AGENT)
    page.click(".filter-more button.main")
    page.wait_for_url(f"**/?*agent={AGENT}*")
    page.click(".segments a:has-text('90d')")
    page.wait_for_url("**range=90d*")
    assert query(tab, "agent") == [AGENT]
    tab.settle()
    assert page.locator("#tile-agents .ranks li").count() == 1
    page.click(f".chip:has-text('{AGENT}')")
    page.wait_for_function("() => !location.search.includes('agent')")
    page.go_back()
    tab.settle()
    assert query(tab, "agent") == [AGENT]
    expect(page.locator(".chip")).to_contain_text(AGENT)


def test_a_drag_zooms_and_a_click_filters(tab):
    """A drag over a chart sets the range, a name in a ranking and a bar of a chart set a filter; the back button undoes each."""
    page = tab.page
    tab.open("/?range=30d")
    box = page.locator(f"{SPEND} .plot").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    page.mouse.up()
    page.wait_for_url("**from=*")
    assert not query(tab, "range")
    page.go_back()
    tab.settle()
    assert query(tab, "range") == ["30d"]
    page.locator("#tile-top-users .ranks a").first.click()
    page.wait_for_url("**user=*")
    tab.settle()
    (user,) = query(tab, "user")
    expect(page.locator(".chip")).to_contain_text(user)
    page.locator(f"{SPEND} .mark-rect path").last.click(force=True)
    page.wait_for_url("**model=*")
    assert query(tab, "user") == [user]


def test_from_a_chart_to_its_requests(tab):
    """The menu of a tile leads to the requests behind it, with its filters; a request leads to its page, and back."""
    page = tab.page
    tab.open(f"/?range=7d&agent={AGENT}")
    page.click(f"{SPEND} .tile-menu summary")
    page.click(f"{SPEND} .tile-menu a:has-text('View requests')")
    page.wait_for_url("**/requests?*")
    assert (query(tab, "agent"), query(tab, "range")) == ([AGENT], ["7d"])
    assert {cell.split()[0] for cell in page.locator("[data-rows] tr td:nth-child(4)").all_inner_texts()} == {AGENT}
    page.locator("[data-rows] a").first.click()
    page.wait_for_url(re.compile(r"/requests/req_[0-9a-f]+"))
    page.go_back()
    assert query(tab, "agent") == [AGENT]


def test_what_a_tile_gives(tab, tmp_path):
    """Its rows as CSV and JSON, its picture, its statement, the statement in the editor, and its rows as a table."""
    page, past = tab.page, past_week()
    tab.open(f"/?{past}")

    def given(label):
        page.click(f"{SPEND} .tile-menu summary")
        with page.expect_download() as waiting:
            page.click(f"{SPEND} .tile-menu :text-is('{label}')")
        page.keyboard.press("Escape")
        saved = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved)
        return saved

    csv, rows, picture = (given(label) for label in ("CSV", "JSON", "PNG"))
    assert csv.name == "headgate-overview-spend-by-model.csv"
    assert csv.read_text(encoding="utf-8-sig").startswith("bucket,model,spend")
    assert len(json.loads(rows.read_text())) == len(csv.read_text().splitlines()) - 1 > 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    page.click(f"{SPEND} .tile-menu summary")
    page.click(f"{SPEND} [data-sql]")
    expect(page.locator(f"{SPEND} .tile-sql")).to_contain_text("sum(spend) AS spend")
    page.click(f"{SPEND} .tile-menu a:has-text('Open in SQL')")
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile(r"sum\(spend\) AS spend"))
    page.click(".editor button.main")
    expect(page.locator("h2", has_text="rows")).to_be_visible()
    page.goto(f"/?{past}")
    page.click(f"{SPEND} .tile-menu summary")
    page.click(f"{SPEND} .tile-menu a:has-text('Table view')")
    expect(page.locator("main tbody tr")).to_have_count(len(csv.read_text().splitlines()) - 1)


def step(tab, wanted, steps_max=80):
    """Press Tab until this has the focus; every stop on the way can be seen."""
    for _ in range(steps_max):
        if tab.page.evaluate("wanted => Boolean(document.activeElement?.matches(wanted))", wanted):
            return
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate(_FOCUS), tab.page.evaluate("document.activeElement.outerHTML")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_the_keyboard_alone(demo, browser):
    """Sign in, skip to the content, go to a page, filter it, open a tile's menu and close it, and go on by the palette."""
    with signed_in(browser, demo, "none=", height=900) as tab:
        page = tab.page
        page.goto(headgate("token", "sign-in", "--url", demo.url, "--data", demo.data).strip())
        step(tab, "button.main")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{demo.url}/")
        step(tab, "a.skip")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.reload()
        step(tab, "nav a[href='/requests']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/requests")
        step(tab, ".filter-more summary")
        page.keyboard.press("Enter")
        step(tab, ".filter-more [name=agent]")
        page.keyboard.type(AGENT)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**agent={AGENT}*")
        page.keyboard.press("Control+k")
        page.keyboard.type("overv")
        expect(page.locator("dialog.palette [role=option]")).to_have_count(1)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{demo.url}/")
        tab.settle_in_view()
        step(tab, f"{SPEND} .tile-menu summary")
        page.keyboard.press("Enter")
        step(tab, f"{SPEND} .tile-menu a")
        page.keyboard.press("Escape")
        assert page.evaluate(f"!document.querySelector('{SPEND} .tile-menu').open && document.activeElement.matches('{SPEND} .tile-menu summary')")
        page.keyboard.press("Control+k")
        expect(page.locator("dialog.palette")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog.palette")).to_be_hidden()
        assert page.evaluate(f"document.activeElement.matches('{SPEND} .tile-menu summary')")


def test_what_ends_is_shown(demo, browser, cookie):
    """An exchange is in the list of requests while two pages are open, without loading them again; one event stream serves both."""
    with signed_in(browser, demo, cookie) as tab:
        streams = []
        tab.context.on("request", lambda asked: streams.append(asked.url) if asked.url.endswith("/events") else None)
        tab.open(f"/?range=24h&user={USER}")
        with Asking(demo.url, demo.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()
        requests = tab.context.new_page()
        requests.goto(f"/requests?range=24h&user={USER}")
        requests.click("[data-live]")
        requests.evaluate("window.notReloaded = true")
        with Asking(demo.url, demo.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()
            ended = time.monotonic()
            made = asking.answer.getheader("x-databricks-request-id")
        requests.wait_for_selector(f"[data-rows] a[href='/requests/{made}']", state="attached")
        print(f"on the page {time.monotonic() - ended:.1f} s after the exchange ended")
        assert requests.evaluate("window.notReloaded")
        assert len(streams) == 1
