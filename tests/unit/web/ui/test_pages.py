"""What every page keeps to: the policy, and that no value becomes markup, in the frame and without one."""

import re

import pytest

from headgate.admin.declared import DeclaredObject
from headgate.agents.registry import AGENTS
from headgate.agents.setting import Agent
from headgate.core.endpoint import Endpoint, Provider, Target, deleted_provider, target_of
from headgate.core.errors import BadRequest
from headgate.exchange.circuits import CircuitState
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.bare_pages import LINK_SPENT, confirm_sign_in, refused_page, sign_in_page
from headgate.web.ui.connect import ConnectView, connect_page
from headgate.web.ui.endpoint_facts import Surroundings, shown_endpoint
from headgate.web.ui.frame import PageFrame, theme_of
from headgate.web.ui.navigation import NAVIGATION

URL = "http://gate.example:8484"
NASTY = "<script>alert(1)</script>\"'&$url{{ 7919 * 7907 }}"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;$url{{ 7919 * 7907 }}"


def provider(name: str, dialect: str = "anthropic") -> Provider:
    """A provider of this name."""
    return Provider(name=name, dialect=dialect, base_url="http://127.0.0.1:9")


HOUSE = Endpoint(
    name="house",
    targets=(target_of(provider("lab"), "claude-opus-4-6"), target_of(provider("spare"), "claude-sonnet-4-6")),
    display_name="The house model",
)
FRAME = PageFrame(path="/connect", groups=NAVIGATION, user="ada@example.com", role="administrator", form_token="f00d")


def connect(frame: PageFrame = FRAME, url: str = URL, *agents: Agent | None) -> str:
    """The page that points agents here: for the first agent, or for these."""
    return "".join(connect_page(frame, ConnectView(agent=agent, url=url)).body.decode() for agent in (agents or AGENTS[:1]))


def endpoints(*found: Endpoint, frame: PageFrame = FRAME) -> str:
    """The page of endpoints."""
    snapshot = Snapshot(1, TokenTable({}), EndpointTable([], found))
    around = Surroundings(snapshot, (), (), lambda _: CircuitState(), {})
    listed = [shown_endpoint(each, around, DeclaredObject(kind="endpoint", name=each.name, document={}, place=f"{each.name}:1")) for each in found]
    return frame.answer("endpoints.html", "Endpoints", declared=listed, found=[], unread="", search="", hidden=0).body.decode()


def test_the_frame_has_navigation_and_the_person() -> None:
    """Every page of the navigation once, the present one marked; who is signed in, and a form that signs out."""
    page = connect()
    for group in NAVIGATION:
        for entry in group.entries:
            assert page.count(f'<a href="{entry.path}"') >= 1
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', page) == ["/connect"]
    assert "<b>ada@example.com</b>" in page
    assert '<form method="post" action="/logout"><input type="hidden" name="form_token" value="f00d">' in page


def test_the_frame_shows_notices_and_the_demo() -> None:
    """What is wrong is on each page; so is that the numbers are the demo's."""
    page = connect(PageFrame(notices=("the disk is full",), demo=True))
    assert '<p class="notice warn" role="alert">the disk is full</p>' in page
    assert "<b>Demo</b>" in page
    assert "<b>Demo</b>" not in connect()


def test_connect_shows_each_agent() -> None:
    """Each agent's configuration with the address filled in."""
    page = connect(FRAME, URL, *AGENTS, None)
    assert f"&#34;ANTHROPIC_BASE_URL&#34;: &#34;{URL}/anthropic&#34;" in page
    for agent in AGENTS:
        assert f"The configuration of {agent.name}</h2>" in page
    assert f"<code>{URL}/gemini</code>" in page


def test_endpoints_show_shares_fallbacks_and_what_is_deleted() -> None:
    """Each target with the word that says when it is tried."""
    shared = Endpoint(
        name="shared",
        targets=(target_of(provider("lab"), "m", 70), target_of(deleted_provider("gone"), "m", 30)),
        fallbacks=(target_of(provider("spare"), ""),),
    )
    page = re.sub(r"<[^>]*>|\s+", " ", endpoints(HOUSE, shared))
    text = " ".join(page.split())
    assert "house The house model Anthropic lab claude-opus-4-6 then spare claude-sonnet-4-6 everyone" in text
    assert "shared Anthropic lab m 70 % or gone (deleted) m 30 % if that fails spare as asked for everyone" in text


