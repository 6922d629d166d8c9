"""The pictures of the README and of docs/: `python -m bench.pictures`. Each page of the list from the demo's month, light and dark, into docs/pictures/.

Needs Chromium. What a picture shows moves with the day on which it is taken: the demo's month ends today.
"""

import tempfile
from pathlib import Path

from bench.peers import ROOT
from headgate.web.ui.navigation import NAVIGATION
from tests.e2e.browsing import Tab, chromium, signed_in
from tests.e2e.filled_demo import filled_demo

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 800
_BESIDE_DASHBOARDS = ("/connect", "/limits")
_RANGE = "range=30d"
# Headgate warns of a machine that had too much to do, as one that takes pictures may have.
_NO_WARNING = "() => document.querySelectorAll('main > .notice').forEach(each => { if (each.textContent.includes('was blocked')) each.remove(); })"


def taken(tab: Tab, path: str, name: str) -> None:
    """The page in both themes."""
    tab.open(path)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.settle_in_view()
        tab.page.evaluate(_NO_WARNING)
        tab.page.evaluate("async () => { await document.fonts.ready; await new Promise(requestAnimationFrame); }")
        target = FOLDER / f"{name}-{scheme}.png"
        tab.page.screenshot(path=target, clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}, animations="disabled")
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} KB", flush=True)


def latest_session(tab: Tab) -> str:
    """The page of the session that is first in the list."""
    tab.open("/sessions?range=30d")
    return str(tab.page.locator("main tbody a[href^='/sessions/']").first.get_attribute("href"))


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        filled_demo(Path(name)) as gateway,
        chromium() as browser,
        signed_in(browser, gateway, width=WIDTH, height=4 * HEIGHT) as tab,
    ):
        tab.keep_still()
        for path in (entry.path for group in NAVIGATION for entry in group.entries):
            answer = tab.page.goto(f"{path}?{_RANGE}")
            if answer is not None and answer.status == 200 and tab.page.locator("[data-tile]").count():
                taken(tab, f"{path}?{_RANGE}", path.strip("/") or "overview")
        for path in _BESIDE_DASHBOARDS:
            taken(tab, path, path.strip("/"))
        taken(tab, latest_session(tab), "session")


if __name__ == "__main__":
    main()
