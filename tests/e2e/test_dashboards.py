"""Dashboards in a real browser over a gateway with three months of usage: charts, tooltips, legends, zoom, filters, menus, and a file that changes."""

import time

import pytest

from bench import usage_rows
from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.documented import blocks
from tests.e2e.lab import headgate, running

pytestmark = needs_chromium

FILE = """\
title: Mine
tiles:
  - name: spend
    title: Spend by model
    width: 8
    sql: SELECT bucket, model, sum(spend) AS spend FROM usage GROUP BY ALL ORDER BY bucket
    chart:
      mark: bar
      encoding: {x: {field: bucket}, y: {field: spend}, color: {field: model}}
    formats: {spend: usd}
    click: {model: model}
    brush: time
  - name: users
    title: Users
    width: 4
    sql: SELECT user, sum(spend) AS spend FROM usage GROUP BY user ORDER BY spend DESC LIMIT 5
    ranks: {name: user, value: spend, format: usd, click: user}
  - name: nasty
    title: Labels
    sql: SELECT '<img src=x onerror=alert(1)>' AS name, 1 AS n UNION ALL SELECT 'b', 2
    chart: {mark: bar, encoding: {x: {field: n}, y: {field: name}, color: {field: name}}}
  - {name: nothing, title: Nothing, sql: SELECT user FROM usage WHERE false, ranks: {name: user, value: user}, empty: "Run headgate up."}
  - {name: wrong, title: Wrong, sql: SELECT nowhere FROM usage, table: {columns: [{column: nowhere}]}}
"""
_PLOT = "document.querySelector('#tile-spend .plot')"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with three months of usage, and a folder with one dashboard."""
    place = tmp_path_factory.mktemp("dashboards")
    usage_rows.write(place / "data", 3000)
    with running(place, None, arguments=("--demo",)) as gateway:
        folder = gateway.folder / "dashboards"
        folder.mkdir()
        (folder / "mine.yaml").write_text(FILE, encoding="utf-8")
        yield gateway


@pytest.fixture(scope="module")
def browser(demo):
    """A browser that is signed in as an administrator. No page may break the content security policy or raise."""
    with browsing() as started:
        started.do("Emulation.setDeviceMetricsOverride", width=1440, height=1600, deviceScaleFactor=1, mobile=False)
        started.open(headgate("token", "sign-in", "--url", demo.url, "--data", demo.data).strip())
        started.press("Sign in")
        yield started
        assert started.logged == []


def until(browser, expression):
    """The value of an expression in the page, once it is true."""
    end = time.monotonic() + 60
    while not (found := browser.value(expression)):
        assert time.monotonic() < end, f"{expression}\n{browser.text()}"
        time.sleep(0.05)
    return found


def drawn(browser, demo, path):
    """Open a page and wait until every tile shows something."""
    browser.open(f"{demo.url}{path}")
    until(browser, "document.querySelector('[data-tile]') && ![...document.querySelectorAll('[data-tile]')].some(tile => !tile.dataset.drawn)")


def pointer(browser, kind, x, y):
    """Move, press or release the mouse at a place of the chart."""
    box = browser.value(f"{_PLOT}.getBoundingClientRect().toJSON()")
    browser.do("Input.dispatchMouseEvent", type=kind, x=box["x"] + x, y=box["y"] + y, button="left", clickCount=1)


def test_every_tile_shows_something(demo, browser):
    """Charts by Vega, rankings by the server; an empty tile and one that is refused say why; a label is text. Each is asked for once."""
    drawn(browser, demo, "/dashboards/mine")
    asked = browser.value("performance.getEntriesByType('resource').map(each => each.name.split('?')[0]).filter(name => name.includes('/tiles/'))")
    assert len(asked) == len(set(asked)) == browser.value("document.querySelectorAll('[data-tile]').length")
    assert browser.value("document.querySelectorAll('#tile-users .ranks li').length") == 5
    assert "Run headgate up." in browser.value("document.querySelector('#tile-nothing').innerText")
    assert "UNRESOLVED_COLUMN" in browser.value("document.querySelector('#tile-wrong').innerText")
    assert browser.value("document.querySelectorAll('#tile-nasty img').length") == 0
    assert "<img src=x onerror=alert(1)>" in browser.value("document.querySelector('#tile-nasty .legend').textContent")
    assert "<img src=x" in browser.value("document.querySelector('#tile-nasty svg.marks').textContent")
    assert browser.value(f"{_PLOT}.getAttribute('aria-label')").startswith("Spend by model: a chart of bar marks over")


def test_a_tooltip_and_a_legend(demo, browser):
    """The pointer shows every series of its day, with the sum; a series is switched off and on by its button."""
    drawn(browser, demo, "/dashboards/mine")
    pointer(browser, "mouseMoved", 500, 60)
    shown = until(browser, "document.querySelector('.tip')?.innerText")
    assert "2026" in shown or "20" in shown
    assert "$" in shown
    before = browser.value("document.querySelectorAll('#tile-spend .mark-rect path').length")
    browser.value("document.querySelector('#tile-spend .legend button').click()")
    until(browser, "document.querySelector('#tile-spend .legend button').getAttribute('aria-pressed') === 'false'")
    assert browser.value("document.querySelectorAll('#tile-spend .mark-rect path').length") < before
    assert browser.value("document.activeElement.closest('.legend') !== null")


def test_a_drag_zooms_and_a_click_filters(demo, browser):
    """Both change the address alone; going back undoes them; a chip takes a filter away."""
    drawn(browser, demo, "/dashboards/mine?range=30d")
    pointer(browser, "mouseMoved", 300, 80)
    pointer(browser, "mousePressed", 300, 80)
    pointer(browser, "mouseMoved", 420, 90)
    browser.leave(lambda: pointer(browser, "mouseReleased", 420, 90))
    assert "from=" in browser.value("location.search")
    assert "range=" not in browser.value("location.search")
    browser.back()
    drawn(browser, demo, "/dashboards/mine")
    browser.click("#tile-users .ranks a")
    name = browser.value("new URLSearchParams(location.search).get('user')")
    assert "@" in name
    assert name in browser.value("document.querySelector('.chip').innerText")
    browser.click(".chip")
    assert not browser.value("location.search")
    drawn(browser, demo, "/dashboards/mine")
    bar = "[...document.querySelectorAll('#tile-spend .mark-rect path')].sort((a, b) => b.getBBox().height - a.getBBox().height)[0]"
    at = browser.value(f"{bar}.getBoundingClientRect().toJSON()")
    place = {"x": at["x"] + at["width"] / 2, "y": at["y"] + at["height"] / 2, "button": "left", "clickCount": 1}
    for kind in ("mouseMoved", "mousePressed"):
        browser.do("Input.dispatchMouseEvent", type=kind, **place)
    browser.leave(lambda: browser.do("Input.dispatchMouseEvent", type="mouseReleased", **place))
    assert browser.value("new URLSearchParams(location.search).get('model')")


def test_values_to_choose_from(demo, browser):
    """The form of filters offers what there is in the range, once it is opened."""
    drawn(browser, demo, "/dashboards/mine")
    browser.value("document.querySelector('.filter-more').open = true")
    until(browser, "document.querySelectorAll('#values-model option').length === 4")
    until(browser, "document.querySelectorAll('#values-agent option').length === 3")
    assert browser.value("[...document.querySelectorAll('#values-agent option')].map(each => each.value).sort()") == [
        "claude-code",
        "codex",
        "gemini-cli",
    ]


def test_the_menu_of_a_tile(demo, browser):
    """By keyboard: it opens and closes; the statement is shown; a picture is made; the table has the rows without the chart."""
    drawn(browser, demo, "/dashboards/mine?range=7d")
    browser.value("document.querySelector('#tile-spend .tile-menu summary').focus()")
    browser.do("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13)
    browser.do("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    until(browser, "document.querySelector('#tile-spend .tile-menu').open")
    browser.value("document.querySelector('#tile-spend [data-sql]').click()")
    assert "FROM system.ai_gateway.usage" in until(browser, "document.querySelector('#tile-spend .tile-sql')?.textContent")
    browser.value("document.querySelector('#tile-spend .tile-menu').open = true")
    browser.value("document.querySelector('#tile-spend .tile-menu a').focus()")
    browser.do("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
    until(browser, "!document.querySelector('#tile-spend .tile-menu').open")
    assert browser.value("document.activeElement.matches('#tile-spend .tile-menu summary')")
    browser.open(f"{demo.url}/dashboards/mine/tiles/spend/table?range=7d")
    assert browser.value("document.querySelectorAll('tbody tr').length") > 3
    assert "FROM system.ai_gateway.usage" in browser.text()


def test_a_file_is_followed(demo, browser):
    """A change shows at once, and so does a mistake, with its line."""
    path = demo.folder / "dashboards" / "mine.yaml"
    path.write_text(FILE.replace("title: Mine", "title: Renamed"), encoding="utf-8")
    drawn(browser, demo, "/dashboards/mine")  # or a tile is asked for while the file is a mistake
    assert browser.value("document.querySelector('h1').innerText") == "Renamed"
    path.write_text(FILE.replace("title: Users", "titel: Users"), encoding="utf-8")
    browser.open(f"{demo.url}/dashboards")
    assert "line 14: A tile has no key `titel`. Did you mean 'title'?" in browser.text()
    path.write_text(FILE, encoding="utf-8")


def test_the_documented_example(demo, browser):
    """It is served and every tile of it has an answer."""
    (example,) = [block for block in blocks("docs/dashboards.md") if block.language == "yaml"]
    (demo.folder / "dashboards" / "teams.yaml").write_text(example.text, encoding="utf-8")
    drawn(browser, demo, "/dashboards/teams")
    assert browser.value("[...document.querySelectorAll('.notice.bad')].map(each => each.textContent)") == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ours_on_every_screen(demo, browser, theme, width):
    """Each of Headgate's own draws every tile, in both themes, and nothing is wider than the screen."""
    browser.do("Emulation.setDeviceMetricsOverride", width=width, height=1600, deviceScaleFactor=1, mobile=False)
    browser.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    browser.open(f"{demo.url}/")
    browser.value("document.querySelectorAll('[data-tile]').forEach(tile => tile.scrollIntoView())")
    until(browser, "document.querySelectorAll('[data-tile][data-drawn]').length > 0")
    assert browser.value("document.documentElement.scrollWidth") <= width
