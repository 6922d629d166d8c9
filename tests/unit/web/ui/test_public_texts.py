"""The texts that anyone may read: the documentation, and what sets up agents."""

import re

import pytest

from headgate.core.errors import NotFound
from headgate.core.scopes import PUBLIC
from headgate.web.ui.doc_text import doc_html, doc_markdown, doc_names
from headgate.web.ui.public_texts import llms_text, public_text_routes
from headgate.web.ui.routes import PageRequest

URL = "https://gate.example"
HTML = [(b"accept", b"text/html,*/*")]
ROUTES = {route.path: route for route in public_text_routes()}


async def get(path, name="", headers=()):
    """The answer of a route."""
    return await ROUTES[path].call(PageRequest(path=path, url=URL, headers=list(headers), parameters={"name": name}))


async def test_every_route_is_public_and_answers():
    """With text that holds the gateway's address."""
    assert {route.access for route in ROUTES.values()} == {PUBLIC}
    for path in set(ROUTES) - {"/docs"}:
        answer = await get(path, "agents.md")
        assert answer.status == 200
        assert URL in answer.body.decode()
    assert dict((await get("/docs")).headers)[b"location"] == b"/docs/index"


async def test_a_browser_gets_a_page_and_an_agent_gets_markdown():
    """The same page by either name."""
    for name in ("agents", "agents.md"):
        page = (await get("/docs/{name}", name, HTML)).body.decode()
        assert '<h1 id="agents">Agents</h1>' in page
        assert "<table>" in page
        assert "block: connect" not in page
        assert (await get("/docs/{name}", name)).body.decode().startswith("# Agents\n")


@pytest.mark.parametrize("name", doc_names())
def test_every_page_is_rendered(name):
    """Its links lead to headings and pages that are there, and it brings no markup of its own."""
    page = doc_html(name, URL)
    assert "<script" not in page
    assert 'href="../' not in page
    for link in re.findall(r'href="([^"]*)"', page):
        target, _, anchor = link.partition("#")
        if re.fullmatch(r"[a-z-]+\.md", target) or (not target and anchor):
            other = doc_html(target.removesuffix(".md") or name, URL)
            assert not anchor or f'id="{anchor}"' in other, link


@pytest.mark.parametrize("name", ["nothing", "../README", "agents/..", "", "a" * 999, "AGENTS"])
def test_no_other_file_is_read(name):
    """Whatever the address names."""
    with pytest.raises(NotFound):
        doc_markdown(name, URL)


def test_the_list_for_models_names_every_page():
    """And the ways to set up an agent."""
    text = llms_text(URL)
    assert all(f"{URL}/docs/{name}.md" in text for name in doc_names())
    assert f"{URL}/setup.md" in text
