"""What the pages show, and that nothing a value holds can become markup."""

import re

import pytest

from headgate.core.endpoint import Endpoint, Provider, Target, deleted_provider, target_of
from headgate.web.ui import pages
from headgate.web.ui.agents import AGENTS

URL = "http://gate.example:8484"
NASTY = "<script>alert(1)</script>\"'&$url"


def provider(name: str, dialect: str = "anthropic") -> Provider:
    return Provider(name=name, dialect=dialect, base_url="http://127.0.0.1:9")


HOUSE = Endpoint(
    name="house",
    targets=(target_of(provider("lab"), "claude-opus-4-6"), target_of(provider("spare"), "claude-sonnet-4-6")),
    display_name="The house model",
)


def test_home_shows_what_runs():
    """The address, who is signed in, each agent's configuration with the address filled in, each endpoint with its targets in order."""
    page = pages.home(pages.Home(URL, "ada@example.com", [HOUSE]))
    assert "Signed in as <b>ada@example.com</b>" in page
    assert f"<code>{URL}</code>" in page
    assert f"&quot;ANTHROPIC_BASE_URL&quot;: &quot;{URL}/anthropic&quot;" in page
    for agent in AGENTS:
        assert f"<h3>{agent.name}</h3>" in page
    assert "The house model" in page
    assert re.search(r"<td>lab<br>.*spare</td><td>claude-opus-4-6<br>.*claude-sonnet-4-6</td>", page)
    assert '<span class="tag">Anthropic</span>' in page
    assert "Ready" in page


def test_home_shows_shares_fallbacks_and_what_is_deleted():
    """Each target with the word that says when it is tried."""
    shared = Endpoint(
        name="shared",
        targets=(target_of(provider("lab"), "m", 70), target_of(deleted_provider("gone"), "m", 30)),
        fallbacks=(target_of(provider("spare"), ""),),
    )
    page = re.sub(r"<br>|</?span[^>]*>", "|", pages.home(pages.Home(URL, "ada", [shared])))
    assert "<td>lab, 70 %||or| gone (deleted), 30 %||if that fails| spare</td><td>m||or| m||if that fails| as asked for</td>" in page


def test_home_without_endpoints():
    """A gateway that serves nothing says what to do."""
    page = pages.home(pages.Home(URL, "ada", []))
    assert "None yet" in page
    assert "headgate config init" in page
    assert "<table>" not in page


def test_home_shows_trouble():
    """A gateway that is not ready says so, with every reason; what is wrong while it serves is told too."""
    page = pages.home(pages.Home(URL, "ada", [], ["the disk is full", "Headgate is shutting down."]))
    assert "Not ready" in page
    assert '<p class="said bad" role="alert">the disk is full</p>' in page
    assert "Headgate is shutting down." in page
    page = pages.home(pages.Home(URL, "ada", [], warnings=["the changed configuration is refused"]))
    assert "Not ready" not in page
    assert '<p class="said warn" role="alert">the changed configuration is refused</p>' in page


def test_values_stay_text():
    """Whatever a name holds, it is shown and never acted on."""
    endpoint = Endpoint(name=NASTY, targets=(Target(provider(NASTY, NASTY), NASTY, NASTY),), display_name=NASTY)
    page = pages.home(pages.Home(f"http://{NASTY}", NASTY, [endpoint], [NASTY], [NASTY]))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;$url") >= 8


@pytest.mark.parametrize("page", [pages.home(pages.Home(URL, "ada", [HOUSE])), pages.sign_in(), pages.link_spent()], ids=["home", "sign in", "spent"])
def test_pages_keep_to_the_policy(page):
    """No page has a script, an inline style or anything from elsewhere, so that the strictest policy holds; each is titled and closed."""
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"(?:src|href)=\"(?!/|#)", page)
    assert page.startswith("<!doctype html>")
    assert "· Headgate</title>" in page
    assert page.count("<h1>") == 1
    assert "$" not in page


def test_sign_in_pages():
    """Both say how a link is made; only the second says that the last one did not work."""
    assert "headgate token sign-in" in pages.sign_in()
    assert "was used before" not in pages.sign_in()
    assert "headgate token sign-in" in pages.link_spent()
    assert "was used before" in pages.link_spent()


def test_assets():
    """The static files are there, and no others are given out."""
    assert b"color-scheme: light dark" in pages.asset("page.css")
    assert pages.asset("icon.svg").startswith(b"<svg")
    with pytest.raises(FileNotFoundError):
        pages.asset("nothing.css")