def test_endpoints_without_any() -> None:
    """A gateway that serves nothing says what to do."""
    page = endpoints()
    assert "headgate config init" in page
    assert "<table>" not in page


def test_values_stay_text() -> None:
    """Whatever a name holds, it is shown and never acted on."""
    frame = PageFrame(path="/", user=NASTY, role=NASTY, form_token=NASTY, notices=(NASTY,))
    endpoint = Endpoint(name=NASTY, targets=(Target(provider(NASTY, NASTY), NASTY, NASTY),), display_name=NASTY)
    refused = refused_page(BadRequest(NASTY))[2].decode()
    pages = (connect(frame, NASTY), endpoints(endpoint, frame=frame), confirm_sign_in(NASTY).body.decode(), refused)
    for page in (*pages, sign_in_page(problem=NASTY, next_path=NASTY).body.decode()):
        assert "<script>" not in page
        assert ESCAPED in page
        assert "62615533" not in re.sub(r"<svg.*?</svg>", "", page)


@pytest.mark.parametrize(
    "page",
    [
        connect(),
        endpoints(HOUSE),
        *(each.body.decode() for each in (sign_in_page(), confirm_sign_in("s"))),
        refused_page(BadRequest("No."))[2].decode(),
    ],
    ids=["connect", "endpoints", "sign in", "confirm", "refused"],
)
def test_pages_keep_to_the_policy(page: str) -> None:
    """No page has an inline script or style or anything from elsewhere, so that the strictest policy holds; each is titled and closed."""
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"(?:src|href)=\"(?!/|#)", page)
    assert page.startswith("<!doctype html>")
    assert "· Headgate</title>" in page
    assert page.count("<h1>") == 1
    assert page.rstrip().endswith("</html>")
    assert len(page.encode()) < 60 << 10


def test_sign_in_pages() -> None:
    """Both say how a link is made; only the second says that the last one did not work."""
    plain, spent = (sign_in_page(problem=problem).body.decode() for problem in ("", LINK_SPENT))
    assert "headgate token sign-in" in plain
    assert "was used before" not in plain
    assert "was used before" in spent


def test_no_page_for_strangers_is_a_dead_end() -> None:
    """A refusal leads to the start page, to what connects an agent and to the documentation, and so does signing in to the last."""
    refused, sign_in = refused_page(BadRequest("No."))[2].decode(), sign_in_page().body.decode()

    assert all(f'<a href="{path}">' in refused for path in ("/", "/connect", "/docs"))
    assert '<a href="/docs">' in sign_in


def test_pages_for_strangers_say_whom_to_ask() -> None:
    """Where the configuration names a contact, and only there; it is text."""
    with_one = [sign_in_page(contact=NASTY).body.decode(), refused_page(BadRequest("No."), NASTY)[2].decode()]
    without = [sign_in_page().body.decode(), refused_page(BadRequest("No."))[2].decode()]

    assert all("Contact: " in page and ESCAPED in page for page in with_one)
    assert not any("Contact" in page for page in without)


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [("headgate_theme=dark", "dark"), ("a=b; headgate_theme=light", "light"), ('headgate_theme="><script>', ""), ("", "")],
)
def test_the_theme_is_one_of_two(cookie: str, theme: str) -> None:
    """A cookie with anything else leaves the system's theme."""
    assert theme_of(cookie) == theme
    assert (f'data-theme="{theme}"' in connect(PageFrame(theme=theme))) is bool(theme)


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "/"), ("/me", "/me"), ("/me/tokens/tok_1", "/me/tokens"), ("/me/other", "/me"), ("/access/users/usr_1", "/access"), ("/none", "")],
)
def test_one_entry_of_the_navigation_is_current(path: str, current: str) -> None:
    """That of the page, or the nearest above it."""
    assert PageFrame(path=path, groups=NAVIGATION).current == current
