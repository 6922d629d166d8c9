"""The page of previews: the switches, and what the file states."""

from headgate.admin.previews import PreviewAdmin
from headgate.config.load import WrittenFile, load
from headgate.config.previews import PREVIEWS
from headgate.web.ui.previews import TEXTS, preview_page_routes
from tests.fakes.browser import PAGES, Browser
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock

_QUIET = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}


class Desk:
    """A signed-in browser before the page, over a store in memory and a file of this text."""

    def __init__(self, text: str = "") -> None:
        configuration = load("", _QUIET, accepted=WrittenFile("headgate.toml", text))
        self.previews = PreviewAdmin(MemoryObjects(), lambda: configuration, FakeClock())
        self.follows = 0
        self.browser = Browser(routes=(*PAGES, *preview_page_routes(self.previews, self._follow)))

    async def _follow(self) -> None:
        self.follows += 1


def test_every_preview_has_its_texts() -> None:
    """A preview that is added to the configuration is explained on the page."""
    assert set(TEXTS) == set(PREVIEWS)


async def test_a_preview_is_switched_off_and_on() -> None:
    """By a form of the session, through the use-case, and in force when the page is there again."""
    desk = Desk()
    await desk.browser.sign_in()
    _, _, page = await desk.browser.ask("GET", "/previews")
    assert "Switch off for everybody" in page
    for wanted, button in (("false", "Switch on"), ("true", "Switch off for everybody")):
        status, headers, _ = await desk.browser.press("/previews", name="opentelemetry", enabled=wanted)
        assert (status, headers["location"]) == (303, "/previews")
        assert {each.name: each.enabled for each in desk.previews.all()}["opentelemetry"] is (wanted == "true")
        _, _, page = await desk.browser.ask("GET", "/previews")
        assert button in page
        assert "was switched last by ada@example.com" in page
    assert desk.follows == 2


async def test_what_the_file_states_is_read_only() -> None:
    """It is shown with its line and without a button; a form for it all the same is refused."""
    desk = Desk("[previews]\ncoding_agents = true\nopentelemetry = false\n")
    await desk.browser.sign_in()
    _, _, page = await desk.browser.ask("GET", "/previews")
    assert "is declared at <code>headgate.toml:3</code>" in page
    assert "Switch o" not in page
    assert (await desk.browser.press("/previews", name="opentelemetry", enabled="true"))[0] == 409
    assert (await desk.browser.press("/previews", name="nothing", enabled="true"))[0] == 404
    assert (await desk.browser.press("/previews", name="opentelemetry", enabled="maybe"))[0] == 400


async def test_only_administrators_switch() -> None:
    """A member sees neither the page nor its effect."""
    desk = Desk()
    await desk.browser.sign_in("plain")
    assert (await desk.browser.ask("GET", "/previews", accept="text/html"))[0] == 403
    assert (await desk.browser.press("/previews", name="opentelemetry", enabled="false"))[0] == 403
    assert all(each.enabled for each in desk.previews.all())
